//! The browser's clock.

use wire::UnixMillis;

/// Milliseconds since the Unix epoch.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Date.now() is a whole number of milliseconds, far below 2^53 and after 1970"
)]
pub fn now() -> UnixMillis {
    js_sys::Date::now() as UnixMillis
}
