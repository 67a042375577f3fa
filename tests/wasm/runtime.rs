//! The runtime: the pure phone with real adapters, and no relay to talk to.

use leptos::prelude::*;
use phone::event::Agent;
use phone::route::Route;
use phone::view::SessionView;
use softphone::platform::history;
use softphone::runtime;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::wait;

/// Longer than what an adapter waits before it says something by itself.
const AFTERWARDS_MS: u32 = 800;

#[wasm_bindgen_test]
async fn what_the_person_does_shows() {
    let owner = Owner::new();
    let handle = owner.with(runtime::start);
    let view = || handle.view.get_untracked();
    handle.send(Agent::NumberTyped("+919800000001".to_owned()));
    assert_eq!(view().dialler.text, "+91 98000 00001");
    handle.send(Agent::Navigate(Route::Settings));
    assert_eq!(view().route, Route::Settings);
    // There is no relay here: the page goes on asking, and says why.
    wait::until("word of the relay", || matches!(view().session, SessionView::Checking { problem: Some(_) }))
        .await;
    web_sys::window().unwrap().history().unwrap().back().unwrap();
    wait::until("back", || view().route == Route::Phone).await;
    assert_ne!(handle.attempt(), handle.attempt());
    owner.cleanup();
    // A page that has ended hears nothing more.
    handle.send(Agent::Navigate(Route::Settings));
    wait::pass(AFTERWARDS_MS).await;
    assert_ne!(history::current(), Route::Settings);
}
