//! What peer connections tell.

use wire::UnixMillis;

use super::end::{Parting, end};
use super::{Call, Farewell, Ice, Ringing, State, of_peer};
use crate::effect::Effect;
use crate::event::{Peer, PeerId, TransportEvent};
use crate::phone::{Applied, Ignored, Phone};
use crate::spare;
use crate::view::{EndedWhy, Fault, KeysView};

/// A peer connection did something.
pub(crate) fn on_peer(
    phone: &mut Phone,
    now: UnixMillis,
    peer: &PeerId,
    what: Peer,
    out: &mut Vec<Effect>,
) -> Applied {
    let Some(call) = of_peer(&mut phone.calls, peer) else {
        return spare::on_peer(phone, peer, what);
    };
    match what {
        Peer::Described { sdp } => match call.state.path_mut() {
            Some(path) if path.own.is_none() => {
                path.own = Some(sdp);
                Ok(())
            }
            Some(_) | None => Err(Ignored::because("it was described before")),
        },
        Peer::Keys(taken) => {
            if let State::Live(live) = &mut call.state {
                live.keys = if taken { KeysView::Taken } else { KeysView::Refused };
            }
            Ok(())
        }
        Peer::Broken { what } => {
            let fault = broken(peer, call, now, what, out);
            if let Some(fault) = fault {
                phone.fault(fault);
            }
            Ok(())
        }
        Peer::Transport(event) => {
            transport(peer, call, now, event, out);
            Ok(())
        }
    }
}

/// A step failed.
fn broken(
    peer: &PeerId,
    call: &mut Call,
    now: UnixMillis,
    what: String,
    out: &mut Vec<Effect>,
) -> Option<Fault> {
    match &mut call.state {
        State::Ringing(ring) => {
            // Accept tries once more, and says so if it fails again.
            ring.path = None;
            None
        }
        State::Answering(ring) => {
            call.state = State::Ringing(Ringing { path: None, ..ring.again() });
            Some(Fault::Browser(what))
        }
        State::Preparing(_) => {
            end(&peer.call, call, now, EndedWhy::Cancelled, Parting::Silent, out);
            Some(Fault::Browser(what))
        }
        State::Accepting(_) | State::Dialing(_) | State::Live(_) => {
            end(&peer.call, call, now, EndedWhy::NoMedia, Parting::Say(Farewell::Terminate), out);
            Some(Fault::Browser(what))
        }
        State::Elsewhere | State::Ending { .. } | State::Ended(_) => None,
    }
}

fn transport(peer: &PeerId, call: &mut Call, now: UnixMillis, event: TransportEvent, out: &mut Vec<Effect>) {
    let Some(path) = call.state.path_mut() else { return };
    path.transport = path.transport.after(event, now);
    // No ICE restart is possible with this far end: failed is for good.
    if event == TransportEvent::Failed && path.ice == Ice::Begun {
        let why = match &call.state {
            State::Live(_) => EndedWhy::ConnectionLost,
            State::Ringing(_)
            | State::Answering(_)
            | State::Accepting(_)
            | State::Preparing(_)
            | State::Dialing(_)
            | State::Elsewhere
            | State::Ending { .. }
            | State::Ended(_) => EndedWhy::NoMedia,
        };
        let farewell = match &call.state {
            // The answer was handed on ahead of the click: it is declined.
            State::Ringing(_) | State::Answering(_) => Farewell::Reject,
            State::Accepting(_)
            | State::Preparing(_)
            | State::Dialing(_)
            | State::Live(_)
            | State::Elsewhere
            | State::Ending { .. }
            | State::Ended(_) => Farewell::Terminate,
        };
        end(&peer.call, call, now, why, Parting::Say(farewell), out);
    }
}
