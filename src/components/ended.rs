//! What became of the call, for a moment after its end.

use leptos::prelude::*;
use phone::event::Agent;
use phone::view::{EndedCard, Status};
use phone::{t, text as words};
use wire::Direction;

use super::el::{El, el, el_of};
use super::icon::{self, icon};
use super::{focus, person, show};
use crate::runtime::Handle;

/// Milliseconds in a second.
const SECOND_MS: u64 = 1_000;

/// The card: what happened, how long it was, and calling back.
pub(crate) fn ended(handle: Handle, card: EndedCard) -> El {
    let EndedCard { call, direction, who, why, talk_ms, call_back } = card;
    let words = words::ended(&why);
    let status = el("span")
        .set("role", "status")
        .set("aria-live", "off")
        .kid(icon(icon::HANG_UP))
        .kid(words::status(Status::Ended));
    let time = el_of("span", "soft figures").kid(talk_ms.map(|ms| show::clock(ms / SECOND_MS)));
    let lines = el("div")
        .kid(el_of("p", "name").kid(words::who(&who).to_owned()))
        .kid(el_of("p", "soft figures").kid(person::details(&who, None)));
    let face = el_of("span", "face").set("aria-hidden", "true").kid(person::face(&who));
    let close = el_of("button", "button")
        .click(move || handle.send(Agent::DismissEnded(call.clone())))
        .kid(t!("Close"));
    let call_back = call_back.map(|number| {
        el_of("button", "button accent")
            .click(move || handle.send(Agent::Redial { attempt: handle.attempt(), number: number.clone() }))
            .kid(icon(icon::PHONE))
            .kid(match direction {
                Direction::Inbound => t!("Call back"),
                Direction::Outbound => t!("Call again"),
            })
    });
    let region = el_of("section", "board ended")
        .say("aria-label", t!("Active call"))
        .set("tabindex", "-1")
        .set("data-kind", "over")
        .kid(el_of("p", "board-top").kid(status).kid(time))
        .kid(el_of("div", "person").kid(face).kid(lines))
        .kid(el("div").kid(el_of("p", "what").kid(words.title)).kid(el_of("p", "soft").kid(words.advice)))
        .kid(el_of("div", "answers").kid(close).kid(call_back));
    focus::number_if_free();
    on_cleanup(focus::number_if_free);
    region
}
