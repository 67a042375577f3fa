//! What a piece of sound is: how loud, which tone, tone or speech.

use std::f64::consts::TAU;

/// A piece of sound, one channel.
#[derive(Debug, Clone)]
pub struct Sound {
    /// From -1 to 1.
    pub samples: Vec<f32>,
    /// Samples per second.
    pub rate: u32,
}

/// The quietest level that is told apart from digital silence.
const FLOOR_DBFS: f64 = -100.0;

/// Tones are looked for in the band of telephony and a little around it.
const LOWEST_HZ: f64 = 100.0;
const HIGHEST_HZ: f64 = 4_000.0;

/// Distance of the frequencies that are looked at. A third of a second resolves
/// 3 Hz; this misses no peak of a shorter piece either.
const STEP_HZ: f64 = 5.0;

/// Half the width of the band around a peak that counts as the tone itself: the
/// main lobe of the window over half a second, and some room for the codec.
const TONE_HALF_WIDTH_HZ: f64 = 25.0;

/// Longest piece that is looked at, in samples: bounds the work and is more than
/// any call of [`Sound::tone`] needs.
const MOST_SAMPLES: usize = 8_192;

/// The strongest frequency of a sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tone {
    /// Hertz.
    pub hz: f64,
    /// Its share of the energy in the band, 0 to 1: near 1 for a pure tone, far
    /// below for speech.
    pub share: f64,
}

impl Sound {
    /// Root mean square in decibels below full scale; -100 for silence.
    pub fn level_dbfs(&self) -> f64 {
        if self.samples.is_empty() {
            return FLOOR_DBFS;
        }
        let energy: f64 = self.samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
        let rms = (energy / count(self.samples.len())).sqrt();
        if rms > 0.0 { (20.0 * rms.log10()).max(FLOOR_DBFS) } else { FLOOR_DBFS }
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        count(self.samples.len()) / f64::from(self.rate)
    }

    /// The strongest frequency and how much it stands out. `None` for silence.
    pub fn tone(&self) -> Option<Tone> {
        let piece = self.windowed();
        let spectrum: Vec<(f64, f64)> = frequencies().map(|hz| (hz, self.energy_at(&piece, hz))).collect();
        let total: f64 = spectrum.iter().map(|(_, energy)| energy).sum();
        let (peak, _) = spectrum.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))?;
        if total <= f64::EPSILON {
            return None;
        }
        let near: f64 = spectrum
            .iter()
            .filter(|(hz, _)| (hz - peak).abs() <= TONE_HALF_WIDTH_HZ)
            .map(|(_, energy)| energy)
            .sum();
        Some(Tone { hz: peak, share: near / total })
    }

    /// The middle of it, under a Hann window so that its edges make no frequencies.
    fn windowed(&self) -> Vec<f64> {
        let length = self.samples.len().min(MOST_SAMPLES);
        let from = (self.samples.len() - length) / 2;
        self.samples[from..from + length]
            .iter()
            .enumerate()
            .map(|(at, sample)| {
                let window = 0.5 - 0.5 * (TAU * count(at) / count(length.max(1))).cos();
                f64::from(*sample) * window
            })
            .collect()
    }

    /// Energy at one frequency, by Goertzel's algorithm.
    fn energy_at(&self, piece: &[f64], hz: f64) -> f64 {
        let coefficient = 2.0 * (TAU * hz / f64::from(self.rate)).cos();
        let (mut before, mut last) = (0.0, 0.0);
        for sample in piece {
            let next = sample + coefficient * last - before;
            (before, last) = (last, next);
        }
        let energy = before * before + last * last - coefficient * before * last;
        energy.max(0.0) / count(piece.len().max(1)).powi(2)
    }
}

fn frequencies() -> impl Iterator<Item = f64> {
    std::iter::successors(Some(LOWEST_HZ), |hz| Some(hz + STEP_HZ)).take_while(|hz| *hz <= HIGHEST_HZ)
}

/// A count of samples as a number to calculate with; far below 2^52.
fn count(samples: usize) -> f64 {
    u32::try_from(samples).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 16_000;

    fn sound(seconds: f64, wave: impl Fn(f64) -> f64) -> Sound {
        let samples = (0..RATE).map(f64::from).map(|at| at / f64::from(RATE));
        #[expect(clippy::cast_possible_truncation, reason = "from -1 to 1")]
        let samples = samples.take_while(|at| *at < seconds).map(|at| wave(at) as f32).collect();
        Sound { samples, rate: RATE }
    }

    #[test]
    fn a_tone_is_known_by_its_frequency() {
        for hz in [300.0, 440.0, 620.0, 1_000.0] {
            let tone = sound(0.5, |at| 0.5 * (TAU * hz * at).sin());
            let found = tone.tone();
            assert!(
                found.is_some_and(|found| (found.hz - hz).abs() <= 5.0 && found.share > 0.9),
                "{hz}: {found:?}"
            );
            assert!((tone.level_dbfs() - -9.0).abs() < 0.2, "{}", tone.level_dbfs());
        }
    }

    #[test]
    fn silence_has_no_tone() {
        let silence = sound(0.5, |_| 0.0);
        assert_eq!(silence.tone(), None);
        assert!(silence.level_dbfs() <= -100.0);
        assert!(Sound { samples: vec![], rate: RATE }.tone().is_none());
    }

    #[test]
    fn many_tones_are_no_tone() {
        let chord = sound(0.5, |at| {
            [180.0, 410.0, 730.0, 1_150.0, 1_900.0].iter().map(|hz| 0.1 * (TAU * hz * at).sin()).sum()
        });
        assert!(chord.tone().is_some_and(|found| found.share < 0.4), "{:?}", chord.tone());
    }
}
