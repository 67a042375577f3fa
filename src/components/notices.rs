//! Faults, and standing conditions that need a hand: what happened and what to do.

use leptos::prelude::*;
use phone::event::Agent;
use phone::text::{self, Words};
use phone::view::Banner;

use super::icon::{self, icon};
use crate::runtime::Handle;

/// All of them, where they cover no call.
pub(crate) fn notices(handle: Handle) -> AnyView {
    let faults = Memo::new(move |_| handle.view.with(|view| view.faults.clone()));
    let banners = Memo::new(move |_| handle.view.with(|view| view.banners.clone()));
    view! {
        <div class="notices">
            {move || banners.get().into_iter().filter_map(|banner| banner_notice(handle, &banner)).collect_view()}
            {move || {
                faults
                    .get()
                    .into_iter()
                    .map(|fault| {
                        let id = fault.id;
                        let act = view! {
                            <button
                                class="button quiet square"
                                aria-label="Dismiss"
                                on:click=move |_| handle.send(Agent::DismissFault(id))
                            >
                                {icon(icon::CROSS)}
                            </button>
                        };
                        notice("bad", text::fault(&fault.fault), act.into_any())
                    })
                    .collect_view()
            }}
        </div>
    }
    .into_any()
}

/// Being offline and without sound are said where the phone says whether it can be
/// reached; what is left has a button of its own.
fn banner_notice(handle: Handle, banner: &Banner) -> Option<AnyView> {
    match banner {
        Banner::Offline { .. } | Banner::SoundBlocked => None,
        Banner::CallElsewhere { call, .. } => {
            let call = call.clone();
            let act = view! {
                <button class="button quiet" on:click=move |_| handle.send(Agent::HangUp(call.clone()))>
                    "End it here"
                </button>
            };
            Some(notice("warn", text::banner(banner), act.into_any()))
        }
    }
}

/// An `alert` in words, with something to do about it.
fn notice(tone: &'static str, words: Words, act: AnyView) -> AnyView {
    view! {
        <div class="notice" role="alert" data-tone=tone>
            {icon(icon::ALERT)}
            <p>
                <strong>{words.title}</strong>
                " "
                {words.advice}
            </p>
            {act}
        </div>
    }
    .into_any()
}
