//! The offer for the next outbound call, made while a number stands in the field: the
//! first of a page takes longer than anything else between the click and the request.
//!
//! There is one at most. It is closed when the number goes, when it is not used in
//! time, and when the agent begins to talk.

use wire::{CallId, UnixMillis};

use crate::call::Path;
use crate::effect::Effect;
use crate::event::{Peer, PeerId};
use crate::number;
use crate::phone::{Applied, Ignored, Phone};

/// How long an offer is kept after the number was last changed, in milliseconds: longer
/// than people look at a number before they press Call, short beside the life of
/// credentials for relayed media.
const LIFETIME_MS: u64 = 60_000;

/// The offer that is made ahead.
#[derive(Debug, Default)]
pub(crate) enum Spare {
    /// None, and none is wanted.
    #[default]
    None,
    /// A name for the attempt was asked for.
    Naming,
    /// There is one, or it is being made.
    Open {
        /// The key of the attempt that will use it.
        attempt: CallId,
        path: Path,
    },
    /// It broke, or nobody used it: none until the number changes.
    Spent,
}

/// The number in the field was changed.
pub(crate) fn typed(phone: &mut Phone, now: UnixMillis) {
    phone.spare_until = now + LIFETIME_MS;
    if matches!(phone.spare, Spare::Spent) {
        phone.spare = Spare::None;
    }
}

/// A name for the attempt: its peer connection can be opened.
pub(crate) fn named(phone: &mut Phone, attempt: CallId, out: &mut Vec<Effect>) -> Applied {
    let (Spare::Naming, Some(session)) = (&phone.spare, phone.session.signed_in()) else {
        return Err(Ignored::because("no offer is wanted"));
    };
    let ice_servers = session.ice_servers.clone();
    let peer = phone.names.peer(&attempt);
    out.push(Effect::OpenToOffer { peer: peer.clone(), ice_servers });
    phone.spare = Spare::Open { attempt, path: Path::new(peer) };
    Ok(())
}

/// Its peer connection did something.
pub(crate) fn on_peer(phone: &mut Phone, from: &PeerId, what: Peer) -> Applied {
    match &mut phone.spare {
        Spare::Open { path, .. } if path.peer == *from => {
            match what {
                Peer::Described { sdp } => path.own = Some(sdp),
                Peer::Broken { .. } => phone.spare = Spare::Spent,
                // Nothing can connect before the far end answers.
                Peer::Transport(_) | Peer::Keys(_) => {}
            }
            Ok(())
        }
        Spare::Open { .. } | Spare::None | Spare::Naming | Spare::Spent => {
            Err(Ignored::because("an old peer connection"))
        }
    }
}

/// Takes it for a call.
pub(crate) fn take(phone: &mut Phone) -> Option<(CallId, Path)> {
    match std::mem::take(&mut phone.spare) {
        Spare::Open { attempt, path } => Some((attempt, path)),
        Spare::None | Spare::Naming | Spare::Spent => None,
    }
}

/// It was not used in time.
pub(crate) fn expire(phone: &mut Phone) {
    phone.spare = Spare::Spent;
}

/// Until when it is kept, where there is one.
pub(crate) fn due(phone: &Phone) -> Option<UnixMillis> {
    path(phone).map(|_| phone.spare_until)
}

/// Its path, where there is one.
pub(crate) fn path(phone: &Phone) -> Option<&Path> {
    match &phone.spare {
        Spare::Open { path, .. } => Some(path),
        Spare::None | Spare::Naming | Spare::Spent => None,
    }
}

/// Asks for one, or lets it go.
pub(crate) fn settle(phone: &mut Phone, out: &mut Vec<Effect>) {
    let wanted =
        phone.session.is_signed_in() && !phone.is_talking() && number::read(&phone.dialler).number.is_ok();
    match (&phone.spare, wanted) {
        (Spare::None, true) => {
            phone.spare = Spare::Naming;
            out.push(Effect::NameAttempt);
        }
        (Spare::Naming | Spare::Open { .. } | Spare::Spent, false) => phone.spare = Spare::None,
        (Spare::None, false) | (Spare::Naming | Spare::Open { .. } | Spare::Spent, true) => {}
    }
}
