//! What the microphone gives: Opus packets of 20 ms.

use std::collections::VecDeque;
use std::f64::consts::TAU;

use anyhow::{Result, anyhow};
use ropus::{Application, Bitrate, Channels, Encoder};

use super::Speech;

/// Samples each second, in both directions: wide-band speech.
pub(super) const RATE: u32 = 16_000;
/// Samples in a packet of 20 ms.
pub(super) const FRAME: usize = 320;
/// RTP ticks in a packet: Opus always counts at 48 kHz (RFC 7587, section 4.1).
pub(super) const FRAME_TICKS: u64 = 960;

/// Meta's offers cap Opus at this many bits each second.
const BITS_PER_SECOND: u32 = 20_000;
/// Largest Opus packet (RFC 6716, section 3.2.1).
const MOST_BYTES: usize = 1_275;
/// A quarter of full scale: 15 dB below it.
const AMPLITUDE: f64 = 0.25;
/// An echo falls at most this far behind, in packets: half a second.
const MOST_WAITING: usize = 25;

/// A microphone.
pub(super) struct Voice {
    speech: Speech,
    encoder: Encoder,
    samples: u64,
    heard: VecDeque<[i16; FRAME]>,
}

impl Voice {
    pub(super) fn new(speech: Speech) -> Result<Self> {
        let encoder = Encoder::builder(RATE, Channels::Mono, Application::Voip)
            .bitrate(Bitrate::Bits(BITS_PER_SECOND))
            .build()
            .map_err(|error| anyhow!("no Opus encoder: {error}"))?;
        Ok(Self { speech, encoder, samples: 0, heard: VecDeque::new() })
    }

    /// Lets an echo hear what came.
    pub(super) fn hear(&mut self, pcm: &[i16]) {
        if self.speech != Speech::Echo {
            return;
        }
        for part in pcm.chunks_exact(FRAME) {
            if self.heard.len() == MOST_WAITING {
                self.heard.pop_front();
            }
            let mut frame = [0; FRAME];
            frame.copy_from_slice(part);
            self.heard.push_back(frame);
        }
    }

    /// The next packet; of silence while it is muted.
    pub(super) fn next(&mut self, muted: bool) -> Result<Vec<u8>> {
        let spoken = match self.speech {
            Speech::Tone(hertz) => self.wave(hertz),
            Speech::Echo => self.heard.pop_front().unwrap_or([0; FRAME]),
        };
        let frame = if muted { [0; FRAME] } else { spoken };
        let mut packet = [0; MOST_BYTES];
        let length =
            self.encoder.encode(&frame, &mut packet).map_err(|error| anyhow!("Opus encoder: {error}"))?;
        Ok(packet[..length].to_vec())
    }

    fn wave(&mut self, hertz: f64) -> [i16; FRAME] {
        let mut frame = [0; FRAME];
        for value in &mut frame {
            let at = seconds(self.samples);
            #[expect(clippy::cast_possible_truncation, reason = "a quarter of full scale")]
            let sample = ((TAU * (hertz * at).fract()).sin() * AMPLITUDE * f64::from(i16::MAX)) as i16;
            *value = sample;
            self.samples += 1;
        }
        frame
    }
}

/// When a sample is due. Exact: a call has far fewer than 2^32 samples.
fn seconds(samples: u64) -> f64 {
    f64::from(u32::try_from(samples).unwrap_or(u32::MAX)) / f64::from(RATE)
}
