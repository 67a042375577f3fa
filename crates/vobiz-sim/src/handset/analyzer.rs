//! What a handset hears: level and dominant frequency of the last half second.
//!
//! Frames are only stored as they arrive; the spectrum is computed when
//! somebody asks, so that many silent observers cost nothing.

use std::collections::VecDeque;
use std::f32::consts::PI;
use std::time::{Duration, Instant};

/// Sample rate of the analysed sound. Wide-band speech; the decoder gives it
/// directly whatever the browser encoded.
pub(crate) const ANALYSIS_RATE: u32 = 16_000;

/// The span that level and frequency describe.
const WINDOW: Duration = Duration::from_millis(500);

/// Points of the transform: the power of two above half a second of samples,
/// a raster of 1.95 Hz, refined by interpolation.
const POINTS: usize = 8_192;

/// The range in which a dominant frequency is looked for, in hertz: below is
/// hum and offset, above nothing a telephone cares about.
const LOWEST_HZ: f32 = 60.0;
const HIGHEST_HZ: f32 = 4_000.0;

/// Below this level there is no frequency worth reporting (dBFS).
const QUIETEST_TONE_DBFS: f32 = -55.0;

/// Above this level a frame counts as sound for the silence clock (dBFS).
const AUDIBLE_DBFS: f32 = -50.0;

/// What is reported instead of minus infinity for digital silence (dBFS).
const FLOOR_DBFS: f32 = -100.0;

/// Level and frequency of what was heard in the last half second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Heard {
    /// Root mean square relative to full scale, in dB; a full-scale sine is −3.
    pub(crate) level_dbfs: f32,
    /// The strongest frequency, when there is enough sound to name one.
    pub(crate) frequency_hz: Option<f32>,
}

struct Frame {
    at: Instant,
    samples: Vec<f32>,
}

/// Keeps half a second of sound and answers what it is.
#[derive(Default)]
pub(crate) struct Analyzer {
    frames: VecDeque<Frame>,
    last_audible: Option<Instant>,
}

impl Analyzer {
    /// Takes a decoded frame (16 kHz mono, full scale ±32768).
    pub(crate) fn push(&mut self, now: Instant, samples: &[i16]) {
        self.forget(now);
        let samples: Vec<f32> = samples.iter().map(|s| f32::from(*s) / 32_768.0).collect();
        if dbfs(mean_square(samples.iter())) > AUDIBLE_DBFS {
            self.last_audible = Some(now);
        }
        self.frames.push_back(Frame { at: now, samples });
    }

    /// When the other side was last audible.
    pub(crate) fn last_audible(&self) -> Option<Instant> {
        self.last_audible
    }

    /// What the last half second held; `None` when nothing arrived in it.
    pub(crate) fn heard(&mut self, now: Instant) -> Option<Heard> {
        self.forget(now);
        if self.frames.is_empty() {
            return None;
        }
        let samples: Vec<f32> = self.frames.iter().flat_map(|frame| frame.samples.iter().copied()).collect();
        let level_dbfs = dbfs(mean_square(samples.iter()));
        let frequency_hz = (level_dbfs > QUIETEST_TONE_DBFS).then(|| dominant_frequency(&samples)).flatten();
        Some(Heard { level_dbfs, frequency_hz })
    }

    fn forget(&mut self, now: Instant) {
        while let Some(first) = self.frames.front() {
            if now.saturating_duration_since(first.at) <= WINDOW {
                break;
            }
            self.frames.pop_front();
        }
        // A burst of late frames must not grow the window past the transform.
        let mut kept: usize = self.frames.iter().map(|f| f.samples.len()).sum();
        while kept > POINTS {
            let Some(first) = self.frames.pop_front() else {
                break;
            };
            kept -= first.samples.len();
        }
    }
}

fn mean_square<'a>(samples: impl ExactSizeIterator<Item = &'a f32>) -> f32 {
    let count = samples.len().max(1);
    samples.map(|s| s * s).sum::<f32>() / count as f32
}

fn dbfs(mean_square: f32) -> f32 {
    (10.0 * mean_square.log10()).max(FLOOR_DBFS)
}

/// The strongest spectral line, by a Hann-windowed transform and parabolic
/// interpolation between its raster points.
fn dominant_frequency(samples: &[f32]) -> Option<f32> {
    let length = samples.len().min(POINTS);
    if length < POINTS / 16 {
        return None;
    }
    let mut real = vec![0.0_f32; POINTS];
    let mut imaginary = vec![0.0_f32; POINTS];
    for (n, sample) in samples.iter().take(length).enumerate() {
        let window = 0.5 - 0.5 * (2.0 * PI * n as f32 / length as f32).cos();
        real[n] = sample * window;
    }
    transform(&mut real, &mut imaginary);

    let raster = ANALYSIS_RATE as f32 / POINTS as f32;
    let first = (LOWEST_HZ / raster) as usize;
    let last = (HIGHEST_HZ / raster) as usize;
    let power = |bin: usize| real[bin] * real[bin] + imaginary[bin] * imaginary[bin];
    let peak = (first..=last).max_by(|a, b| power(*a).total_cmp(&power(*b)))?;

    let (left, centre, right) = (
        power(peak - 1).max(f32::MIN_POSITIVE).ln(),
        power(peak).max(f32::MIN_POSITIVE).ln(),
        power(peak + 1).max(f32::MIN_POSITIVE).ln(),
    );
    let curvature = left - 2.0 * centre + right;
    let offset = if curvature.abs() > f32::EPSILON {
        (0.5 * (left - right) / curvature).clamp(-0.5, 0.5)
    } else {
        0.0
    };
    Some((peak as f32 + offset) * raster)
}

/// In-place radix-2 Fourier transform; the length is a power of two.
fn transform(real: &mut [f32], imaginary: &mut [f32]) {
    let length = real.len();
    let mut target = 0;
    for source in 1..length {
        let mut bit = length >> 1;
        while target & bit != 0 {
            target ^= bit;
            bit >>= 1;
        }
        target |= bit;
        if source < target {
            real.swap(source, target);
            imaginary.swap(source, target);
        }
    }
    let mut span = 2;
    while span <= length {
        let half = span / 2;
        let twiddles: Vec<(f32, f32)> = (0..half)
            .map(|k| {
                let angle = -2.0 * PI * k as f32 / span as f32;
                (angle.cos(), angle.sin())
            })
            .collect();
        for start in (0..length).step_by(span) {
            for (k, (cos, sin)) in twiddles.iter().enumerate() {
                let (a, b) = (start + k, start + k + half);
                let shifted_real = real[b] * cos - imaginary[b] * sin;
                let shifted_imaginary = real[b] * sin + imaginary[b] * cos;
                real[b] = real[a] - shifted_real;
                imaginary[b] = imaginary[a] - shifted_imaginary;
                real[a] += shifted_real;
                imaginary[a] += shifted_imaginary;
            }
        }
        span *= 2;
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const FRAME: usize = 320;
    const FRAME_TIME: Duration = Duration::from_millis(20);

    fn hear(frames: usize, wave: impl Fn(f32) -> f32) -> (Analyzer, Instant) {
        let mut analyzer = Analyzer::default();
        let mut now = Instant::now();
        for frame in 0..frames {
            let samples: Vec<i16> = (0..FRAME)
                .map(|n| (wave((frame * FRAME + n) as f32 / ANALYSIS_RATE as f32) * 32_767.0) as i16)
                .collect();
            analyzer.push(now, &samples);
            now += FRAME_TIME;
        }
        (analyzer, now)
    }

    #[test]
    fn pure_tones_are_named_within_five_hertz() {
        for hertz in [200.0, 333.3, 440.0, 697.0, 1_000.0, 1_234.5, 2_000.0] {
            let (mut analyzer, now) = hear(40, |t| 0.25 * (2.0 * PI * hertz * t).sin());
            let heard = analyzer.heard(now).unwrap();
            let named = heard.frequency_hz.unwrap();
            assert!((named - hertz).abs() < 5.0, "{hertz} Hz was named {named}");
            // A sine of a quarter of full scale: 20·log10(0.25/√2) = −15.05.
            assert!((heard.level_dbfs + 15.05).abs() < 0.3, "{}", heard.level_dbfs);
        }
    }

    #[test]
    fn a_short_start_is_enough() {
        let (mut analyzer, now) = hear(5, |t| 0.5 * (2.0 * PI * 440.0 * t).sin());
        let named = analyzer.heard(now).unwrap().frequency_hz.unwrap();
        assert!((named - 440.0).abs() < 5.0, "{named}");
    }

    #[test]
    fn silence_has_a_level_but_no_frequency() {
        let (mut analyzer, now) = hear(30, |_| 0.0);
        let heard = analyzer.heard(now).unwrap();
        assert_eq!(heard.level_dbfs, FLOOR_DBFS);
        assert_eq!(heard.frequency_hz, None);
        assert_eq!(analyzer.last_audible(), None);
    }

    #[test]
    fn what_is_older_than_half_a_second_is_forgotten() {
        let (mut analyzer, now) = hear(30, |t| 0.5 * (2.0 * PI * 440.0 * t).sin());
        assert!(analyzer.last_audible().is_some());
        assert_eq!(analyzer.heard(now + Duration::from_secs(1)), None);
    }

    #[test]
    fn a_burst_stays_bounded() {
        let mut analyzer = Analyzer::default();
        let now = Instant::now();
        for _ in 0..1_000 {
            analyzer.push(now, &[100; FRAME]);
        }
        analyzer.heard(now);
        assert!(analyzer.frames.len() * FRAME <= POINTS);
    }
}
