//! What the page plays. Whether the machine has a loudspeaker is not known, so an
//! audio context may stay held back: the page must work all the same.

use phone::effect::Tone;
use phone::event::Sound;
use phone::settings::Processing;
use softphone::platform::microphone::{Microphone, Told};
use softphone::platform::remote::Remote;
use softphone::platform::tones::Tones;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::wait;

#[wasm_bindgen_test]
async fn it_says_whether_sound_is_free_and_plays_or_not() {
    let heard = wait::Heard::nothing();
    let tones = Tones::new(heard.ear());
    for tone in [Tone::Ringtone, Tone::Ringback, Tone::Silence, Tone::Ringtone] {
        tones.play(tone);
    }
    tones.unlock();
    wait::until("word of the sound", || !heard.all().is_empty()).await;
    assert!(heard.all().iter().all(|told| *told != Sound::Unknown));
    drop(tones);
    wait::pass(100).await;
    let before = heard.all().len();
    wait::pass(800).await;
    assert_eq!(heard.all().len(), before, "a dropped one tells nothing");
}

#[wasm_bindgen_test]
async fn the_far_ends_track_plays() {
    let ready = wait::Heard::nothing();
    let microphone = Microphone::open(Processing::default(), "", ready.ear());
    wait::until("a track", || ready.has(&Told::Ready)).await;
    let heard = wait::Heard::<Sound>::nothing();
    let remote = Remote::play(&microphone.track().unwrap(), "", heard.ear());
    wait::pass(300).await;
    remote.retry(heard.ear());
    wait::pass(200).await;
    assert_eq!(heard.all(), [], "nothing holds it back here");
}
