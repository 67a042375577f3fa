//! Durations as people read them.

use wire::UnixMillis;

/// Milliseconds in a second.
const SECOND_MS: u64 = 1_000;
/// Seconds in a minute, and minutes in an hour.
const SIXTY: u64 = 60;

/// A talk time on a clock: `4:12`, `1:04:12`.
pub(crate) fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / SIXTY / SIXTY, seconds / SIXTY % SIXTY, seconds % SIXTY);
    let two = |value: u64| [if value < 10 { "0" } else { "" }, &value.to_string()].concat();
    if hours > 0 {
        [&hours.to_string(), ":", &two(minutes), ":", &two(seconds)].concat()
    } else {
        [&minutes.to_string(), ":", &two(seconds)].concat()
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
