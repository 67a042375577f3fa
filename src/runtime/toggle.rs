//! Something that is on or off.

use leptos::prelude::*;

/// On or off, for parts of the page to follow. It lives as long as the part it was made in.
/// Told by a number: the page has signals of those, and each further type of signal would be
/// code of its own.
#[derive(Clone, Copy)]
pub struct Toggle {
    is: ReadSignal<u64>,
    turn: WriteSignal<u64>,
}

impl Toggle {
    /// Off.
    pub fn off() -> Self {
        let (is, turn) = signal(0);
        Self { is, turn }
    }

    /// Whether it is on.
    pub fn is_on(self) -> bool {
        self.is.try_get().is_some_and(|is| is != 0)
    }

    /// Turns it on, or off. Nothing, once the part of the page that it was made in is gone.
    pub fn turn(self, on: bool) {
        let _ = self.turn.try_set(on.into());
    }

    /// Turns it to the other.
    pub fn flip(self) {
        self.turn(!untrack(|| self.is_on()));
    }
}
