//! The adapters of `platform`, each in a real browser.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test ends where its premise is wrong")]

#[path = "wasm/far_end.rs"]
mod far_end;
#[path = "wasm/wait.rs"]
mod wait;

#[path = "wasm/captured.rs"]
mod captured;
#[path = "wasm/control.rs"]
mod control;
#[path = "wasm/devices.rs"]
mod devices;
#[path = "wasm/figures.rs"]
mod figures;
#[path = "wasm/http.rs"]
mod http;
#[path = "wasm/json.rs"]
mod json;
#[path = "wasm/line.rs"]
mod line;
#[path = "wasm/microphone.rs"]
mod microphone;
#[path = "wasm/page.rs"]
mod page;
#[path = "wasm/peer.rs"]
mod peer;
#[path = "wasm/runtime.rs"]
mod runtime;
#[path = "wasm/socket.rs"]
mod socket;
#[path = "wasm/sound.rs"]
mod sound;
#[path = "wasm/styleguide.rs"]
mod styleguide;
#[path = "wasm/tabs.rs"]
mod tabs;
#[path = "wasm/timers.rs"]
mod timers;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
