//! The microphone: <https://www.w3.org/TR/mediacapture-streams/>.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use phone::event::MicrophoneFault;
use phone::settings::Processing;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack, MediaTrackConstraints};

use super::ear::Ear;
use super::listener::Listener;
use super::task::spawn;
use super::tones::Tones;
use super::{window, words};

/// What a microphone tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// It is open.
    Ready,
    /// It could not be opened.
    Failed(MicrophoneFault),
    /// It went away.
    Ended,
    /// Another device is open in its place.
    Switched,
    /// The other device could not be opened; the former one still is.
    SwitchFailed(MicrophoneFault),
}

/// A microphone that is opened at once and stopped when it is dropped, even if it
/// opens only after that.
pub struct Microphone {
    open: Rc<Open>,
    processing: Processing,
    tell: Rc<dyn Fn(Told)>,
}

/// A track that is stopped when it is dropped.
pub struct Former(MediaStreamTrack);

impl Drop for Former {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[derive(Default)]
struct Open {
    track: RefCell<Option<MediaStreamTrack>>,
    /// A track that was replaced and may still be sent.
    former: RefCell<Option<Former>>,
    ended: RefCell<Option<Listener>>,
    ear: RefCell<Option<Rc<Ear>>>,
    muted: Cell<bool>,
}

impl Microphone {
    /// Asks for a microphone by its id; if it is away, for any.
    pub fn open(processing: Processing, device: &str, tell: impl Fn(Told) + 'static) -> Self {
        Self::boxed(processing, device.to_owned(), Rc::new(tell))
    }

    fn boxed(processing: Processing, device: String, tell: Rc<dyn Fn(Told)>) -> Self {
        let open = Rc::new(Open::default());
        let microphone = Self { open, processing, tell };
        microphone.ask(device, Told::Ready, Told::Failed);
        microphone
    }

    /// Asks for another device. Until it is open nothing changes; then the former track
    /// lives on until it is [taken](Self::former).
    pub fn switch(&self, device: &str) {
        if self.open.track.borrow().is_none() {
            return;
        }
        self.ask(device.to_owned(), Told::Switched, Told::SwitchFailed);
    }

    fn ask(&self, device: String, done: Told, failed: fn(MicrophoneFault) -> Told) {
        let weak = Rc::downgrade(&self.open);
        let (processing, tell) = (self.processing, Rc::clone(&self.tell));
        spawn(async move {
            match ask(processing, &device).await {
                Ok(track) => keep(&weak, track, tell, done),
                Err(fault) => tell(failed(fault)),
            }
        });
    }

    /// The track that was replaced; it ends when this is dropped.
    pub fn former(&self) -> Option<Former> {
        self.open.former.take()
    }

    /// The track, once it is open.
    pub fn track(&self) -> Option<MediaStreamTrack> {
        self.open.track.borrow().clone()
    }

    /// What listens to the track. The same for as long as the track is: a browser keeps each
    /// node that listens to a stream until the page is left.
    /// <https://www.w3.org/TR/webaudio-1.1/#MediaStreamAudioSourceNode>
    pub fn ear(&self, tones: &Tones) -> Option<Rc<Ear>> {
        let track = self.track()?;
        let mut ear = self.open.ear.borrow_mut();
        if ear.is_none() {
            *ear = tones.ear(&track).map(Rc::new);
        }
        ear.clone()
    }

    /// Sends silence instead of sound, or sound again. Packets flow all the time:
    /// <https://www.w3.org/TR/mediacapture-streams/#dom-mediastreamtrack-enabled>.
    pub fn mute(&self, muted: bool) {
        self.open.muted.set(muted);
        if let Some(track) = &*self.open.track.borrow() {
            track.set_enabled(!muted);
        }
    }
}

/// A microphone's track that carries silence: packets flow all the same.
pub struct Silence(MediaStreamTrack);

impl Silence {
    /// Beside the microphone's own track, which goes on.
    pub fn of(microphone: &MediaStreamTrack) -> Self {
        let track = microphone.clone();
        track.set_enabled(false);
        Self(track)
    }

    /// The track.
    pub fn track(&self) -> MediaStreamTrack {
        Clone::clone(&self.0)
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.ended.take();
        if let Some(track) = self.track.take() {
            track.stop();
        }
    }
}

/// Keeps a track that was opened, unless nobody wants it any more.
fn keep(open: &Weak<Open>, track: MediaStreamTrack, tell: Rc<dyn Fn(Told)>, word: Told) {
    let Some(open) = open.upgrade() else {
        track.stop();
        return;
    };
    let on_end = Rc::clone(&tell);
    open.ended.replace(Some(Listener::new(&track, "ended", move |_| on_end(Told::Ended))));
    track.set_enabled(!open.muted.get());
    open.ear.take();
    let former = open.track.replace(Some(track));
    open.former.replace(former.map(Former));
    // What is told may drop the microphone: nothing of it is borrowed here.
    drop(open);
    tell(word);
}

async fn ask(processing: Processing, device: &str) -> Result<MediaStreamTrack, MicrophoneFault> {
    let devices = devices().ok_or_else(|| MicrophoneFault::Other(phone::text::INSECURE.into()))?;
    let audio = MediaTrackConstraints::new();
    audio.set_echo_cancellation_bool(processing.echo_cancellation);
    audio.set_noise_suppression_bool(processing.noise_suppression);
    audio.set_auto_gain_control_bool(processing.auto_gain);
    if !device.is_empty() {
        audio.set_device_id_str(device);
    }
    let constraints = MediaStreamConstraints::new();
    constraints.set_audio(&audio);
    let promise = devices.get_user_media_with_constraints(&constraints).map_err(|error| fault(&error))?;
    let stream = JsFuture::from(promise).await.map_err(|error| fault(&error))?;
    let stream: MediaStream = stream.unchecked_into();
    stream.get_audio_tracks().get(0).dyn_into().map_err(|_| MicrophoneFault::Missing)
}

/// The device list's object; absent on a page that did not come over a secure connection.
pub(super) fn devices() -> Option<MediaDevices> {
    let navigator = window()?.navigator();
    js_sys::Reflect::get(&navigator, &"mediaDevices".into()).ok()?.dyn_into().ok()
}

/// <https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia>, the
/// list of its errors.
fn fault(error: &JsValue) -> MicrophoneFault {
    let name = js_sys::Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string());
    match name.as_deref() {
        Some("NotAllowedError" | "SecurityError") => MicrophoneFault::Refused,
        Some("NotFoundError" | "OverconstrainedError") => MicrophoneFault::Missing,
        Some("NotReadableError" | "AbortError") => MicrophoneFault::Busy,
        Some(_) | None => MicrophoneFault::Other(words(error)),
    }
}
