//! What is counted of a connection.

use std::rc::Rc;

use phone::event::{Peer, TransportEvent};
use phone::line::Sample;
use phone::settings::Processing;
use softphone::platform::line::{Meter, Told};
use softphone::platform::microphone::{self, Microphone};
use softphone::platform::peer::PeerConnection;
use softphone::platform::tones::Tones;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::far_end::FarEnd;
use crate::wait;

fn seconds(heard: &wait::Heard<Told>) -> Vec<Sample> {
    heard
        .all()
        .into_iter()
        .filter_map(|told| match told {
            Told::Second(sample) => Some(sample),
            Told::Levels { .. } => None,
        })
        .collect()
}

#[wasm_bindgen_test]
async fn each_second_of_a_call_is_counted() {
    let ready = wait::Heard::nothing();
    let microphone = Microphone::open(Processing::default(), "", ready.ear());
    wait::until("the microphone", || ready.has(&microphone::Told::Ready)).await;
    let told = wait::Heard::nothing();
    let peer = PeerConnection::to_offer(&[], told.ear()).unwrap();
    let offer = || {
        told.first(|told| match told {
            Peer::Described { sdp } => Some(sdp.clone()),
            Peer::Broken { .. } | Peer::Transport(_) | Peer::Keys(_) => None,
        })
    };
    wait::until("the offer", || offer().is_some()).await;
    let far_end = FarEnd::new();
    peer.set_remote(far_end.answer(&offer().unwrap()).await);
    wait::until("a connection", || told.has(&Peer::Transport(TransportEvent::Connected))).await;
    peer.send_track(microphone.track(), None);

    let heard = wait::Heard::nothing();
    let meter = Meter::new(&peer, None, heard.ear());
    let tones = Rc::new(Tones::new(|_| {}));
    meter.listen(microphone.ear(&tones));
    let grows = || {
        let seconds = seconds(&heard);
        seconds.len() > 3 && seconds[seconds.len() - 1].sent > seconds[1].sent + 50
    };
    wait::until("packets being counted", grows).await;
    let last = || seconds(&heard).pop().unwrap();
    wait::until("a round trip", || last().round_trip_ms.is_some()).await;
    let sample = last();
    assert!(sample.path.is_some(), "{sample:?}");
    assert_eq!((sample.received, sample.them), (0, None), "this far end is silent: {sample:?}");

    drop(meter);
    let before = heard.all().len();
    wait::pass(1_300).await;
    assert_eq!(heard.all().len(), before, "a dropped one tells nothing");
}
