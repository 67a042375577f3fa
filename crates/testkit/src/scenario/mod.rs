//! Plays scenarios: small files that say who calls whom, what goes wrong, and what must
//! be true in the end. The format is described in `scenarios/README.md`.
//!
//! A scenario has a relay, a simulator and headless agents of its own. Between relay and
//! simulator stands a [tap](tap), which writes down every request and every webhook and
//! can hold, repeat or lose single ones: what is random belongs to the simulator's
//! chaos, what has to happen in an exact order to the tap.

mod bed;
mod play;
mod report;
mod tap;
mod timeline;
mod truth;
mod world;

pub use play::play;
pub use report::Report;
pub use vobiz_sim::scenario::Scenario;
