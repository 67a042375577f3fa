//! What became of the call, for a moment after its end.

use leptos::html::Section;
use leptos::prelude::*;
use phone::event::Agent;
use phone::text;
use phone::view::{EndedCard, Status};

use super::icon::{self, icon};
use super::{focus, person, show};
use crate::runtime::Handle;

/// Milliseconds in a second.
const SECOND_MS: u64 = 1_000;

/// The card: what happened, how long it was, and calling back.
pub(crate) fn ended(handle: Handle, card: EndedCard) -> AnyView {
    let region = NodeRef::<Section>::new();
    focus::take_if_free(move || {
        if let Some(region) = region.try_get_untracked().flatten() {
            // Refused only while it can't be seen; then nobody has the focus.
            let _ = region.focus();
        }
    });
    let EndedCard { call, direction: _, who, why, talk_ms, call_back } = card;
    let words = text::ended(&why);
    let call_back = call_back.map(|number| {
        view! {
            <button
                class="button accent"
                on:click=move |_| handle.send(Agent::Redial { attempt: handle.attempt(), number: number.clone() })
            >
                {icon(icon::PHONE)}
                "Call back"
            </button>
        }
    });
    view! {
        <section class="board ended" aria-label="Active call" tabindex="-1" node_ref=region data-kind="over">
            <p class="board-top">
                <span role="status" aria-live="off">
                    {icon(icon::HANG_UP)}
                    {text::status(Status::Ended)}
                </span>
                <span class="soft figures">{talk_ms.map(|ms| show::clock(ms / SECOND_MS))}</span>
            </p>
            <div class="person">
                <span class="face" aria-hidden="true">{person::face(&who)}</span>
                <div>
                    <p class="name">{text::who(&who).to_owned()}</p>
                    <p class="soft figures">{person::details(&who, None)}</p>
                </div>
            </div>
            <div>
                <p class="what">{words.title}</p>
                <p class="soft">{words.advice}</p>
            </div>
            <div class="answers">
                <button class="button" on:click=move |_| handle.send(Agent::DismissEnded(call.clone()))>
                    "Close"
                </button>
                {call_back}
            </div>
        </section>
    }
    .into_any()
}
