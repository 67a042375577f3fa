//! The business's end of a call, as cheap as a real one can be: full ICE, DTLS-SRTP,
//! a tone that is encoded once, and packets that are counted but not decoded.

use std::collections::VecDeque;
use std::f64::consts::TAU;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use ropus::{Application, Channels, DecodeMode, Decoder, Encoder};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::{Codec, FormatParams};
use str0m::media::{Direction, Frequency, MediaKind, MediaTime, Mid};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep_until;

/// Where callers and handsets are.
pub(crate) const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Samples each second, wide-band speech, and in a packet of 20 ms.
const RATE: u32 = 16_000;
const FRAME: usize = 320;
const FRAME_TIME: Duration = Duration::from_millis(20);
/// RTP ticks in a packet: Opus always counts at 48 kHz (RFC 7587, section 4.1).
const FRAME_TICKS: u64 = 960;
/// Packets in a second, which holds whole periods of a whole number of hertz.
pub(crate) const SECOND: usize = 50;
/// Packets that are kept to be listened to in the end: half a second.
const KEPT: usize = 25;
/// A packet that comes later than this after the one before is late: a browser's
/// jitter buffer holds about as much.
const LATE: Duration = Duration::from_millis(60);
/// Largest Opus packet (RFC 6716, section 3.2.1).
const MOST_BYTES: usize = 1_275;
/// Room for one datagram.
const DATAGRAM: usize = 2_000;
/// Payload type of Opus in browsers' offers.
const OPUS: u8 = 111;
/// How hard the encoder tries, from 0 to 10: a tone needs nothing of it.
const COMPLEXITY: u8 = 0;
/// A quarter of full scale.
const AMPLITUDE: f64 = 0.25;

/// What a caller has sent and received.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Count {
    pub(crate) sent: u64,
    pub(crate) received: u64,
    /// Of those received, how many came late.
    pub(crate) late: u64,
}

#[derive(Default)]
struct Seen {
    connected: bool,
    count: Count,
    last: Option<Instant>,
    latest: VecDeque<Vec<u8>>,
    /// Why the connection ended.
    broken: Option<String>,
}

enum Order {
    Answer(String),
    Speak(bool),
}

/// Somebody who calls, in a task of their own that ends with this value.
pub(crate) struct Caller {
    /// The offer.
    pub(crate) sdp: String,
    orders: mpsc::Sender<Order>,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Caller {
    /// A caller who will say a tone of this frequency.
    pub(crate) async fn new(hertz: u32) -> Result<Self> {
        let socket = UdpSocket::bind((IP, 0)).await.context("no UDP socket")?;
        let mut rtc = rtc();
        rtc.add_local_candidate(Candidate::host(socket.local_addr()?, "udp")?);
        let mut change = rtc.sdp_api();
        let mid = change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, pending) = change.apply().context("no offer was made")?;
        let (orders, inbox) = mpsc::channel(4);
        let seen = Arc::new(Mutex::new(Seen::default()));
        let page = Page {
            rtc,
            mid,
            pending: Some(pending),
            packets: tone(hertz)?,
            speaking: false,
            seen: Arc::clone(&seen),
        };
        let told = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            if let Err(error) = page.live(socket, inbox).await {
                told.lock().unwrap_or_else(PoisonError::into_inner).broken = Some(format!("{error:#}"));
            }
        });
        Ok(Self { sdp: offer.to_sdp_string(), orders, seen, task })
    }

    /// Takes the far end's answer.
    pub(crate) async fn answered(&self, sdp: String) -> Result<()> {
        Ok(self.orders.send(Order::Answer(sdp)).await?)
    }

    /// Begins or ceases to speak.
    pub(crate) async fn speak(&self, on: bool) -> Result<()> {
        Ok(self.orders.send(Order::Speak(on)).await?)
    }

    /// Whether ICE and DTLS are up and sound has come.
    ///
    /// # Errors
    ///
    /// When the connection broke.
    pub(crate) fn hears(&self) -> Result<bool> {
        let seen = self.lock();
        match &seen.broken {
            Some(why) => Err(anyhow!("the caller's connection broke: {why}")),
            None => Ok(seen.connected && seen.count.received > 0),
        }
    }

    /// How far the connection is, in words.
    pub(crate) fn progress(&self) -> String {
        let seen = self.lock();
        format!("connected: {}, received: {}, sent: {}", seen.connected, seen.count.received, seen.count.sent)
    }

    /// What was sent and received so far.
    pub(crate) fn count(&self) -> Count {
        self.lock().count
    }

    /// The frequency of what came last, in hertz.
    pub(crate) fn frequency(&self) -> Result<f64> {
        let mut decoder = Decoder::new(RATE, Channels::Mono).map_err(|error| anyhow!("Opus: {error}"))?;
        let mut pcm = Vec::new();
        for packet in &self.lock().latest {
            let mut frame = [0; FRAME];
            let length = decoder
                .decode(packet, &mut frame, DecodeMode::Normal)
                .map_err(|error| anyhow!("Opus: {error}"))?;
            pcm.extend_from_slice(&frame[..length.min(FRAME)]);
        }
        // Rising zero crossings are exact enough for a pure tone.
        let rising = pcm.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        Ok(rising as f64 / (pcm.len() as f64 / f64::from(RATE)))
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Page {
    rtc: Rtc,
    mid: Mid,
    pending: Option<SdpPendingOffer>,
    packets: Vec<Arc<[u8]>>,
    speaking: bool,
    seen: Arc<Mutex<Seen>>,
}

impl Page {
    async fn live(mut self, socket: UdpSocket, mut inbox: mpsc::Receiver<Order>) -> Result<()> {
        let address = socket.local_addr()?;
        let mut buffer = vec![0; DATAGRAM];
        let mut next_frame = Instant::now();
        loop {
            let wake = self.drain(&socket).await?;
            let wake = if self.speaking { wake.min(next_frame) } else { wake };
            tokio::select! {
                order = inbox.recv() => match order {
                    Some(Order::Answer(answer)) => self.answered(&answer)?,
                    Some(Order::Speak(on)) => {
                        self.speaking = on;
                        next_frame = Instant::now();
                    }
                    None => return Ok(()),
                },
                received = socket.recv_from(&mut buffer) => {
                    let (length, source) = received?;
                    if let Ok(receive) = Receive::new(Protocol::Udp, source, address, &buffer[..length]) {
                        self.rtc.handle_input(Input::Receive(Instant::now(), receive))?;
                    }
                }
                () = sleep_until(wake.into()) => {
                    let now = Instant::now();
                    if self.speaking && next_frame <= now {
                        next_frame += FRAME_TIME;
                        self.say(now)?;
                    } else {
                        self.rtc.handle_input(Input::Timeout(now))?;
                    }
                }
            }
        }
    }

    fn answered(&mut self, answer: &str) -> Result<()> {
        let pending = self.pending.take().context("it was answered already")?;
        let answer = SdpAnswer::from_sdp_string(answer)?;
        Ok(self.rtc.sdp_api().accept_answer(pending, answer)?)
    }

    async fn drain(&mut self, socket: &UdpSocket) -> Result<Instant> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => return Ok(at),
                Output::Transmit(datagram) => {
                    socket.send_to(&datagram.contents, datagram.destination).await?;
                }
                Output::Event(Event::Connected) => self.lock().connected = true,
                Output::Event(Event::MediaData(data)) => {
                    let now = Instant::now();
                    let mut seen = self.lock();
                    seen.count.received += 1;
                    let is_late = seen.last.replace(now).is_some_and(|last| now - last > LATE);
                    seen.count.late += u64::from(is_late);
                    if seen.latest.len() == KEPT {
                        seen.latest.pop_front();
                    }
                    seen.latest.push_back(data.data.to_vec());
                }
                Output::Event(_) => {}
            }
        }
    }

    fn say(&mut self, now: Instant) -> Result<()> {
        let (is_connected, sent) = {
            let seen = self.lock();
            (seen.connected, seen.count.sent)
        };
        let Some(writer) = self.rtc.writer(self.mid).filter(|_| is_connected) else {
            return Ok(self.rtc.handle_input(Input::Timeout(now))?);
        };
        let packet = Arc::clone(&self.packets[sent as usize % SECOND]);
        let time = MediaTime::new(sent * FRAME_TICKS, Frequency::FORTY_EIGHT_KHZ);
        writer.write(OPUS.into(), now, time, packet)?;
        self.lock().count.sent += 1;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A second of a tone.
fn tone(hertz: u32) -> Result<Vec<Arc<[u8]>>> {
    let mut encoder = Encoder::builder(RATE, Channels::Mono, Application::Voip)
        .complexity(COMPLEXITY)
        .build()
        .map_err(|error| anyhow!("Opus: {error}"))?;
    let mut packets = Vec::with_capacity(SECOND);
    for frame in 0..SECOND {
        let sample = |n: usize| {
            let at = (frame * FRAME + n) as f64 / f64::from(RATE);
            ((TAU * f64::from(hertz) * at).sin() * AMPLITUDE * f64::from(i16::MAX)) as i16
        };
        let pcm: Vec<i16> = (0..FRAME).map(sample).collect();
        let mut packet = [0; MOST_BYTES];
        let length = encoder.encode(&pcm, &mut packet).map_err(|error| anyhow!("Opus: {error}"))?;
        packets.push(packet[..length].into());
    }
    Ok(packets)
}

fn rtc() -> Rtc {
    let mut config = RtcConfig::new().clear_codecs().clear_extension_map();
    let opus = FormatParams { min_p_time: Some(20), use_inband_fec: Some(true), ..FormatParams::default() };
    let codecs = config.codec_config();
    codecs.add_config(OPUS.into(), None, Codec::Opus, Frequency::FORTY_EIGHT_KHZ, Some(2), opus);
    config.build(Instant::now())
}
