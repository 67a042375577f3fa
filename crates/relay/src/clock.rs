//! The wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

use wire::UnixMillis;

/// Now, in milliseconds since the Unix epoch; zero on a machine whose clock is before it.
pub(crate) fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis::try_from(since.as_millis()).unwrap_or(UnixMillis::MAX)
}
