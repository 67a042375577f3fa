//! The switchboard from outside: commands in, facts out, on a virtual clock.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![expect(unreachable_pub, reason = "a test binary has no outside")]

mod common;
mod inbound;
mod outbound;
mod properties;
mod relays;
mod routing;
mod saved;
mod stored;
mod table;
