//! The page's address, store, clock and names.

use phone::route::{LogQuery, Route};
use phone::settings::Theme;
use softphone::platform::moment::Calendar;
use softphone::platform::storage::{self, Place};
use softphone::platform::{attempt, clock, history, page};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::wait;

#[wasm_bindgen_test]
async fn the_address_follows_and_back_is_told() {
    let heard = wait::Heard::nothing();
    let listener = history::on_pop(heard.ear());
    let log = Route::Log(LogQuery::default().at_page(2));
    history::push(Route::Settings);
    history::push(log);
    assert_eq!(history::current(), log);
    let back = || web_sys::window().unwrap().history().unwrap().back().unwrap();
    back();
    wait::until("back", || heard.has(&Route::Settings)).await;
    assert_eq!(history::current(), Route::Settings);
    drop(listener);
    back();
    wait::until("back", || history::current() != Route::Settings).await;
    assert_eq!(heard.all(), [Route::Settings], "a dropped listener tells nothing");
}

#[wasm_bindgen_test]
fn what_is_kept_is_kept_where_it_was_put() {
    for place in [Place::Browser, Place::Tab] {
        assert_eq!(storage::read(place, "test"), "");
        storage::write(place, "test", "kept");
        assert_eq!(storage::read(place, "test"), "kept");
        let other = if place == Place::Tab { Place::Browser } else { Place::Tab };
        assert_eq!(storage::read(other, "test"), "");
        storage::write(place, "test", "");
        assert_eq!(storage::read(place, "test"), "");
    }
}

#[wasm_bindgen_test]
fn attempts_are_fresh_uuids() {
    let (one, other) = (attempt::fresh(), attempt::fresh());
    assert_ne!(one, other);
    assert_eq!(one.len(), 36);
    assert_eq!(one.as_bytes()[14], b'4', "version 4");
}

#[wasm_bindgen_test]
fn the_clock_is_of_this_era() {
    assert!(clock::now() > 1_700_000_000_000);
}

#[wasm_bindgen_test]
fn instants_are_short_today_and_whole_in_the_title() {
    let calendar = Calendar::new();
    let now = clock::now();
    let today = calendar.moment(now, now);
    let long_ago = calendar.moment(now - 30 * 24 * 3_600_000, now);
    assert!(today.short.len() < long_ago.short.len(), "{today:?} {long_ago:?}");
    assert!(today.full.len() > today.short.len());
    assert!(today.machine.ends_with('Z'));
}

#[wasm_bindgen_test]
fn the_theme_is_named_on_the_root() {
    page::apply_theme(Theme::Dark);
    let root = web_sys::window().unwrap().document().unwrap().document_element().unwrap();
    assert_eq!(root.get_attribute("data-theme").as_deref(), Some("dark"));
    page::apply_theme(Theme::System);
}
