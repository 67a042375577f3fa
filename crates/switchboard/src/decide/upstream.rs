//! What came of the work upstream.

use vobiz::log::{CallLog, Status};
use vobiz::rest::InitiateResponse;
use wire::{CallId, EndReason, UnixMillis};

use super::clock::{owner_gone, reject};
use super::of_call;
use crate::answer::fit_for_browser;
use crate::command::{AcceptFate, UpstreamNews};
use crate::fact::{CallFact, Due, Fact, Failure, Outcome};
use crate::pending::find_life_at;
use crate::refusal::{Ignored, Refusal};
use crate::routing::Floor;
use crate::state::{Attempt, Call, Origin, Prepared, Ring, Stage, State};

pub(super) fn decide(
    state: &State,
    id: CallId,
    news: UpstreamNews,
    now: UnixMillis,
) -> Result<Vec<Fact>, Refusal> {
    let call = state.call(&id).ok_or(Refusal::NoSuchCall)?;
    let facts = match news {
        UpstreamNews::AnswerDelivered { sdp } => answer_delivered(call, &sdp),
        UpstreamNews::PrepareFailed { over } => prepare_failed(call, over),
        UpstreamNews::AcceptTaken => accept_taken(call),
        UpstreamNews::AcceptFailed { fate, failure } => accept_failed(state, call, fate, failure, now),
        UpstreamNews::InitiateTaken(response) => initiate_taken(call, response),
        UpstreamNews::InitiateRefused(failure) => initiate_refused(call, failure),
        UpstreamNews::InitiateUncertain => initiate_uncertain(call),
        UpstreamNews::Found(row) => found(state, call, &row, now),
        UpstreamNews::NotFound => not_found(state, call, now),
        UpstreamNews::InitiateLost(failure) => initiate_lost(call, failure),
        UpstreamNews::Settled(outcome) => settled(call, outcome),
    };
    if facts.is_empty() {
        return Err(Refusal::Ignored(Ignored::NothingNew));
    }
    Ok(of_call(&call.id, facts))
}

fn answer_delivered(call: &Call, sdp: &str) -> Vec<CallFact> {
    match &call.stage {
        Stage::Answering { delivered: false, sdp: ours, .. } if ours == sdp => {
            vec![CallFact::AnswerDelivered]
        }
        Stage::Ringing(Ring { prepared: Some(Prepared { delivered: false, sdp: ours, .. }), .. })
            if ours == sdp =>
        {
            vec![CallFact::AnswerDelivered]
        }
        Stage::Answering { .. }
        | Stage::Ringing(_)
        | Stage::Dialing(_)
        | Stage::Talking { .. }
        | Stage::Ended { .. } => Vec::new(),
    }
}

fn prepare_failed(call: &Call, over: bool) -> Vec<CallFact> {
    match &call.stage {
        // Of one that is being accepted, the accept finds out.
        Stage::Ringing(_) if over => vec![ended(EndReason::Missed)],
        Stage::Ringing(Ring { prepared: Some(Prepared { delivered: false, .. }), .. }) => {
            vec![CallFact::PrepareFailed]
        }
        Stage::Ringing(_)
        | Stage::Answering { .. }
        | Stage::Dialing(_)
        | Stage::Talking { .. }
        | Stage::Ended { .. } => Vec::new(),
    }
}

fn accept_taken(call: &Call) -> Vec<CallFact> {
    match &call.stage {
        Stage::Answering { .. } => vec![CallFact::UpstreamAccepted],
        Stage::Ringing(_) | Stage::Dialing(_) | Stage::Talking { .. } | Stage::Ended { .. } => Vec::new(),
    }
}

fn accept_failed(
    state: &State,
    call: &Call,
    fate: AcceptFate,
    failure: Failure,
    now: UnixMillis,
) -> Vec<CallFact> {
    let (owner, delivered, ring) = match &call.stage {
        Stage::Answering { owner, delivered, ring, .. } => (owner, *delivered, ring),
        Stage::Ringing(_) | Stage::Dialing(_) | Stage::Talking { .. } | Stage::Ended { .. } => {
            return Vec::new();
        }
    };
    let others_may = || {
        let again = ring.clone().without(owner);
        now < ring.expires && !Floor::new(state, now).plan(call.since, &again).is_lost
    };
    vec![match fate {
        AcceptFate::Over => ended(EndReason::Missed),
        // The far end has no answer yet: another agent's is as good.
        AcceptFate::Refused if !delivered && ring.prepared.is_none() && others_may() => {
            CallFact::AcceptRefused { failure }
        }
        // The caller must not hear it ring on for nobody.
        AcceptFate::Refused => {
            let due = if delivered { Due::Terminate } else { reject(ring) };
            CallFact::Ended { reason: failure.into(), due: Some(due) }
        }
        // It may have been taken, and what was accepted can't be rejected any more.
        AcceptFate::Unknown => CallFact::Ended { reason: failure.into(), due: Some(Due::Terminate) },
    }]
}

/// Whether upstream's answer to the initiate would still be news.
fn outcome_is_open(call: &Call) -> bool {
    match &call.origin {
        Origin::Outbound { attempt: Attempt::Asked | Attempt::Uncertain | Attempt::Lost, .. } => true,
        Origin::Outbound { attempt: Attempt::Taken(_) | Attempt::Refused, .. }
        | Origin::Inbound
        | Origin::Unheard => false,
    }
}

/// Also for a call that has been ended meanwhile: only so can it be ended upstream.
fn initiate_taken(call: &Call, response: InitiateResponse) -> Vec<CallFact> {
    if outcome_is_open(call) { vec![CallFact::Initiated { response }] } else { Vec::new() }
}

fn initiate_refused(call: &Call, failure: Failure) -> Vec<CallFact> {
    if !outcome_is_open(call) {
        return Vec::new();
    }
    let mut facts = vec![CallFact::InitiateRefused];
    match &call.stage {
        Stage::Dialing(_) | Stage::Talking { .. } => facts.push(ended(failure.into())),
        Stage::Ended { due: Some(_), .. } => facts.push(CallFact::Settled { outcome: Outcome::AlreadyOver }),
        Stage::Ended { due: None, .. } | Stage::Ringing(_) | Stage::Answering { .. } => {}
    }
    facts
}

fn initiate_uncertain(call: &Call) -> Vec<CallFact> {
    match &call.origin {
        Origin::Outbound { attempt: Attempt::Asked, .. } => vec![CallFact::InitiateUncertain],
        Origin::Outbound {
            attempt: Attempt::Uncertain | Attempt::Taken(_) | Attempt::Refused | Attempt::Lost,
            ..
        }
        | Origin::Inbound
        | Origin::Unheard => Vec::new(),
    }
}

fn initiate_lost(call: &Call, failure: Failure) -> Vec<CallFact> {
    match &call.origin {
        Origin::Outbound { attempt: Attempt::Asked | Attempt::Uncertain, .. } => {}
        Origin::Outbound { attempt: Attempt::Taken(_) | Attempt::Refused | Attempt::Lost, .. }
        | Origin::Inbound
        | Origin::Unheard => return Vec::new(),
    }
    let mut facts = vec![CallFact::InitiateGivenUp];
    match &call.stage {
        // A webhook has named it: there is a call, whatever became of the response.
        Stage::Dialing(_) if call.wacid.is_some() => {}
        // Should it turn up after all, it is hung up.
        Stage::Dialing(_) => {
            facts.push(CallFact::Ended { reason: failure.into(), due: Some(Due::Terminate) });
        }
        Stage::Ringing(_) | Stage::Answering { .. } | Stage::Talking { .. } | Stage::Ended { .. } => {}
    }
    facts
}

fn not_found(state: &State, call: &Call, now: UnixMillis) -> Vec<CallFact> {
    match &call.stage {
        Stage::Dialing(_) => vec![CallFact::LookedUp],
        Stage::Talking { .. } if looks_for_life(state, call, now) => vec![without_owner()],
        Stage::Ringing(_) | Stage::Answering { .. } | Stage::Talking { .. } | Stage::Ended { .. } => {
            Vec::new()
        }
    }
}

/// Whether the log was to be asked for a sign of life, and the owner is not back.
fn looks_for_life(state: &State, call: &Call, now: UnixMillis) -> bool {
    find_life_at(state, call).is_some_and(|at| at <= now)
}

/// The end of a conversation that shows no sign of life.
fn without_owner() -> CallFact {
    CallFact::Ended { reason: owner_gone(), due: Some(Due::Terminate) }
}

/// What a row of the log says of a conversation whose owner's page is out of sight.
fn life(row: &CallLog) -> CallFact {
    match &row.status {
        Some(Status::Failed) => ended(failed(row)),
        _ if row.is_over() => ended(EndReason::FarEndHungUp),
        Some(Status::Accepted) => CallFact::FoundLive,
        // None of these is where a conversation can be, nor is a status of tomorrow.
        Some(_) | None => without_owner(),
    }
}

/// Why the log says that a call failed.
fn failed(row: &CallLog) -> EndReason {
    let code = row.hangup_cause.as_deref().and_then(|cause| cause.parse().ok());
    Failure::from_code(code).into()
}

/// What a row of the log tells of a call that its webhooks have not told.
fn found(state: &State, call: &Call, row: &CallLog, now: UnixMillis) -> Vec<CallFact> {
    let mut facts = names_in(call, row);
    let (rings, answer) = match &call.stage {
        Stage::Dialing(dial) => (dial.rings, dial.answer.is_some()),
        Stage::Talking { .. } if looks_for_life(state, call, now) => {
            facts.push(life(row));
            return facts;
        }
        Stage::Talking { .. } | Stage::Ended { .. } | Stage::Ringing(_) | Stage::Answering { .. } => {
            return facts;
        }
    };
    facts.push(CallFact::LookedUp);
    if let (false, Some(sdp)) = (answer, row.answer_sdp.as_deref().filter(|sdp| !sdp.is_empty())) {
        facts.push(CallFact::AnswerReceived { sdp: fit_for_browser(sdp) });
    }
    match &row.status {
        Some(Status::Rejected) => facts.push(ended(EndReason::Rejected)),
        Some(Status::Failed) => facts.push(ended(failed(row))),
        _ if row.is_over() && was_answered(row) => facts.push(ended(EndReason::FarEndHungUp)),
        _ if row.is_over() => facts.push(ended(EndReason::Unanswered)),
        Some(Status::Ringing | Status::PreAccepted) if !rings => facts.push(CallFact::FarEndRang),
        Some(Status::Accepted) => facts.push(CallFact::Answered),
        // Nothing new, or a status of tomorrow: the webhooks will tell.
        Some(_) | None => {}
    }
    facts
}

/// Whether the row says that somebody picked up.
fn was_answered(row: &CallLog) -> bool {
    match &row.status {
        Some(Status::Accepted) => true,
        Some(Status::Missed) => false,
        Some(_) | None => row.answered_at.is_some(),
    }
}

/// The names of an outbound call that a row tells.
fn names_in(call: &Call, row: &CallLog) -> Vec<CallFact> {
    let Origin::Outbound { to, .. } = &call.origin else {
        return Vec::new();
    };
    let mut facts = Vec::new();
    if outcome_is_open(call) {
        facts.push(CallFact::Initiated {
            response: InitiateResponse {
                call_id: row.id.clone(),
                from: row.from_number.clone(),
                to: Some(to.to_string()),
                status: Some(Status::Initiated.to_string()),
                direction: row.direction.as_ref().map(ToString::to_string),
            },
        });
    }
    if let (None, Some(wacid)) = (&call.wacid, &row.meta_call_id) {
        facts.push(CallFact::Linked { wacid: wacid.clone() });
    }
    facts
}

fn ended(reason: EndReason) -> CallFact {
    CallFact::Ended { reason, due: None }
}

fn settled(call: &Call, outcome: Outcome) -> Vec<CallFact> {
    match &call.stage {
        Stage::Ended { due: Some(_), .. } => vec![CallFact::Settled { outcome }],
        Stage::Ended { due: None, .. }
        | Stage::Ringing(_)
        | Stage::Answering { .. }
        | Stage::Dialing(_)
        | Stage::Talking { .. } => Vec::new(),
    }
}
