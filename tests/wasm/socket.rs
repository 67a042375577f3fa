//! The socket.

use softphone::platform::socket::{Socket, Told};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::wait;

/// A port on which nothing listens: reserved by IANA, and browsers let pages try it.
const DEAD: &str = "ws://127.0.0.1:1023/api/events";

#[wasm_bindgen_test]
async fn a_dead_port_is_told() {
    let heard = wait::Heard::nothing();
    let _socket = Socket::open_at(DEAD, heard.ear()).unwrap();
    wait::until("the loss", || heard.has(&Told::Lost)).await;
    assert!(!heard.has(&Told::Opened));
}

#[wasm_bindgen_test]
async fn a_dropped_socket_tells_nothing() {
    let heard = wait::Heard::<Told>::nothing();
    drop(Socket::open_at(DEAD, heard.ear()).unwrap());
    wait::pass(500).await;
    assert_eq!(heard.all(), []);
}

#[wasm_bindgen_test]
fn an_address_that_is_none_is_refused_at_once() {
    assert!(Socket::open_at("ws://[", wait::Heard::nothing().ear()).is_err());
}

#[wasm_bindgen_test]
fn sending_before_it_is_open_is_no_fault() {
    let socket = Socket::open_at(DEAD, wait::Heard::nothing().ear()).unwrap();
    socket.send(&wire::Uplink::Pong { nonce: 1 });
}
