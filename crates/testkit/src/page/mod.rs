//! The page as a person or a screen reader meets it.
//!
//! Everything is found by role and accessible name (`dom.js`); a page that changes
//! its markup and keeps its names keeps its tests.

mod agent;
mod answer;
mod axe;
mod dom;
mod ears;
mod hands;
mod query;
mod watch;

pub use agent::{Agent, Presence};
pub use answer::Answered;
pub use hands::Focus;
pub use query::{LogTable, Query, Seen};
pub use watch::Watched;
