//! Calls that ring: a card for each, oldest first.

use leptos::prelude::*;
use phone::event::Agent;
use phone::list::List as _;
use phone::locale::Text;
use phone::shortcuts::Does;
use phone::view::{AcceptView, IncomingCard};
use phone::{t, text as words};

use super::el::{El, el, el_of};
use super::icon::{self, icon, rundown};
use super::keys::hinted;
use super::part::{Part, each, group, keyed, text};
use super::{focus, person, show};
use crate::runtime::figures::whole;
use crate::runtime::{self, Handle};

/// All cards. Each keeps its place on the page and its keyboard focus for as long as
/// it rings, whatever becomes of the others.
pub(crate) fn incoming(handle: Handle) -> Part {
    each(
        move || handle.view.read().incoming.iter().map(|card| card.call.0.clone()).list(),
        move |call| {
            let view = handle.view.read();
            let card = view.incoming.iter().find(|card| card.call.as_str() == call);
            card.map_or_else(|| el("div"), |card| ring(handle, card.clone()))
        },
    )
}

/// One card.
fn ring(handle: Handle, card: IncomingCard) -> El {
    /// The whole of the ring, in percent.
    const FULL: u64 = 100;

    let IncomingCard { call, who, country, since, expires, accept: _ } = card;
    let accept = {
        let call = call.clone();
        move || {
            let view = handle.view.read();
            view.incoming.iter().find(|card| card.call == call).map_or(AcceptView::Ready, |card| card.accept)
        }
    };
    let note = keyed(accept.clone(), |accept| {
        group(accept_note(*accept).map(|note| el("p").set("role", "status").kid(note).into()))
    });
    let left = move || t!("{0} s left").with(&[&whole(show::seconds_until(expires, handle.now.get()))]);
    let share = move || {
        expires.saturating_sub(handle.now.get()).saturating_mul(FULL) / expires.saturating_sub(since).max(1)
    };
    let country = country.map(runtime::country);
    let ringing = move || {
        let seconds = whole(show::seconds_since(since, handle.now.get()));
        let place = country.as_ref().map_or_else(String::new, |country| [country, " · "].concat());
        [&place, &*t!("ringing for {0} s").with(&[&seconds])].concat()
    };
    let number = who.name.as_ref().and(who.number.clone());
    let described = ["ring-", call.as_str()].concat();
    let (reached, accepted, rejected, call_name) = (call.clone(), call.clone(), call.clone(), call);

    let top = el_of("p", "board-top")
        .kid(el("span").kid(icon(icon::IN)).kid(t!("Incoming call")))
        .kid(el_of("span", "soft figures").kid(text(left)));
    let caller = el("div")
        .set("id", &described)
        .kid(el_of("p", "name").kid(words::who(&who).to_owned()))
        .kid(number.map(|number| el_of("p", "figures").kid(number)))
        .kid(el_of("p", "soft figures").kid(text(ringing)));
    let face = el_of("span", "face").set("aria-hidden", "true").kid(rundown(share)).kid(person::face(&who));
    let button = el_of("button", "button go tall")
        .mark("aria-disabled", move || accept() == AcceptView::Opening)
        .reached(move |there| handle.send(Agent::Reach { call: reached.clone(), there }))
        .click(move || handle.send(Agent::Accept(accepted.clone())))
        .kid(icon(icon::PHONE))
        .kid(t!("Accept"));
    let button = hinted(handle, button, Does::Accept);
    focus::take_from_number(handle, &button);
    on_cleanup(focus::number_if_free);
    let reject = el_of("button", "button stop tall")
        .click(move || handle.send(Agent::Reject(rejected.clone())))
        .kid(icon(icon::HANG_UP))
        .kid(t!("Reject"));
    let answers = el_of("div", "answers").kid(hinted(handle, reject, Does::Reject)).kid(button);
    el_of("div", "board ring")
        .set("data-kind", "ringing")
        .set("data-call", call_name.as_str())
        .set("role", "alertdialog")
        .say("aria-label", t!("Incoming call"))
        .set("aria-describedby", &described)
        .kid(top)
        .kid(el_of("div", "person").kid(face).kid(caller))
        .kid(note)
        .kid(answers)
}

/// Why Accept does nothing now.
fn accept_note(accept: AcceptView) -> Option<Text> {
    match accept {
        AcceptView::Ready => None,
        AcceptView::Opening => Some(t!("Opening the microphone…")),
        AcceptView::Holds => Some(t!("Accept puts your call on hold.")),
    }
}
