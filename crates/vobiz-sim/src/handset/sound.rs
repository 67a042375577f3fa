//! What a handset says: Opus packets, one for each 20 ms.

use std::collections::VecDeque;
use std::f32::consts::PI;
use std::sync::Arc;

use ropus::{Application, Bitrate, Channels, Encoder};

use super::HandsetError;
use super::analyzer::ANALYSIS_RATE;

/// Samples in a frame of 20 ms at the rate in which handsets make sound.
pub(crate) const FRAME_SAMPLES: usize = (ANALYSIS_RATE / 50) as usize;

/// Frames of 20 ms in a second.
const FRAMES_PER_SECOND: u64 = 50;

/// Bit rate of made sound; Meta's own offers cap Opus at 20 kbit/s.
const BITS_PER_SECOND: u32 = 20_000;

/// How hard the encoder tries, from 0 to 10. Tones, hum and an echo sound alike from here
/// on; what the codec takes by itself costs several times as much, in every call at once.
const COMPLEXITY: u8 = 2;

/// Largest Opus packet that is ever made here; 20 ms at the bit rate above is
/// about 50 bytes, this leaves room for the encoder's worst case.
const MAX_PACKET: usize = 1_275;

/// Amplitude of the test tone: a quarter of full scale, −15 dBFS.
const TONE_AMPLITUDE: f32 = 0.25;

/// Amplitude of a tone that is too loud: −1 dBFS.
const LOUD_AMPLITUDE: f32 = 0.9;

/// A person who says nothing still has a room around them: quiet 100 Hz hum
/// at about −57 dBFS, below what counts as audible.
const HUM_HZ: f32 = 100.0;
const HUM_AMPLITUDE: f32 = 0.002;

/// An echo comes back after this many frames (200 ms), so that a person hears
/// it as an echo; it also absorbs jitter.
const ECHO_DELAY_FRAMES: usize = 10;

/// The echo never falls further behind than this many frames (one second).
const ECHO_MAX_FRAMES: usize = 50;

static GREETING: &[u8] = include_bytes!("../../assets/greeting.opus20");
static TALK: &[u8] = include_bytes!("../../assets/talk.opus20");

/// What a handset plays while it is picked up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Voice {
    /// A spoken greeting, then keeps talking.
    Speech,
    /// What it hears, a fifth of a second later.
    Echo,
    /// A pure tone of this frequency in hertz.
    Tone(f32),
    /// The same, far too loud.
    LoudTone(f32),
    /// The quiet hum of a room.
    Hum,
}

/// Makes the packets of one handset.
pub(crate) struct Sound(Source);

enum Source {
    Speech { clip: Clip, position: usize },
    Echo { encoder: Box<Encoder>, queue: VecDeque<[i16; FRAME_SAMPLES]>, started: bool },
    Wave(Box<Wave>),
}

impl Sound {
    /// Prepares a voice. Fails only if the codec can't be set up.
    pub(crate) fn new(voice: Voice) -> Result<Self, HandsetError> {
        Ok(Self(match voice {
            Voice::Speech => Source::Speech { clip: Clip::load(GREETING, TALK), position: 0 },
            Voice::Echo => {
                Source::Echo { encoder: Box::new(encoder()?), queue: VecDeque::new(), started: false }
            }
            Voice::Tone(hertz) => Source::Wave(Box::new(Wave::new(hertz, TONE_AMPLITUDE)?)),
            Voice::LoudTone(hertz) => Source::Wave(Box::new(Wave::new(hertz, LOUD_AMPLITUDE)?)),
            Voice::Hum => Source::Wave(Box::new(Wave::new(HUM_HZ, HUM_AMPLITUDE)?)),
        }))
    }

    /// Lets an echo hear a decoded frame; other voices don't listen.
    pub(crate) fn hear(&mut self, samples: &[i16]) {
        let Source::Echo { queue, .. } = &mut self.0 else {
            return;
        };
        for part in samples.chunks_exact(FRAME_SAMPLES) {
            if queue.len() == ECHO_MAX_FRAMES {
                queue.pop_front();
            }
            let mut frame = [0; FRAME_SAMPLES];
            frame.copy_from_slice(part);
            queue.push_back(frame);
        }
    }

    /// The next 20 ms, as an Opus packet.
    pub(crate) fn next(&mut self) -> Result<Arc<[u8]>, HandsetError> {
        match &mut self.0 {
            Source::Speech { clip, position } => {
                let packet = clip.packet(*position);
                *position += 1;
                Ok(packet)
            }
            Source::Echo { encoder, queue, started } => {
                *started = *started || queue.len() >= ECHO_DELAY_FRAMES;
                let frame = if *started { queue.pop_front() } else { None };
                encode(encoder, &frame.unwrap_or([0; FRAME_SAMPLES]))
            }
            Source::Wave(wave) => wave.next(),
        }
    }
}

/// A pure tone. Of a whole number of hertz one second holds whole periods: it is
/// encoded once and repeated, so that many calls at a time cost little.
struct Wave {
    encoder: Encoder,
    hertz: f32,
    amplitude: f32,
    frames: u64,
    second: Vec<Arc<[u8]>>,
}

impl Wave {
    fn new(hertz: f32, amplitude: f32) -> Result<Self, HandsetError> {
        Ok(Self { encoder: encoder()?, hertz, amplitude, frames: 0, second: Vec::new() })
    }

    fn next(&mut self) -> Result<Arc<[u8]>, HandsetError> {
        let repeats = self.hertz.fract() == 0.0;
        let place = (self.frames % FRAMES_PER_SECOND) as usize;
        // The first second leads the codec in and is not the one that is repeated.
        if repeats && let Some(packet) = self.second.get(place).filter(|_| self.is_full()) {
            self.frames += 1;
            return Ok(Arc::clone(packet));
        }
        let first = self.frames * FRAME_SAMPLES as u64;
        let mut frame = [0; FRAME_SAMPLES];
        for (sample, value) in (first..).zip(&mut frame) {
            // The phase is reduced in whole samples so that it stays exact however
            // long the call lasts.
            let phase = (sample as f64 * f64::from(self.hertz) / f64::from(ANALYSIS_RATE)).fract();
            *value = ((2.0 * PI * phase as f32).sin() * self.amplitude * 32_767.0) as i16;
        }
        let packet = encode(&mut self.encoder, &frame)?;
        if repeats && self.frames >= FRAMES_PER_SECOND {
            self.second.push(Arc::clone(&packet));
        }
        self.frames += 1;
        Ok(packet)
    }

    fn is_full(&self) -> bool {
        self.second.len() as u64 == FRAMES_PER_SECOND
    }
}

fn encoder() -> Result<Encoder, HandsetError> {
    Encoder::builder(ANALYSIS_RATE, Channels::Mono, Application::Voip)
        .bitrate(Bitrate::Bits(BITS_PER_SECOND))
        .complexity(COMPLEXITY)
        .build()
        .map_err(|error| HandsetError::Codec(error.to_string()))
}

fn encode(encoder: &mut Encoder, frame: &[i16]) -> Result<Arc<[u8]>, HandsetError> {
    let mut packet = [0; MAX_PACKET];
    let length =
        encoder.encode(frame, &mut packet).map_err(|error| HandsetError::Codec(error.to_string()))?;
    Ok(Arc::from(&packet[..length]))
}

/// Recorded speech: an opening that is played once and a part that repeats.
struct Clip {
    opening: Vec<Arc<[u8]>>,
    repeated: Vec<Arc<[u8]>>,
}

impl Clip {
    fn load(opening: &[u8], repeated: &[u8]) -> Self {
        Self { opening: packets(opening), repeated: packets(repeated) }
    }

    fn packet(&self, position: usize) -> Arc<[u8]> {
        if let Some(packet) = self.opening.get(position) {
            return Arc::clone(packet);
        }
        let later = position - self.opening.len();
        self.repeated
            .get(later % self.repeated.len().max(1))
            .map_or_else(|| Arc::from([].as_slice()), Arc::clone)
    }
}

/// Splits an asset into its packets: each is preceded by its length as a
/// little-endian 16-bit number.
fn packets(mut asset: &[u8]) -> Vec<Arc<[u8]>> {
    let mut packets = Vec::new();
    while let Some((length, rest)) = asset.split_first_chunk::<2>() {
        let length = usize::from(u16::from_le_bytes(*length));
        let Some((packet, rest)) = rest.split_at_checked(length) else {
            break;
        };
        packets.push(Arc::from(packet));
        asset = rest;
    }
    packets
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::time::{Duration, Instant};

    use ropus::{DecodeMode, Decoder};

    use super::super::analyzer::{Analyzer, Heard};
    use super::*;

    fn listen(sound: &mut Sound, frames: usize) -> Heard {
        let mut decoder = Decoder::new(ANALYSIS_RATE, Channels::Mono).unwrap();
        let mut analyzer = Analyzer::default();
        let mut now = Instant::now();
        for _ in 0..frames {
            let mut pcm = [0; FRAME_SAMPLES];
            decoder.decode(&sound.next().unwrap(), &mut pcm, DecodeMode::Normal).unwrap();
            analyzer.push(now, &pcm);
            now += Duration::from_millis(20);
        }
        analyzer.heard(now).unwrap()
    }

    #[test]
    fn the_tone_is_the_tone() {
        let heard = listen(&mut Sound::new(Voice::Tone(440.0)).unwrap(), 60);
        assert!((heard.frequency_hz.unwrap() - 440.0).abs() < 5.0);
        assert!((heard.level_dbfs + 15.0).abs() < 2.0, "{heard:?}");
    }

    #[test]
    fn a_tone_that_repeats_stays_the_tone() {
        for hertz in [440.0, 333.0, 523.25] {
            let mut sound = Sound::new(Voice::Tone(hertz)).unwrap();
            // The beginning, the repeated second, and the seam between two.
            for frames in [60, 90, 30] {
                let heard = listen(&mut sound, frames);
                assert!((heard.frequency_hz.unwrap() - hertz).abs() < 5.0, "{heard:?}");
                assert!((heard.level_dbfs + 15.0).abs() < 2.0, "{heard:?}");
            }
        }
    }

    #[test]
    fn the_speaker_keeps_talking() {
        let mut speaker = Sound::new(Voice::Speech).unwrap();
        let loudest = (0..8).map(|_| listen(&mut speaker, 50).level_dbfs).fold(f32::MIN, f32::max);
        assert!(loudest > -30.0, "{loudest}");
        for _ in 0..10_000 {
            assert!(!speaker.next().unwrap().is_empty());
        }
    }

    #[test]
    fn the_hum_is_below_what_counts_as_sound() {
        let heard = listen(&mut Sound::new(Voice::Hum).unwrap(), 50);
        assert!(heard.level_dbfs < -50.0, "{heard:?}");
    }

    #[test]
    fn the_echo_returns_what_it_heard() {
        let mut echo = Sound::new(Voice::Echo).unwrap();
        let wave: Vec<i16> = (0..FRAME_SAMPLES * 45)
            .map(|n| ((2.0 * PI * 600.0 * n as f32 / ANALYSIS_RATE as f32).sin() * 8_000.0) as i16)
            .collect();
        echo.hear(&wave);
        let heard = listen(&mut echo, 40);
        assert!((heard.frequency_hz.unwrap() - 600.0).abs() < 5.0, "{heard:?}");
    }
}
