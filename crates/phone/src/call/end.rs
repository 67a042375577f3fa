//! How a call ends: once, for one reason, and said once.

use wire::{CallId, Direction, EndReason, Problem, UnixMillis};

use super::{Call, Card, Farewell, Over, Post, State};
use crate::effect::Effect;
use crate::view::EndedWhy;

/// Whether the relay has to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parting {
    /// It knows, or it never heard of the call.
    Silent,
    /// It has to be told so.
    Say(Farewell),
}

/// Ends a call that is not over yet; one that is over stays as it ended.
pub(crate) fn end(
    id: &CallId,
    call: &mut Call,
    now: UnixMillis,
    why: EndedWhy,
    parting: Parting,
    out: &mut Vec<Effect>,
) {
    if call.state.over().is_some() {
        return;
    }
    let talk = match &call.state {
        State::Live(live) => Some(now.saturating_sub(live.since)),
        State::Ringing(_)
        | State::Answering(_)
        | State::Accepting(_)
        | State::Preparing(_)
        | State::Dialing(_)
        | State::Elsewhere
        | State::Ending { .. }
        | State::Ended(_) => None,
    };
    let over = Over { at: now, card: card(&call.state, &why), why, for_all: false, talk };
    call.state = match parting {
        Parting::Silent => State::Ended(over),
        Parting::Say(farewell) => {
            out.push(said(id, farewell));
            State::Ending { farewell, post: Post::Sent { tries: 1 }, over }
        }
    };
}

/// The order that tells the relay.
pub(crate) fn said(id: &CallId, farewell: Farewell) -> Effect {
    match farewell {
        Farewell::Terminate => Effect::PostTerminate(id.clone()),
        Farewell::Reject => Effect::PostReject(id.clone()),
    }
}

/// Whether the agent has to be told how it ended.
fn card(before: &State, why: &EndedWhy) -> Card {
    match (before, why) {
        // It never left this page, or it is another tab's.
        (State::Preparing(_) | State::Elsewhere, _) => Card::Hidden,
        // With twenty agents ringing, that one of the others was faster is no news,
        // unless this one had pressed Accept.
        (State::Ringing(_), EndedWhy::AnsweredElsewhere { .. }) => Card::Hidden,
        (_, EndedWhy::Declined) => Card::Hidden,
        (
            State::Ringing(_)
            | State::Answering(_)
            | State::Accepting(_)
            | State::Dialing(_)
            | State::Live(_)
            | State::Ending { .. }
            | State::Ended(_),
            EndedWhy::HungUp
            | EndedWhy::FarEndHungUp
            | EndedWhy::Missed
            | EndedWhy::Rejected
            | EndedWhy::Unanswered
            | EndedWhy::Cancelled
            | EndedWhy::AnsweredElsewhere { .. }
            | EndedWhy::NoMedia
            | EndedWhy::ConnectionLost
            | EndedWhy::WhileOffline
            | EndedWhy::Failed { .. },
        ) => Card::Shown,
    }
}

/// The relay's reason, for the agent.
pub(crate) fn why(reason: EndReason, direction: Direction) -> EndedWhy {
    match reason {
        EndReason::HungUp => EndedWhy::HungUp,
        EndReason::FarEndHungUp => EndedWhy::FarEndHungUp,
        EndReason::Missed => match direction {
            Direction::Inbound => EndedWhy::Missed,
            Direction::Outbound => EndedWhy::Unanswered,
        },
        EndReason::Declined => EndedWhy::Declined,
        EndReason::Rejected => EndedWhy::Rejected,
        EndReason::Unanswered => EndedWhy::Unanswered,
        EndReason::Cancelled => EndedWhy::Cancelled,
        EndReason::Failed { title, detail, .. } => EndedWhy::Failed { title, detail },
    }
}

/// A refusal of the relay, for the agent.
pub(crate) fn refused(problem: Problem) -> EndedWhy {
    EndedWhy::Failed { title: problem.title, detail: problem.detail }
}
