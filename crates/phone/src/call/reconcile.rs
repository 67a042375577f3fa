//! A snapshot: what the relay knows replaces what the page believed.

use wire::{CallSnapshot, Stage, UnixMillis};

use super::end::{Parting, end, said};
use super::events::{elsewhere, far_end_answered, go_live, progress, ring};
use super::{Call, Card, Farewell, Over, Post, Progress, State, who};
use crate::effect::Effect;
use crate::phone::Phone;
use crate::view::{EndedWhy, Fault};

/// Takes the relay's calls over.
pub(crate) fn snapshot(phone: &mut Phone, now: UnixMillis, calls: Vec<CallSnapshot>, out: &mut Vec<Effect>) {
    forget_unknown(phone, now, &calls, out);
    let left_over = std::mem::take(&mut phone.left_over);
    for held in &left_over {
        if !calls.iter().any(|known| known.call == held.call) {
            // Ended as the page went away, as it should.
            phone.fault(Fault::Interrupted(held.who.clone()));
        }
    }
    for known in calls {
        if phone.gone.contains(&known.call) {
            out.push(said(&known.call, farewell(&known.stage)));
        } else if phone.calls.contains_key(&known.call) {
            refresh(phone, now, known, out);
        } else if let Stage::Ringing { offer, expires } = known.stage {
            ring(phone, now, known.call, known.party, offer, (known.since, expires), out);
        } else if left_over.iter().any(|held| held.call == known.call) {
            interrupted(phone, now, known, out);
        } else {
            elsewhere(phone, now, known.call, known.direction, known.party);
        }
    }
}

/// Calls that the relay does not know any more are over.
fn forget_unknown(phone: &mut Phone, now: UnixMillis, calls: &[CallSnapshot], out: &mut Vec<Effect>) {
    for (id, call) in phone.calls.iter_mut() {
        if calls.iter().any(|known| known.call == *id) {
            continue;
        }
        match &call.state {
            State::Ringing(_)
            | State::Answering(_)
            | State::Accepting(_)
            | State::Live(_)
            | State::Elsewhere => {
                end(id, call, now, EndedWhy::WhileOffline, Parting::Silent, out);
            }
            // Its initiate may be on its way, past the snapshot.
            State::Dialing(dialing) if dialing.progress > Progress::Asked => {
                end(id, call, now, EndedWhy::WhileOffline, Parting::Silent, out);
            }
            State::Ending { over, .. } => call.state = State::Ended(over.clone()),
            State::Dialing(_) | State::Preparing(_) | State::Ended(_) => {}
        }
    }
}

/// A call that both know.
fn refresh(phone: &mut Phone, now: UnixMillis, known: CallSnapshot, out: &mut Vec<Effect>) {
    let skew = phone.skew;
    let Some(call) = phone.calls.get_mut(&known.call) else { return };
    // Over here, but not there: whatever was said did not arrive.
    match &mut call.state {
        State::Ending { farewell, post, .. } => {
            *post = Post::Sent { tries: 1 };
            out.push(said(&known.call, *farewell));
            return;
        }
        State::Ended(_) => {
            out.push(said(&known.call, farewell(&known.stage)));
            return;
        }
        State::Ringing(ring) | State::Answering(ring) => {
            if let Stage::Ringing { expires, .. } = known.stage {
                ring.expires = skew.here(expires);
            } else {
                call.state = State::Elsewhere;
            }
            return;
        }
        State::Accepting(_) | State::Preparing(_) | State::Dialing(_) | State::Live(_) | State::Elsewhere => {
        }
    }
    if let Some(answer) = known.answer {
        applied_if_it_fits(far_end_answered(call, answer, out));
    }
    match known.stage {
        // Its accept is on its way, past the snapshot.
        Stage::Ringing { .. } | Stage::Answering => {}
        Stage::Dialing => applied_if_it_fits(progress(call, Progress::Initiated)),
        Stage::FarEndRinging => applied_if_it_fits(progress(call, Progress::Ringing)),
        Stage::Accepted { .. } => applied_if_it_fits(go_live(call, now, out)),
    }
}

/// Part of a snapshot may say what is known already.
fn applied_if_it_fits(_: crate::phone::Applied) {}

/// A call that this tab held before it was reloaded. Its media is gone and can't be
/// had again: end it, and say so.
fn interrupted(phone: &mut Phone, now: UnixMillis, known: CallSnapshot, out: &mut Vec<Effect>) {
    let CallSnapshot { call: id, direction, party, .. } = known;
    phone.fault(Fault::Interrupted(who(&party)));
    out.push(Effect::PostTerminate(id.clone()));
    let over = Over { at: now, why: EndedWhy::ConnectionLost, for_all: true, talk: None, card: Card::Hidden };
    let post = Post::Sent { tries: 1 };
    let state = State::Ending { farewell: Farewell::Terminate, post, over };
    phone.calls.insert(id, Call { direction, party, since: now, state });
}

/// What the relay has to be told of a call that is over here.
fn farewell(stage: &Stage) -> Farewell {
    match stage {
        Stage::Ringing { .. } => Farewell::Reject,
        Stage::Answering | Stage::Dialing | Stage::FarEndRinging | Stage::Accepted { .. } => {
            Farewell::Terminate
        }
    }
}
