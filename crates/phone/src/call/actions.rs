//! What the agent does to calls.

use wire::{CallId, Direction, Party, UnixMillis};

use super::end::{Parting, end};
use super::{Call, Card, Farewell, Path, Pointer, Preparing, State, known};
use crate::digit::Digit;
use crate::effect::Effect;
use crate::front::Front;
use crate::number;
use crate::phone::{Applied, Ignored, Phone};
use crate::spare;
use crate::view::{EndedWhy, Fault, KeysView, Voice};

/// Calls a number.
pub(crate) fn dial(
    phone: &mut Phone,
    now: UnixMillis,
    attempt: CallId,
    text: &str,
    out: &mut Vec<Effect>,
) -> Applied {
    let Some(session) = phone.session.signed_in() else {
        return Err(Ignored::because("nobody is signed in"));
    };
    let ice_servers = session.ice_servers.clone();
    if phone.calls.contains_key(&attempt) || phone.gone.contains(&attempt) {
        return Err(Ignored::because("this attempt was made before"));
    }
    if phone.is_talking() {
        phone.fault(Fault::OnACall);
        return Ok(());
    }
    let to = match number::read(text).number {
        Ok(to) => to,
        Err(fault) => {
            phone.fault(Fault::Number(fault));
            return Ok(());
        }
    };
    let name = phone.recents.list().iter().find(|recent| recent.number == to).and_then(|r| r.name.clone());
    let (attempt, path) = spare::take(phone).unwrap_or_else(|| {
        let peer = phone.names.peer(&attempt);
        out.push(Effect::OpenToOffer { peer: peer.clone(), ice_servers });
        (attempt, Path::new(peer))
    });
    phone.dialler.clear();
    phone.linked = false;
    phone.front = Front::Talk(attempt.clone());
    // A fault of an earlier call has been read, or is of no interest any more.
    phone.faults.clear();
    phone.calls.insert(
        attempt,
        Call {
            direction: Direction::Outbound,
            party: Party { number: Some(to.clone()), name },
            since: now,
            state: State::Preparing(Preparing { to, path }),
        },
    );
    Ok(())
}

/// The pointer has come to Accept, or has left it.
pub(crate) fn point(phone: &mut Phone, now: UnixMillis, id: &CallId, there: bool) -> Applied {
    let pointer = if there { Pointer::Came { since: now } } else { Pointer::Elsewhere };
    known(&mut phone.calls, id)?.state.ringing()?.pointer = pointer;
    Ok(())
}

/// The pointer rests on Accept.
pub(crate) fn rest(phone: &mut Phone, id: &CallId) -> Applied {
    known(&mut phone.calls, id)?.state.ringing()?.pointer = Pointer::Rests;
    Ok(())
}

/// Answers a ringing call.
pub(crate) fn accept(phone: &mut Phone, id: &CallId, out: &mut Vec<Effect>) -> Applied {
    let call = known(&mut phone.calls, id)?;
    let State::Ringing(ring) = &call.state else {
        return Err(Ignored::because("it does not ring"));
    };
    let mut ring = ring.clone();
    if ring.path.is_none() {
        let Some(session) = phone.session.signed_in() else {
            return Err(Ignored::because("nobody is signed in"));
        };
        let peer = phone.names.peer(id);
        out.push(Effect::OpenToAnswer {
            peer: peer.clone(),
            offer: ring.offer.clone(),
            ice_servers: session.ice_servers.clone(),
        });
        ring.path = Some(Path::new(peer));
    }
    call.state = State::Answering(ring);
    // Whatever the agent was on waits on hold.
    phone.front = Front::Talk(id.clone());
    Ok(())
}

/// Declines a ringing call.
pub(crate) fn reject(phone: &mut Phone, now: UnixMillis, id: &CallId, out: &mut Vec<Effect>) -> Applied {
    let call = known(&mut phone.calls, id)?;
    call.state.ringing()?;
    end(id, call, now, EndedWhy::Declined, Parting::Say(Farewell::Reject), out);
    Ok(())
}

/// Ends a call.
pub(crate) fn hang_up(phone: &mut Phone, now: UnixMillis, id: &CallId, out: &mut Vec<Effect>) -> Applied {
    let call = known(&mut phone.calls, id)?;
    let (why, parting) = match &call.state {
        State::Preparing(_) => (EndedWhy::Cancelled, Parting::Silent),
        State::Dialing(_) => (EndedWhy::Cancelled, Parting::Say(Farewell::Terminate)),
        State::Accepting(_) | State::Live(_) | State::Elsewhere => {
            (EndedWhy::HungUp, Parting::Say(Farewell::Terminate))
        }
        State::Ringing(_) | State::Answering(_) => (EndedWhy::Declined, Parting::Say(Farewell::Reject)),
        State::Ending { .. } | State::Ended(_) => return Err(Ignored::because("it is over")),
    };
    end(id, call, now, why, parting, out);
    Ok(())
}

/// Mutes, or unmutes. Silence is sent meanwhile: a far end that hears nothing at all
/// ends the call.
pub(crate) fn toggle_mute(phone: &mut Phone, id: &CallId) -> Applied {
    let live = known(&mut phone.calls, id)?.state.live()?;
    live.voice = match live.voice {
        Voice::Open => Voice::Muted,
        Voice::Muted => Voice::Open,
    };
    Ok(())
}

/// Sends a keypad digit.
pub(crate) fn send_digit(phone: &mut Phone, id: &CallId, digit: Digit, out: &mut Vec<Effect>) -> Applied {
    let live = known(&mut phone.calls, id)?.state.live()?;
    if live.keys == KeysView::Refused {
        return Err(Ignored::because("the far end takes no digits"));
    }
    out.push(Effect::SendDigit(live.path.peer.clone(), digit));
    Ok(())
}

/// Puts the card of an ended call away, and with it those of calls that ended before:
/// what nobody looked at does not come back.
pub(crate) fn dismiss(phone: &mut Phone, id: &CallId) -> Applied {
    let last = phone.calls.get(id).and_then(|call| call.state.over()).map(|over| over.at);
    for (_, call) in phone.calls.iter_mut() {
        if let State::Ending { over, .. } | State::Ended(over) = &mut call.state
            && last.is_some_and(|last| over.at <= last)
        {
            over.card = Card::Hidden;
        }
    }
    last.map(drop).ok_or(Ignored::because("it is not over"))
}

/// The page goes away: the far ends of its calls are told at once.
pub(crate) fn leave(phone: &mut Phone, now: UnixMillis, out: &mut Vec<Effect>) {
    for (id, call) in phone.calls.iter_mut() {
        match &call.state {
            State::Accepting(_) | State::Dialing(_) | State::Live(_) => {
                out.push(Effect::PostTerminateLeaving(id.clone()));
                end(id, call, now, EndedWhy::HungUp, Parting::Silent, out);
            }
            State::Preparing(_) => end(id, call, now, EndedWhy::Cancelled, Parting::Silent, out),
            State::Ending { farewell: Farewell::Terminate, .. } => {
                out.push(Effect::PostTerminateLeaving(id.clone()));
            }
            State::Ending { farewell: Farewell::Reject, .. }
            | State::Ringing(_)
            | State::Answering(_)
            | State::Elsewhere
            | State::Ended(_) => {}
        }
    }
}
