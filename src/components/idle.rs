//! No call: can one come?

use leptos::prelude::*;
use phone::event::Agent;
use phone::view::Truth;

use super::icon::{self, icon_of};
use super::presence::sign;
use crate::runtime::Handle;

/// The answer in large letters, with the one thing to do about it.
pub(crate) fn idle(handle: Handle) -> AnyView {
    let truth = Memo::new(move |_| handle.view.with(|view| view.presence.truth));
    let symbol = Signal::derive(move || match truth.get() {
        Truth::Reachable => icon::BELL,
        other @ (Truth::Away | Truth::SoundBlocked | Truth::Unreachable | Truth::Changing | Truth::OnCall) => {
            sign(other).icon
        }
    });
    let act = move || {
        let (words, what) = match truth.get() {
            Truth::Away => ("Take calls", Agent::SetAvailable(true)),
            Truth::SoundBlocked => ("Turn sound on", Agent::UnlockSound),
            Truth::Reachable | Truth::Unreachable | Truth::Changing | Truth::OnCall => return None,
        };
        Some(view! {
            <button class="button" on:click=move |_| handle.send(what.clone())>
                {words}
            </button>
        })
    };
    view! {
        <div class="idle" data-tone=move || sign(truth.get()).tone>
            <span class="sign">{icon_of(symbol)}</span>
            <p class="say">{move || sign(truth.get()).title}</p>
            <p class="soft">{move || sign(truth.get()).advice}</p>
            {act}
        </div>
    }
    .into_any()
}
