//! What a call's state says to whoever asks.

use switchboard::state::{Attempt, Call, Origin, Stage};
use vobiz::log::{Direction, Status};
use vobiz::rest::InitiateResponse;
use wire::{Problem, ProblemKind};

use super::problems::over;
use super::work::{Task, cut_off};
use crate::upstream::ActionNames;

/// By what upstream may know a call; `None` when nothing can be asked about it.
pub(super) fn action_names(call: &Call) -> Option<ActionNames> {
    let direction = match call.origin {
        Origin::Outbound { .. } => Direction::Outbound,
        Origin::Inbound | Origin::Unheard => Direction::Inbound,
    };
    Some(ActionNames {
        channel: call.channel?,
        direction,
        wacid: call.wacid.clone(),
        initiated: call.initiated_id().map(str::to_owned),
    })
}

/// Status of a problem that upstream's refusal became.
const REFUSED: u16 = 422;
/// Status of a problem that upstream's silence became.
const NO_ANSWER: u16 = 504;

/// What an initiate was answered with, as far as that is known.
pub(super) fn initiated(call: &Call) -> Option<Result<InitiateResponse, Problem>> {
    let Origin::Outbound { attempt, .. } = &call.origin else { return None };
    match (attempt, &call.stage) {
        (Attempt::Taken(response), _) => Some(Ok(response.clone())),
        (Attempt::Refused | Attempt::Lost, Stage::Ended { reason, .. }) => Some(Err(Problem {
            kind: if *attempt == Attempt::Refused {
                ProblemKind::UpstreamRefused
            } else {
                ProblemKind::UpstreamUnknown
            },
            status: if *attempt == Attempt::Refused { REFUSED } else { NO_ANSWER },
            ..over(reason)
        })),
        (Attempt::Lost, _) => Some(Ok(synthesised(call))),
        (Attempt::Asked | Attempt::Uncertain | Attempt::Refused, _) => None,
    }
}

/// What came of an action that another relay carries out; `None` while that is open.
pub(super) fn acted(call: &Call, task: Task) -> Option<Result<(), Problem>> {
    match (task, &call.stage) {
        (Task::Accept, Stage::Talking { .. }) | (Task::Settle, Stage::Ended { due: None, .. }) => {
            Some(Ok(()))
        }
        (Task::Accept, Stage::Ended { reason, .. }) => Some(Err(over(reason))),
        (Task::Accept, Stage::Ringing(_)) => Some(Err(cut_off())),
        (Task::Accept, Stage::Answering { .. } | Stage::Dialing(_))
        | (
            Task::Settle,
            Stage::Ringing(_)
            | Stage::Answering { .. }
            | Stage::Dialing(_)
            | Stage::Talking { .. }
            | Stage::Ended { due: Some(_), .. },
        )
        | (Task::Initiate | Task::LookUp | Task::PreAccept, _) => None,
    }
}

/// An answer for an initiate whose own answer was lost, but whose call is there.
pub(super) fn synthesised(call: &Call) -> InitiateResponse {
    InitiateResponse {
        call_id: call.wacid.clone().unwrap_or_else(|| call.id.0.clone()),
        from: call.business.clone(),
        to: call.party.number.clone(),
        status: Some(Status::Initiated.to_string()),
        direction: Some(Direction::Outbound.to_string()),
    }
}
