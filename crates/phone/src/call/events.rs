//! What the relay's socket tells of calls.

use wire::{CallEvent, CallId, Direction, EndReason, Party, UnixMillis};

use super::end::{self, Parting, end};
use super::{Call, Dialing, Ice, Live, Path, Pointer, Post, Progress, Ringing, State};
use crate::effect::Effect;
use crate::phone::{Applied, Ignored, Phone};
use crate::view::{EndedWhy, KeysView, Voice};

/// Most ringing calls whose answer is prepared before it is asked for: more than an
/// agent can look at, and a bound on open peer connections.
const PREPARED_AT_MOST: usize = 6;

/// Something happened to a call.
pub(crate) fn on_event(
    phone: &mut Phone,
    now: UnixMillis,
    id: CallId,
    event: CallEvent,
    out: &mut Vec<Effect>,
) -> Applied {
    if phone.gone.contains(&id) {
        return Err(Ignored::because("that call is over"));
    }
    if let CallEvent::Silenced = event {
        return silenced(phone, &id);
    }
    let rings_again = matches!(event, CallEvent::Ringing { .. })
        && phone.calls.get(&id).is_some_and(|call| call.state.was_lost_to_another());
    if rings_again {
        // Whoever was faster could not connect it after all.
        phone.calls.remove(&id);
    }
    let skew = phone.skew;
    let Some(call) = phone.calls.get_mut(&id) else {
        return unknown(phone, now, id, event, out);
    };
    // While ending, only the end itself means anything.
    if call.state.over().is_some() {
        return ending(call, event);
    }
    match event {
        CallEvent::Ringing { expires, .. } => {
            call.state.ringing()?.expires = skew.here(expires);
            Ok(())
        }
        // Taken care of above, because it leaves nothing behind.
        CallEvent::Silenced => Err(Ignored::because("it does not ring")),
        CallEvent::DeclinedHere => {
            call.state.ringing()?;
            end(&id, call, now, EndedWhy::Declined, Parting::Silent, out);
            Ok(())
        }
        CallEvent::AnsweredElsewhere { by } => match call.state {
            State::Ringing(_) | State::Answering(_) | State::Accepting(_) => {
                let why = EndedWhy::AnsweredElsewhere { by, ms_ago: None };
                end(&id, call, now, why, Parting::Silent, out);
                Ok(())
            }
            State::Preparing(_)
            | State::Dialing(_)
            | State::Live(_)
            | State::Elsewhere
            | State::Ending { .. }
            | State::Ended(_) => Err(Ignored::because("it is this agent's")),
        },
        CallEvent::Claimed => {
            if matches!(call.state, State::Ringing(_) | State::Answering(_)) {
                call.state = State::Elsewhere;
            }
            Ok(())
        }
        CallEvent::AnswerDelivered => begin_answer(call, out),
        CallEvent::Dialing { .. } | CallEvent::Initiated => progress(call, Progress::Initiated),
        CallEvent::FarEndRinging => progress(call, Progress::Ringing),
        CallEvent::Answer { sdp } => far_end_answered(call, sdp, out),
        CallEvent::Accepted => go_live(call, now, out),
        CallEvent::Ended { reason } => {
            let why = end::why(reason, call.direction);
            end(&id, call, now, why, Parting::Silent, out);
            Ok(())
        }
    }
}

/// It rings for others now. It may ring here again, so nothing of it is kept; an agent
/// who has clicked already may still be the first.
fn silenced(phone: &mut Phone, id: &CallId) -> Applied {
    match phone.calls.get(id).map(|call| &call.state) {
        Some(State::Ringing(_)) => {
            phone.calls.remove(id);
            Ok(())
        }
        Some(
            State::Answering(_)
            | State::Accepting(_)
            | State::Preparing(_)
            | State::Dialing(_)
            | State::Live(_)
            | State::Elsewhere
            | State::Ending { .. }
            | State::Ended(_),
        )
        | None => Err(Ignored::because("it does not ring")),
    }
}

/// A call that is not known here yet.
fn unknown(
    phone: &mut Phone,
    now: UnixMillis,
    id: CallId,
    event: CallEvent,
    out: &mut Vec<Effect>,
) -> Applied {
    match event {
        CallEvent::Ringing { from, offer, since, expires, .. } => {
            ring(phone, now, id, from, offer, (since, expires), out);
            Ok(())
        }
        // Made in another tab: shown as such.
        CallEvent::Dialing { to } => {
            elsewhere(phone, now, id, Direction::Outbound, to);
            Ok(())
        }
        CallEvent::DeclinedHere
        | CallEvent::Silenced
        | CallEvent::AnsweredElsewhere { .. }
        | CallEvent::Claimed
        | CallEvent::AnswerDelivered
        | CallEvent::Initiated
        | CallEvent::Answer { .. }
        | CallEvent::FarEndRinging
        | CallEvent::Accepted => Err(Ignored::because("no such call is known here")),
        // It may be told to ring by a copy that comes late: it must not.
        CallEvent::Ended { .. } => {
            phone.bury(&id);
            Ok(())
        }
    }
}

/// A call that is over here.
fn ending(call: &mut Call, event: CallEvent) -> Applied {
    match (event, &mut call.state) {
        // Another agent's answer may still be refused; after this it can't ring again.
        (CallEvent::Ended { .. }, state @ State::Ended(_)) if state.was_lost_to_another() => {
            if let State::Ended(over) = state {
                over.for_all = true;
            }
            Ok(())
        }
        // The word of why may come after that of the end.
        (CallEvent::Ended { reason: EndReason::Rejected }, State::Ended(over))
            if over.why == EndedWhy::Unanswered =>
        {
            over.why = EndedWhy::Rejected;
            Ok(())
        }
        (
            CallEvent::Ended { .. } | CallEvent::DeclinedHere | CallEvent::AnsweredElsewhere { .. },
            State::Ending { over, .. },
        ) => {
            call.state = State::Ended(over.clone());
            Ok(())
        }
        (
            CallEvent::Ringing { .. }
            | CallEvent::DeclinedHere
            | CallEvent::Silenced
            | CallEvent::AnsweredElsewhere { .. }
            | CallEvent::Claimed
            | CallEvent::AnswerDelivered
            | CallEvent::Dialing { .. }
            | CallEvent::Initiated
            | CallEvent::Answer { .. }
            | CallEvent::FarEndRinging
            | CallEvent::Accepted
            | CallEvent::Ended { .. },
            _,
        ) => Err(Ignored::because("that call is over")),
    }
}

/// A call begins to ring here.
pub(crate) fn ring(
    phone: &mut Phone,
    now: UnixMillis,
    id: CallId,
    party: Party,
    offer: String,
    (since, expires): (UnixMillis, UnixMillis),
    out: &mut Vec<Effect>,
) {
    let prepared = phone.calls.values().filter(|call| call.state.path().is_some()).count();
    let path = match phone.session.signed_in() {
        Some(session) if prepared < PREPARED_AT_MOST => {
            let peer = phone.names.peer(&id);
            out.push(Effect::OpenToAnswer {
                peer: peer.clone(),
                offer: offer.clone(),
                ice_servers: session.ice_servers.clone(),
            });
            Some(Path::new(peer))
        }
        Some(_) | None => None,
    };
    let ring = Ringing { offer, expires: phone.skew.here(expires), path, pointer: Pointer::Elsewhere };
    let since = phone.skew.here(since).min(now);
    let call = Call { direction: Direction::Inbound, party, since, state: State::Ringing(ring) };
    phone.calls.insert(id, call);
}

/// A call of this agent is in another tab.
pub(crate) fn elsewhere(phone: &mut Phone, now: UnixMillis, id: CallId, direction: Direction, party: Party) {
    phone.calls.insert(id, Call { direction, party, since: now, state: State::Elsewhere });
}

/// The far end knows our answer: ICE may begin.
pub(crate) fn begin_answer(call: &mut Call, out: &mut Vec<Effect>) -> Applied {
    match &mut call.state {
        State::Accepting(accepting) => {
            let path = &mut accepting.path;
            if path.ice == Ice::Held {
                path.ice = Ice::Begun;
                out.push(Effect::SetLocal(path.peer.clone()));
            }
            Ok(())
        }
        // While it still rings: the far end was given the answer ahead of the click.
        State::Ringing(Ringing { path: Some(path), .. })
        | State::Answering(Ringing { path: Some(path), .. })
            if path.own.is_some() =>
        {
            if path.ice == Ice::Held {
                path.ice = Ice::Begun;
                out.push(Effect::SetLocal(path.peer.clone()));
            }
            Ok(())
        }
        State::Live(_) => Ok(()),
        State::Ringing(_)
        | State::Answering(_)
        | State::Preparing(_)
        | State::Dialing(_)
        | State::Elsewhere
        | State::Ending { .. }
        | State::Ended(_) => Err(Ignored::because("no answer of this page is on its way")),
    }
}

/// The far end's answer to our offer: the tunnel is built at once, however early.
pub(crate) fn far_end_answered(call: &mut Call, answer: String, out: &mut Vec<Effect>) -> Applied {
    match (call.direction, &mut call.state) {
        (Direction::Outbound, State::Dialing(Dialing { path, .. }) | State::Live(Live { path, .. })) => {
            if path.ice == Ice::Held {
                path.ice = Ice::Begun;
                out.push(Effect::SetRemote { peer: path.peer.clone(), answer });
            }
            progress(call, Progress::Initiated)
        }
        (
            Direction::Inbound | Direction::Outbound,
            State::Ringing(_)
            | State::Answering(_)
            | State::Accepting(_)
            | State::Preparing(_)
            | State::Dialing(_)
            | State::Live(_)
            | State::Elsewhere
            | State::Ending { .. }
            | State::Ended(_),
        ) => Err(Ignored::because("no offer of this page is on its way")),
    }
}

/// News of an outbound call. It only moves forward, and whoever has news of it need
/// not wait for the reply to its initiate.
pub(crate) fn progress(call: &mut Call, reached: Progress) -> Applied {
    match &mut call.state {
        State::Dialing(dialing) => {
            dialing.progress = dialing.progress.max(reached);
            dialing.post = Post::Done;
            Ok(())
        }
        State::Live(_) | State::Elsewhere => Ok(()),
        State::Ringing(_)
        | State::Answering(_)
        | State::Accepting(_)
        | State::Preparing(_)
        | State::Ending { .. }
        | State::Ended(_) => Err(Ignored::because("it is not being dialled")),
    }
}

/// Answered: from now on the agent is heard.
pub(crate) fn go_live(call: &mut Call, now: UnixMillis, out: &mut Vec<Effect>) -> Applied {
    // The far end learned our answer with the accept, unless it was given it while it rang.
    if matches!(call.state, State::Accepting(_)) {
        begin_answer(call, out)?;
    }
    let path = match &call.state {
        State::Accepting(accepting) => accepting.path.clone(),
        State::Dialing(dialing) => dialing.path.clone(),
        State::Live(_) | State::Elsewhere => return Ok(()),
        State::Ringing(_)
        | State::Answering(_)
        | State::Preparing(_)
        | State::Ending { .. }
        | State::Ended(_) => return Err(Ignored::because("it was not asked for here")),
    };
    call.state = State::Live(Live { path, since: now, voice: Voice::Open, keys: KeysView::Taken });
    Ok(())
}
