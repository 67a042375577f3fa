//! One end of a call as a state machine without I/O: str0m, the sound that is
//! sent and the ear that listens.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ropus::{Channels, DecodeMode, Decoder};
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::{Codec, CodecExtra, FormatParams};
use str0m::media::{Direction, Frequency, MediaData, MediaKind, MediaTime, Mid, Pt};
use str0m::net::{DatagramRecv, Protocol, Receive, Transmit};
use str0m::{Candidate, Event, IceConnectionState, IceCreds, Input, Output, Rtc, RtcConfig};

use super::HandsetError;
use super::analyzer::ANALYSIS_RATE;
use super::ear::Ear;
use super::path::is_media;
use super::sdp::{self, SdpFault, Shape};
use super::sound::{Sound, Voice};
use crate::ids;
use crate::settings::AnswerSetup;

/// Payload types that Meta offers.
const OPUS: u8 = 111;
const TELEPHONE_EVENT: u8 = 126;

/// A frame of sound.
const FRAME: Duration = Duration::from_millis(20);

/// RTP ticks of a frame: Opus always counts at 48 kHz (RFC 7587, section 4.1).
const FRAME_TICKS: u64 = 960;

/// After a stall longer than this, sound goes on from now instead of catching
/// up in a burst.
const LATEST_CATCH_UP: Duration = Duration::from_millis(200);

/// The longest Opus packet, 120 ms, in samples at the analysis rate.
const LONGEST_PACKET: usize = (ANALYSIS_RATE as usize / 1_000) * 120;

/// What the owner of the socket has to do next.
pub(crate) enum Step {
    /// Send this datagram.
    Send(Transmit),
    /// Tell the exchange.
    Tell(PeerEvent),
    /// Wait for a datagram, at most until then.
    Wait(Instant),
}

/// What happened to the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeerEvent {
    /// ICE and DTLS are up.
    Connected,
    /// ICE checks stopped coming: the other end is gone.
    Disconnected,
    /// The other end closed the connection in an orderly way.
    Closed,
}

/// A WebRTC peer that behaves as Meta's far end does.
pub(crate) struct Peer {
    rtc: Rtc,
    address: SocketAddr,
    mid: Mid,
    pending: Option<SdpPendingOffer>,
    opus: Pt,
    sound: Sound,
    decoder: Decoder,
    ear: Arc<Mutex<Ear>>,
    /// When the next frame is due; `None` until the call is picked up.
    next_frame: Option<Instant>,
    frames: u64,
    connected: bool,
}

impl Peer {
    /// A peer that calls: gives the offer for the business.
    pub(crate) fn caller(
        now: Instant,
        address: SocketAddr,
        voice: Voice,
        ear: Arc<Mutex<Ear>>,
    ) -> Result<(Self, String), HandsetError> {
        let (mut rtc, credentials) = rtc(now, address)?;
        let mut change = rtc.sdp_api();
        let mid = change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (own_offer, pending) = change.apply().ok_or(HandsetError::Engine("no offer".into()))?;
        let own = sdp::negotiated(&own_offer.to_sdp_string())
            .ok_or(HandsetError::Engine("an offer without its lines".into()))?;
        let offer = sdp::write(&Shape {
            session: ids::session_number(),
            address,
            ufrag: credentials.ufrag,
            password: credentials.pass,
            fingerprint: own.fingerprint,
            setup: "actpass",
            mid: sdp::META_MID.into(),
            opus: OPUS,
            telephone_event: Some(TELEPHONE_EVENT),
            ssrc: own.ssrc,
            stream: ids::stream_name(),
        });
        let peer = Self {
            rtc,
            address,
            mid,
            pending: Some(pending),
            opus: OPUS.into(),
            sound: Sound::new(voice)?,
            decoder: decoder()?,
            ear,
            next_frame: None,
            frames: 0,
            connected: false,
        };
        Ok((peer, offer))
    }

    /// A peer that is called: takes the browser's (checked) offer, gives the answer.
    pub(crate) fn callee(
        now: Instant,
        address: SocketAddr,
        voice: Voice,
        ear: Arc<Mutex<Ear>>,
        (offer, mid): (&str, &str),
        setup: AnswerSetup,
    ) -> Result<(Self, String), HandsetError> {
        let (mut rtc, credentials) = rtc(now, address)?;
        let offer = SdpOffer::from_sdp_string(&sdp::for_callee(offer, setup)).map_err(refused)?;
        let own_answer = rtc.sdp_api().accept_offer(offer).map_err(refused)?;
        let own = sdp::negotiated(&own_answer.to_sdp_string()).ok_or(HandsetError::Sdp(SdpFault::NoOpus))?;
        let answer = sdp::write(&Shape {
            session: ids::session_number(),
            address,
            ufrag: credentials.ufrag,
            password: credentials.pass,
            fingerprint: own.fingerprint,
            setup: match setup {
                AnswerSetup::Active => "active",
                AnswerSetup::Passive => "passive",
                AnswerSetup::Actpass => "actpass",
            },
            mid: mid.to_owned(),
            opus: own.opus,
            telephone_event: own.telephone_event,
            ssrc: own.ssrc,
            stream: ids::stream_name(),
        });
        let peer = Self {
            rtc,
            address,
            mid: Mid::from(own.mid.as_str()),
            pending: None,
            opus: own.opus.into(),
            sound: Sound::new(voice)?,
            decoder: decoder()?,
            ear,
            next_frame: None,
            frames: 0,
            connected: false,
        };
        Ok((peer, answer))
    }

    /// Takes the business's (checked) answer to a caller's offer. A second one
    /// is ignored: it is the identical text by the time it gets here.
    pub(crate) fn answered(&mut self, answer: &str) -> Result<(), HandsetError> {
        let Some(pending) = self.pending.take() else {
            return Ok(());
        };
        let answer =
            SdpAnswer::from_sdp_string(&sdp::for_caller(answer, &self.mid.to_string())).map_err(refused)?;
        self.rtc.sdp_api().accept_answer(pending, answer).map_err(refused)
    }

    /// The call is picked up: sound flows from here on.
    pub(crate) fn picked_up(&mut self, now: Instant) {
        self.next_frame.get_or_insert(now);
        self.hear(|ear| ear.picked_up(now));
    }

    /// A datagram arrived.
    pub(crate) fn receive(
        &mut self,
        now: Instant,
        source: SocketAddr,
        datagram: &[u8],
    ) -> Result<(), HandsetError> {
        // Media keeps a call alive, ICE checks do not.
        if is_media(datagram) {
            self.hear(|ear| ear.sign_of_life(now));
        }
        // What can't be parsed came from somebody else or was damaged.
        let Ok(contents) = DatagramRecv::try_from(datagram) else {
            return Ok(());
        };
        let receive = Receive { proto: Protocol::Udp, source, destination: self.address, contents };
        let input = Input::Receive(now, receive);
        if !self.rtc.accepts(&input) {
            return Ok(());
        }
        self.rtc.handle_input(input).map_err(engine)
    }

    /// The time that [`Step::Wait`] named has come: sends the frame that is due
    /// or lets the engine do its timed work.
    pub(crate) fn timeout(&mut self, now: Instant) -> Result<(), HandsetError> {
        let due = self.next_frame.is_some_and(|at| at <= now);
        if due && self.connected {
            self.speak(now)
        } else {
            if due {
                self.next_frame = Some(now + FRAME);
            }
            self.rtc.handle_input(Input::Timeout(now)).map_err(engine)
        }
    }

    /// What to do next. Call until it says [`Step::Wait`].
    pub(crate) fn step(&mut self) -> Result<Step, HandsetError> {
        loop {
            match self.rtc.poll_output().map_err(engine)? {
                Output::Transmit(transmit) => return Ok(Step::Send(transmit)),
                Output::Timeout(at) => {
                    return Ok(Step::Wait(self.next_frame.map_or(at, |frame| frame.min(at))));
                }
                Output::Event(event) => {
                    if let Some(event) = self.event(event) {
                        return Ok(Step::Tell(event));
                    }
                }
            }
        }
    }

    /// Begins an orderly end; drain [`Peer::step`] afterwards.
    pub(crate) fn close(&mut self) -> Result<(), HandsetError> {
        self.next_frame = None;
        self.rtc.close().map_err(engine)
    }

    /// Whether the engine still has anything to do.
    pub(crate) fn is_alive(&self) -> bool {
        self.rtc.is_alive()
    }

    fn speak(&mut self, now: Instant) -> Result<(), HandsetError> {
        let due = self.next_frame.unwrap_or(now);
        self.next_frame = Some(if now.saturating_duration_since(due) > LATEST_CATCH_UP {
            now + FRAME
        } else {
            due + FRAME
        });
        let packet = self.sound.next()?;
        let time = MediaTime::new(self.frames * FRAME_TICKS, Frequency::FORTY_EIGHT_KHZ);
        self.frames += 1;
        if let Some(writer) = self.rtc.writer(self.mid) {
            writer.write(self.opus, now, time, Arc::clone(&packet)).map_err(engine)?;
            self.hear(|ear| ear.sent(packet));
        }
        Ok(())
    }

    /// What an engine's event means for a call; most mean nothing.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the engine's events, most of them for video and data"
    )]
    fn event(&mut self, event: Event) -> Option<PeerEvent> {
        if let Event::MediaData(data) = event {
            self.media(&data);
            return None;
        }
        let told = match event {
            Event::Connected => PeerEvent::Connected,
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => PeerEvent::Disconnected,
            Event::Closed => PeerEvent::Closed,
            _ => return None,
        };
        // After a loss of ICE packets are still made: the path may come back.
        self.connected = told != PeerEvent::Closed;
        self.hear(|ear| ear.connection(told == PeerEvent::Connected));
        Some(told)
    }

    fn media(&mut self, data: &MediaData) {
        let at = data.network_time;
        if let CodecExtra::Tele(report) = data.codec_extra {
            let timestamp = data.time.numer();
            self.hear(|ear| ear.key(at, report.event, timestamp));
            return;
        }
        if data.params.spec().codec != Codec::Opus {
            return;
        }
        let mut pcm = [0; LONGEST_PACKET];
        // A packet that can't be decoded counts as received and unheard.
        let heard = self
            .decoder
            .decode(&data.data, &mut pcm, DecodeMode::Normal)
            .map_or(0, |samples| samples.min(pcm.len()));
        self.sound.hear(&pcm[..heard]);
        self.hear(|ear| ear.frame(at, &pcm[..heard]));
    }

    fn hear(&self, what: impl FnOnce(&mut Ear)) {
        what(&mut self.ear.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn rtc(now: Instant, address: SocketAddr) -> Result<(Rtc, IceCreds), HandsetError> {
    let credentials = IceCreds { ufrag: ids::ice_ufrag(), pass: ids::ice_password() };
    let mut config = RtcConfig::new()
        .set_ice_lite(true)
        .set_local_ice_credentials(credentials.clone())
        .clear_codecs()
        .clear_extension_map();
    let codecs = config.codec_config();
    codecs.add_config(
        OPUS.into(),
        None,
        Codec::Opus,
        Frequency::FORTY_EIGHT_KHZ,
        Some(2),
        FormatParams { min_p_time: Some(20), use_inband_fec: Some(true), ..FormatParams::default() },
    );
    codecs.add_config(
        TELEPHONE_EVENT.into(),
        None,
        Codec::Tele,
        Frequency::EIGHT_KHZ,
        None,
        FormatParams::default(),
    );
    let mut rtc = config.build(now);
    let candidate =
        Candidate::host(address, "udp").map_err(|error| HandsetError::Engine(error.to_string()))?;
    rtc.add_local_candidate(candidate);
    Ok((rtc, credentials))
}

fn decoder() -> Result<Decoder, HandsetError> {
    Decoder::new(ANALYSIS_RATE, Channels::Mono).map_err(|error| HandsetError::Codec(error.to_string()))
}

fn engine(error: str0m::RtcError) -> HandsetError {
    HandsetError::Engine(error.to_string())
}

fn refused(error: impl std::fmt::Display) -> HandsetError {
    HandsetError::Sdp(SdpFault::Negotiation(error.to_string()))
}
