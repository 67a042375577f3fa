//! Until when each state of a call may last. None lasts for ever but a live call
//! that is well, and one that waits for the person in front of the page.

use wire::{CallId, UnixMillis};

use super::{Call, Card, Pointer, Post, State, Transport};
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

/// A call's timers, each with the time it is due.
pub(crate) fn deadlines(id: &CallId, call: &Call) -> [Option<(TimerId, UnixMillis)>; 2] {
    let id = || id.clone();
    match &call.state {
        State::Ringing(ring) => [
            Some((TimerId::RingOver(id()), ring.expires + RING_GRACE_MS)),
            match ring.pointer {
                Pointer::Came { since } => Some((TimerId::PointerRests(id()), since + REST_MS)),
                Pointer::Elsewhere | Pointer::Rests => None,
            },
        ],
        State::Answering(ring) => [Some((TimerId::RingOver(id()), ring.expires + RING_GRACE_MS)), None],
        State::Accepting(accepting) => match accepting.post {
            Post::Due { at, .. } => [
                Some((TimerId::RingOver(id()), accepting.expires + RING_GRACE_MS)),
                Some((TimerId::Retry(id()), at)),
            ],
            // The request has a bound of its own.
            Post::Sent { .. } | Post::Done => [None, None],
        },
        State::Dialing(dialing) => {
            [Some((TimerId::DialOver(id()), call.since + DIAL_MS)), retry(id(), dialing.post)]
        }
        State::Live(live) => {
            let transport = match live.path.transport {
                Transport::New => Some((TimerId::ConnectOver(id()), live.since + CONNECT_MS)),
                Transport::Connected => None,
                Transport::Disconnected { since } => Some((TimerId::RecoverOver(id()), since + RECOVER_MS)),
                Transport::Closed { since } => Some((TimerId::GoneOver(id()), since + GONE_MS)),
            };
            [transport, None]
        }
        State::Ending { post, over, .. } => [retry(id(), *post), card(id(), over.card, over.at)],
        State::Ended(over) => [None, card(id(), over.card, over.at)],
        State::Preparing(_) | State::Elsewhere => [None, None],
    }
}

fn retry(id: CallId, post: Post) -> Option<(TimerId, UnixMillis)> {
    match post {
        Post::Due { at, .. } => Some((TimerId::Retry(id), at)),
        Post::Sent { .. } | Post::Done => None,
    }
}

fn card(id: CallId, card: Card, at: UnixMillis) -> Option<(TimerId, UnixMillis)> {
    match card {
        Card::Shown => Some((TimerId::EndedCard(id), at + CARD_MS)),
        Card::Hidden => None,
    }
}
