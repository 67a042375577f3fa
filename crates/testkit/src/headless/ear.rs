//! What comes out of the speaker.

use std::collections::VecDeque;
use std::f64::consts::TAU;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::voice::{FRAME, RATE};
use crate::sound::Sound;

/// Packets that are listened to: half a second.
const WINDOW: usize = 25;
/// When nothing came for this long, what came before is no longer heard.
const FORGOTTEN: Duration = Duration::from_millis(500);
/// Silence is quieter than this, in decibels below full scale.
const SILENCE_DBFS: f64 = -60.0;
/// The share of the energy that a pure tone has at its own frequency. Half of it is far
/// more than speech or noise reach, and leaves room for codec and lost packets.
const TONE_SHARE: f64 = 0.5;
/// How far beside the expected frequency a tone may lie, in hertz.
const BESIDE_HZ: [f64; 5] = [-6.0, -3.0, 0.0, 3.0, 6.0];

/// What an agent hears on one call.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    /// ICE and DTLS are up.
    pub connected: bool,
    /// The far end closed the connection.
    pub closed: bool,
    /// Packets of sound that came.
    pub packets: u64,
    /// What broke, if something did.
    pub broken: Option<String>,
    frames: VecDeque<Vec<i16>>,
    last: Option<Instant>,
}

impl Heard {
    /// How loud the last half second was, in decibels below full scale.
    pub fn level_dbfs(&self) -> f64 {
        self.sound().level_dbfs()
    }

    /// Whether nothing audible comes.
    pub fn is_silent(&self) -> bool {
        let is_old = self.last.is_none_or(|last| last.elapsed() > FORGOTTEN);
        is_old || self.level_dbfs() <= SILENCE_DBFS
    }

    /// Whether it is a tone of this frequency.
    pub fn is_tone(&self, hertz: f64) -> bool {
        let sound = self.sound();
        let total: f64 = sound.samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
        !self.is_silent()
            && BESIDE_HZ.iter().any(|beside| energy(&sound.samples, hertz + beside) >= TONE_SHARE * total)
    }

    /// In words, for a person.
    pub fn words(&self) -> String {
        if self.is_silent() {
            return format!("silence ({} packets)", self.packets);
        }
        let tone = self.sound().tone();
        let pure = tone.filter(|tone| tone.share >= TONE_SHARE);
        let what = pure.map_or("no pure tone".to_owned(), |tone| format!("{:.0} Hz", tone.hz));
        format!("{what} at {:.0} dBFS", self.level_dbfs())
    }

    fn sound(&self) -> Sound {
        let samples = self.frames.iter().flatten().map(|sample| f32::from(*sample) / 32_768.0).collect();
        Sound { samples, rate: RATE }
    }
}

/// The energy that a tone of this frequency has in a sound: its amplitude by
/// correlation, as a sum of squares over the same samples.
fn energy(samples: &[f32], hertz: f64) -> f64 {
    let (mut in_phase, mut across) = (0.0, 0.0);
    let mut phase: f64 = 0.0;
    let step = hertz / f64::from(RATE);
    for sample in samples {
        let (sine, cosine) = (TAU * phase).sin_cos();
        in_phase += f64::from(*sample) * cosine;
        across += f64::from(*sample) * sine;
        phase = (phase + step).fract();
    }
    let count = f64::from(u32::try_from(samples.len().max(1)).unwrap_or(u32::MAX));
    2.0 * (in_phase.powi(2) + across.powi(2)) / count
}

/// Shared by the media task, which writes, and whoever listens.
#[derive(Debug, Clone, Default)]
pub(super) struct Ear(Arc<Mutex<Heard>>);

impl Ear {
    /// What is heard now.
    pub(super) fn heard(&self) -> Heard {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether ICE and DTLS are up.
    pub(super) fn heard_connected(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).connected
    }

    pub(super) fn note(&self, what: impl FnOnce(&mut Heard)) {
        what(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// A packet was decoded.
    pub(super) fn frame(&self, pcm: &[i16]) {
        self.note(|heard| {
            heard.packets += 1;
            heard.last = Some(Instant::now());
            if heard.frames.len() == WINDOW {
                heard.frames.pop_front();
            }
            // A packet of more than 20 ms would stretch the window: keep its end.
            heard.frames.push_back(pcm[pcm.len().saturating_sub(FRAME)..].to_vec());
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(wave: impl Fn(f64) -> f64) -> Heard {
        let ear = Ear::default();
        for frame in 0..30_u32 {
            let samples: Vec<i16> = (0..FRAME)
                .map(|at| {
                    let at = frame * u32::try_from(FRAME).unwrap_or_default()
                        + u32::try_from(at).unwrap_or_default();
                    #[expect(clippy::cast_possible_truncation, reason = "from -1 to 1")]
                    let sample = (wave(f64::from(at) / f64::from(RATE)) * 32_000.0) as i16;
                    sample
                })
                .collect();
            ear.frame(&samples);
        }
        ear.heard()
    }

    #[test]
    fn a_tone_is_told_from_another_and_from_silence() {
        let tone = heard(|at| 0.25 * (TAU * 440.0 * at).sin());
        assert!(tone.is_tone(440.0) && !tone.is_tone(620.0) && !tone.is_silent(), "{}", tone.words());
        assert!(tone.words().starts_with("440 Hz at -15"), "{}", tone.words());
        let silence = heard(|_| 0.0);
        assert!(silence.is_silent() && !silence.is_tone(440.0), "{}", silence.words());
        assert!(Heard::default().is_silent());
    }

    #[test]
    fn two_tones_are_none() {
        let chord = heard(|at| 0.2 * (TAU * 440.0 * at).sin() + 0.25 * (TAU * 900.0 * at).sin());
        assert!(!chord.is_tone(440.0), "{}", chord.words());
    }
}
