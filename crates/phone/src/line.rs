//! How a live call's line does: whether each direction carries sound, and how well.
//!
//! Once a second the browser's figures come in as a [`Sample`]. Nothing is raised or
//! cleared by a single one: see [`LIMITS`].

use std::sync::Arc;

use wire::{CallQuality, Uplink};

use crate::call::{State, Transport};
use crate::effect::Effect;
use crate::event::PeerId;
use crate::link::Link;
use crate::phone::{Applied, Ignored, Phone};
use crate::view::Voice;

/// From this level on there is sound, of [`FULL`]: about -50 dBFS.
const FLOOR: u8 = 17;

/// From this level on somebody talks: about -40 dBFS.
const TALKS: u8 = 33;

/// The loudest level.
pub const FULL: u8 = 100;

/// How long a direction may be without sound before that is said, in seconds.
const PATIENCE_S: u8 = 3;

/// How long after the last talk a muted agent is still told so, in seconds.
const STILL_TALKING_S: u8 = 3;

/// Seconds over which loss is counted: at 50 packets a second one packet is then 0.4 %.
const WINDOW: usize = 5;

/// How many seconds the course of the quality goes back.
pub const HISTORY: usize = 60;

/// One second of a call, as the browser counts it. Counts are since the call began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// Packets received.
    pub received: u32,
    /// Packets that did not arrive.
    pub lost: u32,
    /// Packets sent.
    pub sent: u32,
    /// Share of our packets that the far end missed lately, in thousandths.
    pub missed_permille: Option<u32>,
    /// There and back again, in milliseconds.
    pub round_trip_ms: Option<u32>,
    /// Of what comes in, in milliseconds (RFC 3550, section 6.4.1).
    pub jitter_ms: Option<u32>,
    /// The loudest of what came in, 0 to [`FULL`].
    pub them: Option<u8>,
    /// The loudest of what the microphone heard, muted or not, 0 to [`FULL`].
    pub you: Option<u8>,
    /// Such as `opus`.
    pub codec: Option<String>,
    /// Type of our own end of the path: `host`, `srflx`, `prflx` or `relay`.
    pub path: Option<String>,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Estimated mean opinion score, in tenths; lower is worse.
    Mos,
    /// There and back again, in milliseconds.
    RoundTrip,
    /// In milliseconds.
    Jitter,
    /// Of either direction, in thousandths.
    Loss,
}

/// How good the line is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Nobody notices anything.
    #[default]
    Good,
    /// Noticed.
    Fair,
    /// A strain.
    Poor,
}

/// When a warning is raised, and when it is cleared.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// What is watched.
    pub measure: Measure,
    /// From this value on it is bad. Above `clear`, higher is worse; below, lower is.
    pub raise: u32,
    /// From this value on it is well again.
    pub clear: u32,
    /// What a raised one makes of the line.
    pub grade: Grade,
}

/// The limits. MOS: ITU-T G.107 table B.1, 4.0 "satisfied", 3.1 "nearly all users
/// dissatisfied"; the round trip is twice the 150 to 200 ms that ITU-T G.114 wants.
pub const LIMITS: [Limit; 6] = [
    Limit { measure: Measure::Mos, raise: 31, clear: 35, grade: Grade::Poor },
    Limit { measure: Measure::Loss, raise: 100, clear: 50, grade: Grade::Poor },
    Limit { measure: Measure::Loss, raise: 30, clear: 10, grade: Grade::Fair },
    Limit { measure: Measure::RoundTrip, raise: 400, clear: 300, grade: Grade::Fair },
    Limit { measure: Measure::Jitter, raise: 40, clear: 25, grade: Grade::Fair },
    Limit { measure: Measure::Mos, raise: 39, clear: 41, grade: Grade::Fair },
];

/// How many bad seconds in a row raise a warning, and how many good ones clear it.
const RAISE_AFTER: u8 = 3;
const CLEAR_AFTER: u8 = 5;

/// Whether a direction carries sound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Proof {
    /// Not known yet.
    #[default]
    Awaited,
    /// Sound flows; where the browser can't tell how loud, packets do.
    Carries,
    /// Packets flow, and there has been no sound in them.
    Silent,
    /// Nothing flows.
    Nothing,
}

/// What the agent should know about the line; [`crate::text::concern`] has the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// The agent talks and is muted.
    TalkingMuted,
    /// Nothing comes in.
    NothingHeard,
    /// Nothing goes out.
    NothingSent,
    /// The microphone gives silence.
    MicrophoneSilent,
    /// The far end sends silence.
    FarEndSilent,
    /// A limit is passed.
    Limit(Measure),
}

/// What the page shows of the line at all times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QualityView {
    /// How good it is.
    pub grade: Grade,
    /// Whether the agent is heard.
    pub you: Proof,
    /// Whether the far end is heard.
    pub them: Proof,
    /// The weightiest concern.
    pub concern: Option<Concern>,
}

/// The figures, for those who want them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Estimated mean opinion score, in tenths.
    pub mos: u32,
    /// Loss over the last seconds, of the worse direction, in thousandths.
    pub loss_permille: u32,
    /// As it came.
    pub sample: Sample,
    /// The scores of the last seconds, oldest first.
    pub history: Vec<u8>,
}

/// The line of one call.
#[derive(Debug, Default)]
pub(crate) struct Line {
    figures: Arc<Figures>,
    /// Packets received and lost until so many seconds ago, newest first.
    counts: [(u32, u32); WINDOW],
    watches: [Watch; LIMITS.len()],
    you: Direction,
    them: Direction,
    /// For how many seconds more the agent is told that they talk muted.
    talking: u8,
    sums: Sums,
}

#[derive(Debug, Default, Clone, Copy)]
struct Watch {
    raised: bool,
    /// Seconds in a row that speak for a change.
    streak: u8,
}

#[derive(Debug, Default)]
struct Direction {
    packets: u32,
    /// Seconds in a row without a packet.
    idle: u8,
    /// Seconds in a row without a sound, while one was awaited.
    quiet: u8,
    /// There was sound.
    proven: bool,
    proof: Proof,
}

/// For the report of the whole call.
#[derive(Debug, Default)]
struct Sums {
    seconds: u32,
    mos: u32,
    lowest_mos: u32,
    round_trip_ms: u32,
    jitter_ms: u32,
}

/// A second of a call is over.
pub(crate) fn sampled(phone: &mut Phone, peer: &PeerId, sample: Sample) -> Applied {
    let Some(call) = phone.calls.get(&peer.call) else { return Err(Ignored::because("no such call")) };
    let State::Live(live) = &call.state else { return Err(Ignored::because("the call is not live")) };
    if live.path.peer != *peer || live.path.transport != Transport::Connected {
        return Err(Ignored::because("the path is not up"));
    }
    let muted = live.voice == Voice::Muted;
    if !phone.lines.contains_key(peer) {
        phone.lines.insert(peer.clone(), Line::default());
    }
    if let Some(line) = phone.lines.get_mut(peer) {
        line.take(sample, muted);
    }
    Ok(())
}

/// The figures of the call that the agent hears.
pub fn figures(phone: &Phone) -> Arc<Figures> {
    let line = phone.ordered.playing().and_then(|peer| phone.lines.get(peer));
    line.map(|line| Arc::clone(&line.figures)).unwrap_or_default()
}

/// Reports the lines of calls that are over.
pub(crate) fn settle(phone: &mut Phone, out: &mut Vec<Effect>) {
    let calls = &phone.calls;
    let link = match phone.link {
        Link::Up { id, .. } => Some(id),
        Link::Down | Link::Opening { .. } | Link::Waiting { .. } => None,
    };
    phone.lines.retain(|peer, line| {
        let lives = calls
            .get(&peer.call)
            .is_some_and(|call| matches!(&call.state, State::Live(live) if live.path.peer == *peer));
        if let (false, Some(link)) = (lives, link) {
            let quality = line.report();
            out.push(Effect::Send(link, Uplink::CallReport { call: peer.call.clone(), quality }));
        }
        lives
    });
}

impl Line {
    pub(crate) fn view(&self) -> QualityView {
        let raised = || LIMITS.iter().zip(&self.watches).filter(|(_, watch)| watch.raised);
        let limit = raised().map(|(limit, _)| Concern::Limit(limit.measure)).next();
        let concern = match (self.you.proof, self.them.proof) {
            _ if self.talking > 0 => Some(Concern::TalkingMuted),
            (_, Proof::Nothing) => Some(Concern::NothingHeard),
            (Proof::Nothing, _) => Some(Concern::NothingSent),
            (Proof::Silent, _) => Some(Concern::MicrophoneSilent),
            (_, Proof::Silent) => Some(Concern::FarEndSilent),
            (Proof::Awaited | Proof::Carries, Proof::Awaited | Proof::Carries) => limit,
        };
        QualityView {
            grade: raised().map(|(limit, _)| limit.grade).max().unwrap_or_default(),
            you: self.you.proof,
            them: self.them.proof,
            concern,
        }
    }

    fn take(&mut self, sample: Sample, muted: bool) {
        self.you.take(sample.sent, sample.you, muted);
        self.them.take(sample.received, sample.them, false);
        self.talking = match sample.you {
            Some(level) if muted && level >= TALKS => STILL_TALKING_S,
            Some(_) | None if muted => self.talking.saturating_sub(1),
            Some(_) | None => 0,
        };

        let loss_permille = self.loss(&sample).max(sample.missed_permille.unwrap_or_default());
        let mos = mos(sample.round_trip_ms, sample.jitter_ms, loss_permille);
        for (limit, watch) in LIMITS.iter().zip(&mut self.watches) {
            let value = match limit.measure {
                Measure::Mos => Some(mos),
                Measure::RoundTrip => sample.round_trip_ms,
                Measure::Jitter => sample.jitter_ms,
                Measure::Loss => Some(loss_permille),
            };
            watch.take(limit, value);
        }
        self.sums.take(mos, &sample);
        let mut history = self.figures.history.clone();
        if history.len() >= HISTORY {
            history.remove(0);
        }
        history.push(u8::try_from(mos).unwrap_or(u8::MAX));
        self.figures = Arc::new(Figures { mos, loss_permille, sample, history });
    }

    /// Loss of what came in over the last seconds, in thousandths.
    fn loss(&mut self, sample: &Sample) -> u32 {
        let (received, lost) = self.counts[WINDOW - 1];
        let received = sample.received.saturating_sub(received);
        let lost = sample.lost.saturating_sub(lost);
        self.counts.rotate_right(1);
        self.counts[0] = (sample.received, sample.lost);
        lost.saturating_mul(1_000).checked_div(received + lost).unwrap_or_default()
    }

    fn report(&self) -> CallQuality {
        let Sums { seconds, mos, lowest_mos, round_trip_ms, jitter_ms } = self.sums;
        let mean = |sum: u32| sum.checked_div(seconds).unwrap_or_default();
        let Sample { received, lost, .. } = self.figures.sample;
        CallQuality {
            seconds,
            mos_tenths: mean(mos),
            lowest_mos_tenths: lowest_mos,
            round_trip_ms: mean(round_trip_ms),
            jitter_ms: mean(jitter_ms),
            loss_permille: lost.saturating_mul(1_000).checked_div(received + lost).unwrap_or_default(),
            was_heard: self.you.proven,
            heard: self.them.proven,
        }
    }
}

impl Direction {
    fn take(&mut self, packets: u32, level: Option<u8>, held_back: bool) {
        let flows = packets > self.packets;
        self.packets = packets;
        self.idle = if flows { 0 } else { self.idle.saturating_add(1) };
        // Where the browser can't tell how loud it is, packets have to do.
        let sounds = level.is_none_or(|level| level >= FLOOR);
        if flows && sounds && !held_back {
            self.proven = true;
        }
        self.quiet = if sounds || held_back { 0 } else { self.quiet.saturating_add(1) };
        self.proof = match self.proof {
            _ if self.idle >= PATIENCE_S => Proof::Nothing,
            _ if self.proven && flows => Proof::Carries,
            _ if self.quiet >= PATIENCE_S => Proof::Silent,
            Proof::Nothing if flows => Proof::Awaited,
            before @ (Proof::Awaited | Proof::Carries | Proof::Silent | Proof::Nothing) => before,
        };
    }
}

impl Watch {
    fn take(&mut self, limit: &Limit, value: Option<u32>) {
        let Some(value) = value else { return };
        let higher_is_worse = limit.raise > limit.clear;
        let speaks = match (self.raised, higher_is_worse) {
            (false, true) => value >= limit.raise,
            (false, false) => value <= limit.raise,
            (true, true) => value <= limit.clear,
            (true, false) => value >= limit.clear,
        };
        self.streak = if speaks { self.streak + 1 } else { 0 };
        if self.streak >= if self.raised { CLEAR_AFTER } else { RAISE_AFTER } {
            *self = Self { raised: !self.raised, streak: 0 };
        }
    }
}

impl Sums {
    fn take(&mut self, mos: u32, sample: &Sample) {
        self.lowest_mos = if self.seconds == 0 { mos } else { self.lowest_mos.min(mos) };
        self.seconds += 1;
        self.mos += mos;
        self.round_trip_ms = self.round_trip_ms.saturating_add(sample.round_trip_ms.unwrap_or_default());
        self.jitter_ms = self.jitter_ms.saturating_add(sample.jitter_ms.unwrap_or_default());
    }
}

/// The mean opinion score that the E-model estimates, in tenths.
///
/// ITU-T G.107 with its default values, simplified as by Cole and Rosenbluth ("Voice over
/// IP performance monitoring", 2001): `R = 93.2 - Id - Ie,eff`, where
/// `Id = 0.024 d + 0.11 (d - 177.3) H(d - 177.3)` for a one-way delay of `d` ms and
/// `Ie,eff = 95 Ppl / (Ppl + Bpl)` for a loss of `Ppl` percent. `Bpl` is 25.1, which
/// G.113 (appendix I) gives a codec that conceals losses; Opus itself is not in its table.
pub fn mos(round_trip_ms: Option<u32>, jitter_ms: Option<u32>, loss_permille: u32) -> u32 {
    /// One packet, in milliseconds.
    const PACKET: i64 = 20;
    let half_way = i64::from(round_trip_ms.unwrap_or_default() / 2);
    // A jitter buffer holds about twice the jitter.
    let delay = half_way + 2 * i64::from(jitter_ms.unwrap_or_default()) + PACKET;
    let late = (delay * 10 - 1_773).max(0);
    let loss = i64::from(loss_permille);
    // All in thousandths.
    let r = 93_200 - 24 * delay - 11 * late - 95_000 * loss / (loss + 251);
    let r = r.clamp(0, 100_000);
    let curve = r * (r - 60_000) / 1_000 * (100_000 - r) / 1_000 * 7 / 1_000;
    let mos = (1_000_000 + 35 * r + curve) / 1_000;
    u32::try_from((mos + 50) / 100).unwrap_or_default().max(10)
}
