//! What a webhook says. Deliveries come twice, out of order, late, and about calls that
//! are not ours; all of that is ordinary.

use std::collections::BTreeMap;

use vobiz::meta::{CallHead, Direction, MetaError, Person, SdpType, Signal, StatusKind, TerminateStatus};
use wire::{CallId, EndReason, Party, UnixMillis};

use super::of_call;
use crate::answer::fit_for_browser;
use crate::fact::{CallFact, Fact, Failure};
use crate::matching;
use crate::refusal::{Ignored, Refusal};
use crate::routing::Floor;
use crate::settings::{ENDED_KEPT_MS, Line, MAX_CALLS, MAX_HEARD};
use crate::state::{Call, Origin, Ring, Stage, State};

pub(super) fn decide(
    state: &State,
    event: String,
    signal: Signal,
    now: UnixMillis,
) -> Result<Vec<Fact>, Refusal> {
    match signal {
        Signal::Connect { head, sdp_type, sdp } => {
            let about = About::new(state, event, "connect", head)?;
            connect(&about, sdp_type, sdp, now)
        }
        Signal::Status { head, status } => {
            let about = About::new(state, event, status.as_str(), head)?;
            far_end(&about, &status, now)
        }
        Signal::Terminate { head, status, duration, start_time, error } => {
            let about = About::new(state, event, "terminate", head)?;
            let picked_up = duration.is_some() || start_time.is_some();
            let failed = status == Some(TerminateStatus::Failed);
            terminate(&about, picked_up, failed, error.as_ref(), now)
        }
        Signal::Unknown(_) => Err(Refusal::Ignored(Ignored::NotUnderstood)),
    }
}

/// What one signal is about.
struct About<'a> {
    state: &'a State,
    head: CallHead,
    line: &'a Line,
    /// By which a repetition is recognised: the delivery's own, and what it says.
    keys: Vec<String>,
    /// The call, when it is known by this name.
    call: Option<&'a Call>,
}

impl<'a> About<'a> {
    fn new(state: &'a State, event: String, kind: &str, head: CallHead) -> Result<Self, Refusal> {
        let line = state
            .settings
            .line(head.phone_number_id.as_deref())
            .ok_or(Refusal::Ignored(Ignored::NotOurLine))?;
        let said = head.timestamp.map(|at| format!("{}@{at}", kind.to_ascii_lowercase()));
        let keys: Vec<String> = std::iter::once(event).chain(said).collect();
        let call = state.find(&head.id);
        if call.is_some_and(|call| keys.iter().any(|key| call.heard.contains(key))) {
            return Err(Refusal::Ignored(Ignored::Duplicate));
        }
        Ok(Self { state, head, line, keys, call })
    }

    /// The outbound call that is meant, and whether this webhook is the first to name it.
    fn outbound(&self, ends: bool, now: UnixMillis) -> Option<(&'a Call, bool)> {
        match self.call {
            Some(call) => Some((call, false)),
            None => matching::outbound(self.state, &self.head, self.line.channel, ends, now)
                .map(|call| (call, true)),
        }
    }

    /// The facts of a call, with what makes a repetition of this webhook known.
    fn heard(
        &self,
        call: &CallId,
        known: Option<&Call>,
        mut facts: Vec<CallFact>,
    ) -> Result<Vec<Fact>, Refusal> {
        if facts.is_empty() {
            return Err(Refusal::Ignored(Ignored::NothingNew));
        }
        if known.is_none_or(|call| call.heard.len() < MAX_HEARD) {
            facts.push(CallFact::Heard { keys: self.keys.clone() });
        }
        Ok(of_call(call, facts))
    }

    fn link(&self, first: bool) -> Vec<CallFact> {
        if first { vec![CallFact::Linked { wacid: self.head.id.clone() }] } else { Vec::new() }
    }
}

fn connect(
    about: &About<'_>,
    sdp_type: Option<SdpType>,
    sdp: Option<String>,
    now: UnixMillis,
) -> Result<Vec<Fact>, Refusal> {
    // The direction says more than the kind of the description, which may be missing.
    let inbound = match (&about.head.direction, &sdp_type) {
        (Some(Direction::UserInitiated), _) => true,
        (Some(Direction::BusinessInitiated), _) => false,
        (_, Some(SdpType::Offer)) => true,
        (_, Some(SdpType::Answer)) => false,
        _ => return Err(Refusal::Ignored(Ignored::NotUnderstood)),
    };
    let sdp = sdp.filter(|sdp| !sdp.trim().is_empty());
    if inbound { offered(about, sdp, now) } else { answered(about, sdp, now) }
}

fn offered(about: &About<'_>, sdp: Option<String>, now: UnixMillis) -> Result<Vec<Fact>, Refusal> {
    if about.call.is_some() {
        return Err(Refusal::Ignored(Ignored::NothingNew));
    }
    let offer = sdp.ok_or(Refusal::Ignored(Ignored::NoOffer))?;
    let begun = about.head.timestamp.map(|seconds| seconds.saturating_mul(1000));
    if begun.is_some_and(|begun| begun.saturating_add(ENDED_KEPT_MS) < now) {
        return Err(Refusal::Ignored(Ignored::Stale));
    }
    if about.state.calls.len() >= MAX_CALLS {
        return Err(Refusal::TooMany);
    }
    let expires = now.saturating_add(about.state.settings.accept_window_ms);
    let ring = Ring { offer: offer.clone(), expires, agents: BTreeMap::new(), prepared: None };
    let mut facts = vec![CallFact::Offered {
        channel: about.line.channel,
        party: party(&about.head.person),
        user_id: about.head.person.user_id.clone(),
        business: about.line.number.clone(),
        offer,
        expires,
    }];
    let agents = Floor::new(about.state, now).plan(now, &ring).ring;
    if !agents.is_empty() {
        facts.push(CallFact::Rang { agents });
    }
    about.heard(&CallId::from(about.head.id.as_str()), None, facts)
}

fn answered(about: &About<'_>, sdp: Option<String>, now: UnixMillis) -> Result<Vec<Fact>, Refusal> {
    let (call, first) = about.outbound(false, now).ok_or(Refusal::Ignored(Ignored::NotOurCall))?;
    let mut facts = about.link(first);
    let waits = match (&call.stage, &call.origin) {
        (Stage::Dialing(dial), _) => dial.answer.is_none(),
        (Stage::Talking { answer, .. }, Origin::Outbound { .. }) => answer.is_none(),
        (Stage::Talking { .. }, Origin::Inbound | Origin::Unheard) => false,
        (Stage::Ringing(_) | Stage::Answering { .. } | Stage::Ended { .. }, _) => false,
    };
    if let (true, Some(sdp)) = (waits, sdp) {
        facts.push(CallFact::AnswerReceived { sdp: fit_for_browser(&sdp) });
    }
    about.heard(&call.id, Some(call), facts)
}

fn far_end(about: &About<'_>, status: &StatusKind, now: UnixMillis) -> Result<Vec<Fact>, Refusal> {
    let (call, first) = about.outbound(false, now).ok_or(Refusal::Ignored(Ignored::NotOurCall))?;
    let mut facts = about.link(first);
    let rings = match &call.stage {
        Stage::Dialing(dial) => dial.rings,
        // The word of the end was quicker than that of why.
        Stage::Ended { reason: EndReason::Unanswered, .. } if *status == StatusKind::Rejected => {
            facts.push(CallFact::EndExplained { reason: EndReason::Rejected });
            return about.heard(&call.id, Some(call), facts);
        }
        Stage::Ringing(_) | Stage::Answering { .. } | Stage::Talking { .. } | Stage::Ended { .. } => {
            return about.heard(&call.id, Some(call), facts);
        }
    };
    match status {
        StatusKind::Ringing if !rings => facts.push(CallFact::FarEndRang),
        StatusKind::Ringing => {}
        StatusKind::Accepted => facts.push(CallFact::Answered),
        StatusKind::Rejected => facts.push(CallFact::Ended { reason: EndReason::Rejected, due: None }),
        // A status of tomorrow.
        StatusKind::Other(_) => return Err(Refusal::Ignored(Ignored::NotUnderstood)),
        _ => return Err(Refusal::Ignored(Ignored::NotUnderstood)),
    }
    about.heard(&call.id, Some(call), facts)
}

fn terminate(
    about: &About<'_>,
    picked_up: bool,
    failed: bool,
    error: Option<&MetaError>,
    now: UnixMillis,
) -> Result<Vec<Fact>, Refusal> {
    let Some((call, first)) = about.outbound(true, now) else {
        return early_end(about);
    };
    let mut facts = about.link(first);
    let reason = match &call.stage {
        Stage::Ended { .. } => return about.heard(&call.id, Some(call), facts),
        _ if error.is_some_and(|error| error.code.is_some()) => {
            Failure::from_code(error.and_then(|error| error.code)).into()
        }
        Stage::Ringing(_) | Stage::Answering { .. } => EndReason::Missed,
        Stage::Dialing(_) if picked_up && !failed => EndReason::FarEndHungUp,
        Stage::Dialing(_) => EndReason::Unanswered,
        Stage::Talking { .. } if failed => Failure::from_code(None).into(),
        Stage::Talking { .. } => EndReason::FarEndHungUp,
    };
    facts.push(CallFact::Ended { reason, due: None });
    about.heard(&call.id, Some(call), facts)
}

/// The end of a call overtook its beginning: it leaves a tombstone, so that the late
/// beginning does not ring.
fn early_end(about: &About<'_>) -> Result<Vec<Fact>, Refusal> {
    if about.head.direction == Some(Direction::BusinessInitiated) {
        // Our own calls are known before anything is asked of upstream.
        return Err(Refusal::Ignored(Ignored::NotOurCall));
    }
    if about.state.calls.len() >= MAX_CALLS {
        return Err(Refusal::TooMany);
    }
    let facts = vec![CallFact::Ended { reason: EndReason::Missed, due: None }];
    about.heard(&CallId::from(about.head.id.as_str()), None, facts)
}

fn party(person: &Person) -> Party {
    Party {
        number: person.number.as_ref().map(ToString::to_string),
        name: person.name.clone().or_else(|| person.username.clone()),
    }
}
