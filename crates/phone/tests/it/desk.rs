//! A desk to test the phone at: it keeps the time, carries the orders out in a model
//! of the world, and holds what must be true of every order.

use std::collections::{BTreeMap, BTreeSet};

use phone::effect::Tone;
use phone::event::{Agent, LinkId, Media, MicrophoneId, Page, Peer, PeerId, Relay, Sound, TransportEvent};
use phone::route::Route;
use phone::tabs::Tabs;
use phone::timer::TimerId;
use phone::view::{CallCard, EndedCard, Fault, IncomingCard};
use phone::{Effect, Event, Phone, View, update, view};
use wire::{
    AgentName, CallEvent, CallId, CallSnapshot, Direction, Downlink, EndReason, Party, Problem, ProblemKind,
    Role, Session, Stage, UnixMillis,
};

/// When tests begin, by the browser's clock.
pub(crate) const START: UnixMillis = 1_000_000;

/// How far the relay's clock is ahead of the browser's.
pub(crate) const AHEAD: UnixMillis = 7_000;

/// What the effects have made of the world.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) peers: BTreeSet<PeerId>,
    pub(crate) known_peers: BTreeSet<PeerId>,
    pub(crate) begun: BTreeSet<PeerId>,
    pub(crate) heard: BTreeSet<PeerId>,
    pub(crate) microphone: Option<MicrophoneId>,
    /// The microphone that said it is open.
    pub(crate) ready: Option<MicrophoneId>,
    pub(crate) tone: Tone,
    pub(crate) timers: BTreeMap<TimerId, UnixMillis>,
    pub(crate) link: Option<LinkId>,
    pub(crate) posted: BTreeSet<CallId>,
    pub(crate) held: String,
    /// Peer connections whose far end hears the hold tone.
    pub(crate) holding: BTreeSet<PeerId>,
    /// Whose sound the agent hears.
    pub(crate) playing: Option<PeerId>,
    /// Calls whose far end was given the answer.
    pub(crate) delivered: BTreeSet<CallId>,
    /// Calls that the relay or the upstream has confirmed as answered here.
    pub(crate) accepted: BTreeSet<CallId>,
}

impl World {
    /// Whether the microphone that was ordered last has not opened yet.
    pub(crate) fn opening(&self) -> bool {
        self.microphone.is_some() && self.microphone != self.ready
    }
}

/// A phone, its world and its clock.
pub(crate) struct Desk {
    pub(crate) phone: Phone,
    pub(crate) now: UnixMillis,
    pub(crate) world: World,
    pub(crate) link: LinkId,
    pub(crate) seq: u64,
    /// The microphone may be opened without a question.
    pub(crate) warm: bool,
    /// The key under which an offer was made ahead last.
    pub(crate) spare: Option<CallId>,
}

impl Desk {
    /// A page that nobody is signed in at.
    pub(crate) fn closed() -> Self {
        let mut desk = Self::waiting();
        desk.tell(Event::Tabs(Tabs::Leading));
        desk
    }

    /// A page that does not know yet whether it is the phone.
    pub(crate) fn waiting() -> Self {
        let mut desk = Self {
            phone: Phone::default(),
            now: START,
            world: World::default(),
            link: LinkId(1),
            seq: 0,
            warm: false,
            spare: None,
        };
        desk.tell(started(""));
        desk
    }

    /// A page with an agent signed in and an empty snapshot.
    pub(crate) fn open() -> Self {
        let mut desk = Self::closed();
        desk.tell(Event::Relay(Relay::SessionChecked(Ok(session()))));
        desk.connect(vec![]);
        desk
    }

    /// The socket opens and brings a snapshot.
    pub(crate) fn connect(&mut self, calls: Vec<CallSnapshot>) -> Vec<Effect> {
        let link = self.world.link.expect("a socket was ordered");
        self.link = link;
        self.tell(Event::Relay(Relay::SocketOpened(link)));
        self.snapshot(calls)
    }

    pub(crate) fn snapshot(&mut self, calls: Vec<CallSnapshot>) -> Vec<Effect> {
        self.seq += 1;
        let (seq, now) = (self.seq, self.now + AHEAD);
        self.frame(Downlink::Snapshot { seq, now, available: true, calls })
    }

    pub(crate) fn frame(&mut self, frame: Downlink) -> Vec<Effect> {
        self.tell(Event::Relay(Relay::Frame(self.link, frame)))
    }

    /// Something happens to a call.
    pub(crate) fn call(&mut self, call: &str, event: CallEvent) -> Vec<Effect> {
        self.seq += 1;
        let (seq, at) = (self.seq, self.now + AHEAD);
        self.frame(Downlink::Event { seq, at, call: CallId::from(call), event })
    }

    pub(crate) fn agent(&mut self, what: Agent) -> Vec<Effect> {
        self.tell(Event::Agent(what))
    }

    /// The newest peer connection of a call says something.
    pub(crate) fn peer(&mut self, call: &str, what: Peer) -> Vec<Effect> {
        let call = CallId::from(call);
        let peer = self.world.known_peers.iter().rfind(|peer| peer.call == call);
        let peer = peer.expect("a peer connection was ordered").clone();
        self.tell(Event::Peer(peer, what))
    }

    pub(crate) fn described(&mut self, call: &str) -> Vec<Effect> {
        self.peer(call, Peer::Described { sdp: format!("sdp of {call}") })
    }

    pub(crate) fn transport(&mut self, call: &str, event: TransportEvent) -> Vec<Effect> {
        self.peer(call, Peer::Transport(event))
    }

    pub(crate) fn microphone_ready(&mut self) -> Vec<Effect> {
        let id = self.world.microphone.expect("the microphone was ordered");
        self.world.ready = Some(id);
        self.tell(Event::Media(Media::MicrophoneReady(id)))
    }

    /// Lets time pass: each timer fires when it is due.
    pub(crate) fn pass(&mut self, ms: u64) -> Vec<Effect> {
        let end = self.now + ms;
        let mut effects = Vec::new();
        while let Some((timer, due)) = self.next_timer().filter(|(_, due)| *due <= end) {
            self.now = due.max(self.now);
            effects.extend(self.tell(Event::Timer(timer)));
        }
        self.now = end;
        effects
    }

    fn next_timer(&self) -> Option<(TimerId, UnixMillis)> {
        let next = self.world.timers.iter().min_by_key(|(_, due)| **due);
        next.map(|(timer, due)| (timer.clone(), *due))
    }

    /// Tells the phone, carries its orders out and checks them.
    pub(crate) fn tell(&mut self, event: Event) -> Vec<Effect> {
        note_acceptance(&mut self.world, &event);
        match &event {
            Event::Media(Media::MicrophoneAllowed(allowed)) => self.warm = *allowed,
            Event::Page(Page::AttemptNamed(attempt)) => self.spare = Some(attempt.clone()),
            _ => {}
        }
        if let Event::Timer(timer) = &event {
            self.world.timers.remove(timer);
        }
        let effects = update(&mut self.phone, self.now, event);
        for effect in &effects {
            carry_out(&mut self.world, self.now, effect);
        }
        self.check();
        effects
    }

    pub(crate) fn view(&self) -> View {
        view(&self.phone)
    }

    pub(crate) fn active(&self) -> CallCard {
        self.view().active.expect("a call is on")
    }

    pub(crate) fn ended(&self) -> EndedCard {
        self.view().ended.expect("a call has just ended")
    }

    pub(crate) fn incoming(&self) -> Vec<IncomingCard> {
        self.view().incoming
    }

    pub(crate) fn faults(&self) -> Vec<Fault> {
        self.view().faults.into_iter().map(|known| known.fault).collect()
    }

    /// What is true after every event.
    pub(crate) fn check(&self) {
        let view = self.view();
        let mut calls: Vec<&CallId> = self.world.peers.iter().map(|peer| &peer.call).collect();
        calls.dedup();
        assert_eq!(calls.len(), self.world.peers.len(), "two peer connections of one call live");
        let rings = view.incoming.iter().any(|card| card.accept != phone::view::AcceptView::Opening);
        if self.world.tone == Tone::Ringtone {
            assert!(rings, "it rings though no call rings");
        }
        let wanted = view.active.is_some()
            || !view.held.is_empty()
            || self.warm && view.presence.available
            || view.incoming.iter().any(|card| card.accept == phone::view::AcceptView::Opening);
        if self.world.microphone.is_some() {
            assert!(wanted, "the microphone is open without a call");
        }
        if view.active.is_none() && view.held.is_empty() && view.incoming.is_empty() {
            let spare = usize::from(self.spare.is_some());
            assert!(self.world.peers.len() <= spare, "a peer connection is open without a call");
        }
        let holding: BTreeSet<&CallId> = self.world.holding.iter().map(|peer| &peer.call).collect();
        assert!(
            self.world.playing.as_ref().is_none_or(|playing| !holding.contains(&playing.call)),
            "a call on hold is heard"
        );
    }
}

/// The page starts at the phone.
pub(crate) fn started(held: &str) -> Event {
    Event::Page(Page::Started {
        route: Route::Phone,
        settings: String::new(),
        recents: String::new(),
        held: held.to_owned(),
    })
}

fn note_acceptance(world: &mut World, event: &Event) {
    match event {
        Event::Relay(Relay::AcceptReplied(call, Ok(()))) => {
            world.accepted.insert(call.clone());
        }
        Event::Relay(Relay::Frame(_, Downlink::Event { call, event: CallEvent::AnswerDelivered, .. })) => {
            world.delivered.insert(call.clone());
        }
        Event::Relay(Relay::Frame(_, Downlink::Event { call, event: CallEvent::Accepted, .. })) => {
            world.accepted.insert(call.clone());
        }
        Event::Relay(Relay::Frame(_, Downlink::Snapshot { calls, .. })) => {
            let accepted = calls.iter().filter(|known| matches!(known.stage, Stage::Accepted { .. }));
            world.accepted.extend(accepted.map(|known| known.call.clone()));
        }
        _ => {}
    }
}

fn carry_out(world: &mut World, now: UnixMillis, effect: &Effect) {
    match effect {
        Effect::OpenToAnswer { peer, .. } | Effect::OpenToOffer { peer, .. } => {
            assert!(world.known_peers.insert(peer.clone()), "a generation was used twice");
            world.peers.insert(peer.clone());
        }
        Effect::ClosePeer(peer) => {
            assert!(world.peers.remove(peer), "closed what was not open");
            world.holding.remove(peer);
            world.playing.take_if(|playing| playing == peer);
        }
        Effect::SendHoldTone(peer) => {
            assert!(world.accepted.contains(&peer.call), "a tone was sent before the call was answered");
            assert!(world.holding.insert(peer.clone()), "a call was held twice");
        }
        Effect::EndHoldTone(peer) => assert!(world.holding.remove(peer), "no tone to end"),
        Effect::StopRemote => world.playing = None,
        Effect::SetLocal(peer) => {
            let known = world.posted.contains(&peer.call) || world.delivered.contains(&peer.call);
            assert!(known, "ICE began before the far end could know the answer");
            assert!(world.begun.insert(peer.clone()), "the local description was set twice");
        }
        Effect::SetRemote { peer, .. } => {
            assert!(world.begun.insert(peer.clone()), "the remote description was set twice");
        }
        Effect::AttachMicrophone(peer) => {
            assert!(world.peers.contains(peer), "sound for a closed peer connection");
            assert!(world.accepted.contains(&peer.call), "sound was sent before the call was answered");
            assert!(world.microphone.is_some(), "no microphone to attach");
            assert!(!world.holding.contains(peer), "the agent is heard by a call on hold");
            world.heard.insert(peer.clone());
        }
        Effect::PlayRemote(peer) => {
            assert!(world.peers.contains(peer), "sound of a closed peer connection");
            world.playing = Some(peer.clone());
        }
        Effect::OpenMicrophone(id, _) => world.microphone = Some(*id),
        Effect::ReleaseMicrophone(id) => {
            assert_eq!(world.microphone.take(), Some(*id), "released what was not open");
        }
        Effect::Mute(id, _) => assert_eq!(world.microphone, Some(*id), "muted what was not open"),
        Effect::Tone(tone) => world.tone = *tone,
        Effect::PostAccept { call, .. } | Effect::PostInitiate { call, .. } => {
            world.posted.insert(call.clone());
        }
        Effect::OpenLink { link, .. } => world.link = Some(*link),
        Effect::CloseLink(link) => {
            world.link.take_if(|open| open == link);
        }
        Effect::SetTimer(timer, after) => {
            world.timers.insert(timer.clone(), now + after);
        }
        Effect::ClearTimer(timer) => {
            assert!(world.timers.remove(timer).is_some(), "cleared what was not set")
        }
        Effect::StoreHeld(held) => world.held.clone_from(held),
        _ => {}
    }
}

pub(crate) fn session() -> Session {
    Session {
        username: AgentName::from("asha"),
        name: "Asha".to_owned(),
        role: Role::Agent,
        expires: START + 3_600_000,
        channels: vec![],
        ice_servers: vec![],
    }
}

pub(crate) fn party() -> Party {
    Party { number: Some("+919800000001".to_owned()), name: Some("Asha Rao".to_owned()) }
}

/// A call begins to ring at the desk's time and rings for half a minute.
pub(crate) fn ringing(desk: &Desk) -> CallEvent {
    let since = desk.now + AHEAD;
    let offer = "offer".to_owned();
    CallEvent::Ringing { from: party(), to: None, offer, since, expires: since + 30_000 }
}

pub(crate) fn ended(reason: EndReason) -> CallEvent {
    CallEvent::Ended { reason }
}

/// A call in a snapshot.
pub(crate) fn known(desk: &Desk, call: &str, direction: Direction, stage: Stage) -> CallSnapshot {
    let since = desk.now + AHEAD;
    CallSnapshot {
        call: CallId::from(call),
        direction,
        party: party(),
        business: None,
        since,
        stage,
        answer: None,
    }
}

pub(crate) fn problem(kind: ProblemKind) -> Problem {
    Problem::new(kind, 409, "Refused.", "Do something else.")
}

pub(crate) fn id(call: &str) -> CallId {
    CallId::from(call)
}

/// Whether an order of this kind was given.
pub(crate) fn has(effects: &[Effect], wanted: impl Fn(&Effect) -> bool) -> bool {
    effects.iter().any(wanted)
}

/// The names of the orders, without timers and the like: for one line in a test.
pub(crate) fn names(effects: &[Effect]) -> Vec<&'static str> {
    effects
        .iter()
        .filter_map(|effect| {
            Some(match effect {
                Effect::OpenToAnswer { .. } => "open to answer",
                Effect::OpenToOffer { .. } => "open to offer",
                Effect::SetLocal(_) => "set local",
                Effect::SetRemote { .. } => "set remote",
                Effect::ClosePeer(_) => "close peer",
                Effect::AttachMicrophone(_) => "attach microphone",
                Effect::PlayRemote(_) => "play remote",
                Effect::SendDigit(..) => "send digit",
                Effect::OpenMicrophone(..) => "open microphone",
                Effect::ReleaseMicrophone(_) => "release microphone",
                Effect::Mute(_, true) => "mute",
                Effect::Mute(_, false) => "unmute",
                Effect::Tone(Tone::Silence) => "silence",
                Effect::Tone(Tone::Ringtone) => "ringtone",
                Effect::Tone(Tone::Ringback) => "ringback",
                Effect::PostAccept { .. } => "post accept",
                Effect::PostReject(_) => "post reject",
                Effect::PostTerminate(_) => "post terminate",
                Effect::PostTerminateLeaving(_) => "post terminate leaving",
                Effect::PostInitiate { .. } => "post initiate",
                Effect::FetchLog(..) => "fetch log",
                Effect::OpenLink { .. } => "open link",
                Effect::CloseLink(_) => "close link",
                Effect::Send(..) => "send",
                Effect::CheckSession => "check session",
                Effect::Ignored { .. } => "ignored",
                Effect::StopRemote => "stop remote",
                Effect::SendHoldTone(_) => "hold tone",
                Effect::EndHoldTone(_) => "end hold tone",
                Effect::NameAttempt => "name attempt",
                Effect::RegisterLinks => "register links",
                Effect::Devices(_) | Effect::Meter(_) => return None,
                Effect::UnlockSound
                | Effect::WatchPermission
                | Effect::WarmUp
                | Effect::SignIn { .. }
                | Effect::SignOut
                | Effect::SetTimer(..)
                | Effect::ClearTimer(_)
                | Effect::PushRoute(_)
                | Effect::StoreSettings(_)
                | Effect::StoreRecents(_)
                | Effect::StoreHeld(_)
                | Effect::Tabs(_)
                | Effect::Attention(_)
                | Effect::ApplyTheme(_)
                | Effect::FetchTexts(_)
                | Effect::Speak(_) => return None,
            })
        })
        .collect()
}

/// Sound is free to play.
pub(crate) fn unlocked() -> Event {
    Event::Media(Media::Sound(Sound::Unlocked))
}
