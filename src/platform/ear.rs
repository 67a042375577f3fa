//! How loud a track is: <https://www.w3.org/TR/webaudio-1.1/#AnalyserNode>.

use std::cell::RefCell;

use phone::line::FULL;
use web_sys::{
    AnalyserNode, AudioContext, AudioContextState, MediaStream, MediaStreamAudioSourceNode, MediaStreamTrack,
};

/// How many samples are looked at: 43 ms at 48 kHz, some periods of the deepest voice.
const SAMPLES: u16 = 2_048;

/// The quietest that is shown, in decibels below full scale.
const RANGE_DB: f64 = 60.0;

/// Listens to a copy of a track, which goes on when the track itself is muted.
pub struct Ear {
    context: AudioContext,
    source: MediaStreamAudioSourceNode,
    analyser: AnalyserNode,
    copy: MediaStreamTrack,
    samples: RefCell<Vec<f32>>,
}

impl Ear {
    /// Listens to a track; nothing where the browser can't.
    pub(super) fn new(context: &AudioContext, track: &MediaStreamTrack) -> Option<Self> {
        let copy = MediaStreamTrack::clone(track);
        copy.set_enabled(true);
        let stream = MediaStream::new().ok()?;
        stream.add_track(&copy);
        let made = context.create_media_stream_source(&stream).and_then(|source| {
            let analyser = context.create_analyser()?;
            analyser.set_fft_size(SAMPLES.into());
            source.connect_with_audio_node(&analyser)?;
            Ok((source, analyser))
        });
        let Ok((source, analyser)) = made else {
            copy.stop();
            return None;
        };
        let samples = RefCell::new(vec![0.0; SAMPLES.into()]);
        Some(Self { context: context.clone(), source, analyser, copy, samples })
    }

    /// How loud it is now, 0 to [`FULL`]. Unknown while sound is held back.
    pub fn level(&self) -> Option<u8> {
        if self.context.state() != AudioContextState::Running {
            return None;
        }
        let mut samples = self.samples.borrow_mut();
        self.analyser.get_float_time_domain_data(&mut samples);
        let power: f32 = samples.iter().map(|sample| sample * sample).sum();
        Some(level(f64::from(power / f32::from(SAMPLES)).sqrt()))
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        // It can only fail for a node that is not connected.
        let _ = self.source.disconnect();
        self.copy.stop();
    }
}

/// A share of full scale, 0 to 1, as a level, 0 to [`FULL`], by decibels as people hear.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float keeps to the bounds of its type"
)]
pub(super) fn level(linear: f64) -> u8 {
    let loud = (RANGE_DB + 20.0 * js_sys::Math::log10(linear)) / RANGE_DB;
    (loud.min(1.0) * f64::from(FULL)) as u8
}
