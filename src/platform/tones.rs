//! Ringtone and ringback, made by oscillators: <https://www.w3.org/TR/webaudio-1.1/>.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use phone::devices::Role;
use phone::digit::Digit;
use phone::effect::Tone;
use phone::event::Sound;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioContext, AudioContextState, GainNode, MediaStreamTrack, OscillatorType};

use super::ear::Ear;
use super::listener::Listener;
use super::remote::Remote;
use super::send_to;
use super::task::spawn;
use super::timer::{Interval, Timeout};

/// How long a fresh audio context may take to run before sound counts as held back,
/// in milliseconds.
const PATIENCE_MS: u64 = 600;

/// Loudness of the tones, 0 to 1: heard across a room, no fright in a headset.
const GAIN: f32 = 0.2;

/// How fast a note rises and falls, in seconds: without it each note clicks.
const EDGE_S: f64 = 0.015;

/// One note: frequency in hertz, start and length in seconds.
type Note = (f32, f64, f64);

/// Two rising calls, then quiet: the fourth and the octave carry well and please.
const RINGTONE: &[Note] = &[
    (587.33, 0.0, 0.18),
    (783.99, 0.16, 0.18),
    (1_174.66, 0.32, 0.34),
    (587.33, 0.8, 0.18),
    (783.99, 0.96, 0.18),
    (1_174.66, 1.12, 0.34),
];

/// One round of the ringtone, in milliseconds.
const RINGTONE_MS: i32 = 3_000;

/// A speaker is tried by a chord, note by note, and one long note to find the volume by.
const SAMPLE: &[Note] = &[(523.25, 0.05, 0.2), (659.26, 0.25, 0.2), (783.99, 0.45, 2.4)];

/// How long that takes, in milliseconds.
const SAMPLE_MS: u64 = 3_000;

/// ITU-T E.180, sections 4 and 5: 425 Hz, one second, then four of silence.
const RINGBACK: &[Note] = &[(425.0, 0.0, 1.0)];

/// One round of the ringback, in milliseconds.
const RINGBACK_MS: i32 = 5_000;

/// Frequencies of the keypad's rows, from the top, and of its columns, in hertz: ITU-T Q.23.
const KEY_ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
const KEY_COLUMNS: [f32; 3] = [1_209.0, 1_336.0, 1_477.0];

/// Loudness of each of a key's two notes, 0 to 1.
const KEY_GAIN: f32 = 0.06;

/// Length of a key's tone, in seconds.
const KEY_S: f64 = 0.12;

/// The page's own sounds.
pub struct Tones {
    context: Option<AudioContext>,
    playing: RefCell<Option<Playing>>,
    /// Where it rings, and where all else is heard.
    ringer: RefCell<String>,
    speaker: RefCell<String>,
    /// Loudness of the ringtone, of [`GAIN`].
    volume: Cell<f32>,
    sample: RefCell<Option<(Remote, Timeout)>>,
    /// The context was asked to run and has not answered.
    waking: Rc<Cell<bool>>,
    _on_state: Option<Listener>,
    _first_look: Timeout,
}

/// A tone that repeats until it is dropped.
struct Playing {
    gain: GainNode,
    _rounds: Interval,
}

impl Drop for Playing {
    fn drop(&mut self) {
        // It can only fail for a node that is not connected.
        let _ = self.gain.disconnect();
    }
}

impl Tones {
    /// Opens the audio context, and tells whether the page may make sound, now and
    /// whenever that changes.
    pub fn new(tell: impl Fn(Sound) + Clone + 'static) -> Self {
        let context = AudioContext::new().ok();
        let look = {
            let context = context.clone();
            move || {
                let state = context.as_ref().map(AudioContext::state);
                tell(if state == Some(AudioContextState::Running) {
                    Sound::Unlocked
                } else {
                    Sound::Blocked
                });
            }
        };
        let on_state = context.as_ref().map(|context| {
            let look = look.clone();
            Listener::new(context, "statechange", move |_| look())
        });
        Self {
            context,
            playing: RefCell::new(None),
            ringer: RefCell::default(),
            speaker: RefCell::default(),
            volume: Cell::new(1.0),
            sample: RefCell::new(None),
            waking: Rc::default(),
            _on_state: on_state,
            _first_look: Timeout::new(PATIENCE_MS, look),
        }
    }

    /// Tries to unlock sound; works within a gesture.
    pub fn unlock(&self) {
        let Some(context) = &self.context else { return };
        if context.state() == AudioContextState::Running {
            return;
        }
        // Where sound stays held back it never answers, and each gesture asks: one wait is
        // enough for all of them.
        if let Ok(promise) = context.resume()
            && !self.waking.replace(true)
        {
            let waking = Rc::clone(&self.waking);
            spawn(async move {
                // What came of it is told by `statechange`.
                let _ = JsFuture::from(promise).await;
                waking.set(false);
            });
        }
    }

    /// Plays this tone from now on, and no other.
    pub fn play(&self, tone: Tone) {
        self.playing.take();
        let (notes, every) = match tone {
            Tone::Silence => return,
            Tone::Ringtone => (RINGTONE, RINGTONE_MS),
            Tone::Ringback => (RINGBACK, RINGBACK_MS),
        };
        let (gain, speaker) = match tone {
            Tone::Ringtone => (GAIN * self.volume.get(), &self.ringer),
            Tone::Ringback | Tone::Silence => (GAIN, &self.speaker),
        };
        self.route(speaker);
        let playing = self.context.clone().and_then(|context| start(context, gain, notes, every));
        self.playing.replace(playing);
    }
}

impl Tones {
    /// Lets the agent hear a key of the keypad: ITU-T Q.23, one frequency for its row and
    /// one for its column.
    pub fn key(&self, digit: Digit) {
        let place = Digit::KEYPAD.iter().position(|key| *key == digit);
        let running = self.context.as_ref().filter(|context| context.state() == AudioContextState::Running);
        let (Some(place), Some(context)) = (place, running) else { return };
        let Ok(out) = context.create_gain() else { return };
        out.gain().set_value(KEY_GAIN);
        // The nodes are collected by the browser when the notes have ended.
        if out.connect_with_audio_node(&context.destination()).is_ok() {
            for frequency in [KEY_ROWS[place / 3], KEY_COLUMNS[place % 3]] {
                play(context, &out, (frequency, 0.0, KEY_S));
            }
        }
    }

    /// Plays a few notes on the speaker: through an element, as the far end is heard.
    pub fn sample(&self, tell: impl Fn(Sound) + 'static) {
        let Some(context) = &self.context else { return };
        let Ok(out) = context.create_media_stream_destination() else { return };
        let Ok(gain) = context.create_gain() else { return };
        gain.gain().set_value(GAIN);
        // It can only fail for nodes of two contexts.
        let _ = gain.connect_with_audio_node(&out);
        for note in SAMPLE {
            play(context, &gain, *note);
        }
        let Ok(track) = out.stream().get_audio_tracks().get(0).dyn_into() else { return };
        let remote = Remote::play(&track, &self.speaker.borrow(), tell);
        self.sample.replace(Some((remote, Timeout::new(SAMPLE_MS, move || track.stop()))));
    }

    /// Uses this device for the ringtone, or for all else.
    pub fn use_device(&self, role: Role, id: String) {
        match role {
            Role::Microphone => {}
            Role::Speaker => drop(self.speaker.replace(id)),
            Role::Ringtone => drop(self.ringer.replace(id)),
        }
    }

    /// How loud it rings, in percent.
    pub fn set_volume(&self, percent: u8) {
        self.volume.set(f32::from(percent) / 100.0);
    }

    /// Listens to a track.
    pub fn ear(&self, track: &MediaStreamTrack) -> Option<Ear> {
        Ear::new(self.context.as_ref()?, track)
    }

    fn route(&self, speaker: &RefCell<String>) {
        if let Some(context) = &self.context {
            let speaker = speaker.borrow();
            let now = js_sys::Reflect::get(context, &"sinkId".into()).ok().and_then(|id| id.as_string());
            if now.is_some_and(|now| now != *speaker) {
                send_to(context, &speaker);
            }
        }
    }
}

impl Drop for Tones {
    fn drop(&mut self) {
        self.playing.take();
        if let Some(promise) = self.context.take().and_then(|context| context.close().ok()) {
            spawn(async move {
                // There is nothing to do about a context that does not close.
                let _ = JsFuture::from(promise).await;
            });
        }
    }
}

fn start(context: AudioContext, loudness: f32, notes: &'static [Note], every_ms: i32) -> Option<Playing> {
    let gain = context.create_gain().ok()?;
    gain.gain().set_value(loudness);
    gain.connect_with_audio_node(&context.destination()).ok()?;
    let out = gain.clone();
    let round = Rc::new(move || {
        // A context that is held back would play all rounds at once when it runs.
        if context.state() == AudioContextState::Running {
            for note in notes {
                play(&context, &out, *note);
            }
        }
    });
    round();
    let rounds = Interval::new(every_ms, move || round());
    Some(Playing { gain, _rounds: rounds })
}

/// Schedules one note. Its nodes are collected by the browser when it has ended.
fn play(context: &AudioContext, out: &GainNode, (frequency, at, length): Note) -> Option<()> {
    let begin = context.current_time() + at;
    let end = begin + length;
    let envelope = context.create_gain().ok()?;
    let level = envelope.gain();
    level.set_value_at_time(0.0, begin).ok()?;
    level.linear_ramp_to_value_at_time(1.0, begin + EDGE_S).ok()?;
    level.set_value_at_time(1.0, end - EDGE_S).ok()?;
    level.linear_ramp_to_value_at_time(0.0, end).ok()?;
    let oscillator = context.create_oscillator().ok()?;
    oscillator.set_type(OscillatorType::Sine);
    oscillator.frequency().set_value(frequency);
    oscillator.connect_with_audio_node(&envelope).ok()?;
    envelope.connect_with_audio_node(out).ok()?;
    oscillator.start_with_when(begin).ok()?;
    oscillator.stop_with_when(end).ok()
}
