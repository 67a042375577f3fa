//! Until when each state of a call may last. None lasts for ever but a live call
//! that is well, and one that waits for the person in front of the page.

use wire::{CallId, UnixMillis};

use super::{Call, Card, Pointer, Post, State, Transport};
use crate::few::Few;
use crate::timer::TimerId;

/// How long after its announced end a ring may go on here, in milliseconds: the word
/// that it is over is on its way, and clocks differ.
const RING_GRACE_MS: u64 = 2_000;

/// How long the pointer rests on Accept before the answer goes up, in milliseconds. One that
/// only passes, or comes and clicks at once, is not to be waited for: a relay sends an accept
/// after what was handed on before it, not beside it.
const REST_MS: u64 = 100;

/// Longest time an outbound call may be neither answered nor ended, in milliseconds.
/// The upstream ends it after 30 to 60 s by itself; this is for when that gets lost.
const DIAL_MS: u64 = 90_000;

/// Longest time from the answer to a media path, in milliseconds: with no media for
/// so long the far end gives up (138021).
const CONNECT_MS: u64 = 20_000;

/// Longest time a lost media path may take to come back, in milliseconds: with no
/// media for so long the far end gives up (138022).
const RECOVER_MS: u64 = 30_000;

/// How long the relay has to say why the far end closed the media path, in milliseconds.
const GONE_MS: u64 = 1_500;

/// How long the card of an ended call stays, in milliseconds: time to read it and to
/// press its button.
const CARD_MS: u64 = 12_000;

/// Sets a call's timers, each with the time it is due.
pub(crate) fn set_deadlines(id: &CallId, call: &Call, timers: &mut Few<TimerId, UnixMillis>) {
    let mut set = |timer: fn(CallId) -> TimerId, at| timers.insert(timer(id.clone()), at);
    match &call.state {
        State::Ringing(ring) => {
            set(TimerId::RingOver, ring.expires + RING_GRACE_MS);
            if let Pointer::Came { since } = ring.pointer {
                set(TimerId::PointerRests, since + REST_MS);
            }
        }
        State::Answering(ring) => set(TimerId::RingOver, ring.expires + RING_GRACE_MS),
        State::Accepting(accepting) => {
            // A request that is on its way has a bound of its own.
            if let Post::Due { at, .. } = accepting.post {
                set(TimerId::RingOver, accepting.expires + RING_GRACE_MS);
                set(TimerId::Retry, at);
            }
        }
        State::Dialing(dialing) => {
            set(TimerId::DialOver, call.since + DIAL_MS);
            if let Post::Due { at, .. } = dialing.post {
                set(TimerId::Retry, at);
            }
        }
        State::Live(live) => match live.path.transport {
            Transport::New => set(TimerId::ConnectOver, live.since + CONNECT_MS),
            Transport::Connected => {}
            Transport::Disconnected { since } => set(TimerId::RecoverOver, since + RECOVER_MS),
            Transport::Closed { since } => set(TimerId::GoneOver, since + GONE_MS),
        },
        State::Ending { post, over, .. } => {
            if let Post::Due { at, .. } = post {
                set(TimerId::Retry, *at);
            }
            if over.card == Card::Shown {
                set(TimerId::EndedCard, over.at + CARD_MS);
            }
        }
        State::Ended(over) => {
            if over.card == Card::Shown {
                set(TimerId::EndedCard, over.at + CARD_MS);
            }
        }
        State::Preparing(_) | State::Elsewhere => {}
    }
}
