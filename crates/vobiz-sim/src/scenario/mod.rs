//! Scenarios: small files that say who calls whom, what goes wrong, and what must be true
//! in the end. `scenarios/README.md` describes the format.
//!
//! The format is here because it is written in the simulator's own words, and because the
//! simulator plays its half of it: a [script] of what the far end does by itself and what
//! it asks a person at the business to do. The whole of it, with agents and a relay, is
//! played by `testkit`.

mod cast;
mod check;
mod file;
mod folder;
mod script;
mod span;
mod words;

pub use cast::{Cast, cast};
pub use check::{LOSER, REQUESTS, SEES, WINNER};
pub use file::{
    AgentPart, Condition, Credentials, HearsWord, OnRing, PersonPart, RelayKind, RelayPart, RelayVerb,
    Scenario, ScenarioError, Step, TapPart, Verb,
};
pub(crate) use folder::{Folder, Listed};
pub(crate) use script::{Act, By, Script};
pub use span::Span;
