//! Calls that ring: a card for each, oldest first.

use leptos::prelude::*;
use phone::View;
use phone::event::Agent;
use phone::text as words;
use phone::view::{AcceptView, IncomingCard};

use super::el::{Node, el, el_of, keyed, live, none, text};
use super::icon::{self, icon, rundown};
use super::{focus, person, show};
use crate::runtime::Handle;

/// How many cards there can be; a call beyond them is shown as soon as one is free.
const PLACES: usize = 8;

/// Between the calls of [`seat`]; no call's name has it.
const SEPARATOR: char = '\n';

/// All cards. Each keeps its place on the page and its keyboard focus for as long as
/// it rings, whatever becomes of the others.
pub(crate) fn incoming(handle: Handle) -> AnyView {
    let seated = Memo::new(move |before: Option<&String>| {
        seat(before.map_or("", String::as_str), &handle.view.read())
    });
    let places = (0..PLACES).map(|place| {
        let call =
            move || seated.with(|seated| seated.split(SEPARATOR).nth(place).unwrap_or_default().to_owned());
        keyed(call, move || {
            let (call, view) = (call(), handle.view.read());
            let card = view.incoming.iter().find(|card| card.call.as_str() == call);
            card.map_or_else(none, |card| ring(handle, card.clone()))
        })
    });
    places.collect::<Vec<_>>().into_any()
}

/// Which call is in which place: those that were there stay there, new ones come after them.
fn seat(before: &str, view: &View) -> String {
    let mut places: Vec<&str> = before.split(SEPARATOR).collect();
    places.resize(PLACES, "");
    let rings = |call: &str| view.incoming.iter().any(|card| card.call.as_str() == call);
    for place in &mut places {
        if !rings(place) {
            *place = "";
        }
    }
    for card in &view.incoming {
        let call = card.call.as_str();
        if !places.contains(&call) {
            let behind = places.iter().rposition(|place| !place.is_empty()).map_or(0, |last| last + 1);
            let free =
                if behind < PLACES { Some(behind) } else { places.iter().position(|place| place.is_empty()) };
            if let Some(place) = free.and_then(|free| places.get_mut(free)) {
                *place = call;
            }
        }
    }
    places.join("\n")
}

/// One card.
fn ring(handle: Handle, card: IncomingCard) -> AnyView {
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
    let note = {
        let accept = accept.clone();
        live(move || {
            accept_note(accept()).map_or_else(none, |note| el("p").set("role", "status").kid(note).view())
        })
    };
    let left = move || [&show::seconds_until(expires, handle.now.get()).to_string(), " s left"].concat();
    let share = move || {
        expires.saturating_sub(handle.now.get()).saturating_mul(FULL) / expires.saturating_sub(since).max(1)
    };
    let ringing = move || {
        let seconds = show::seconds_since(since, handle.now.get()).to_string();
        let place = country.map_or_else(String::new, |country| [country, " · "].concat());
        [&place, "ringing for ", &seconds, " s"].concat()
    };
    let number = who.name.as_ref().and(who.number.clone());
    let described = ["ring-", call.as_str()].concat();
    let (accepted, rejected) = (call.clone(), call);

    let top = el_of("p", "board-top")
        .kid(el("span").kid(icon(icon::IN)).kid("Incoming call"))
        .kid(el_of("span", "soft figures").kid(text(left)));
    let caller = el("div")
        .put("id", described.clone())
        .kid(el_of("p", "name").kid(words::who(&who).to_owned()))
        .kid(number.map(|number| el_of("p", "figures").kid(number)))
        .kid(el_of("p", "soft figures").kid(text(ringing)));
    let face = el_of("span", "face").set("aria-hidden", "true").kid(rundown(share)).kid(person::face(&who));
    let button = Node::new();
    focus::take_if_free(button);
    let answers = el_of("div", "answers")
        .kid(
            el_of("button", "button stop tall")
                .click(move || handle.send(Agent::Reject(rejected.clone())))
                .kid(icon(icon::HANG_UP))
                .kid("Reject"),
        )
        .kid(
            el_of("button", "button go tall")
                .node(button)
                .mark("aria-disabled", move || accept() != AcceptView::Ready)
                .click(move || handle.send(Agent::Accept(accepted.clone())))
                .kid(icon(icon::PHONE))
                .kid("Accept"),
        );
    el_of("div", "board ring")
        .set("data-kind", "ringing")
        .set("role", "alertdialog")
        .set("aria-label", "Incoming call")
        .put("aria-describedby", described)
        .kid(top)
        .kid(el_of("div", "person").kid(face).kid(caller))
        .kid(note)
        .kid(answers)
        .view()
}

/// Why Accept does nothing now.
fn accept_note(accept: AcceptView) -> Option<&'static str> {
    match accept {
        AcceptView::Ready => None,
        AcceptView::Opening => Some("Opening the microphone…"),
        AcceptView::OnACall => Some("Hang up first to answer this call."),
    }
}
