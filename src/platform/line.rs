//! What the browser counts of a connection: <https://www.w3.org/TR/webrtc-stats/>.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use phone::limiter::{Limiter, STEP_DB};
use phone::line::Sample;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::RtcPeerConnection;

use super::ear::{Ear, level};
use super::peer::PeerConnection;
use super::remote::Volume;
use super::task::spawn;
use super::timer::Interval;

/// How often the levels are looked at, in milliseconds: a bar that seems to follow.
const TICK_MS: i32 = 100;

/// Every how many ticks the browser is asked; it works out most figures no oftener.
const ASK_EVERY: u32 = 2;

/// Ticks in a second.
const SECOND: u32 = 10;

/// What is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// How loud both sides are now, 0 to [`phone::line::FULL`].
    Levels {
        /// The microphone.
        you: u8,
        /// The far end.
        them: u8,
    },
    /// A second is over.
    Second(Sample),
}

/// Measures one connection until it is dropped.
pub struct Meter {
    inner: Rc<Inner>,
    _ticks: Interval,
}

struct Inner {
    connection: RtcPeerConnection,
    ear: RefCell<Option<Rc<Ear>>>,
    /// Of what is heard of the far end.
    volume: Option<Volume>,
    limiter: RefCell<Limiter>,
    tell: Box<dyn Fn(Told)>,
    ticks: Cell<u32>,
    /// The browser was asked and has not answered.
    asked: Cell<bool>,
    /// The figures of now; of the levels, the loudest of this second.
    sample: RefCell<Sample>,
    /// The levels that were told last.
    shown: Cell<(u8, u8)>,
}

impl Meter {
    /// Measures a connection, and holds down its volume while it is too loud.
    pub fn new(peer: &PeerConnection, volume: Option<Volume>, tell: impl Fn(Told) + 'static) -> Self {
        let inner = Rc::new(Inner {
            connection: peer.connection(),
            ear: RefCell::new(None),
            volume,
            limiter: RefCell::default(),
            tell: Box::new(tell),
            ticks: Cell::new(0),
            asked: Cell::new(false),
            sample: RefCell::default(),
            shown: Cell::default(),
        });
        let weak = Rc::downgrade(&inner);
        let ticks = Interval::new(TICK_MS, move || {
            if let Some(inner) = weak.upgrade() {
                tick(&inner);
            }
        });
        Self { inner, _ticks: ticks }
    }

    /// The microphone is heard by this ear from now on.
    pub fn listen(&self, ear: Option<Rc<Ear>>) {
        self.inner.ear.replace(ear);
    }
}

fn tick(inner: &Rc<Inner>) {
    let ticks = inner.ticks.get() + 1;
    inner.ticks.set(ticks);
    let heard = inner.ear.borrow().as_deref().and_then(Ear::level);
    if heard.is_some() {
        inner.show(heard, None);
    }
    if ticks.is_multiple_of(ASK_EVERY) && !inner.asked.replace(true) {
        ask(inner);
    }
    if ticks.is_multiple_of(SECOND) {
        let mut sample = inner.sample.borrow_mut();
        let second = sample.clone();
        (sample.you, sample.them) = (None, None);
        drop(sample);
        (inner.tell)(Told::Second(second));
    }
}

fn ask(inner: &Rc<Inner>) {
    let report = JsFuture::from(inner.connection.get_stats());
    let weak = Rc::downgrade(inner);
    spawn(async move {
        let report = report.await;
        let Some(inner) = weak.upgrade() else { return };
        inner.asked.set(false);
        if let Ok(report) = report {
            let (you, them) = inner.read(report.unchecked_ref());
            let heard = inner.ear.borrow().as_deref().and_then(Ear::level);
            inner.show(heard.or(you), them);
            inner.limit(them);
        }
    });
}

impl Inner {
    /// Keeps the loudest and tells the levels, if they changed.
    fn show(&self, you: Option<u8>, them: Option<u8>) {
        let mut sample = self.sample.borrow_mut();
        sample.you = sample.you.max(you);
        sample.them = sample.them.max(them);
        drop(sample);
        let before = self.shown.get();
        let now = (you.unwrap_or(before.0), them.unwrap_or(before.1));
        if self.shown.replace(now) != now {
            (self.tell)(Told::Levels { you: now.0, them: now.1 });
        }
    }

    fn limit(&self, them: Option<u8>) {
        let off = them.and_then(|them| self.limiter.borrow_mut().heard(them));
        if let (Some(off), Some(volume)) = (off, &self.volume) {
            volume.take_off(f64::from(off) * STEP_DB);
        }
    }

    /// Takes the figures over; gives the levels of the microphone and of the far end.
    fn read(&self, report: &js_sys::Map) -> (Option<u8>, Option<u8>) {
        let (mut you, mut them) = (None, None);
        let mut sample = self.sample.borrow_mut();
        report.for_each(&mut |entry, _| match text(&entry, "type").as_deref() {
            Some("inbound-rtp") => {
                sample.received = count(&entry, "packetsReceived").unwrap_or_default();
                sample.lost = count(&entry, "packetsLost").unwrap_or_default();
                sample.jitter_ms = milliseconds(&entry, "jitter");
                let codec = of(report, &entry, "codecId", "mimeType");
                sample.codec = codec.map(|codec| codec.strip_prefix("audio/").unwrap_or(&codec).to_owned());
                them = number(&entry, "audioLevel").map(level);
            }
            Some("outbound-rtp") => sample.sent = count(&entry, "packetsSent").unwrap_or_default(),
            Some("media-source") => you = number(&entry, "audioLevel").map(level),
            Some("remote-inbound-rtp") => {
                sample.missed_permille = number(&entry, "fractionLost").map(|share| whole(share * 1_000.0));
                let round_trip = milliseconds(&entry, "roundTripTime");
                sample.round_trip_ms = sample.round_trip_ms.or(round_trip);
            }
            Some("candidate-pair") if is(&entry, "nominated") => {
                let round_trip = milliseconds(&entry, "currentRoundTripTime");
                sample.round_trip_ms = round_trip.or(sample.round_trip_ms);
                sample.path = of(report, &entry, "localCandidateId", "candidateType");
            }
            Some(_) | None => {}
        });
        (you, them)
    }
}

fn field(entry: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(entry, &name.into()).unwrap_or_default()
}

fn text(entry: &JsValue, name: &str) -> Option<String> {
    field(entry, name).as_string()
}

fn number(entry: &JsValue, name: &str) -> Option<f64> {
    field(entry, name).as_f64()
}

fn is(entry: &JsValue, name: &str) -> bool {
    field(entry, name).is_truthy()
}

fn count(entry: &JsValue, name: &str) -> Option<u32> {
    number(entry, name).map(whole)
}

/// A time that is counted in seconds.
fn milliseconds(entry: &JsValue, name: &str) -> Option<u32> {
    number(entry, name).map(|seconds| whole(seconds * 1_000.0))
}

/// A text of the entry that this one names.
fn of(report: &js_sys::Map, entry: &JsValue, id: &str, name: &str) -> Option<String> {
    text(&report.get(&field(entry, id)), name)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float keeps to the bounds of its type"
)]
fn whole(value: f64) -> u32 {
    value as u32
}
