//! All calls and agents of an account, as a pure decider.
//!
//! [`decide()`] looks at the [`State`] and a [`Command`] and says what happens, as
//! [`Fact`]s, or why nothing does, as a [`Refusal`]. [`fold()`] makes the next state of
//! a fact. Nothing else changes a state, so a state is what its facts say: whoever
//! replays them has the same one.
//!
//! **Deterministic**: no clock (`now` is passed in), no randomness (identifiers are
//! passed in), no I/O. What has to be done outside is said by [`pending()`]: requests of
//! the upstream that facts call for and that no fact confirmed. When time itself makes
//! a difference is said by [`next_deadline`].
//!
//! | module | job |
//! | --- | --- |
//! | [`command`], [`fact`], [`refusal`] | what comes in and goes out |
//! | [`state`] | calls and agents; states carry their data |
//! | `decide` | one file for each sender of commands |
//! | `fold` | facts into state |
//! | `routing` | who rings |
//! | `matching` | whose call a webhook is about |
//! | `project`, `snapshot` | what an agent's page is told |
//! | `pending` | what is due upstream, and when time matters |

pub mod command;
pub mod fact;
pub mod refusal;
pub mod settings;
pub mod state;

mod answer;
mod decide;
mod fold;
mod matching;
mod pending;
mod project;
mod routing;
mod snapshot;

pub use answer::fit_for_browser;
pub use command::Command;
pub use decide::decide;
pub use fact::{AgentFact, CallFact, Due, Fact, Failure, Outcome, RelayFact, RelayId};
pub use fold::fold;
pub use pending::{Pending, next_deadline, pending};
pub use project::project;
pub use refusal::Refusal;
pub use settings::{Line, Routing, Settings, WhenNobody};
pub use snapshot::snapshot;
pub use state::{STATE_VERSION, State};
