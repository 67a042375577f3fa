//! The far end's sound: an audio element, so that it plays even where the audio
//! context is held back.
//! <https://html.spec.whatwg.org/multipage/media.html#the-audio-element>

use phone::event::Sound;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlAudioElement, MediaStream, MediaStreamTrack};

use super::send_to;
use super::task::spawn;

/// Plays one track; silent when dropped.
pub struct Remote {
    element: Option<HtmlAudioElement>,
}

/// How loud it is played.
pub struct Volume(HtmlAudioElement);

impl Volume {
    /// Plays it this many decibels less loud than it is.
    pub fn take_off(&self, decibels: f64) {
        self.0.set_volume(js_sys::Math::pow(10.0, -decibels / 20.0));
    }
}

impl Remote {
    /// Plays a track on a speaker, and tells whether the browser lets it.
    pub fn play(track: &MediaStreamTrack, speaker: &str, tell: impl Fn(Sound) + 'static) -> Self {
        let element = HtmlAudioElement::new().ok();
        if let Some(element) = &element {
            if let Ok(stream) = MediaStream::new() {
                stream.add_track(track);
                element.set_src_object(Some(&stream));
            }
            if !speaker.is_empty() {
                send_to(element, speaker);
            }
            start(element, tell);
        }
        Self { element }
    }

    /// How loud it is played, to be changed.
    pub fn volume(&self) -> Option<Volume> {
        self.element.clone().map(Volume)
    }

    /// Plays on another speaker from now on; the sound goes on meanwhile.
    pub fn move_to(&self, speaker: &str) {
        if let Some(element) = &self.element {
            send_to(element, speaker);
        }
    }

    /// Tries again, within a gesture.
    pub fn retry(&self, tell: impl Fn(Sound) + 'static) {
        if let Some(element) = self.element.as_ref().filter(|element| element.paused()) {
            start(element, tell);
        }
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        if let Some(element) = &self.element {
            element.set_src_object(None);
        }
    }
}

fn start(element: &HtmlAudioElement, tell: impl Fn(Sound) + 'static) {
    let Ok(promise) = element.play() else { return };
    spawn(async move {
        if let Err(error) = JsFuture::from(promise).await {
            let name = js_sys::Reflect::get(&error, &"name".into()).ok().and_then(|name| name.as_string());
            // An element that was dropped meanwhile is refused too, as `AbortError`.
            if name.as_deref() == Some("NotAllowedError") {
                tell(Sound::Blocked);
            }
        }
    });
}
