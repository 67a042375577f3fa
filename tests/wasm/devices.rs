//! Devices, their trial, and the media path; the browser's own fake ones.

use std::rc::Rc;

use phone::devices::{Listing, Step};
use phone::event::Sound;
use phone::settings::Processing;
use softphone::platform::devices::Devices;
use softphone::platform::loopback::Loopback;
use softphone::platform::microphone::{Microphone, Told};
use softphone::platform::tones::Tones;
use softphone::platform::trial::{self, Trial};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::MediaStreamTrackState;

use crate::wait;

async fn microphone(heard: &wait::Heard<Told>) -> Microphone {
    let microphone = Microphone::open(Processing::default(), "", heard.ear());
    wait::until("the microphone", || heard.has(&Told::Ready)).await;
    microphone
}

async fn listing() -> Listing {
    let heard = wait::Heard::nothing();
    let devices = Devices::new(heard.ear());
    devices.look();
    wait::until("the list", || !heard.all().is_empty()).await;
    heard.all().remove(0)
}

#[wasm_bindgen_test]
async fn microphones_are_listed_by_name_once_one_was_allowed() {
    let heard = wait::Heard::nothing();
    let _microphone = microphone(&heard).await;
    let listing = listing().await;
    assert!(!listing.inputs.is_empty());
    for device in listing.inputs.iter().chain(&listing.outputs) {
        assert!(!device.id.is_empty() && !device.label.is_empty() && device.id != "default", "{device:?}");
    }
    assert!(!listing.speaker || !listing.outputs.is_empty(), "a choice among nothing: {listing:?}");
}

#[wasm_bindgen_test]
async fn another_device_is_opened_before_the_former_track_ends() {
    let heard = wait::Heard::nothing();
    let microphone = microphone(&heard).await;
    let before = microphone.track().unwrap();
    microphone.mute(true);
    let other = listing().await.inputs.pop().unwrap();
    microphone.switch(&other.id);
    assert_eq!(microphone.track().as_ref(), Some(&before), "nothing changes until it is open");
    wait::until("the other one", || heard.has(&Told::Switched)).await;
    let after = microphone.track().unwrap();
    assert_ne!(before, after);
    assert!(!after.enabled(), "muted stays muted");
    assert_eq!(before.ready_state(), MediaStreamTrackState::Live, "until the new one is sent");
    drop(microphone.former());
    assert_eq!(before.ready_state(), MediaStreamTrackState::Ended);
    drop(microphone);
    assert_eq!(after.ready_state(), MediaStreamTrackState::Ended);
}

#[wasm_bindgen_test]
async fn a_remembered_device_that_is_away_does_not_keep_the_agent_silent() {
    let heard = wait::Heard::nothing();
    let microphone = Microphone::open(Processing::default(), "long gone", heard.ear());
    wait::until("any microphone", || heard.has(&Told::Ready)).await;
    assert!(microphone.track().is_some());
}

#[wasm_bindgen_test]
async fn a_trial_hears_the_microphone_or_says_that_it_can_not_and_ends_by_itself() {
    let sound = wait::Heard::<Sound>::nothing();
    let tones = Rc::new(Tones::new(sound.ear()));
    tones.unlock();
    wait::until("word of the sound", || !sound.all().is_empty()).await;
    let heard = wait::Heard::nothing();
    let trial = Trial::new(Processing::default(), "", tones, heard.ear());
    wait::until("its end", || heard.has(&trial::Told::Over)).await;
    // The fake microphone is loud. Without a loudspeaker no browser lets a page listen.
    let expected = if sound.all().last() == Some(&Sound::Unlocked) { Step::Good } else { Step::Opened };
    assert!(heard.has(&trial::Told::Step(expected)), "{:?}", heard.all());
    drop(trial);
}

#[wasm_bindgen_test]
async fn a_dropped_trial_tells_nothing() {
    let tones = Rc::new(Tones::new(|_| {}));
    let heard = wait::Heard::<trial::Told>::nothing();
    drop(Trial::new(Processing::default(), "", tones, heard.ear()));
    wait::pass(600).await;
    assert_eq!(heard.all(), []);
}

#[wasm_bindgen_test]
async fn two_connections_of_the_page_reach_each_other() {
    let ready = wait::Heard::nothing();
    let _microphone = microphone(&ready).await;
    let heard = wait::Heard::nothing();
    let loopback = Loopback::new(&[], heard.ear()).unwrap();
    wait::until("the path", || !heard.all().is_empty()).await;
    assert_eq!(heard.all(), [true]);
    drop(loopback);
}
