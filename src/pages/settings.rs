//! Settings of this browser.

use leptos::prelude::*;
use phone::event::Agent;
use phone::locale::{Language, Text};
use phone::settings::{Processing, Settings, Theme};
use phone::view::SessionView;
use phone::{t, text as words};

use crate::components::devices::{devices, ringing};
use crate::components::el::{El, el, el_of};
use crate::components::focus;
use crate::components::icon::{self, icon};
use crate::components::part::{group as group_of, keyed, none, text};
use crate::components::presence::switch;
use crate::components::sessions::sessions;
use crate::runtime::Handle;

/// The page.
pub(crate) fn settings(handle: Handle) -> El {
    let sound = group(t!("Microphone sound"))
        .kid(el_of("p", "soft").kid(t!(
            "What the browser does to your voice before it is sent. A change counts from the next call on."
        )))
        .kid(processing(
            handle,
            t!("Echo cancellation"),
            t!("Takes the speaker’s sound out of your microphone’s."),
            |processing| &mut processing.echo_cancellation,
        ))
        .kid(processing(
            handle,
            t!("Noise suppression"),
            t!("Takes steady noise out, such as a fan."),
            |processing| &mut processing.noise_suppression,
        ))
        .kid(processing(
            handle,
            t!("Automatic volume"),
            t!("Evens out loud and quiet speech."),
            |processing| &mut processing.auto_gain,
        ));
    let kept = switch(move || handle.view.read().settings.keep_microphone)
        .say("aria-label", t!("Keep the microphone ready"))
        .click(move || change(handle, |settings| settings.keep_microphone = !settings.keep_microphone));
    let ready = about(
        t!("Keep the microphone ready"),
        t!(
            "While you are available, calls are then answered without a wait. The browser’s microphone light is on meanwhile; nothing is sent or recorded before you answer."
        ),
    );
    let sound = sound.kid(el_of("div", "line").kid(ready).kid(kept));
    el_of("div", "page settings")
        .kid(el("h1").kid(t!("Settings")))
        .kid(devices(handle, group(t!("Devices"))))
        .kid(ringing(handle, group(t!("How it rings"))))
        .kid(group(t!("Appearance")).kid(themes(handle)).kid(languages(handle)))
        .kid(sound)
        .kid(being_noticed(handle))
        .kid(links(handle))
        .kid(account(handle))
}

/// Shortcuts, and notifications while the page is behind another one.
fn being_noticed(handle: Handle) -> El {
    let on = move || handle.view.read().settings.shortcuts;
    let toggle = switch(on).say("aria-label", t!("Keyboard shortcuts")).click(move || {
        change(handle, |settings| settings.shortcuts = !settings.shortcuts);
    });
    let list =
        el_of("button", "button").click(move || handle.send(Agent::ShowKeys(true))).kid(t!("Show them"));
    let keys = about(
        t!("Keyboard shortcuts"),
        t!("Single keys that answer, mute and hang up while you don’t type."),
    );
    let notices = move || handle.view.read().notices;
    let allow = keyed(notices, move |notices| {
        let (advice, can_ask) = words::notices(*notices);
        let ask = can_ask.then(|| {
            el_of("button", "button")
                .click(move || handle.send(Agent::AskNotices))
                .kid(t!("Allow notifications"))
                .into()
        });
        let about = about(t!("Notifications"), advice).into();
        group_of([about, ask.unwrap_or_else(none)])
    });
    group(t!("Being noticed"))
        .kid(el_of("div", "line").kid(keys).kid(list).kid(toggle))
        .kid(el_of("div", "line").kid(allow))
}

fn group(name: Text) -> El {
    el_of("section", "group").kid(el("h2").kid(name))
}

/// A setting's name and what it does.
pub(crate) fn about(name: Text, advice: Text) -> El {
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
        .say("aria-label", t!("Theme"))
        .kid(about(t!("Theme"), t!("Light and dark, or as this computer is set.")))
        .kid(el_of("div", "segments").kids(choices))
}

/// The languages, each by its own name.
fn languages(handle: Handle) -> El {
    let chosen = move || handle.view.read().settings.language;
    let option = |language: Option<Language>| {
        el("option")
            .set("value", language.map_or("", Language::tag))
            .property("selected", move || chosen() == language)
            .kid(language.map_or_else(|| t!("As the browser").get(), Language::name).to_owned())
    };
    let select = el_of("select", "select")
        .say("aria-label", t!("Language"))
        .input(move |tag| change(handle, |settings| settings.language = Language::of(&tag)))
        .kid(option(None))
        .kids(Language::ALL.map(|language| option(Some(language))));
    focus::keep(&select);
    el_of("div", "line")
        .kid(about(t!("Language"), t!("Of the page, its dates and its names of countries.")))
        .kid(el_of("span", "choice").kid(select).kid(icon(icon::DOWN)))
}

/// A switch of the microphone's processing. `part` names the setting it moves.
fn processing(handle: Handle, name: Text, advice: Text, part: fn(&mut Processing) -> &mut bool) -> El {
    let on = move || {
        let mut processing = handle.view.read().settings.processing;
        *part(&mut processing)
    };
    let toggle = switch(on).say("aria-label", name).click(move || {
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
        .kid(t!("Open number links here"));
    let said = el_of("p", "soft").set("role", "status").kid(text(advice));
    group(t!("Number links"))
        .kid(el_of("div", "line").kid(el("div").kid(el("p").kid(t!("Telephone links"))).kid(said)).kid(ask))
}

fn account(handle: Handle) -> El {
    let who = move || match &handle.view.read().session {
        SessionView::SignedIn { username, name, .. } => [name, " (", username, ")"].concat(),
        SessionView::Checking { .. } | SessionView::SignedOut { .. } => String::new(),
    };
    let business = move || match &handle.view.read().session {
        SessionView::SignedIn { business: Some(business), .. } => business.clone(),
        SessionView::SignedIn { business: None, .. } => t!("Not known yet").into(),
        SessionView::Checking { .. } | SessionView::SignedOut { .. } => String::new(),
    };
    let list = el("dl")
        .kid(el("dt").kid(t!("Signed in as")))
        .kid(el("dd").kid(text(who)))
        .kid(el("dt").kid(t!("Calls go out from")))
        .kid(el_of("dd", "figures").kid(text(business)));
    sessions(handle, group(t!("Account")).kid(list))
}
