//! Calling a number: the field, its keypad, and numbers called before.

use leptos::prelude::*;
use phone::event::Agent;
use phone::recents::Recent;
use phone::{number, t, text as words};

use super::el::{El, el, el_of, follow};
use super::focus;
use super::icon::{self, icon};
use super::keypad::{ERASE, keypad};
use super::part::{group, keyed, text};
use crate::runtime::toggle::Toggle;
use crate::runtime::{self, Handle};

/// A number has digits and one sign; nothing else is offered.
const KEYS: [char; 12] = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '0', ERASE];

/// Field, Call, and below them recent numbers or the keypad.
pub(crate) fn dialler(handle: Handle) -> El {
    let keys = Toggle::off();
    let below = keyed(
        move || keys.is_on(),
        move |open| {
            if *open {
                let press = move |key| handle.send(Agent::NumberTyped(pressed(handle, key)));
                el_of("div", "below recent").kid(keypad(KEYS, press))
            } else {
                recents(handle)
            }
        },
    );
    el_of("div", "dial-part").kid(form(handle, keys)).kid(below)
}

fn form(handle: Handle, keys: Toggle) -> El {
    let wrong = move || handle.view.read().dialler.problem.is_some();
    let says = move || {
        let view = handle.view.read();
        let dialler = &view.dialler;
        dialler
            .problem
            .map(words::number)
            .or_else(|| dialler.country.map(runtime::country))
            .unwrap_or_default()
    };
    let field = el_of("input", "input")
        .set("id", focus::NUMBER)
        .set("type", "tel")
        .set("autocomplete", "off")
        .set("placeholder", "+91 98765 43210")
        .set("aria-describedby", "number-says")
        .mark("aria-invalid", wrong)
        .value(move || handle.view.read().dialler.text.clone())
        .input(move |typed| handle.send(Agent::NumberTyped(typed)));
    let opener = el_of("button", "button quiet square")
        .set("type", "button")
        .say("aria-label", t!("Keypad"))
        .state("aria-expanded", move || keys.is_on())
        .click(move || keys.flip())
        .kid(icon(icon::KEYPAD));
    let call = el_of("button", "button accent wide tall").kid(icon(icon::PHONE)).kid(t!("Call"));
    let next = call.clone();
    let mut before = false;
    follow(Box::new(move || {
        let linked = handle.view.read().dialler.linked;
        if linked && !before {
            focus::soon(&next);
        }
        before = linked;
    }));
    let empty = field.clone();
    el_of("form", "dialler")
        .submit(move || {
            if handle.view.read_untracked().dialler.text.trim_ascii().is_empty() {
                empty.focus();
            }
            handle.send(Agent::Dial { attempt: handle.attempt() });
        })
        .kid(el_of("label", "label").set("for", focus::NUMBER).kid(t!("Phone number")))
        .kid(el_of("div", "dial").kid(field).kid(opener))
        .kid(
            el_of("p", "dial-says")
                .set("id", "number-says")
                .set("aria-live", "polite")
                .follow("data-tone", move || wrong().then_some("bad"))
                .kid(text(says)),
        )
        .kid(call)
}

/// The field's text after a key of the keypad.
fn pressed(handle: Handle, key: char) -> String {
    let mut text = handle.view.read_untracked().dialler.text.clone();
    if key == ERASE {
        text.pop();
    } else {
        text.push(key);
    }
    text
}

/// Numbers lately called or answered; one click calls.
fn recents(handle: Handle) -> El {
    let list = move || handle.view.read().recents.clone();
    let shown = keyed(list, move |list| {
        if list.is_empty() {
            return el_of("p", "soft").kid(t!("Numbers you call or answer will be listed here.")).into();
        }
        let rows = list.iter().map(|recent| row(handle, recent));
        group([el("h2").kid(t!("Recent numbers")).into(), el("ul").kids(rows).into()])
    });
    el_of("div", "below recent").kid(shown)
}

fn row(handle: Handle, recent: &Recent) -> El {
    let number = recent.number.clone();
    let grouped = number::grouped(&number);
    let (first, second) = match &recent.name {
        Some(name) => (name.clone(), Some(grouped)),
        None => (grouped, None),
    };
    let button = el_of("button", "recent-call figures")
        .click(move || handle.send(Agent::Redial { attempt: handle.attempt(), number: number.clone() }))
        .kid(icon(icon::PHONE))
        .kid(el_of("span", "unseen").kid(t!("Call ")))
        .kid(el("span").kid(first))
        .kid(el_of("span", "soft").kid(second));
    el("li").kid(button)
}
