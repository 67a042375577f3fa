//! What went over the wire lately, for the console and for tests.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// Entries of each kind that are kept.
const KEPT: usize = 200;

/// A request of the product.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RequestNote {
    /// Counts from 1.
    pub(crate) number: u64,
    /// Unix milliseconds, with what is left of one: answers are timed by it.
    pub(crate) at: f64,
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    /// Who asks, with the secret masked.
    pub(crate) who: String,
    /// What the body asks for, without descriptions.
    pub(crate) brief: String,
    pub(crate) status: u16,
    /// Until the reply began.
    pub(crate) took_ms: u64,
}

/// A delivery to the product.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DeliveryNote {
    /// Counts from 1.
    pub(crate) number: u64,
    /// Unix milliseconds.
    pub(crate) at: u64,
    pub(crate) url: String,
    pub(crate) event: String,
    pub(crate) event_id: String,
    /// What it says of the call.
    pub(crate) brief: String,
    /// Counts from 1.
    pub(crate) attempt: usize,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
    pub(crate) took_ms: u64,
    /// Signed with another secret.
    pub(crate) forged: bool,
    /// What the product did wrong, such as taking a wrong signature.
    pub(crate) fault: Option<&'static str>,
}

/// The latest entries.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    requests: Mutex<Kept<RequestNote>>,
    deliveries: Mutex<Kept<DeliveryNote>>,
}

#[derive(Debug)]
struct Kept<T> {
    notes: VecDeque<T>,
    count: u64,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { notes: VecDeque::new(), count: 0 }
    }
}

impl<T> Kept<T> {
    fn push(&mut self, note: impl FnOnce(u64) -> T) {
        if self.notes.len() == KEPT {
            self.notes.pop_front();
        }
        self.count += 1;
        self.notes.push_back(note(self.count));
    }
}

impl Journal {
    pub(crate) fn request(&self, note: RequestNote) {
        lock(&self.requests).push(|number| RequestNote { number, ..note });
    }

    pub(crate) fn delivery(&self, note: DeliveryNote) {
        lock(&self.deliveries).push(|number| DeliveryNote { number, ..note });
    }

    /// Requests, newest first.
    pub(crate) fn requests(&self) -> Vec<RequestNote> {
        lock(&self.requests).notes.iter().rev().cloned().collect()
    }

    /// Deliveries, newest first.
    pub(crate) fn deliveries(&self) -> Vec<DeliveryNote> {
        lock(&self.deliveries).notes.iter().rev().cloned().collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
