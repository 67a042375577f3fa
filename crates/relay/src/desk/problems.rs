//! Refusals and failures in an agent's words.

use switchboard::refusal::{Ignored, Standing};
use switchboard::{Failure, Refusal};
use wire::{EndReason, Problem, ProblemKind, UnixMillis};

use super::names::Names;

/// What an agent reads about a refusal.
pub(super) fn of_refusal(refusal: &Refusal, names: &Names, now: UnixMillis) -> Problem {
    match refusal {
        Refusal::NoSuchCall => Problem::new(
            ProblemKind::NotFound,
            404,
            "There is no such call",
            "It may have ended a while ago. Look at the call log.",
        ),
        Refusal::Over { reason, .. } => over(reason),
        Refusal::Taken { winner, since } => {
            let winner = names.of(winner);
            let mut problem = Problem::new(
                ProblemKind::AnsweredElsewhere,
                409,
                format!("{winner} has this call"),
                "Nothing is left to do.",
            );
            problem.ms_ago = Some(now.saturating_sub(*since));
            problem.winner = Some(winner);
            problem
        }
        Refusal::Reserved { owner } => state(
            format!("Only {} can answer this call", names.of(owner)),
            "It rang for nobody else when it came, and a call takes one answer.",
        ),
        Refusal::OtherAnswer => {
            state("You answer this call already", "It was accepted in another tab or window; go on there.")
        }
        Refusal::WrongState(Standing::Ringing) => state("This call is still ringing", "Accept or reject it."),
        Refusal::WrongState(Standing::Answered) => state("This call has been answered", "Hang up to end it."),
        Refusal::WrongState(Standing::Outbound) => {
            state("This is an outgoing call", "It can't be accepted or rejected, only ended.")
        }
        Refusal::AlreadyCalling { owner, .. } => {
            let mut problem = state(
                format!("{} is calling this person already", names.of(owner)),
                "Only one call with a person is possible at a time. Wait until it has ended.",
            );
            problem.code = Some(ALREADY_CALLING);
            problem
        }
        Refusal::Repeated { .. } => Problem::invalid_field(
            wire::ATTEMPT_HEADER,
            "was used for another call before; every call needs a new one",
        ),
        Refusal::TooMany => Problem::new(
            ProblemKind::Unavailable,
            503,
            "There are too many calls at once",
            "Try again when some of them have ended.",
        ),
        Refusal::Ignored(
            Ignored::Duplicate
            | Ignored::NothingNew
            | Ignored::NotOurLine
            | Ignored::NotOurCall
            | Ignored::NoOffer
            | Ignored::Stale
            | Ignored::NotUnderstood,
        ) => state("That changes nothing", "The call is already so."),
    }
}

/// The upstream's own code for a second call of one pair.
const ALREADY_CALLING: u32 = 138_003;

/// What an agent reads who asks something of a call that is over.
pub(super) fn over(reason: &EndReason) -> Problem {
    let (title, detail) = match reason {
        EndReason::HungUp => ("This call is over", "It was hung up here.".to_owned()),
        EndReason::FarEndHungUp => ("This call is over", "The other side hung up.".to_owned()),
        EndReason::Missed => ("The caller is gone", "They hung up or waited too long.".to_owned()),
        EndReason::Declined => ("This call was declined", "Everybody who could answer declined.".to_owned()),
        EndReason::Rejected => ("The call was declined", "The person declined it.".to_owned()),
        EndReason::Unanswered => ("Nobody answered", "Try again later.".to_owned()),
        EndReason::Cancelled => ("This call is over", "It was ended before anybody answered.".to_owned()),
        EndReason::Failed { title, detail, .. } => (title.as_str(), detail.clone()),
    };
    let mut problem = Problem::new(ProblemKind::CallState, 410, title, detail);
    problem.code = match reason {
        EndReason::Failed { code, .. } => *code,
        EndReason::HungUp
        | EndReason::FarEndHungUp
        | EndReason::Missed
        | EndReason::Declined
        | EndReason::Rejected
        | EndReason::Unanswered
        | EndReason::Cancelled => None,
    };
    problem
}

/// A problem as it is kept with the call's end.
pub(super) fn failure(problem: &Problem) -> Failure {
    Failure { code: problem.code, title: problem.title.clone(), detail: problem.detail.clone() }
}

fn state(title: impl Into<String>, detail: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::CallState, 409, title, detail)
}
