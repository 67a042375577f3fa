//! The upstream's wire, and nothing else: what Vobiz' three WhatsApp calling
//! endpoints take and give, what its webhooks carry, and Meta's call payloads
//! within them.
//!
//! No I/O, no clock, no randomness. The crate is **strict in what it makes** (a
//! request is byte for byte what the reference shows) and **tolerant in what it
//! reads**: every field but an identifier may be absent, unknown fields and
//! values are kept, letter case of states does not matter.

pub mod channel;
pub mod event;
pub mod fault;
pub mod log;
pub mod meta;
pub mod number;
mod open_enum;
pub mod rest;
pub mod sdp;
pub mod signature;
pub mod subscription;

pub use number::Number;
pub use uuid::Uuid;
