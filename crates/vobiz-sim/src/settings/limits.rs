//! What an account may do.

use serde::{Deserialize, Serialize};

/// Concurrent calls of a business number (138002).
const MAX_CALLS: usize = 1_000;

/// Connected calls of a pair in 24 hours (138012).
const CONNECTED_PER_DAY: u32 = 100;

/// Unanswered or refused calls in a row that revoke the permission (138006).
const UNANSWERED_IN_A_ROW: u32 = 4;

/// Limits. Those that the reference names without a figure are off (0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Concurrent calls of the account (138002).
    pub max_calls: usize,
    /// Connected calls with one person in 24 hours (138012).
    pub connected_per_day: u32,
    /// Calls in a row that a person refused or let ring, after which their
    /// permission is gone (138006); 0 never takes it.
    pub unanswered_in_a_row: u32,
    /// Outbound calls in a minute (138005); 0 counts none.
    pub calls_per_minute: u32,
    /// REST requests in a minute (429 with `Retry-After`); 0 counts none.
    pub requests_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_calls: MAX_CALLS,
            connected_per_day: CONNECTED_PER_DAY,
            unanswered_in_a_row: UNANSWERED_IN_A_ROW,
            calls_per_minute: 0,
            requests_per_minute: 0,
        }
    }
}
