//! Effects that follow from the state alone.
//!
//! After each event what should be is compared with what was ordered, and the
//! difference is ordered. So a call that leaves its state by whatever way never
//! leaves a ring, an open peer connection, a running timer or a lit microphone.

use wire::{CallId, UnixMillis, Uplink};

use crate::call::deadlines::set_deadlines;
use crate::call::{Call, Card, Live, Pointer, Progress, Ringing, State, who};
use crate::devices;
use crate::effect::{Effect, Tone};
use crate::event::{LinkId, MicrophoneId, PeerId, Sound};
use crate::few::Few;
use crate::front;
use crate::held::Held;
use crate::line;
use crate::link::{Link, OPENING_MS};
use crate::list::List as _;
use crate::microphone::{self, Microphone};
use crate::phone::Phone;
use crate::session::SessionState;
use crate::spare;
use crate::tabs;
use crate::timer::TimerId;
use crate::view::{Fault, Voice};

/// What the world was told to do and is still doing.
#[derive(Debug, Default)]
pub(crate) struct Ordered {
    tone: Tone,
    peers: Vec<PeerId>,
    /// The track that a peer connection sends.
    attached: Option<(PeerId, MicrophoneId)>,
    /// The microphone that sends silence.
    muted: Option<MicrophoneId>,
    /// The connection whose far end the loudspeaker is given.
    playing: Option<PeerId>,
    /// The connection that is measured: the one of the answered call.
    heard: Option<PeerId>,
    /// Peer connections that send the hold tone.
    holding: Vec<PeerId>,
    link: Option<LinkId>,
    /// The rings that the relay was told of, by which socket and as how audible.
    acked: Vec<(CallId, LinkId, bool)>,
    /// The answers that were handed on, and by which socket.
    handed: Vec<(CallId, LinkId)>,
    timers: Few<TimerId, UnixMillis>,
    held: String,
}

impl Ordered {
    /// A timer fired: it is not set any more. False when it was not set.
    pub(crate) fn timer_fired(&mut self, timer: &TimerId) -> bool {
        self.timers.remove(timer).is_some()
    }

    /// The timers that should have fired.
    pub(crate) fn timers_due(&self, now: UnixMillis) -> Vec<TimerId> {
        let due = self.timers.iter().filter(|(_, due)| **due <= now);
        due.map(|(timer, _)| timer.clone()).list()
    }

    /// The track that is sent is not the microphone's any more.
    pub(crate) fn send_anew(&mut self) {
        self.attached = None;
    }

    /// The connection that is heard.
    pub(crate) fn playing(&self) -> Option<&PeerId> {
        self.heard.as_ref()
    }
}

/// Orders the difference.
pub(crate) fn settle(phone: &mut Phone, now: UnixMillis, out: &mut Vec<Effect>) {
    bury_ended(phone);
    front::settle(phone);
    spare::settle(phone, out);
    let (_, on_call) = tabs::calls(phone);
    if !on_call {
        phone.faults.retain(|known| known.fault != Fault::OnACall);
    }
    tone(phone, out);
    microphone(phone, out);
    sound_of_the_live_call(phone, out);
    line::settle(phone, out);
    peers(phone, out);
    link(phone, out);
    rings(phone, out);
    handed_on(phone, out);
    held(phone, out);
    timers(phone, now, out);
}

/// Calls that are over and no longer shown leave only their name.
fn bury_ended(phone: &mut Phone) {
    let over: Vec<(CallId, bool)> = phone
        .calls
        .iter()
        .filter(|(_, call)| matches!(&call.state, State::Ended(over) if over.card == Card::Hidden))
        .map(|(id, call)| (id.clone(), call.state.was_lost_to_another()))
        .list();
    for (id, may_ring_again) in over {
        phone.calls.remove(&id);
        if !may_ring_again {
            phone.bury(&id);
        }
    }
}

fn tone(phone: &mut Phone, out: &mut Vec<Effect>) {
    let rings = phone.calls.values().any(|call| matches!(call.state, State::Ringing(_)));
    let far_end_rings = phone.calls.iter().any(|(id, call)| {
        let rings = matches!(&call.state, State::Dialing(dialing) if dialing.progress == Progress::Ringing);
        rings && phone.front.talks_with(id)
    });
    let tone = match (far_end_rings, rings && !phone.is_talking()) {
        (true, _) => Tone::Ringback,
        (false, true) if !phone.devices.silent => Tone::Ringtone,
        (false, true | false) => Tone::Silence,
    };
    if tone != phone.ordered.tone {
        phone.ordered.tone = tone;
        out.push(Effect::Tone(tone));
    }
}

fn microphone(phone: &mut Phone, out: &mut Vec<Effect>) {
    let busy = phone.is_busy();
    if phone.microphone == Microphone::Lost && !busy {
        phone.microphone = Microphone::Closed;
    }
    match (phone.microphone, busy || microphone::is_kept_ready(phone)) {
        (Microphone::Closed, true) => {
            let id = phone.names.microphone();
            phone.microphone = Microphone::Opening(id);
            out.push(Effect::OpenMicrophone(id, phone.settings.processing));
        }
        (Microphone::Opening(id) | Microphone::Open(id), false) => {
            phone.microphone = Microphone::Closed;
            out.push(Effect::ReleaseMicrophone(id));
        }
        (Microphone::Opening(_) | Microphone::Open(_) | Microphone::Lost, true)
        | (Microphone::Closed | Microphone::Lost, false) => {}
    }
}

/// Only an answered call is heard and hears, and one that is on hold hears a tone.
fn sound_of_the_live_call(phone: &mut Phone, out: &mut Vec<Effect>) {
    let mut answered = phone.calls.iter().filter_map(|(id, call)| match &call.state {
        State::Live(live) => Some((id, live)),
        State::Ringing(_)
        | State::Answering(_)
        | State::Accepting(_)
        | State::Preparing(_)
        | State::Dialing(_)
        | State::Elsewhere
        | State::Ending { .. }
        | State::Ended(_) => None,
    });
    let holding: Vec<PeerId> = answered
        .clone()
        .filter(|(id, _)| !phone.front.talks_with(id))
        .map(|(_, live)| live.path.peer.clone())
        .list();
    let live = answered.find(|(id, _)| phone.front.talks_with(id)).map(|(_, live)| live);
    let open = match phone.microphone {
        Microphone::Open(id) => Some(id),
        Microphone::Closed | Microphone::Opening(_) | Microphone::Lost => None,
    };
    let ordered = &mut phone.ordered;
    let muted = open.filter(|_| matches!(live, Some(Live { voice: Voice::Muted, .. })));
    if muted != ordered.muted {
        if let Some(id) = open {
            out.push(Effect::Mute(id, muted.is_some()));
        }
        ordered.muted = muted;
    }
    for peer in &holding {
        if !ordered.holding.contains(peer) {
            out.push(Effect::SendHoldTone(peer.clone()));
        }
    }
    for peer in &ordered.holding {
        if live.is_some_and(|live| live.path.peer == *peer) {
            out.push(Effect::EndHoldTone(peer.clone()));
        }
    }
    ordered.holding = holding;
    let attached = live.zip(open).map(|(live, id)| (live.path.peer.clone(), id));
    if attached != ordered.attached {
        if let Some((peer, _)) = &attached {
            out.push(Effect::AttachMicrophone(peer.clone()));
        }
        ordered.attached = attached;
    }
    let heard = live.map(|live| live.path.peer.clone());
    let about = |whose: fn(&Call) -> Option<PeerId>| phone.calls.values().find_map(whose);
    let playing = heard.clone().or_else(|| about(accepting)).or_else(|| about(pointed_at));
    if playing != ordered.playing {
        match &playing {
            Some(peer) => out.push(Effect::PlayRemote(peer.clone())),
            // The sound of a call that ends goes with its peer connection.
            None if !ordered.holding.is_empty() => out.push(Effect::StopRemote),
            None => {}
        }
        ordered.playing = playing;
    }
    if heard != ordered.heard {
        out.push(Effect::Meter(heard.clone()));
        ordered.heard = heard;
    }
}

/// A browser takes a tenth of a second to open the loudspeaker: it begins to play what comes
/// with the accept when the pointer rests there, or else with the click.
fn accepting(call: &Call) -> Option<PeerId> {
    if let State::Accepting(accepting) = &call.state { Some(accepting.path.peer.clone()) } else { None }
}

fn pointed_at(call: &Call) -> Option<PeerId> {
    let (State::Ringing(ring) | State::Answering(ring)) = &call.state else { return None };
    let path = ring.path.as_ref().filter(|path| path.own.is_some() && ring.pointer == Pointer::Rests)?;
    Some(path.peer.clone())
}

/// What the pointer rests on is handed on ahead of the click, to each socket once.
fn handed_on(phone: &mut Phone, out: &mut Vec<Effect>) {
    let Link::Up { id: link, .. } = phone.link else { return };
    let mut handed = Vec::new();
    for (id, call) in phone.calls.iter() {
        let State::Ringing(Ringing { path: Some(path), pointer: Pointer::Rests, .. }) = &call.state else {
            continue;
        };
        let Some(sdp) = &path.own else { continue };
        let known = (id.clone(), link);
        if !phone.ordered.handed.contains(&known) {
            out.push(Effect::Send(link, Uplink::Prepared { call: id.clone(), sdp: sdp.clone() }));
        }
        handed.push(known);
    }
    phone.ordered.handed = handed;
}

fn peers(phone: &mut Phone, out: &mut Vec<Effect>) {
    let mut wanted = Vec::new();
    for call in phone.calls.values() {
        wanted.extend(call.state.path().map(|path| path.peer.clone()));
    }
    wanted.extend(spare::path(phone).map(|path| path.peer.clone()));
    let mut open = std::mem::take(&mut phone.ordered.peers);
    for effect in out.iter() {
        if let Effect::OpenToAnswer { peer, .. } | Effect::OpenToOffer { peer, .. } = effect {
            open.push(peer.clone());
        }
    }
    open.retain(|peer| !wanted.contains(peer));
    out.extend(open.into_iter().map(Effect::ClosePeer));
    phone.ordered.peers = wanted;
}

fn link(phone: &mut Phone, out: &mut Vec<Effect>) {
    let wanted = phone.link.id();
    if wanted != phone.ordered.link {
        out.extend(phone.ordered.link.map(Effect::CloseLink));
        phone.ordered.link = wanted;
    }
}

/// The relay counts on nobody who does not say that a ring is shown, and heard. It is said
/// again when that changes, and on each new socket.
fn rings(phone: &mut Phone, out: &mut Vec<Effect>) {
    let Link::Up { id: link, .. } = phone.link else { return };
    let audible = phone.sound == Sound::Unlocked && !devices::is_refused(phone);
    let rings = |state: &State| matches!(state, State::Ringing(_) | State::Answering(_));
    let ringing = phone.calls.iter().filter(|(_, call)| rings(&call.state));
    let shown: Vec<_> = ringing.map(|(id, _)| (id.clone(), link, audible)).list();
    for ring in &shown {
        if !phone.ordered.acked.contains(ring) {
            out.push(Effect::Send(link, Uplink::RingAck { call: ring.0.clone(), audible }));
        }
    }
    phone.ordered.acked = shown;
}

fn held(phone: &mut Phone, out: &mut Vec<Effect>) {
    let mut held = phone.left_over.clone();
    held.extend(
        phone
            .calls
            .iter()
            .filter(|(_, call)| call.state.is_held())
            .map(|(id, call)| Held { call: id.clone(), who: who(&call.party) }),
    );
    let held = Held::print(&held);
    if held != phone.ordered.held {
        phone.ordered.held.clone_from(&held);
        out.push(Effect::StoreHeld(held));
    }
}

fn timers(phone: &mut Phone, now: UnixMillis, out: &mut Vec<Effect>) {
    let mut wanted = Few::default();
    for (id, call) in phone.calls.iter() {
        set_deadlines(id, call, &mut wanted);
    }
    match phone.link {
        Link::Opening { since, .. } => wanted.insert(TimerId::LinkOpening, since + OPENING_MS),
        Link::Up { heard, .. } => wanted.insert(TimerId::LinkSilent, heard + wire::SOCKET_SILENCE_MS),
        Link::Waiting { until, .. } => wanted.insert(TimerId::LinkRetry, until),
        Link::Down => {}
    }
    if let Some(due) = spare::due(phone) {
        wanted.insert(TimerId::SpareOver, due);
    }
    if let Some(until) = phone.wrap_up {
        wanted.insert(TimerId::WrapUpOver, until);
    }
    if let SessionState::Checking { again: Some(at), .. } = phone.session {
        wanted.insert(TimerId::CheckSession, at);
    }
    for (timer, _) in phone.ordered.timers.iter() {
        if !wanted.contains_key(timer) {
            out.push(Effect::ClearTimer(timer.clone()));
        }
    }
    for (timer, due) in wanted.iter() {
        if phone.ordered.timers.get(timer) != Some(due) {
            out.push(Effect::SetTimer(timer.clone(), due.saturating_sub(now)));
        }
    }
    phone.ordered.timers = wanted;
}
