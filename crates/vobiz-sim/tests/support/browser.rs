//! The browser's part of a call, played by str0m: full ICE, a steady tone out,
//! and an ear for the tone that comes in.

use std::f64::consts::TAU;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ropus::{Application, Channels, DecodeMode, Decoder, Encoder};
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::{Codec, FormatParams};
use str0m::media::{Direction, Frequency, MediaKind, MediaTime, Mid};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

const RATE: u32 = 48_000;
const FRAME: usize = 960;
const OPUS: u8 = 111;
const KEYS: u8 = 126;
/// Frames in a second.
const SECOND: u64 = 50;
/// Half a second of frames.
const HEARD_FRAMES: usize = 25;

/// What the browser knows of the far end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    pub(crate) connected: bool,
    pub(crate) closed: bool,
    pub(crate) packets: u64,
    pub(crate) frequency_hz: f64,
}

pub(crate) enum Order {
    /// The far end's answer.
    Answer(String),
    /// Start or stop the microphone.
    Speak(bool),
    /// Press a key (RFC 4733 event).
    Press(u8),
    /// Vanish without a word.
    Vanish,
}

pub(crate) struct Browser {
    pub(crate) sdp: String,
    orders: mpsc::Sender<Order>,
    heard: Arc<Mutex<Heard>>,
    /// What came last, up to half a second.
    pcm: Arc<Mutex<Vec<i16>>>,
    task: JoinHandle<()>,
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Browser {
    /// A browser that calls; its offer is in `sdp`.
    pub(crate) async fn calling(ip: IpAddr, hertz: f64) -> Self {
        let (mut rtc, socket) = rtc(ip).await;
        let mut change = rtc.sdp_api();
        let mid = change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, pending) = change.apply().unwrap();
        Self::run(rtc, socket, mid, Some(pending), offer.to_sdp_string(), hertz)
    }

    /// A browser that answers; its answer is in `sdp`.
    pub(crate) async fn answering(ip: IpAddr, hertz: f64, offer: &str) -> Self {
        let (mut rtc, socket) = rtc(ip).await;
        // A browser answers actpass with active; str0m does so when it is told
        // that the other side is passive.
        let offer = offer.replace("a=setup:actpass", "a=setup:passive");
        let offer = SdpOffer::from_sdp_string(&offer).unwrap();
        let mid = Mid::from("audio");
        let answer = rtc.sdp_api().accept_offer(offer).unwrap();
        Self::run(rtc, socket, mid, None, answer.to_sdp_string(), hertz)
    }

    fn run(
        rtc: Rtc,
        socket: UdpSocket,
        mid: Mid,
        pending: Option<SdpPendingOffer>,
        sdp: String,
        hertz: f64,
    ) -> Self {
        let (orders, inbox) = mpsc::channel(8);
        let heard = Arc::new(Mutex::new(Heard::default()));
        let pcm = Arc::new(Mutex::new(Vec::new()));
        let page = Page {
            rtc,
            mid,
            pending,
            hertz,
            heard: Arc::clone(&heard),
            encoder: Encoder::builder(RATE, Channels::Mono, Application::Voip).build().unwrap(),
            packets: Vec::new(),
            decoder: Decoder::new(RATE, Channels::Mono).unwrap(),
            pcm: Arc::clone(&pcm),
            frames: 0,
            speaking: false,
        };
        Self { sdp, orders, heard, pcm, task: tokio::spawn(page.live(socket, inbox)) }
    }

    pub(crate) async fn order(&self, order: Order) {
        self.orders.send(order).await.unwrap();
    }

    pub(crate) fn heard(&self) -> Heard {
        let pcm = self.pcm.lock().unwrap();
        // Rising zero crossings are exact enough for a pure tone. They are counted only when
        // somebody asks: half a second for each packet would be most of what a test costs.
        let rising = pcm.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        let seconds = pcm.len().max(1) as f64 / f64::from(RATE);
        Heard { frequency_hz: rising as f64 / seconds, ..self.heard.lock().unwrap().clone() }
    }
}

struct Page {
    rtc: Rtc,
    mid: Mid,
    pending: Option<SdpPendingOffer>,
    hertz: f64,
    heard: Arc<Mutex<Heard>>,
    encoder: Encoder,
    packets: Vec<Vec<u8>>,
    decoder: Decoder,
    pcm: Arc<Mutex<Vec<i16>>>,
    frames: u64,
    speaking: bool,
}

impl Page {
    async fn live(mut self, socket: UdpSocket, mut inbox: mpsc::Receiver<Order>) {
        let address = socket.local_addr().unwrap();
        let mut buffer = vec![0; 2_000];
        let mut next_frame = Instant::now();
        loop {
            let wake = self.drain(&socket).await.min(next_frame);
            tokio::select! {
                order = inbox.recv() => match order {
                    Some(Order::Answer(answer)) => {
                        let answer = SdpAnswer::from_sdp_string(&answer).unwrap();
                        self.rtc.sdp_api().accept_answer(self.pending.take().unwrap(), answer).unwrap();
                    }
                    Some(Order::Speak(on)) => self.speaking = on,
                    Some(Order::Press(event)) => self.press(&socket, event).await,
                    Some(Order::Vanish) | None => return,
                },
                received = socket.recv_from(&mut buffer) => {
                    let (length, source) = received.unwrap();
                    let receive = Receive::new(Protocol::Udp, source, address, &buffer[..length]).unwrap();
                    self.rtc.handle_input(Input::Receive(Instant::now(), receive)).unwrap();
                }
                () = tokio::time::sleep_until(wake.into()) => {
                    let now = Instant::now();
                    if next_frame <= now {
                        next_frame += Duration::from_millis(20);
                        if self.speaking && self.heard.lock().unwrap().connected {
                            self.speak(now);
                            continue;
                        }
                    }
                    self.rtc.handle_input(Input::Timeout(now)).unwrap();
                }
            }
        }
    }

    async fn drain(&mut self, socket: &UdpSocket) -> Instant {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => return at,
                Output::Transmit(datagram) => {
                    let _ = socket.send_to(&datagram.contents, datagram.destination).await;
                }
                Output::Event(Event::Connected) => self.heard.lock().unwrap().connected = true,
                Output::Event(Event::Closed) => self.heard.lock().unwrap().closed = true,
                Output::Event(Event::MediaData(data)) => {
                    let mut pcm = [0; FRAME * 6];
                    let length = self.decoder.decode(&data.data, &mut pcm, DecodeMode::Normal).unwrap();
                    self.hear(&pcm[..length]);
                }
                Output::Event(_) => {}
            }
        }
    }

    fn speak(&mut self, now: Instant) {
        let first = self.frames * FRAME as u64;
        // A second of whole periods, encoded once and repeated: many browsers at a
        // time must not be busy with encoding.
        let place = (self.frames % SECOND) as usize;
        if self.packets.len() == place {
            let pcm: Vec<i16> = (0..FRAME as u64)
                .map(|n| ((TAU * self.hertz * (first + n) as f64 / f64::from(RATE)).sin() * 8_000.0) as i16)
                .collect();
            let mut packet = [0; 1_275];
            let length = self.encoder.encode(&pcm, &mut packet).unwrap();
            self.packets.push(packet[..length].to_vec());
        }
        let packet = self.packets[place].clone();
        let time = MediaTime::new(first, Frequency::FORTY_EIGHT_KHZ);
        self.frames += 1;
        let writer = self.rtc.writer(self.mid).unwrap();
        writer.write(OPUS.into(), now, time, packet).unwrap();
    }

    /// One key press: three reports with one timestamp, as browsers send them.
    async fn press(&mut self, socket: &UdpSocket, event: u8) {
        let time = MediaTime::new(self.frames * 160, Frequency::EIGHT_KHZ);
        for _ in 0..3 {
            let writer = self.rtc.writer(self.mid).unwrap();
            writer.write(KEYS.into(), Instant::now(), time, vec![event, 0x8A, 3, 32]).unwrap();
            self.drain(socket).await;
            self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
            self.drain(socket).await;
        }
    }

    fn hear(&mut self, pcm: &[i16]) {
        let mut kept = self.pcm.lock().unwrap();
        kept.extend_from_slice(pcm);
        let surplus = kept.len().saturating_sub(HEARD_FRAMES * FRAME);
        kept.drain(..surplus);
        self.heard.lock().unwrap().packets += 1;
    }
}

async fn rtc(ip: IpAddr) -> (Rtc, UdpSocket) {
    let socket = UdpSocket::bind((ip, 0)).await.unwrap();
    let mut config = RtcConfig::new().clear_codecs().clear_extension_map();
    let codecs = config.codec_config();
    codecs.add_config(
        OPUS.into(),
        None,
        Codec::Opus,
        Frequency::FORTY_EIGHT_KHZ,
        Some(2),
        FormatParams::default(),
    );
    codecs.add_config(KEYS.into(), None, Codec::Tele, Frequency::EIGHT_KHZ, None, FormatParams::default());
    let mut rtc = config.build(Instant::now());
    let address = socket.local_addr().unwrap();
    rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
    (rtc, socket)
}
