//! What came of the work upstream.

use vobiz::log::{CallLog, Status};
use vobiz::rest::InitiateResponse;
use wire::{CallId, EndReason, UnixMillis};

use super::clock::reject;
use super::of_call;
use crate::answer::fit_for_browser;
use crate::command::{AcceptFate, UpstreamNews};
use crate::fact::{CallFact, Due, Fact, Failure, Outcome};
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
        UpstreamNews::Found(row) => found(call, &row),
        UpstreamNews::NotFound => not_found(call),
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
        Stage::Ringing(_) | Stage::Answering { .. } if over => vec![ended(EndReason::Missed)],
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
        AcceptFate::Refused | AcceptFate::Unknown => {
            let due = if delivered { Due::Terminate } else { reject(ring) };
            CallFact::Ended { reason: failure.into(), due: Some(due) }
        }
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

fn not_found(call: &Call) -> Vec<CallFact> {
    match &call.stage {
        Stage::Dialing(_) => vec![CallFact::LookedUp],
        Stage::Ringing(_) | Stage::Answering { .. } | Stage::Talking { .. } | Stage::Ended { .. } => {
            Vec::new()
        }
    }
}

/// What a row of the log tells of an outbound call that its webhooks have not told.
fn found(call: &Call, row: &CallLog) -> Vec<CallFact> {
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
    let (rings, answer) = match &call.stage {
        Stage::Dialing(dial) => (dial.rings, dial.answer.is_some()),
        Stage::Talking { .. } | Stage::Ended { .. } | Stage::Ringing(_) | Stage::Answering { .. } => {
            return facts;
        }
    };
    facts.push(CallFact::LookedUp);
    if let (false, Some(sdp)) = (answer, row.answer_sdp.as_deref().filter(|sdp| !sdp.is_empty())) {
        facts.push(CallFact::AnswerReceived { sdp: fit_for_browser(sdp) });
    }
    match &row.status {
        Some(Status::Ringing | Status::PreAccepted) if !rings => facts.push(CallFact::FarEndRang),
        Some(Status::Accepted) => facts.push(CallFact::Answered),
        Some(Status::Rejected) => facts.push(ended(EndReason::Rejected)),
        Some(Status::Missed) => facts.push(ended(EndReason::Unanswered)),
        Some(Status::Terminated) if row.answered_at.is_some() => facts.push(ended(EndReason::FarEndHungUp)),
        Some(Status::Terminated) => facts.push(ended(EndReason::Unanswered)),
        Some(Status::Failed) => {
            let code = row.hangup_cause.as_deref().and_then(|cause| cause.parse().ok());
            facts.push(ended(Failure::from_code(code).into()));
        }
        Some(Status::Ringing | Status::PreAccepted | Status::Initiated) | None => {}
        // A status of tomorrow: the webhooks will tell.
        Some(_) => {}
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
