//! One agent's phone as a pure machine.
//!
//! [`update`] takes what happened and gives what has to be done; [`view`] gives what
//! the page shows. There is no clock, no randomness and no I/O: time is passed in,
//! fresh names are passed in, and every effect is data. The same events in the same
//! order always give the same effects.
//!
//! Two kinds of effects leave [`update`]. *Orders* belong to one transition (post an
//! action, set a description). *Levels* follow from the state alone (does it ring?
//! is the microphone open? which timers run, which peer connections live?): they are
//! compared with what was ordered before, once after each event, so that no path
//! through the states can forget to stop a ring or to close a connection.

pub mod attention;
mod call;
pub mod countries;
pub mod decimal;
pub mod devices;
pub mod digit;
pub mod effect;
pub mod event;
pub mod few;
pub mod find;
mod front;
mod held;
mod language;
mod levels;
pub mod limiter;
pub mod line;
mod link;
pub mod list;
pub mod locale;
pub mod log;
mod logbook;
mod microphone;
pub mod number;
mod phone;
mod presence;
mod present;
pub mod recents;
pub mod route;
pub mod secret;
mod session;
pub mod settings;
pub mod shortcuts;
mod spare;
pub mod tabs;
pub mod text;
mod time;
pub mod timer;
pub mod view;

pub use effect::Effect;
pub use event::Event;
pub use phone::{Phone, update};
pub use present::view;
pub use view::View;
