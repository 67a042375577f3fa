//! Durations as people read them.

use wire::UnixMillis;

use crate::runtime::figures::{two_digits, whole};

/// Milliseconds in a second.
const SECOND_MS: u64 = 1_000;
/// Seconds in a minute, and minutes in an hour.
const SIXTY: u64 = 60;

/// A talk time on a clock: `4:12`, `1:04:12`.
pub(crate) fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / SIXTY / SIXTY, seconds / SIXTY % SIXTY, seconds % SIXTY);
    if hours > 0 {
        [&*whole(hours), ":", &*two_digits(minutes), ":", &*two_digits(seconds)].concat()
    } else {
        [&*whole(minutes), ":", &*two_digits(seconds)].concat()
    }
}

/// Whole seconds that have passed.
pub(crate) fn seconds_since(since: UnixMillis, now: UnixMillis) -> u64 {
    now.saturating_sub(since) / SECOND_MS
}

/// Whole seconds that are left, the one that runs included.
pub(crate) fn seconds_until(until: UnixMillis, now: UnixMillis) -> u64 {
    until.saturating_sub(now).div_ceil(SECOND_MS)
}
