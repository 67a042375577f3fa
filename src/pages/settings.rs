//! Settings of this browser.

use leptos::prelude::*;
use phone::event::Agent;
use phone::settings::{Processing, Settings, Theme};
use phone::text as words;
use phone::view::SessionView;

use crate::components::devices::{devices, ringing};
use crate::components::el::{El, el, el_of};
use crate::components::part::{group as group_of, keyed, text};
use crate::components::presence::switch;
use crate::components::sessions::sessions;
use crate::runtime::Handle;

/// The page.
pub(crate) fn settings(handle: Handle) -> El {
    let sound = group("Microphone sound")
        .kid(el_of("p", "soft").kid(
            "What the browser does to your voice before it is sent. A change counts from the next call on.",
        ))
        .kid(processing(
            handle,
            "Echo cancellation",
            "Takes the speaker’s sound out of your microphone’s.",
            |processing| &mut processing.echo_cancellation,
        ))
        .kid(processing(
            handle,
            "Noise suppression",
            "Takes steady noise out, such as a fan.",
            |processing| &mut processing.noise_suppression,
        ))
        .kid(processing(handle, "Automatic volume", "Evens out loud and quiet speech.", |processing| {
            &mut processing.auto_gain
        }));
    let kept = switch(move || handle.view.read().settings.keep_microphone)
        .set("aria-label", "Keep the microphone ready")
        .click(move || change(handle, |settings| settings.keep_microphone = !settings.keep_microphone));
    let ready = about(
        "Keep the microphone ready",
        "While you are available, calls are then answered without a wait. The browser’s microphone light is on meanwhile; nothing is sent or recorded before you answer.",
    );
    let sound = sound.kid(el_of("div", "line").kid(ready).kid(kept));
    el_of("div", "page settings")
        .kid(el("h1").kid("Settings"))
        .kid(devices(handle, group("Devices")))
        .kid(ringing(handle, group("Ringing")))
        .kid(group("Appearance").kid(themes(handle)))
        .kid(sound)
        .kid(being_noticed(handle))
        .kid(links(handle))
        .kid(account(handle))
}

/// Shortcuts, and notifications while the page is behind another one.
fn being_noticed(handle: Handle) -> El {
    let on = move || handle.view.read().settings.shortcuts;
    let toggle = switch(on).set("aria-label", "Keyboard shortcuts").click(move || {
        change(handle, |settings| settings.shortcuts = !settings.shortcuts);
    });
    let list = el_of("button", "button").click(move || handle.send(Agent::ShowKeys(true))).kid("Show them");
    let keys = about("Keyboard shortcuts", "Single keys that answer, mute and hang up while you don’t type.");
    let notices = move || handle.view.read().notices;
    let allow = keyed(notices, move |notices| {
        let (advice, can_ask) = words::notices(*notices);
        let ask = can_ask.then(|| {
            el_of("button", "button")
                .click(move || handle.send(Agent::AskNotices))
                .kid("Allow notifications")
                .into()
        });
        group_of([about("Notifications", advice).into()].into_iter().chain(ask))
    });
    group("Being noticed")
        .kid(el_of("div", "line").kid(keys).kid(list).kid(toggle))
        .kid(el_of("div", "line").kid(allow))
}

fn group(name: &'static str) -> El {
    el_of("section", "group").kid(el("h2").kid(name))
}

/// A setting's name and what it does.
pub(crate) fn about(name: &'static str, advice: &'static str) -> El {
    el("div").kid(el("p").kid(name)).kid(el_of("p", "soft").kid(advice))
}

fn themes(handle: Handle) -> El {
    let choices = Theme::ALL.map(|theme| {
        let radio = el("input")
            .set("type", "radio")
            .set("name", "theme")
            .property("checked", move || handle.view.read().settings.theme == theme)
            .input(move |_| change(handle, |settings| settings.theme = theme));
        el("label").kid(radio).kid(words::theme(theme))
    });
    el_of("fieldset", "line")
        .set("aria-label", "Theme")
        .kid(about("Theme", "Light and dark, or as this computer is set."))
        .kid(el_of("div", "segments").kids(choices))
}

/// A switch of the microphone's processing. `part` names the setting it moves.
fn processing(
    handle: Handle,
    name: &'static str,
    advice: &'static str,
    part: fn(&mut Processing) -> &mut bool,
) -> El {
    let on = move || {
        let mut processing = handle.view.read().settings.processing;
        *part(&mut processing)
    };
    let toggle = switch(on).set("aria-label", name).click(move || {
        change(handle, |settings| {
            let value = part(&mut settings.processing);
            *value = !*value;
        });
    });
    el_of("div", "line").kid(about(name, advice)).kid(toggle)
}

fn change(handle: Handle, edit: impl FnOnce(&mut Settings)) {
    let mut settings = handle.view.read_untracked().settings;
    edit(&mut settings);
    handle.send(Agent::ChangeSettings(settings));
}

/// Links to telephone numbers on other pages.
fn links(handle: Handle) -> El {
    let advice = move || words::links(handle.view.read().links);
    let ask = el_of("button", "button")
        .click(move || handle.send(Agent::RegisterLinks))
        .kid("Open number links here");
    let said = el_of("p", "soft").set("role", "status").kid(text(advice));
    group("Number links")
        .kid(el_of("div", "line").kid(el("div").kid(el("p").kid("Telephone links")).kid(said)).kid(ask))
}

fn account(handle: Handle) -> El {
    let who = move || match &handle.view.read().session {
        SessionView::SignedIn { username, name, .. } => [name, " (", username, ")"].concat(),
        SessionView::Checking { .. } | SessionView::SignedOut { .. } => String::new(),
    };
    let business = move || match &handle.view.read().session {
        SessionView::SignedIn { business: Some(business), .. } => business.clone(),
        SessionView::SignedIn { business: None, .. } => "Not known yet".to_owned(),
        SessionView::Checking { .. } | SessionView::SignedOut { .. } => String::new(),
    };
    let list = el("dl")
        .kid(el("dt").kid("Signed in as"))
        .kid(el("dd").kid(text(who)))
        .kid(el("dt").kid("Calls go out from"))
        .kid(el_of("dd", "figures").kid(text(business)));
    sessions(handle, group("Account").kid(list))
}
