//! The microphone; the browser's own fake one.

use phone::settings::Processing;
use softphone::platform::microphone::{Microphone, Told};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::MediaStreamTrackState;

use crate::wait;

#[wasm_bindgen_test]
async fn it_opens_is_muted_and_goes_dark_when_dropped() {
    let heard = wait::Heard::nothing();
    let microphone = Microphone::open(Processing::default(), "", heard.ear());
    assert_eq!(microphone.track(), None);
    wait::until("the microphone", || heard.has(&Told::Ready)).await;
    let track = microphone.track().unwrap();
    assert_eq!(track.ready_state(), MediaStreamTrackState::Live);
    assert!(track.enabled());
    microphone.mute(true);
    assert!(!track.enabled());
    microphone.mute(false);
    assert!(track.enabled());
    drop(microphone);
    assert_eq!(track.ready_state(), MediaStreamTrackState::Ended);
    wait::pass(100).await;
    assert_eq!(heard.all(), [Told::Ready], "who stops it knows it");
}

#[wasm_bindgen_test]
async fn muted_before_it_opens_it_opens_muted() {
    let heard = wait::Heard::nothing();
    let microphone = Microphone::open(Processing::default(), "", heard.ear());
    microphone.mute(true);
    wait::until("the microphone", || heard.has(&Told::Ready)).await;
    assert!(!microphone.track().unwrap().enabled());
}

#[wasm_bindgen_test]
async fn dropped_before_it_opens_it_says_nothing() {
    let heard = wait::Heard::<Told>::nothing();
    drop(Microphone::open(Processing::default(), "", heard.ear()));
    wait::pass(800).await;
    assert_eq!(heard.all(), []);
}

#[wasm_bindgen_test]
async fn the_settings_reach_the_browser() {
    let heard = wait::Heard::nothing();
    let bare = Processing { echo_cancellation: false, noise_suppression: false, auto_gain: false };
    let microphone = Microphone::open(bare, "", heard.ear());
    wait::until("the microphone", || heard.has(&Told::Ready)).await;
    let settings = js_sys::Reflect::get(&microphone.track().unwrap(), &"getSettings".into()).unwrap();
    let settings = js_sys::Function::from(settings).call0(&microphone.track().unwrap()).unwrap();
    let echo = js_sys::Reflect::get(&settings, &"echoCancellation".into()).unwrap();
    assert!(!echo.is_truthy(), "{echo:?}");
}
