//! What call control asks of the browser.

use phone::event::{Peer as Told, TransportEvent};
use phone::settings::Processing;
use softphone::platform::hold_tone::HoldTone;
use softphone::platform::microphone::{Microphone, Silence, Told as Heard};
use softphone::platform::peer::PeerConnection;
use softphone::platform::permission::Permission;
use softphone::platform::regions;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::far_end::FarEnd;
use crate::wait;

async fn microphone() -> Microphone {
    let heard = wait::Heard::nothing();
    let microphone = Microphone::open(Processing::default(), "", heard.ear());
    wait::until("the microphone", || heard.has(&Heard::Ready)).await;
    microphone
}

/// A connected call with a far end that was given `offer` as its own.
async fn call(
    offer: impl Fn(String) -> String,
    microphone: &Microphone,
) -> (PeerConnection, FarEnd, wait::Heard<Told>) {
    let far_end = FarEnd::new();
    let heard = wait::Heard::nothing();
    let peer = PeerConnection::to_answer(&[], offer(far_end.offer().await), heard.ear()).unwrap();
    let described =
        || heard.first(|told| if let Told::Described { sdp } = told { Some(sdp.clone()) } else { None });
    wait::until("an answer", || described().is_some()).await;
    far_end.take_answer(&described().unwrap()).await;
    peer.set_local();
    wait::until("a connection", || heard.has(&Told::Transport(TransportEvent::Connected))).await;
    peer.send_track(microphone.track(), None);
    (peer, far_end, heard)
}

/// Waits until more packets have come than there were.
async fn flows(far_end: &FarEnd) {
    let before = far_end.packets().await;
    for _ in 0..100 {
        if far_end.packets().await > before + 10.0 {
            return;
        }
        wait::pass(50).await;
    }
    unreachable!("nothing flows");
}

#[wasm_bindgen_test]
async fn the_hold_tone_and_its_stand_in_flow_as_a_voice_does() {
    let microphone = microphone().await;
    let (peer, far_end, heard) = call(|offer| offer, &microphone).await;
    wait::until("word of the keypad", || heard.has(&Told::Keys(true))).await;
    flows(&far_end).await;
    let tone = HoldTone::new().unwrap();
    wait::until("the hold tone's track", || tone.track().is_some()).await;
    peer.send_track(tone.track(), None);
    flows(&far_end).await;
    let silence = Silence::of(&microphone.track().unwrap());
    peer.send_track(Some(silence.track()), None);
    flows(&far_end).await;
    let track = tone.track().unwrap();
    drop(tone);
    assert_eq!(track.ready_state(), web_sys::MediaStreamTrackState::Ended);
}

#[wasm_bindgen_test]
async fn a_far_end_without_telephone_events_takes_no_keys() {
    let without = |offer: String| {
        let numbers: Vec<String> = offer
            .lines()
            .filter_map(|line| line.strip_prefix("a=rtpmap:")?.split_once(" telephone-event"))
            .map(|(number, _)| number.to_owned())
            .collect();
        let is_about = |line: &str| numbers.iter().any(|number| line.contains(&[":", number, " "].concat()));
        let lines = offer.lines().filter(|line| !(line.starts_with("a=") && is_about(line)));
        let kept: Vec<String> = lines
            .map(|line| match line.starts_with("m=audio") {
                true => line
                    .split(' ')
                    .filter(|word| !numbers.iter().any(|number| word == number))
                    .collect::<Vec<_>>()
                    .join(" "),
                false => line.to_owned(),
            })
            .collect();
        kept.join("\r\n") + "\r\n"
    };
    let microphone = microphone().await;
    let (_peer, _far_end, heard) = call(without, &microphone).await;
    wait::until("word of the keypad", || heard.has(&Told::Keys(false))).await;
}

#[wasm_bindgen_test]
async fn the_permission_is_told() {
    let heard = wait::Heard::<bool>::nothing();
    let watch = Permission::watch(heard.ear());
    wait::until("word of the permission", || !heard.all().is_empty()).await;
    drop(watch);
}

#[wasm_bindgen_test]
fn countries_have_names() {
    assert_eq!(regions::name("IN"), "India");
    assert_eq!(regions::name("XK"), "Kosovo");
    assert_eq!(regions::name("AC"), "Ascension Island");
}
