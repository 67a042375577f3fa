//! Calls that wait: each with the way back to it, and its end.

use leptos::prelude::*;
use phone::event::Agent;
use phone::list::List as _;
use phone::view::{CallCard, Status};
use phone::{t, text as words};
use wire::CallId;

use super::el::{El, el, el_of};
use super::icon::{self, icon, icon_of};
use super::part::{Part, each, text};
use super::show;
use crate::runtime::Handle;

/// All of them, one line each.
pub(crate) fn held(handle: Handle) -> Part {
    each(
        move || handle.view.read().held.iter().map(|card| card.call.0.clone()).list(),
        move |call| line(handle, RwSignal::new(call.to_owned())),
    )
}

/// Something of a call's card, if it still waits.
fn of_card<T>(handle: Handle, call: RwSignal<String>, get: impl Fn(&CallCard) -> T) -> Option<T> {
    let view = handle.view.read();
    call.with_untracked(|call| view.held.iter().find(|card| card.call.as_str() == call).map(get))
}

fn line(handle: Handle, call: RwSignal<String>) -> El {
    let who = of_card(handle, call, |card| words::who(&card.who).to_owned()).unwrap_or_default();
    let status = move || of_card(handle, call, |card| card.status).unwrap_or(Status::Ended);
    let since = move || of_card(handle, call, |card| card.talking_since).flatten();
    let act = move |what: fn(CallId) -> Agent| handle.send(what(CallId(call.get_untracked())));
    let said = move || {
        let time = since().map(|since| show::clock(show::seconds_since(since, handle.now.get())));
        [&words::status(status()), " ", time.as_deref().unwrap_or_default()].concat()
    };
    let state = move || icon_of(move || if status() == Status::OnHold { icon::HOLD } else { icon::WAIT });
    let resume = el_of("button", "button")
        .flag("hidden", move || !of_card(handle, call, CallCard::is_live).unwrap_or_default())
        .click(move || act(Agent::ToggleHold))
        .kid(icon(icon::RESUME))
        .kid(t!("Resume"));
    let hang_up = el_of("button", "button stop square")
        .set("aria-label", &t!("Hang up {0}").with(&[&who]))
        .click(move || act(Agent::HangUp))
        .kid(icon(icon::HANG_UP));
    let lines = el("div")
        .kid(el_of("p", "name").kid(who.clone()))
        .kid(el_of("p", "soft figures").kid(state()).kid(text(said)));
    el_of("div", "board held")
        .set("role", "group")
        .set("aria-label", &t!("Waiting call with {0}").with(&[&who]))
        .set("data-kind", "held")
        .kid(lines)
        .kid(resume)
        .kid(hang_up)
}
