//! What the far end of a call on hold hears: a soft tone that swells and fades, made by
//! oscillators and sent as a track: <https://www.w3.org/TR/webaudio-1.1/>.
//!
//! No timer is needed: one oscillator is the tone, a second, slow one moves its loudness.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioContext, AudioContextState, MediaStreamTrack};

use super::task::spawn;

/// The tone, in hertz: a G, low enough to be soft, within the band of every telephone.
const TONE_HZ: f32 = 392.0;

/// How often it swells and fades, in hertz: as calm as breath.
const SWELL_HZ: f32 = 0.4;

/// Half of its greatest loudness, 0 to 1: it moves between nothing and twice that, far
/// below a voice.
const HALF_GAIN: f32 = 0.05;

/// The tone; silent when dropped.
pub struct HoldTone {
    context: AudioContext,
    track: MediaStreamTrack,
}

impl HoldTone {
    /// Begins it. None where the browser can't.
    pub fn begin() -> Option<Self> {
        let context = AudioContext::new().ok()?;
        let track = play(&context).ok()?;
        let tone = Self { context, track };
        if tone.context.state() != AudioContextState::Running {
            tone.settle(AudioContext::resume);
        }
        Some(tone)
    }

    /// The track that carries it.
    pub fn track(&self) -> MediaStreamTrack {
        self.track.clone()
    }

    fn settle(&self, order: fn(&AudioContext) -> Result<js_sys::Promise, JsValue>) {
        let Ok(promise) = order(&self.context) else { return };
        spawn(async move {
            // A context that stays held back is silent; there is nothing to do about it.
            let _ = JsFuture::from(promise).await;
        });
    }
}

impl Drop for HoldTone {
    fn drop(&mut self) {
        self.track.stop();
        self.settle(AudioContext::close);
    }
}

fn play(context: &AudioContext) -> Result<MediaStreamTrack, JsValue> {
    let out = context.create_media_stream_destination()?;
    let loudness = context.create_gain()?;
    loudness.gain().set_value(HALF_GAIN);
    loudness.connect_with_audio_node(&out)?;
    let tone = context.create_oscillator()?;
    tone.frequency().set_value(TONE_HZ);
    tone.connect_with_audio_node(&loudness)?;
    let depth = context.create_gain()?;
    depth.gain().set_value(HALF_GAIN);
    depth.connect_with_audio_param(&loudness.gain())?;
    let swell = context.create_oscillator()?;
    swell.frequency().set_value(SWELL_HZ);
    swell.connect_with_audio_node(&depth)?;
    tone.start()?;
    swell.start()?;
    out.stream().get_audio_tracks().get(0).dyn_into()
}
