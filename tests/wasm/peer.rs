//! Peer connections.

use phone::event::{Peer as Told, TransportEvent};
use phone::settings::Processing;
use softphone::platform::microphone::{Microphone, Told as Heard};
use softphone::platform::peer::{PeerConnection, warm_up};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::far_end::FarEnd;
use crate::wait;

/// An open microphone. It also makes the browser show its real addresses to peers.
async fn microphone() -> Microphone {
    let heard = wait::Heard::nothing();
    let microphone = Microphone::open(Processing::default(), "", heard.ear());
    wait::until("the microphone", || heard.has(&Heard::Ready)).await;
    microphone
}

async fn description(heard: &wait::Heard<Told>) -> String {
    let sdp = || {
        heard.first(|told| match told {
            Told::Described { sdp } => Some(sdp.clone()),
            Told::Broken { .. } | Told::Transport(_) | Told::Keys(_) => None,
        })
    };
    wait::until("a description", || sdp().is_some()).await;
    sdp().unwrap()
}

async fn connected(heard: &wait::Heard<Told>) {
    wait::until("a connection", || heard.has(&Told::Transport(TransportEvent::Connected))).await;
}

#[wasm_bindgen_test]
async fn an_answered_call_is_silent_until_its_track_comes() {
    let microphone = microphone().await;
    let far_end = FarEnd::new();
    let offer = far_end.offer().await;
    let heard = wait::Heard::nothing();
    let peer = PeerConnection::to_answer(&[], offer, heard.ear()).unwrap();
    let answer = description(&heard).await;
    assert!(answer.contains("a=sendrecv"), "both ways without another negotiation");
    assert!(!answer.contains("a=candidate"), "as it was created");
    far_end.take_answer(&answer).await;
    wait::pass(300).await;
    assert_eq!(heard.all().len(), 1, "nothing moves before the local description is set");

    peer.set_local();
    connected(&heard).await;
    wait::pass(300).await;
    assert!(far_end.packets().await < 1.0, "media before the accept's 200 would count as answered");

    peer.send_track(microphone.track(), None);
    assert!(peer.remote_track().is_some());
    let mut packets = 0.0;
    for _ in 0..100 {
        packets = far_end.packets().await;
        if packets > 10.0 {
            break;
        }
        wait::pass(50).await;
    }
    assert!(packets > 10.0, "only {packets} packets");

    // Muted, packets go on.
    microphone.mute(true);
    wait::pass(300).await;
    let before = far_end.packets().await;
    wait::pass(500).await;
    assert!(far_end.packets().await > before + 10.0);
}

#[wasm_bindgen_test]
async fn an_outbound_call_connects_and_hears_the_far_end_close() {
    let _microphone = microphone().await;
    let heard = wait::Heard::nothing();
    let peer = PeerConnection::to_offer(&[], heard.ear()).unwrap();
    let offer = description(&heard).await;
    assert!(offer.contains("m=audio") && offer.contains("a=setup:actpass"));
    let far_end = FarEnd::new();
    let answer = far_end.answer(&offer).await;
    // Some far ends leave the role open; browsers refuse that, the adapter mends it.
    peer.set_remote(answer.replace("a=setup:active", "a=setup:actpass"));
    connected(&heard).await;
    far_end.close();
    wait::until("the close", || heard.has(&Told::Transport(TransportEvent::Closed))).await;
}

#[wasm_bindgen_test]
async fn an_offer_that_is_none_is_told() {
    let heard = wait::Heard::nothing();
    let _peer = PeerConnection::to_answer(&[], "no sdp".to_owned(), heard.ear()).unwrap();
    wait::until("the fault", || matches!(heard.all()[..], [Told::Broken { .. }])).await;
}

#[wasm_bindgen_test]
async fn a_dropped_connection_tells_nothing() {
    let heard = wait::Heard::<Told>::nothing();
    drop(PeerConnection::to_offer(&[], heard.ear()).unwrap());
    wait::pass(500).await;
    assert_eq!(heard.all(), []);
}

#[wasm_bindgen_test]
async fn warming_up_leaves_nothing() {
    warm_up();
    wait::pass(200).await;
}
