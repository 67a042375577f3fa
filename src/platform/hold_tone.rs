//! What the far end of a call on hold hears: a soft tone that swells and fades.
//!
//! It is a sound of the page's own making that an unheard audio element plays in a loop,
//! and whose stream is sent: <https://w3c.github.io/mediacapture-fromelement/>. An audio
//! context would be held back where the machine has no loudspeaker or the browser wants
//! a gesture first, and then no packet would flow; an element without sound never is.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAudioElement, MediaStream, MediaStreamTrack, Url};

use super::task::spawn;

/// Samples per second.
const RATE: u32 = 8_000;

/// Length of the loop, in samples: two and a half seconds, as calm as breath. The tone, a
/// G of 392 Hz, has 980 periods in it, so that it goes on where it begins.
const SAMPLES: u32 = 20_000;

/// Twice the cosine, and the sine, of the angle from one sample of the tone to the next.
const TWICE_COSINE: f32 = 1.905_958_7;
const SINE: f32 = 0.303_035_3;

/// The greatest sample: a tenth of full scale, far below a voice.
const LOUDEST: f32 = 3_277.0;

/// The tone, ready to be sent; it ends when it is dropped.
pub struct HoldTone {
    element: HtmlAudioElement,
    stream: MediaStream,
    address: String,
}

impl HoldTone {
    /// Makes it. None where the browser can't send what an element plays.
    pub fn new() -> Option<Self> {
        let options = BlobPropertyBag::new();
        options.set_type("audio/wav");
        let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(&wav()[..]));
        let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
        let address = Url::create_object_url_with_blob(&blob).ok()?;
        let element = HtmlAudioElement::new_with_src(&address).ok()?;
        element.set_loop(true);
        element.set_muted(true);
        let capture = ["captureStream", "mozCaptureStream"].into_iter().find_map(|name| {
            js_sys::Reflect::get(&element, &name.into()).ok()?.dyn_into::<js_sys::Function>().ok()
        })?;
        let stream = capture.call0(&element).ok()?.unchecked_into();
        if let Ok(promise) = element.play() {
            spawn(async move {
                // Without it there is no track, and silence is sent.
                let _ = JsFuture::from(promise).await;
            });
        }
        Some(Self { element, stream, address })
    }

    /// The track that carries it, as soon as it plays.
    pub fn track(&self) -> Option<MediaStreamTrack> {
        self.stream.get_audio_tracks().get(0).dyn_into().ok()
    }
}

impl Drop for HoldTone {
    fn drop(&mut self) {
        // It can only fail for an element that does not play.
        let _ = self.element.pause();
        if let Some(track) = self.track() {
            track.stop();
        }
        self.element.set_src("");
        let _ = Url::revoke_object_url(&self.address);
    }
}

/// The loop as a file: RIFF, one channel of 16 bits.
fn wav() -> Vec<u8> {
    let mut file = Vec::new();
    let bytes = SAMPLES * 2;
    for part in [&b"RIFF"[..], &(bytes + 36).to_le_bytes(), b"WAVEfmt ", &16_u32.to_le_bytes()] {
        file.extend_from_slice(part);
    }
    // PCM, one channel; rate; bytes per second; bytes and bits per sample.
    for part in [0x0001_0001, RATE, RATE * 2, 0x0010_0002] {
        file.extend_from_slice(&part.to_le_bytes());
    }
    file.extend_from_slice(b"data");
    file.extend_from_slice(&bytes.to_le_bytes());
    let (mut before, mut now) = (0.0_f32, SINE);
    for at in 0..SAMPLES {
        // A sine without its function: each sample follows from the two before it.
        let next = TWICE_COSINE * now - before;
        (before, now) = (now, next);
        #[expect(clippy::cast_precision_loss, reason = "a small count")]
        let share = at.min(SAMPLES - at) as f32 / (SAMPLES / 2) as f32;
        let swell = share * share * (3.0 - 2.0 * share);
        #[expect(clippy::cast_possible_truncation, reason = "a tenth of full scale")]
        let sample = (before * swell * LOUDEST) as i16;
        file.extend_from_slice(&sample.to_le_bytes());
    }
    file
}
