//! The browser's console: diagnostics for whoever opens it.

/// A line that shows only when verbose messages are asked for.
pub fn debug(line: &str) {
    web_sys::console::debug_1(&line.into());
}

/// A line about something that should not be.
pub fn warn(line: &str) {
    web_sys::console::warn_1(&line.into());
}
