//! Calls that ring: a card for each, oldest first.

use leptos::html::Button;
use leptos::prelude::*;
use phone::event::Agent;
use phone::text;
use phone::view::{AcceptView, IncomingCard};

use super::icon::{self, icon};
use super::{focus, person, show};
use crate::runtime::Handle;

/// All cards. Each keeps its place on the page and its keyboard focus for as long as
/// it rings.
pub(crate) fn incoming(handle: Handle) -> AnyView {
    let cards = Memo::new(move |_| handle.view.with(|view| view.incoming.clone()));
    view! { <For each=move || cards.get() key=|card| card.call.clone() children=move |card| ring(handle, card) /> }
        .into_any()
}

/// One card.
fn ring(handle: Handle, card: IncomingCard) -> AnyView {
    let IncomingCard { call, who, country, since, expires, accept: _ } = card;
    let accept = {
        let call = call.clone();
        Memo::new(move |_| {
            handle.view.with(|view| {
                view.incoming.iter().find(|card| card.call == call).map_or(AcceptView::Ready, |card| card.accept)
            })
        })
    };
    let button = NodeRef::<Button>::new();
    focus::take_if_free(move || {
        if let Some(button) = button.try_get_untracked().flatten() {
            // Refused only while it can't be seen; then nobody has the focus.
            let _ = button.focus();
        }
    });

    let left = move || show::seconds_until(expires, handle.now.get());
    let share = move || {
        let share = expires.saturating_sub(handle.now.get()) as f64 / expires.saturating_sub(since).max(1) as f64;
        share.clamp(0.0, 1.0).to_string()
    };
    let ringing = move || {
        let seconds = show::seconds_since(since, handle.now.get()).to_string();
        let place = country.map_or_else(String::new, |country| [country, " · "].concat());
        [&place, "ringing for ", &seconds, " s"].concat()
    };
    let number = who.name.as_ref().and(who.number.clone());
    let described = ["ring-", call.as_str()].concat();
    let (accepted, rejected) = (call.clone(), call);
    view! {
        <div class="board ring" data-kind="ringing" role="alertdialog" aria-label="Incoming call" aria-describedby=described.clone()>
            <p class="board-top">
                <span>{icon(icon::IN)} "Incoming call"</span>
                <span class="soft figures">{move || [&left().to_string(), " s left"].concat()}</span>
            </p>
            <div class="person">
                <span class="face" aria-hidden="true">
                    {rundown(share)} {person::face(&who)}
                </span>
                <div id=described.clone()>
                    <p class="name">{text::who(&who).to_owned()}</p>
                    {number.map(|number| view! { <p class="figures">{number}</p> })}
                    <p class="soft figures" aria-live="off">{ringing}</p>
                </div>
            </div>
            {move || accept_note(accept.get()).map(|note| view! { <p role="status">{note}</p> })}
            <div class="answers">
                <button class="button stop tall" on:click=move |_| handle.send(Agent::Reject(rejected.clone()))>
                    {icon(icon::HANG_UP)}
                    "Reject"
                </button>
                <button
                    class="button go tall"
                    node_ref=button
                    aria-disabled=move || (accept.get() != AcceptView::Ready).then_some("true")
                    on:click=move |_| handle.send(Agent::Accept(accepted.clone()))
                >
                    {icon(icon::PHONE)}
                    "Accept"
                </button>
            </div>
        </div>
    }
    .into_any()
}

/// The ring around the face that runs down.
fn rundown(share: impl Fn() -> String + Send + 'static) -> AnyView {
    view! {
        <svg class="rundown" viewBox="0 0 36 36" style:--left=share>
            <circle cx="18" cy="18" r="16.5" pathLength="100"></circle>
            <circle cx="18" cy="18" r="16.5" pathLength="100"></circle>
        </svg>
    }
    .into_any()
}

/// Why Accept does nothing now.
fn accept_note(accept: AcceptView) -> Option<&'static str> {
    match accept {
        AcceptView::Ready => None,
        AcceptView::Opening => Some("Opening the microphone…"),
        AcceptView::OnACall => Some("Hang up first to answer this call."),
    }
}
