//! The relay from the outside: a real listener, a stand-in upstream, every door.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub, reason = "tests")]

mod ahead;
mod board;
mod calls;
mod hostile;
mod log;
mod login;
mod metrics;
#[cfg(feature = "oidc")]
mod oidc;
mod openapi;
mod page;
mod process;
mod relays;
mod secrets;
mod sessions;
mod socket;
mod support;
mod webhooks;
