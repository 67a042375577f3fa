//! Calls that wait: each with the way back to it, and its end.

use std::rc::Rc;

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
        move |call| line(&Waiting { handle, call: call.into() }),
    )
}

/// A call that waits.
#[derive(Clone)]
struct Waiting {
    handle: Handle,
    call: Rc<str>,
}

impl Waiting {
    /// Something of its card, for as long as it waits.
    fn card<T>(&self, get: impl Fn(&CallCard) -> T) -> Option<T> {
        let view = self.handle.view.read();
        view.held.iter().find(|card| card.call.as_str() == &*self.call).map(get)
    }

    fn status(&self) -> Status {
        self.card(|card| card.status).unwrap_or(Status::Ended)
    }

    /// A button that does something about it.
    fn button(&self, class: &'static str, what: fn(CallId) -> Agent) -> El {
        let Self { handle, call } = self.clone();
        el_of("button", class).click(move || handle.send(what(call.as_ref().into())))
    }
}

fn line(call: &Waiting) -> El {
    let who = call.card(|card| words::who(&card.who).to_owned()).unwrap_or_default();
    let (stating, saying, resuming) = (call.clone(), call.clone(), call.clone());
    let state = move || if stating.status() == Status::OnHold { icon::HOLD } else { icon::WAIT };
    let said = move || {
        let since = saying.card(|card| card.talking_since).flatten();
        let time = since.map(|since| show::clock(show::seconds_since(since, saying.handle.now.get())));
        [&words::status(saying.status()), " ", time.as_deref().unwrap_or_default()].concat()
    };
    let resume = call
        .button("button", Agent::ToggleHold)
        .flag("hidden", move || !resuming.card(CallCard::is_live).unwrap_or_default())
        .kid(icon(icon::RESUME))
        .kid(t!("Resume"));
    let hang_up = call
        .button("button stop square", Agent::HangUp)
        .set("aria-label", &t!("Hang up {0}").with(&[&who]))
        .kid(icon(icon::HANG_UP));
    let lines = el("div")
        .kid(el_of("p", "name").kid(who.clone()))
        .kid(el_of("p", "soft figures").kid(icon_of(state)).kid(text(said)));
    el_of("div", "board held")
        .set("role", "group")
        .set("aria-label", &t!("Waiting call with {0}").with(&[&who]))
        .set("data-kind", "held")
        .kid(lines)
        .kid(resume)
        .kid(hang_up)
}
