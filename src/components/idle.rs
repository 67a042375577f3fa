//! No call: can one come?

use leptos::prelude::*;
use phone::event::Agent;
use phone::t;
use phone::view::Truth;

use super::el::{El, el_of};
use super::icon::{self, icon_of};
use super::part::{keyed, none, text};
use super::presence::sign;
use super::ready::ready;
use crate::runtime::Handle;

/// The answer in large letters, with the one thing to do about it.
pub(crate) fn idle(handle: Handle) -> El {
    let truth = move || handle.view.read().presence.truth;
    let symbol = move || match truth() {
        Truth::Reachable => icon::BELL,
        other @ (Truth::Away
        | Truth::SoundBlocked
        | Truth::Unreachable
        | Truth::Changing
        | Truth::OnCall
        | Truth::WrapUp) => sign(other).icon,
    };
    let act = keyed(truth, move |truth| {
        let (words, what): (_, fn() -> Agent) = match truth {
            Truth::Away => (t!("Take calls"), || Agent::SetAvailable(true)),
            Truth::SoundBlocked => (t!("Turn sound on"), || Agent::UnlockSound),
            Truth::WrapUp => (t!("Ready for calls again"), || Agent::EndWrapUp),
            Truth::Reachable | Truth::Unreachable | Truth::Changing | Truth::OnCall => return none(),
        };
        el_of("button", "button").click(move || handle.send(what())).kid(words).into()
    });
    el_of("div", "idle")
        .follow("data-tone", move || Some(sign(truth()).tone))
        .kid(el_of("span", "sign").kid(icon_of(symbol)))
        .kid(el_of("p", "say").kid(text(move || sign(truth()).title)))
        .kid(el_of("p", "soft").kid(text(move || sign(truth()).advice)))
        .kid(act)
        .kid(ready(handle))
}
