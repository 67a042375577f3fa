//! The far end's description as it was captured, values replaced, and what each
//! browser makes of it.

use phone::event::Peer as Told;
use softphone::platform::peer::PeerConnection;
use vobiz::sdp::{Part, check};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::wait;

/// An inbound offer. Four captures agree on its shape: ice-lite, mid `audio`, 111 and
/// 126, a password with padding, one candidate of each family, one ssrc.
const OFFER: &str = include_str!("captured_offer.txt");

async fn answer() -> String {
    let heard = wait::Heard::<Told>::nothing();
    let offer: String = OFFER.lines().map(|line| format!("{line}\r\n")).collect();
    let _peer = PeerConnection::to_answer(&[], offer, heard.ear()).unwrap();
    wait::until("an answer", || !heard.all().is_empty()).await;
    let told = heard.all().swap_remove(0);
    let Told::Described { sdp } = told else {
        unreachable!("the browser does not take it: {told:?}");
    };
    sdp
}

fn values<'a>(sdp: &'a str, prefix: &'a str) -> Vec<&'a str> {
    sdp.lines().filter_map(|line| line.trim_end().strip_prefix(prefix)).collect()
}

/// Every rule whose breach makes WhatsApp refuse an answer; the simulator's checker
/// has the same, and meets both browsers' answers in the end-to-end tests.
#[wasm_bindgen_test]
async fn it_is_answered_as_upstream_wants_it() {
    let answer = answer().await;
    assert_eq!(check(&answer, Part::Answer), Ok(()), "{answer}");
    assert!(answer.starts_with("v=0\r\n"), "{answer}");
    assert_eq!(answer.matches('\n').count(), answer.matches("\r\n").count(), "lines end with CRLF");
    assert_eq!(values(&answer, "a=setup:"), ["active"]);
    assert_eq!(values(&answer, "a=mid:"), ["audio"], "the offer's own");
    assert_eq!(values(&answer, "a=group:BUNDLE "), ["audio"]);
    assert_eq!(values(&answer, "a=rtcp-mux").len(), 1);
    assert!(values(&answer, "a=fingerprint:").iter().all(|value| value.starts_with("sha-256 ")), "{answer}");

    let media = values(&answer, "m=");
    assert_eq!(media.len(), 1, "{answer}");
    let words: Vec<&str> = media[0].split(' ').collect();
    assert_eq!((words[0], words[2]), ("audio", "UDP/TLS/RTP/SAVPF"));
    assert_eq!(words[3..], ["111", "126"], "the offer's payload types: Opus, and the keys");
}
