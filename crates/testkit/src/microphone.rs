//! The sound of a fake microphone.

use std::f64::consts::TAU;

/// Samples per second.
const RATE: u32 = 48_000;
/// A steady tone is taken for noise and removed; bursts like these pass.
const BURST_MS: u32 = 350;
const PAUSE_MS: u32 = 150;
/// Bursts in the file; the browser plays it in a loop.
const BURSTS: u32 = 8;
/// Half of full scale, -9 dBFS RMS within a burst: a voice close to the microphone.
const AMPLITUDE: f64 = 0.5;
/// Length of the slopes at both ends of a burst, so that it does not click.
const SLOPE_MS: u32 = 10;

/// A WAV file (RIFF, 16 bit, one channel) of tone bursts.
pub(crate) fn wav(hz: f64) -> Vec<u8> {
    let samples: Vec<u8> = (0..BURSTS * (BURST_MS + PAUSE_MS) * per_ms())
        .flat_map(|at| sample(at % ((BURST_MS + PAUSE_MS) * per_ms()), hz).to_le_bytes())
        .collect();
    let length = u32::try_from(samples.len()).unwrap_or(u32::MAX);
    let mut file = Vec::with_capacity(samples.len() + HEADER_BYTES);
    file.extend(b"RIFF");
    file.extend((length + 36).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    // PCM, one channel, rate, bytes per second, bytes per sample, bits per sample.
    file.extend([1_u16, 1].map(u16::to_le_bytes).concat());
    file.extend([RATE, RATE * 2].map(u32::to_le_bytes).concat());
    file.extend([2_u16, 16].map(u16::to_le_bytes).concat());
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    file.extend(samples);
    file
}

const HEADER_BYTES: usize = 44;

fn per_ms() -> u32 {
    RATE / 1_000
}

fn sample(at: u32, hz: f64) -> i16 {
    let end = BURST_MS * per_ms();
    if at >= end {
        return 0;
    }
    let slope = f64::from(at.min(end - at)) / f64::from(SLOPE_MS * per_ms());
    let value = AMPLITUDE * slope.min(1.0) * (TAU * hz * f64::from(at) / f64::from(RATE)).sin();
    #[expect(clippy::cast_possible_truncation, reason = "within -1 and 1 times the largest value")]
    let sample = (value * f64::from(i16::MAX)) as i16;
    sample
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sound;

    #[test]
    fn a_burst_has_the_tone_and_a_pause_none() {
        let file = wav(620.0);
        assert_eq!(&file[..4], b"RIFF");
        assert_eq!(file.len(), HEADER_BYTES + 8 * 500 * 48 * 2);
        let samples: Vec<f32> = file[HEADER_BYTES..]
            .chunks_exact(2)
            .map(|bytes| f32::from(i16::from_le_bytes([bytes[0], bytes[1]])) / f32::from(i16::MAX))
            .collect();
        let at = |ms: usize| ms * 48;
        let burst = Sound { samples: samples[at(500)..at(850)].to_vec(), rate: RATE };
        let pause = Sound { samples: samples[at(850)..at(1_000)].to_vec(), rate: RATE };
        assert!(burst.tone().is_some_and(|tone| (tone.hz - 620.0).abs() <= 5.0), "{:?}", burst.tone());
        assert!(burst.level_dbfs() > -10.0, "{}", burst.level_dbfs());
        assert!(pause.level_dbfs() <= -100.0, "{}", pause.level_dbfs());
    }
}
