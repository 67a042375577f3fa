//! Can I be reached? The words and signs of the answer, and its switch.

use leptos::prelude::*;
use phone::event::Agent;
use phone::locale::Text;
use phone::t;
use phone::view::Truth;

use super::el::{El, el, el_of};
use super::icon::{self, Symbol, icon_of};
use super::part::keyed;
use crate::runtime::Handle;

/// How a truth is shown. Tone, icon and words all say it.
pub(crate) struct Sign {
    /// For the style sheets.
    pub(crate) tone: &'static str,
    pub(crate) icon: Symbol,
    /// Beside the switch.
    pub(crate) word: Text,
    /// In large letters.
    pub(crate) title: Text,
    /// What it means and what to do.
    pub(crate) advice: Text,
}

/// The sign of a truth.
pub(crate) fn sign(truth: Truth) -> Sign {
    match truth {
        Truth::Away => Sign {
            tone: "off",
            icon: icon::MOON,
            word: t!("away"),
            title: t!("You’re away"),
            advice: t!("Calls ring for your colleagues only."),
        },
        Truth::Reachable => Sign {
            tone: "good",
            icon: icon::CHECK,
            word: t!("reachable"),
            title: t!("Ready for calls"),
            advice: t!("You can be reached. The next call rings here."),
        },
        Truth::SoundBlocked => Sign {
            tone: "warn",
            icon: icon::SILENT,
            word: t!("sound blocked: click here"),
            title: t!("Sound is blocked"),
            advice: t!("A call would ring without a sound. One click lets the browser play it."),
        },
        Truth::Unreachable => Sign {
            tone: "bad",
            icon: icon::OFFLINE,
            word: t!("not reachable"),
            title: t!("You can’t be reached"),
            advice: t!("The connection is lost. It is being tried again by itself."),
        },
        Truth::Changing => Sign {
            tone: "off",
            icon: icon::WAIT,
            word: t!("one moment…"),
            title: t!("One moment…"),
            advice: t!("The switchboard is being told."),
        },
        Truth::OnCall => Sign {
            tone: "good",
            icon: icon::PHONE,
            word: t!("on a call"),
            title: t!("You’re on a call"),
            advice: t!("It is in another tab or window."),
        },
        Truth::WrapUp => Sign {
            tone: "off",
            icon: icon::WAIT,
            word: t!("wrap-up: click when done"),
            title: t!("Wrap-up"),
            advice: t!("No call comes until you are done with the last one, or its time is over."),
        },
    }
}

/// The switch `Available` and the truth behind it.
pub(crate) fn presence(handle: Handle) -> El {
    let available = move || handle.view.read().presence.available;
    let truth = move || handle.view.read().presence.truth;
    let toggle = switch(available)
        .set("aria-describedby", "truth")
        .click(move || {
            // The view is let go before it may change.
            let wanted = !handle.view.read_untracked().presence.available;
            handle.send(Agent::SetAvailable(wanted));
        })
        .kid(t!("Available"));
    let word = keyed(truth, move |truth| match truth {
        Truth::SoundBlocked => el_of("button", "truth-act")
            .click(move || handle.send(Agent::UnlockSound))
            .kid(sign(Truth::SoundBlocked).word),
        Truth::WrapUp => el_of("button", "truth-act")
            .click(move || handle.send(Agent::EndWrapUp))
            .kid(sign(Truth::WrapUp).word),
        other @ (Truth::Away | Truth::Reachable | Truth::Unreachable | Truth::Changing | Truth::OnCall) => {
            el("span").kid(sign(*other).word)
        }
    });
    let said = el_of("span", "truth")
        .set("id", "truth")
        .set("aria-live", "polite")
        .follow("data-tone", move || Some(sign(truth()).tone))
        .kid(icon_of(move || sign(truth()).icon))
        .kid(word);
    el_of("div", "presence").kid(toggle).kid(said)
}

/// A switch, without its name.
pub(crate) fn switch(on: impl Fn() -> bool + 'static) -> El {
    el_of("button", "switch")
        .set("role", "switch")
        .state("aria-checked", on)
        .kid(el_of("span", "track").set("aria-hidden", "true"))
}
