//! Carries effects out. Owns every adapter.

use std::rc::Rc;

use leptos::prelude::*;
use phone::Effect;
use phone::Event;
use phone::devices::{self, Order, Role};
use phone::event::{LinkId, Media, MicrophoneId, Page, Peer, PeerId, Relay, Sound};
use phone::few::Few;
use phone::timer::TimerId;
use wire::{CallId, Uplink};

use super::texts::Texts;
use super::{Tell, levels, stored};
use super::{requests, tabs};
use crate::platform::devices::Devices;
use crate::platform::gesture::Gestures;
use crate::platform::hold_tone::HoldTone;
use crate::platform::line::{self, Meter};
use crate::platform::listener::Listener;
use crate::platform::loopback::Loopback;
use crate::platform::microphone::{self, Microphone, Silence};
use crate::platform::peer::{self, PeerConnection};
use crate::platform::permission::Permission;
use crate::platform::remote::Remote;
use crate::platform::socket::{self, Socket};
use crate::platform::storage::{self, Place};
use crate::platform::timer::Timeout;
use crate::platform::tones::Tones;
use crate::platform::trial::{self, Trial};
use crate::platform::{attempt, console, history, links, page};

/// All that the page holds of the browser.
pub(super) struct World {
    pub(super) tell: Tell,
    peers: Few<PeerId, PeerConnection>,
    microphone: Option<(MicrophoneId, Microphone)>,
    remote: Option<(PeerId, Remote)>,
    socket: Option<(LinkId, Socket)>,
    timers: Few<TimerId, Timeout>,
    hold_tone: Option<HoldTone>,
    /// Peer connections that send the hold tone, or this silence.
    holding: Vec<(PeerId, Option<Silence>)>,
    permission: Option<Permission>,
    tones: Option<Rc<Tones>>,
    levels: WriteSignal<u64>,
    meter: Option<Meter>,
    devices: Option<Devices>,
    /// The device in use for each role, by its id.
    used: [String; 3],
    trial: Option<Rc<Trial>>,
    loopback: Option<Loopback>,
    gestures: Option<Gestures>,
    listeners: Vec<Listener>,
    texts: Texts,
    pub(super) tabs: tabs::Own,
}

impl World {
    pub(super) fn new(levels: WriteSignal<u64>) -> Self {
        Self {
            tell: Tell(None),
            peers: Few::default(),
            microphone: None,
            remote: None,
            socket: None,
            timers: Few::default(),
            tones: None,
            hold_tone: None,
            holding: Vec::new(),
            permission: None,
            levels,
            meter: None,
            devices: None,
            used: Default::default(),
            trial: None,
            loopback: None,
            gestures: None,
            listeners: Vec::new(),
            texts: Texts::default(),
            tabs: tabs::Own::default(),
        }
    }

    pub(super) fn keep(&mut self, listener: Option<Listener>) {
        self.listeners.extend(listener);
    }

    pub(super) fn keep_gestures(&mut self, gestures: Gestures) {
        self.gestures = Some(gestures);
    }

    pub(super) fn start_tones(&mut self, tell: impl Fn(Sound) + Clone + 'static) {
        self.tones = Some(Rc::new(Tones::new(tell)));
    }

    /// Tries to unlock all sound; works within a gesture.
    pub(super) fn unlock_sound(&self) {
        if let Some(tones) = &self.tones {
            tones.unlock();
        }
        if let Some((_, remote)) = &self.remote {
            remote.retry(self.sound());
        }
    }

    /// Carries one effect out. What it brings about is told later, as an event.
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::OpenToAnswer { peer, offer, ice_servers } => {
                let opened = PeerConnection::to_answer(&ice_servers, offer, self.peer(&peer));
                self.opened(peer, opened);
            }
            Effect::OpenToOffer { peer, ice_servers } => {
                let opened = PeerConnection::to_offer(&ice_servers, self.peer(&peer));
                self.opened(peer, opened);
            }
            Effect::SetLocal(peer) => self.with(&peer, PeerConnection::set_local),
            Effect::SetRemote { peer, answer } => {
                self.with(&peer, |connection| connection.set_remote(answer))
            }
            Effect::ClosePeer(peer) => {
                self.remote.take_if(|(playing, _)| *playing == peer);
                self.let_go(&peer);
                self.peers.remove(&peer);
                if self.peers.values().next().is_none() {
                    self.hold_tone = None;
                }
            }
            Effect::AttachMicrophone(peer) => {
                let track = self.microphone.as_ref().and_then(|(_, microphone)| microphone.track());
                // Made with the first call, so that it is there when one is held.
                self.hold_tone = self.hold_tone.take().or_else(HoldTone::new);
                let former = self.microphone.as_ref().and_then(|(_, microphone)| microphone.former());
                self.with(&peer, |connection| connection.send_track(track, former));
                self.listen();
            }
            Effect::PlayRemote(peer) => {
                let track = self.peers.get(&peer).and_then(PeerConnection::remote_track);
                self.remote =
                    track.map(|track| (peer, Remote::play(&track, self.used(Role::Speaker), self.sound())));
            }
            Effect::StopRemote => self.remote = None,
            Effect::SendHoldTone(peer) => self.hold(peer),
            Effect::EndHoldTone(peer) => self.let_go(&peer),
            Effect::SendDigit(peer, digit) => {
                self.with(&peer, |connection| connection.send_digit(digit));
                if let Some(tones) = &self.tones {
                    tones.key(digit);
                }
            }
            Effect::OpenMicrophone(id, processing) => {
                let device = self.used(Role::Microphone);
                self.microphone = Some((id, Microphone::open(processing, device, self.microphone_of(id))));
            }
            Effect::ReleaseMicrophone(id) => {
                self.microphone.take_if(|(open, _)| *open == id);
            }
            Effect::Mute(id, muted) => {
                if let Some((_, microphone)) = self.microphone.as_ref().filter(|(open, _)| *open == id) {
                    microphone.mute(muted);
                }
            }
            Effect::Tone(tone) => {
                if let Some(tones) = &self.tones {
                    tones.play(tone);
                }
            }
            Effect::Devices(order) => self.devices(order),
            Effect::Meter(peer) => {
                let connection =
                    peer.as_ref().and_then(|peer| self.peers.get(peer).map(|found| (peer, found)));
                self.levels.set(0);
                let volume = self.remote.as_ref().and_then(|(_, remote)| remote.volume());
                self.meter =
                    connection.map(|(peer, connection)| Meter::new(connection, volume, self.meter_of(peer)));
                self.listen();
            }
            Effect::UnlockSound => self.unlock_sound(),
            Effect::WatchPermission => self.watch_permission(),
            Effect::NameAttempt => {
                self.tell.event(Event::Page(Page::AttemptNamed(CallId(attempt::fresh()))));
            }
            Effect::RegisterLinks => self.tell.event(Event::Page(Page::LinksAsked(links::register()))),
            Effect::WarmUp => peer::warm_up(),

            Effect::CheckSession => requests::session(self.tell),
            Effect::SignIn { username, password } => requests::sign_in(self.tell, username, password),
            Effect::SignOut => requests::sign_out(self.tell),
            Effect::PostAccept { call, sdp } => {
                // A request takes the browser milliseconds that a frame does not.
                if let Some((_, socket)) = &self.socket {
                    socket.send(&Uplink::Accept { call: call.clone(), sdp: sdp.clone() });
                }
                requests::accept(self.tell, call, sdp);
            }
            Effect::PostReject(call) => requests::reject(self.tell, call),
            Effect::PostTerminate(call) => requests::terminate(self.tell, call),
            Effect::PostTerminateLeaving(call) => requests::terminate_leaving(self.tell, call),
            Effect::PostInitiate { call, to, sdp } => requests::initiate(self.tell, call, to, sdp),
            Effect::FetchLog(request, query) => requests::log(self.tell, request, query),
            Effect::OpenLink { link, after } => self.open_link(link, after),
            Effect::CloseLink(link) => {
                self.socket.take_if(|(open, _)| *open == link);
            }
            Effect::Send(link, frame) => {
                if let Some((_, socket)) = self.socket.as_ref().filter(|(open, _)| *open == link) {
                    socket.send(&frame);
                }
            }

            Effect::SetTimer(timer, after_ms) => self.set_timer(timer, after_ms),
            Effect::ClearTimer(timer) => {
                self.timers.remove(&timer);
            }
            Effect::PushRoute(route) => history::push(route),
            Effect::StoreSettings(settings) => {
                storage::write(Place::Browser, stored::SETTINGS, &settings.print());
            }
            Effect::StoreRecents(recents) => {
                storage::write(Place::Browser, stored::RECENTS, &recents.print());
            }
            Effect::StoreHeld(held) => storage::write(Place::Tab, stored::HELD, &held),
            Effect::Tabs(order) => self.tabs.perform(order, self.tell),
            Effect::Attention(order) => self.tabs.attend(order, self.tell),
            Effect::ApplyTheme(theme) => page::apply_theme(theme),
            Effect::FetchTexts(language) => self.texts.fetch(language, self.tell),
            Effect::Speak(language) => self.texts.speak(language),
            // Of use to whoever develops; the page as it is delivered does without the words.
            Effect::Ignored { event, why } => {
                if cfg!(debug_assertions) {
                    console::debug(&["softphone: an event of ", event, " was ignored: ", why].concat());
                }
            }
        }
    }

    /// Sends the hold tone to a far end; one tone serves all.
    fn hold(&mut self, peer: PeerId) {
        let tone = self.hold_tone.as_ref().and_then(HoldTone::track);
        // Where there is none, silence flows on instead of the agent's voice.
        let microphone = self.microphone.as_ref().and_then(|(_, microphone)| microphone.track());
        let silence = microphone.filter(|_| tone.is_none()).map(|track| Silence::of(&track));
        let track = tone.or_else(|| silence.as_ref().map(Silence::track));
        self.with(&peer, |connection| connection.send_track(track, None));
        self.holding.push((peer, silence));
    }

    /// The far end hears the hold tone no more.
    fn let_go(&mut self, peer: &PeerId) {
        self.holding.retain(|(held, _)| held != peer);
    }

    fn watch_permission(&mut self) {
        let tell = self.tell;
        let watch = Permission::watch(move |allowed| {
            tell.event(Event::Media(Media::MicrophoneAllowed(allowed)));
        });
        self.permission = Some(watch);
    }

    fn used(&self, role: Role) -> &str {
        &self.used[role as usize]
    }

    fn devices(&mut self, order: Order) {
        let tell = self.tell;
        match order {
            Order::List => {
                let told = move |listing| tell.event(Event::Devices(devices::Told::Listed(listing)));
                self.devices.get_or_insert_with(|| Devices::new(told)).look();
            }
            Order::Store(text) => storage::write(Place::Browser, stored::DEVICES, &text),
            Order::Use(role, id) => {
                self.used[role as usize].clone_from(&id);
                match (role, &self.microphone, &self.remote) {
                    (Role::Microphone, Some((_, microphone)), _) => microphone.switch(&id),
                    (Role::Speaker, _, Some((_, remote))) => remote.move_to(&id),
                    (Role::Microphone | Role::Speaker | Role::Ringtone, _, _) => {}
                }
                if let Some(tones) = &self.tones {
                    tones.use_device(role, id);
                }
            }
            Order::TryMicrophone(Some(processing)) => {
                let Some(tones) = self.tones.clone() else { return };
                let shown = self.levels;
                let device = self.used(Role::Microphone);
                self.trial = Some(Trial::new(processing, device, tones, move |told| match told {
                    trial::Told::Level(you) => shown.set(levels(you, 0)),
                    trial::Told::Step(step) => tell.event(Event::Devices(devices::Told::Trial(step))),
                    trial::Told::Over => tell.event(Event::Devices(devices::Told::TrialOver)),
                }));
            }
            Order::TryMicrophone(None) => self.trial = None,
            Order::TrySpeaker => {
                if let Some(tones) = &self.tones {
                    tones.sample(self.sound());
                }
            }
            Order::TryPath(ice_servers) => {
                let looked = Loopback::new(&ice_servers, move |is_there| {
                    tell.event(Event::Devices(devices::Told::Path(is_there)));
                });
                match looked {
                    Ok(loopback) => self.loopback = Some(loopback),
                    Err(what) => {
                        console::warn(&what);
                        tell.event(Event::Devices(devices::Told::Path(false)));
                    }
                }
            }
            Order::EndPath => self.loopback = None,
            Order::Volume(percent) => {
                if let Some(tones) = &self.tones {
                    tones.set_volume(percent);
                }
            }
        }
    }

    /// The meter hears the microphone that is sent.
    fn listen(&self) {
        if let (Some(meter), Some(tones)) = (&self.meter, &self.tones) {
            meter.listen(self.microphone.as_ref().and_then(|(_, microphone)| microphone.ear(tones)));
        }
    }

    fn meter_of(&self, peer: &PeerId) -> impl Fn(line::Told) + 'static {
        let (tell, shown, peer) = (self.tell, self.levels, peer.clone());
        move |told| match told {
            line::Told::Levels { you, them } => shown.set(levels(you, them)),
            line::Told::Second(sample) => tell.event(Event::Line(peer.clone(), sample)),
        }
    }

    fn with(&self, peer: &PeerId, order: impl FnOnce(&PeerConnection)) {
        if let Some(connection) = self.peers.get(peer) {
            order(connection);
        }
    }

    fn opened(&mut self, peer: PeerId, opened: Result<PeerConnection, String>) {
        match opened {
            Ok(connection) => {
                self.peers.insert(peer, connection);
            }
            Err(what) => self.tell.event(Event::Peer(peer, Peer::Broken { what })),
        }
    }

    fn open_link(&mut self, link: LinkId, after: Option<u64>) {
        let tell = self.tell;
        let opened = Socket::open(after, move |told| {
            tell.event(Event::Relay(match told {
                socket::Told::Opened => Relay::SocketOpened(link),
                socket::Told::Frame(frame) => Relay::Frame(link, frame),
                socket::Told::Lost => Relay::SocketLost(link),
            }));
        });
        match opened {
            Ok(socket) => self.socket = Some((link, socket)),
            Err(what) => {
                console::warn(&what);
                self.tell.event(Event::Relay(Relay::SocketLost(link)));
            }
        }
    }

    fn set_timer(&mut self, timer: TimerId, after_ms: u64) {
        let tell = self.tell;
        let due = timer.clone();
        let timeout = Timeout::new(after_ms, move || tell.event(Event::Timer(due)));
        self.timers.insert(timer, timeout);
    }

    fn peer(&self, peer: &PeerId) -> impl Fn(Peer) + 'static {
        let tell = self.tell;
        let peer = peer.clone();
        move |what| tell.event(Event::Peer(peer.clone(), what))
    }

    fn microphone_of(&self, id: MicrophoneId) -> impl Fn(microphone::Told) + 'static {
        let tell = self.tell;
        move |told| {
            tell.event(Event::Media(match told {
                microphone::Told::Ready => Media::MicrophoneReady(id),
                microphone::Told::Failed(fault) => Media::MicrophoneFailed(id, fault),
                microphone::Told::Ended => Media::MicrophoneEnded(id),
                microphone::Told::Switched => return tell.event(Event::Devices(devices::Told::Switched)),
                microphone::Told::SwitchFailed(fault) => {
                    return tell.event(Event::Devices(devices::Told::SwitchFailed(fault)));
                }
            }));
        }
    }

    fn sound(&self) -> impl Fn(Sound) + 'static {
        let tell = self.tell;
        move |sound| tell.event(Event::Media(Media::Sound(sound)))
    }
}
