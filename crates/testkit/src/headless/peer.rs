//! A peer connection as a browser has it, without I/O: full ICE, Opus and telephone
//! events, a description without candidates.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use ropus::{Channels, DecodeMode, Decoder};
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::{Codec, FormatParams};
use str0m::media::{Direction, Frequency, MediaData, MediaKind, MediaTime, Mid};
use str0m::net::{DatagramRecv, Protocol, Receive, Transmit};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

use super::Speech;
use super::ear::Ear;
use super::voice::{FRAME_TICKS, RATE, Voice};

/// Payload types that browsers and Meta use.
const OPUS: u8 = 111;
const TELEPHONE_EVENT: u8 = 126;

/// Time of a packet.
const FRAME_TIME: Duration = Duration::from_millis(20);
/// After a stall longer than this, sound goes on from now instead of in a burst.
const LATEST_CATCH_UP: Duration = Duration::from_millis(200);
/// Longest Opus packet, 120 ms, in samples.
const LONGEST_PACKET: usize = (RATE as usize / 1_000) * 120;

/// The keys in the order of their event codes (RFC 4733, section 3.2).
const KEYS: &str = "0123456789*#ABCD";
/// Reports of one press: browsers repeat the last one (RFC 4733, section 2.5.1.4).
const REPORTS: u8 = 3;
/// End of the event, volume 10 (RFC 4733, section 2.3).
const END_AND_VOLUME: u8 = 0x8A;
/// Duration of a press in ticks of 8 kHz, as two bytes: 100 ms.
const PRESS_TICKS: [u8; 2] = [3, 32];
/// Ticks of 8 kHz in 20 ms.
const KEY_TICKS: u64 = 160;

/// What the owner of the socket does next.
pub(super) enum Step {
    Send(Transmit),
    /// Wait for a datagram, at most until then.
    Wait(Instant),
}

/// A packet that is due in place of sound.
struct Press {
    event: u8,
    time: u64,
    left: u8,
}

/// A peer connection.
pub(super) struct Peer {
    rtc: Rtc,
    address: SocketAddr,
    mid: Mid,
    pending: Option<SdpPendingOffer>,
    voice: Voice,
    decoder: Decoder,
    ear: Ear,
    /// When the next packet is due; `None` while the track is held back.
    next_frame: Option<Instant>,
    muted: bool,
    frames: u64,
    presses: VecDeque<Press>,
}

impl Peer {
    /// A peer that calls: its offer.
    pub(super) fn calling(address: SocketAddr, speech: Speech, ear: Ear) -> Result<(Self, String)> {
        let mut rtc = rtc(address)?;
        let mut change = rtc.sdp_api();
        let mid = change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, pending) = change.apply().context("no offer was made")?;
        let sdp = without_candidates(&offer.to_sdp_string());
        Ok((Self::new(rtc, address, mid, Some(pending), speech, ear)?, sdp))
    }

    /// A peer that is called: its answer.
    pub(super) fn answering(
        address: SocketAddr,
        speech: Speech,
        ear: Ear,
        offer: &str,
    ) -> Result<(Self, String)> {
        let mut rtc = rtc(address)?;
        let mid = offer
            .lines()
            .find_map(|line| line.trim_end().strip_prefix("a=mid:"))
            .context("the offer has no a=mid")?
            .to_owned();
        // A browser answers actpass with active; this engine does so when it is told
        // that the other side is passive.
        let shown = offer.replace("a=setup:actpass", "a=setup:passive");
        let parsed = SdpOffer::from_sdp_string(&shown).context("the offer can't be read")?;
        let answer = rtc.sdp_api().accept_offer(parsed).context("the offer can't be answered")?;
        let sdp = without_candidates(&answer.to_sdp_string());
        Ok((Self::new(rtc, address, Mid::from(mid.as_str()), None, speech, ear)?, sdp))
    }

    fn new(
        rtc: Rtc,
        address: SocketAddr,
        mid: Mid,
        pending: Option<SdpPendingOffer>,
        speech: Speech,
        ear: Ear,
    ) -> Result<Self> {
        let decoder =
            Decoder::new(RATE, Channels::Mono).map_err(|error| anyhow!("no Opus decoder: {error}"))?;
        Ok(Self {
            rtc,
            address,
            mid,
            pending,
            voice: Voice::new(speech)?,
            decoder,
            ear,
            next_frame: None,
            muted: false,
            frames: 0,
            presses: VecDeque::new(),
        })
    }

    /// The far end's answer; a second one is ignored.
    pub(super) fn answered(&mut self, answer: &str) -> Result<()> {
        let Some(pending) = self.pending.take() else { return Ok(()) };
        let answer = SdpAnswer::from_sdp_string(answer).context("the answer can't be read")?;
        self.rtc.sdp_api().accept_answer(pending, answer).context("the answer can't be used")
    }

    /// Attaches the microphone's track.
    pub(super) fn speak(&mut self, now: Instant) {
        self.next_frame.get_or_insert(now);
    }

    /// Takes the track away again: no sound packet leaves, control packets do.
    pub(super) fn hush(&mut self) {
        self.next_frame = None;
    }

    pub(super) fn mute(&mut self, muted: bool) {
        self.muted = muted;
    }

    /// Presses a key, if it is one.
    pub(super) fn press(&mut self, key: char) {
        let event = KEYS.chars().position(|known| known == key).and_then(|at| u8::try_from(at).ok());
        if let Some(event) = event {
            let before = self.presses.back().map_or(self.frames, |press| press.time / KEY_TICKS);
            let time = (before + u64::from(REPORTS) + 1) * KEY_TICKS;
            self.presses.push_back(Press { event, time, left: REPORTS });
        }
    }

    pub(super) fn receive(&mut self, now: Instant, source: SocketAddr, datagram: &[u8]) -> Result<()> {
        // What can't be parsed came from somebody else or was damaged.
        let Ok(contents) = DatagramRecv::try_from(datagram) else { return Ok(()) };
        let receive = Receive { proto: Protocol::Udp, source, destination: self.address, contents };
        let input = Input::Receive(now, receive);
        if self.rtc.accepts(&input) { Ok(self.rtc.handle_input(input)?) } else { Ok(()) }
    }

    /// The time that [`Step::Wait`] named has come.
    pub(super) fn timeout(&mut self, now: Instant) -> Result<()> {
        let due = self.next_frame.filter(|at| *at <= now);
        if let Some(due) = due {
            let late = now.saturating_duration_since(due) > LATEST_CATCH_UP;
            self.next_frame = Some(if late { now + FRAME_TIME } else { due + FRAME_TIME });
            if self.ear.heard_connected() {
                return self.send_frame(now);
            }
        }
        Ok(self.rtc.handle_input(Input::Timeout(now))?)
    }

    /// What to do next. Call until it says [`Step::Wait`].
    pub(super) fn step(&mut self) -> Result<Step> {
        loop {
            match self.rtc.poll_output()? {
                Output::Transmit(transmit) => return Ok(Step::Send(transmit)),
                Output::Timeout(at) => {
                    return Ok(Step::Wait(self.next_frame.map_or(at, |frame| frame.min(at))));
                }
                Output::Event(event) => self.event(event),
            }
        }
    }

    /// Begins an orderly end; drain [`Peer::step`] afterwards.
    pub(super) fn close(&mut self) -> Result<()> {
        self.next_frame = None;
        Ok(self.rtc.close()?)
    }

    pub(super) fn is_alive(&self) -> bool {
        self.rtc.is_alive()
    }

    fn send_frame(&mut self, now: Instant) -> Result<()> {
        let packet = self.voice.next(self.muted)?;
        let time = self.frames;
        self.frames += 1;
        // None once the far end has closed the connection.
        let Some(writer) = self.rtc.writer(self.mid) else { return Ok(()) };
        match self.presses.front_mut() {
            Some(press) => {
                let [high, low] = PRESS_TICKS;
                let report = vec![press.event, END_AND_VOLUME, high, low];
                let time = MediaTime::new(press.time, Frequency::EIGHT_KHZ);
                writer.write(TELEPHONE_EVENT.into(), now, time, report)?;
                press.left -= 1;
                if press.left == 0 {
                    self.presses.pop_front();
                }
            }
            None => {
                let time = MediaTime::new(time * FRAME_TICKS, Frequency::FORTY_EIGHT_KHZ);
                writer.write(OPUS.into(), now, time, packet)?;
            }
        }
        Ok(())
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the engine's events, most of them for video and data"
    )]
    fn event(&mut self, event: Event) {
        match event {
            Event::Connected => self.ear.note(|heard| heard.connected = true),
            Event::Closed => self.ear.note(|heard| heard.closed = true),
            Event::MediaData(data) => self.media(&data),
            _ => {}
        }
    }

    fn media(&mut self, data: &MediaData) {
        if data.params.spec().codec != Codec::Opus {
            return;
        }
        let mut pcm = [0; LONGEST_PACKET];
        // A packet that can't be decoded counts as received and unheard.
        let samples = self
            .decoder
            .decode(&data.data, &mut pcm, DecodeMode::Normal)
            .map_or(0, |samples| samples.min(pcm.len()));
        self.voice.hear(&pcm[..samples]);
        self.ear.frame(&pcm[..samples]);
    }
}

fn rtc(address: SocketAddr) -> Result<Rtc> {
    let mut config = RtcConfig::new().clear_codecs().clear_extension_map();
    let codecs = config.codec_config();
    let opus = FormatParams { min_p_time: Some(20), use_inband_fec: Some(true), ..FormatParams::default() };
    codecs.add_config(OPUS.into(), None, Codec::Opus, Frequency::FORTY_EIGHT_KHZ, Some(2), opus);
    let keys = FormatParams::default();
    codecs.add_config(TELEPHONE_EVENT.into(), None, Codec::Tele, Frequency::EIGHT_KHZ, None, keys);
    let mut rtc = config.build(Instant::now());
    rtc.add_local_candidate(Candidate::host(address, "udp")?);
    Ok(rtc)
}

/// A browser sends its description before any candidate is known: the far end learns
/// the address from the checks.
fn without_candidates(sdp: &str) -> String {
    let kept = sdp
        .lines()
        .filter(|line| !line.starts_with("a=candidate:") && !line.starts_with("a=end-of-candidates"));
    kept.map(|line| format!("{}\r\n", line.trim_end())).collect()
}
