//! Can I be reached? The words and signs of the answer, and its switch.

use leptos::prelude::*;
use phone::event::Agent;
use phone::view::Truth;

use super::icon::{self, Symbol, icon_of};
use crate::runtime::Handle;

/// How a truth is shown. Tone, icon and words all say it.
pub(crate) struct Sign {
    /// For the style sheets.
    pub(crate) tone: &'static str,
    pub(crate) icon: Symbol,
    /// Beside the switch.
    pub(crate) word: &'static str,
    /// In large letters.
    pub(crate) title: &'static str,
    /// What it means and what to do.
    pub(crate) advice: &'static str,
}

/// The sign of a truth.
pub(crate) fn sign(truth: Truth) -> Sign {
    match truth {
        Truth::Away => Sign {
            tone: "off",
            icon: icon::MOON,
            word: "away",
            title: "You’re away",
            advice: "Calls ring for your colleagues only.",
        },
        Truth::Reachable => Sign {
            tone: "good",
            icon: icon::CHECK,
            word: "reachable",
            title: "Ready for calls",
            advice: "You can be reached. The next call rings here.",
        },
        Truth::SoundBlocked => Sign {
            tone: "warn",
            icon: icon::SILENT,
            word: "sound blocked: click here",
            title: "Sound is blocked",
            advice: "A call would ring without a sound. One click lets the browser play it.",
        },
        Truth::Unreachable => Sign {
            tone: "bad",
            icon: icon::OFFLINE,
            word: "not reachable",
            title: "You can’t be reached",
            advice: "The connection is lost. It is being tried again by itself.",
        },
        Truth::Changing => Sign {
            tone: "off",
            icon: icon::WAIT,
            word: "one moment…",
            title: "One moment…",
            advice: "The switchboard is being told.",
        },
        Truth::OnCall => Sign {
            tone: "good",
            icon: icon::PHONE,
            word: "on a call",
            title: "You’re on a call",
            advice: "It is in another tab or window.",
        },
    }
}

/// The switch `Available` and the truth behind it.
pub(crate) fn presence(handle: Handle) -> AnyView {
    let available = move || handle.view.with(|view| view.presence.available);
    let truth = Memo::new(move |_| handle.view.with(|view| view.presence.truth));
    let symbol = Signal::derive(move || sign(truth.get()).icon);
    let blocked = Memo::new(move |_| truth.get() == Truth::SoundBlocked);
    view! {
        <div class="presence">
            <button
                class="switch"
                role="switch"
                aria-checked=move || if available() { "true" } else { "false" }
                aria-describedby="truth"
                on:click=move |_| {
                    let wanted = !handle.view.with_untracked(|view| view.presence.available);
                    handle.send(Agent::SetAvailable(wanted));
                }
            >
                <span class="track" aria-hidden="true"></span>
                "Available"
            </button>
            <span class="truth" id="truth" aria-live="polite" data-tone=move || sign(truth.get()).tone>
                {icon_of(symbol)}
                {move || {
                    if blocked.get() {
                        view! {
                            <button class="truth-act" on:click=move |_| handle.send(Agent::UnlockSound)>
                                {sign(Truth::SoundBlocked).word}
                            </button>
                        }
                            .into_any()
                    } else {
                        view! { <span>{move || sign(truth.get()).word}</span> }.into_any()
                    }
                }}
            </span>
        </div>
    }
    .into_any()
}
