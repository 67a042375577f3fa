//! The socket to the relay: lost and found again for ever, each try bounded.

use wire::{Downlink, UnixMillis, Uplink};

use crate::call::{events, reconcile};
use crate::effect::Effect;
use crate::event::LinkId;
use crate::logbook;
use crate::phone::{Applied, Ignored, Phone, Skew};
use crate::presence::{self, Presence};
use crate::session;

/// Longest time for a socket to open, in milliseconds.
pub(crate) const OPENING_MS: u64 = 5_000;

/// First wait before another try, in milliseconds; doubled each time.
const FIRST_WAIT_MS: u64 = 250;

/// Longest wait before another try, in milliseconds.
const LONGEST_WAIT_MS: u64 = 5_000;

/// Tries after which the wait has its full length, and counting stops.
const MOST_DOUBLINGS: u32 = 5;

/// The socket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Link {
    /// Not wanted: nobody is signed in.
    #[default]
    Down,
    /// Being opened.
    Opening {
        id: LinkId,
        since: UnixMillis,
        /// Tries since the last frame.
        tries: u32,
    },
    /// Open.
    Up {
        id: LinkId,
        /// When the last frame came.
        heard: UnixMillis,
        /// Tries since the last frame.
        tries: u32,
    },
    /// Lost.
    Waiting {
        /// When the next try begins.
        until: UnixMillis,
        /// Tries since the last frame.
        tries: u32,
    },
}

impl Link {
    /// The socket that is wanted now.
    pub(crate) fn id(&self) -> Option<LinkId> {
        match self {
            Self::Opening { id, .. } | Self::Up { id, .. } => Some(*id),
            Self::Down | Self::Waiting { .. } => None,
        }
    }
}

/// Somebody signed in: hold a socket from now on.
pub(crate) fn begin(phone: &mut Phone, now: UnixMillis, out: &mut Vec<Effect>) {
    phone.seen = None;
    phone.lost_since = None;
    open(phone, now, 0, out);
}

/// Nobody is signed in any more.
pub(crate) fn drop_down(phone: &mut Phone) {
    phone.link = Link::Down;
}

/// The socket is open.
pub(crate) fn opened(phone: &mut Phone, now: UnixMillis, opened: LinkId) -> Applied {
    match phone.link {
        Link::Opening { id, tries, .. } if id == opened => {
            phone.lost_since = None;
            phone.link = Link::Up { id, heard: now, tries };
            Ok(())
        }
        Link::Opening { .. } | Link::Down | Link::Up { .. } | Link::Waiting { .. } => {
            Err(Ignored::because("an old socket"))
        }
    }
}

/// The socket is lost, or did not open.
pub(crate) fn lost(phone: &mut Phone, now: UnixMillis, lost: LinkId, out: &mut Vec<Effect>) -> Applied {
    if phone.link.id() != Some(lost) {
        return Err(Ignored::because("an old socket"));
    }
    give_up(phone, now, out)
}

/// The socket is of no use: wait, then try again.
pub(crate) fn give_up(phone: &mut Phone, now: UnixMillis, out: &mut Vec<Effect>) -> Applied {
    let tries = match phone.link {
        Link::Opening { tries, .. } => {
            // A browser does not tell a page why a socket was refused: an expired
            // session looks like a relay that is away, so ask.
            out.push(Effect::CheckSession);
            tries
        }
        Link::Up { tries, .. } => {
            phone.lost_since = Some(now);
            tries
        }
        Link::Down | Link::Waiting { .. } => return Err(Ignored::because("there is no socket")),
    };
    let wait = (FIRST_WAIT_MS << tries.min(MOST_DOUBLINGS)).min(LONGEST_WAIT_MS);
    // Pages that lose their relay together must not come back together: the
    // moment of the loss, different on each, spreads them over half a wait.
    let jitter = now % (wait / 2);
    phone.link = Link::Waiting { until: now + wait / 2 + jitter, tries: (tries + 1).min(MOST_DOUBLINGS) };
    Ok(())
}

/// Tries now instead of later.
pub(crate) fn hurry(phone: &mut Phone, now: UnixMillis, out: &mut Vec<Effect>) -> Applied {
    match phone.link {
        Link::Waiting { tries, .. } => {
            open(phone, now, tries, out);
            Ok(())
        }
        Link::Down | Link::Opening { .. } | Link::Up { .. } => Err(Ignored::because("no try is due")),
    }
}

/// The socket brought a frame.
pub(crate) fn frame(
    phone: &mut Phone,
    now: UnixMillis,
    from: LinkId,
    frame: Downlink,
    out: &mut Vec<Effect>,
) -> Applied {
    let id = match phone.link {
        Link::Up { id, .. } if id == from => id,
        Link::Up { .. } | Link::Down | Link::Opening { .. } | Link::Waiting { .. } => {
            return Err(Ignored::because("an old socket"));
        }
    };
    phone.link = Link::Up { id, heard: now, tries: 0 };
    match frame {
        Downlink::Snapshot { seq, now: relay_now, available, calls } => {
            phone.skew = Skew::between(relay_now, now);
            phone.seen = Some(seq);
            presence::known(phone, available, out);
            reconcile::snapshot(phone, now, calls, out);
            logbook::recover(phone, out);
            Ok(())
        }
        Downlink::Resumed { now: relay_now, available } => {
            phone.skew = Skew::between(relay_now, now);
            presence::known(phone, available, out);
            logbook::recover(phone, out);
            Ok(())
        }
        Downlink::Event { seq, call, event, .. } => {
            if phone.seen.is_some_and(|seen| seq < seen) {
                return Err(Ignored::because("heard of it before"));
            }
            phone.seen = Some(seq);
            events::on_event(phone, now, call, event, out)
        }
        Downlink::Presence { available } => match phone.presence {
            Presence::Changing { to } if to != available => {
                Err(Ignored::because("the agent has asked for another since"))
            }
            Presence::Changing { .. } | Presence::Unknown | Presence::Is(_) => {
                phone.presence = Presence::Is(available);
                Ok(())
            }
        },
        Downlink::WrapUp { until } => {
            phone.wrap_up = Some(phone.skew.here(until));
            Ok(())
        }
        Downlink::Ping { nonce } => {
            out.push(Effect::Send(id, Uplink::Pong { nonce }));
            Ok(())
        }
        Downlink::SignedOut => {
            session::expire(phone);
            Ok(())
        }
    }
}

fn open(phone: &mut Phone, now: UnixMillis, tries: u32, out: &mut Vec<Effect>) {
    let id = phone.names.link();
    phone.link = Link::Opening { id, since: now, tries };
    out.push(Effect::OpenLink { link: id, after: phone.seen });
}
