//! The upstream's wire held against the reference's own examples, and against
//! everything else that a network may bring.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on has failed")]

mod hostile;
mod numbers;
mod rest;
mod sdp;
mod webhooks;
