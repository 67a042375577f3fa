//! What happened, in the order in which it did.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Most lines that are kept; a scenario has a few dozen.
const MOST_LINES: usize = 2_000;

/// The story of one scenario.
#[derive(Debug)]
pub(super) struct Timeline {
    begun: Instant,
    lines: Mutex<Vec<(Duration, String)>>,
}

impl Timeline {
    pub(super) fn begin() -> Self {
        Self { begun: Instant::now(), lines: Mutex::default() }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Writes one thing down.
    pub(super) fn say(&self, what: impl Into<String>) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() < MOST_LINES {
            lines.push((self.begun.elapsed(), what.into()));
        }
    }

    pub(super) fn lines(&self) -> Vec<(Duration, String)> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
