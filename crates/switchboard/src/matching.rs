//! Whose call a webhook is about.
//!
//! An initiate is answered with Vobiz' name of the call, webhooks carry Meta's, and
//! nothing ties the two: the pair of channel and person does, which is unambiguous
//! because the upstream allows one call for each pair (error 138003).

use vobiz::{Uuid, meta::CallHead};
use wire::UnixMillis;

use crate::state::{Call, Origin, Stage, State};

/// How long after its end a call that was never named by Meta may still be the one that
/// a webhook means, in milliseconds. The webhooks of a cancelled call come within
/// seconds; later ones rather belong to the next call of the pair.
const LATE_MS: u64 = 60_000;

/// How far the upstream's whole seconds and the relay's clock may be apart, in
/// milliseconds, when two calls of one pair have to be told apart.
const SKEW_MS: u64 = 2_000;

/// The outbound call that an event of a yet unknown name is about.
pub(crate) fn outbound<'a>(
    state: &'a State,
    head: &CallHead,
    channel: Uuid,
    ends: bool,
    now: UnixMillis,
) -> Option<&'a Call> {
    let mut candidates: Vec<&Call> = state
        .unlinked
        .iter()
        .filter_map(|id| state.calls.get(id))
        .filter(|call| call.channel == Some(channel) && may_be_meant(call, now))
        .collect();
    match &head.person.number {
        Some(number) => candidates.retain(|call| match &call.origin {
            Origin::Outbound { to, .. } => to == number,
            Origin::Inbound | Origin::Unheard => false,
        }),
        // A person who shows only a username: unambiguous only when one call is open.
        None if candidates.len() == 1 => {}
        None => return None,
    }
    candidates.sort_by_key(|call| call.since);
    if ends && let Some(over) = candidates.iter().find(|call| call.is_over()) {
        // Its end must still come; the open call's end need not.
        return Some(over);
    }
    let happened = head.timestamp.map(|seconds| seconds.saturating_mul(1000).saturating_add(SKEW_MS));
    let begun = |call: &&&Call| happened.is_none_or(|happened| call.since <= happened);
    candidates.iter().rev().find(begun).or(candidates.first()).copied()
}

fn may_be_meant(call: &Call, now: UnixMillis) -> bool {
    match call.stage {
        Stage::Ended { at, .. } => now <= at.saturating_add(LATE_MS),
        Stage::Ringing(_) | Stage::Answering { .. } | Stage::Dialing(_) | Stage::Talking { .. } => true,
    }
}
