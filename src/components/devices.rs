//! Choosing and trying microphone, speaker and ringtone device.

use leptos::prelude::*;
use phone::decimal::decimal;
use phone::devices::{Device, Devices, Role, SYSTEM, Wish};
use phone::event::Agent;
use phone::locale::Text;
use phone::{t, text as words};

use super::el::{El, el, el_of};
use super::icon::{self, icon};
use super::line::level;
use super::part::{group, keyed, text};
use super::presence::switch;
use crate::pages::settings::about;
use crate::runtime::{Handle, you};

/// What is said where the browser names nothing yet.
const NAMELESS: Text =
    t!("The browser names the devices once it was allowed to use the microphone: test it.");

/// The devices, into a group of the settings.
pub(crate) fn devices(handle: Handle, group: El) -> El {
    let see = move |get: fn(&Devices) -> bool| get(&handle.view.read().devices);
    let microphone = el_of("button", "button")
        .state("aria-pressed", move || see(|devices| devices.trying))
        .click(move || wish(handle, Wish::TestMicrophone))
        .kid(icon(icon::MIC))
        .kid(t!("Test microphone"));
    let said = move || words::trial(&handle.view.read().devices.microphone);
    let heard = el_of("div", "trial")
        .kid(level(handle, you))
        .kid(el_of("p", "soft").set("aria-live", "polite").kid(text(said)));
    let speaker = el_of("button", "button")
        .click(move || wish(handle, Wish::TestSpeaker))
        .kid(icon(icon::BELL))
        .kid(t!("Test speaker"));
    group
        .kid(el_of("p", "soft").flag("hidden", move || see(are_named)).kid(NAMELESS))
        .kid(device(handle, Role::Microphone, microphone))
        .kid(heard)
        .kid(device(handle, Role::Speaker, speaker))
        .kid(device(handle, Role::Ringtone, el("span")))
}

/// How it rings, into a group of the settings.
pub(crate) fn ringing(handle: Handle, group: El) -> El {
    let volume = el_of("input", "range")
        .set("type", "range")
        .say("aria-label", t!("Ringtone volume"))
        .value(move || decimal(handle.view.read().devices.volume))
        .input(move |percent| {
            if let Ok(percent) = percent.parse() {
                wish(handle, Wish::Volume(percent));
            }
        });
    let silent = switch(move || handle.view.read().devices.silent)
        .say("aria-label", t!("Silent ring"))
        .click(move || {
            let silent = handle.view.read_untracked().devices.silent;
            wish(handle, Wish::RingSilently(!silent));
        });
    let line = |what, control| el_of("div", "line").kid(what).kid(control);
    group
        .kid(line(about(t!("Ringtone volume"), t!("How loud a call rings here.")), volume))
        .kid(line(about(t!("Silent ring"), t!("A call is only seen: the edge of the page glows.")), silent))
}

fn are_named(devices: &Devices) -> bool {
    devices.listing.as_ref().is_none_or(|listing| !listing.inputs.is_empty())
}

fn wish(handle: Handle, wish: Wish) {
    handle.send(Agent::Devices(wish));
}

/// A choice, what to know of it, and a button.
fn device(handle: Handle, role: Role, button: El) -> El {
    let list = move || handle.view.read().devices.shown(role).to_vec();
    let options = keyed(list, move |list| {
        let system = Device { id: SYSTEM.to_owned(), label: t!("System default").into() };
        group(std::iter::once(&system).chain(list).map(|device| option(handle, role, device).into()))
    });
    let cannot = move || !handle.view.read().devices.can_choose(role);
    let select = el_of("select", "select")
        .flag("disabled", cannot)
        .input(move |id| wish(handle, Wish::Choose(role, id)))
        .kid(options);
    let choice = el_of("label", "field")
        .kid(el("span").kid(role.name()))
        .kid(el_of("span", "choice").kid(select).kid(icon(icon::DOWN)));
    let why = el_of("p", "soft").flag("hidden", move || !cannot()).kid(words::no_choice(role));
    el("div").kid(el_of("div", "line device").kid(choice).kid(button)).kid(why)
}

fn option(handle: Handle, role: Role, device: &Device) -> El {
    let id = device.id.clone();
    el("option")
        .set("value", &device.id)
        .property("selected", move || handle.view.read().devices.used[role as usize] == id)
        .kid(device.label.clone())
}
