//! Where the pure phone meets the browser: events go in, effects come out and are
//! carried out by the adapters of [`crate::platform`].

use leptos::prelude::*;
use phone::View;
use phone::event::Agent;
use wire::{CallId, UnixMillis};

/// What components hold: the view, the clock and the way to tell the phone something.
#[derive(Clone, Copy)]
pub struct Handle {
    /// What the page shows.
    pub view: ReadSignal<View>,
    /// The browser's clock, in steps of a second while the page counts seconds
    /// ([`View::ticks`]).
    pub now: ReadSignal<UnixMillis>,
}

impl Handle {
    /// Tells the phone what the person did.
    pub fn send(&self, what: Agent) {
        let _ = what;
    }

    /// A fresh key for [`Agent::Dial`] and [`Agent::Redial`].
    pub fn attempt(&self) -> CallId {
        CallId(String::new())
    }
}

/// An instant in the agent's zone and language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// `14:02` today, `Tue 14:02` this week, else `25 Mar 14:02`.
    pub short: String,
    /// The full date and time, for a title.
    pub full: String,
    /// RFC 3339, for `datetime`.
    pub machine: String,
}

/// How an instant is shown at the time `now`.
pub fn moment(at: UnixMillis, now: UnixMillis) -> Moment {
    let _ = (at, now);
    Moment { short: String::new(), full: String::new(), machine: String::new() }
}

/// Starts the phone. Called once, inside the reactive owner that lives as long as
/// the page.
pub fn start() -> Handle {
    let (view, _) = signal(phone::view(&phone::Phone::default()));
    let (now, _) = signal(0);
    Handle { view, now }
}
