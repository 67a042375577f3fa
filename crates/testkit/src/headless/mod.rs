//! An agent without a browser: signs in, holds the event socket, answers and calls
//! with real WebRTC media, and keeps to the page's side of the wire.
//!
//! It does what the page does and nothing that a page could not do: it knows of the
//! relay only what HTTP and the socket say, answers `actpass` with `active`, sends no
//! candidates, lets ICE begin when the far end has its answer, and sends no sound
//! before the call is accepted.

mod agent;
mod calls;
mod ear;
mod http;
mod line;
mod peer;
mod seen;
mod socket;
mod voice;

pub use agent::{Agent, Order, Setup};
pub use ear::Heard;
pub use http::Door;
pub use seen::{Bell, Seen, SeenCall, Told};

use std::sync::Arc;
use std::time::Duration;

/// What an agent does with a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Takes it after this long.
    Accept(Duration),
    /// Declines it after this long.
    Reject(Duration),
    /// Lets it ring.
    Ignore,
}

/// What an agent says into the microphone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speech {
    /// A pure tone of this frequency in hertz.
    Tone(f64),
    /// What is heard.
    Echo,
}

/// Where an agent's story goes, line by line.
pub type Tell = Arc<dyn Fn(String) + Send + Sync>;
