//! What a handset knows of the other side's sound; read by the console while
//! the call goes on.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ropus::{Channels, DecodeMode, Decoder};

use super::analyzer::{ANALYSIS_RATE, Analyzer, Heard};
use super::dtmf::DigitCollector;
use super::sound::FRAME_SAMPLES;

/// Packets that went out and are kept: half a second.
const SENT_KEPT: usize = 25;

/// How long a computed report is good for: several readers of the same call
/// share one transform.
const REPORT_AGE: Duration = Duration::from_millis(100);

/// How media looks from the handset at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Hearing {
    /// ICE and DTLS are up.
    pub(crate) connected: bool,
    /// Sound packets received.
    pub(crate) packets_in: u64,
    /// Sound packets sent.
    pub(crate) packets_out: u64,
    /// Level of the last half second (dBFS); `None` when nothing arrived in it.
    pub(crate) level_dbfs: Option<f32>,
    /// Dominant frequency of the last half second (Hz), if it is loud enough.
    pub(crate) frequency_hz: Option<f32>,
    /// Level of what this handset says (dBFS); `None` before it says anything.
    pub(crate) said_dbfs: Option<f32>,
    /// Dominant frequency of what this handset says (Hz).
    pub(crate) said_hz: Option<f32>,
    /// The digits pressed by the other side.
    pub(crate) dtmf: String,
    /// Sound arrived before an inbound call was accepted.
    pub(crate) early_media: bool,
    /// For how long nothing audible has come: since the last sound, or since
    /// the pick-up; 0 before it.
    pub(crate) silent: Duration,
}

/// Collects what a handset receives.
pub(crate) struct Ear {
    /// Whether sound before the pick-up is a fault: it is where the business
    /// accepts, it is not where the person does.
    early_is_fault: bool,
    analyzer: Analyzer,
    digits: DigitCollector,
    hearing: Hearing,
    picked_up: Option<Instant>,
    last_media: Option<Instant>,
    reported: Option<Instant>,
    latest_out: VecDeque<Arc<[u8]>>,
}

impl Ear {
    pub(crate) fn new(early_is_fault: bool) -> Self {
        Self {
            early_is_fault,
            analyzer: Analyzer::default(),
            digits: DigitCollector::default(),
            hearing: Hearing::default(),
            picked_up: None,
            last_media: None,
            reported: None,
            latest_out: VecDeque::new(),
        }
    }

    pub(crate) fn connection(&mut self, up: bool) {
        self.hearing.connected = up;
    }

    pub(crate) fn picked_up(&mut self, now: Instant) {
        self.picked_up.get_or_insert(now);
    }

    /// A media or control packet arrived.
    pub(crate) fn sign_of_life(&mut self, now: Instant) {
        self.last_media = Some(now);
    }

    /// A packet of sound arrived and was decoded.
    pub(crate) fn frame(&mut self, at: Instant, samples: &[i16]) {
        self.hearing.packets_in += 1;
        self.notice_early(at);
        self.analyzer.push(at, samples);
    }

    /// A telephone event arrived.
    pub(crate) fn key(&mut self, at: Instant, event: u8, timestamp: u64) {
        self.notice_early(at);
        self.digits.report(event, timestamp);
    }

    /// A packet of sound goes out.
    pub(crate) fn sent(&mut self, packet: Arc<[u8]>) {
        self.hearing.packets_out += 1;
        if self.latest_out.len() == SENT_KEPT {
            self.latest_out.pop_front();
        }
        self.latest_out.push_back(packet);
    }

    /// What is in the packets that went out last. They are decoded only when
    /// somebody asks.
    fn said(&self, now: Instant) -> Option<Heard> {
        let mut decoder = Decoder::new(ANALYSIS_RATE, Channels::Mono).ok()?;
        let mut analyzer = Analyzer::default();
        for packet in &self.latest_out {
            let mut pcm = [0; FRAME_SAMPLES];
            let length = decoder.decode(packet, &mut pcm, DecodeMode::Normal).ok()?;
            analyzer.push(now, &pcm[..length.min(FRAME_SAMPLES)]);
        }
        analyzer.heard(now)
    }

    /// When the business was last heard of by media or control packets.
    pub(crate) fn last_media(&self) -> Option<Instant> {
        self.last_media
    }

    /// Whether media came before the pick-up where that is a fault.
    pub(crate) fn has_early_media(&self) -> bool {
        self.hearing.early_media
    }

    /// How things are now.
    pub(crate) fn report(&mut self, now: Instant) -> Hearing {
        let fresh = self.reported.is_some_and(|at| now.saturating_duration_since(at) < REPORT_AGE);
        if !fresh {
            self.reported = Some(now);
            let heard = self.analyzer.heard(now);
            self.hearing.level_dbfs = heard.map(|heard| heard.level_dbfs);
            self.hearing.frequency_hz = heard.and_then(|heard| heard.frequency_hz);
            let said = self.said(now);
            self.hearing.said_dbfs = said.map(|said| said.level_dbfs);
            self.hearing.said_hz = said.and_then(|said| said.frequency_hz);
        }
        self.hearing.dtmf = self.digits.digits().to_owned();
        let quiet_since = self.analyzer.last_audible().max(self.picked_up);
        self.hearing.silent = match (self.picked_up, quiet_since) {
            (Some(_), Some(since)) => now.saturating_duration_since(since),
            (None, _) | (_, None) => Duration::ZERO,
        };
        self.hearing.clone()
    }

    fn notice_early(&mut self, at: Instant) {
        let early = self.picked_up.is_none_or(|picked_up| at < picked_up);
        self.hearing.early_media |= self.early_is_fault && early;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_before_an_inbound_accept_is_noticed() {
        let now = Instant::now();
        let mut ear = Ear::new(true);
        ear.frame(now, &[0; 320]);
        ear.picked_up(now + Duration::from_millis(5));
        assert!(ear.report(now).early_media);

        let mut ear = Ear::new(true);
        ear.picked_up(now);
        ear.frame(now, &[0; 320]);
        assert!(!ear.report(now).early_media);

        let mut outbound = Ear::new(false);
        outbound.frame(now, &[0; 320]);
        assert!(!outbound.report(now).early_media);
    }

    #[test]
    fn silence_is_counted_from_the_pick_up_or_the_last_sound() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let mut ear = Ear::new(true);
        assert_eq!(ear.report(now).silent, Duration::ZERO);
        ear.picked_up(now);
        assert_eq!(ear.report(now + second).silent, second);
        ear.frame(now + 2 * second, &[8_000; 320]);
        assert_eq!(ear.report(now + 3 * second).silent, second);
    }
}
