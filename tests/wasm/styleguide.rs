//! The style guide of development builds.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::wait;

#[wasm_bindgen_test]
async fn it_shows_every_component() {
    let window = web_sys::window().unwrap();
    let (document, history) = (window.document().unwrap(), window.history().unwrap());
    let before = window.location().pathname().unwrap();
    let go = |path: &str| history.push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(path)).unwrap();
    go("/styleguide");
    softphone::mount();
    go(&before);
    let count = |selector: &str| document.query_selector_all(selector).unwrap().length();
    wait::until("the style guide", || count("figure") > 0).await;
    for (selector, at_least) in [
        ("figure", 40),
        ("figcaption", 40),
        (".idle", 6),
        ("[role=alertdialog]", 6),
        (".board.call", 6),
        (".board.ended", 6),
        ("[role=alert]", 7),
        (".other-tab", 2),
        ("table", 4),
        (".dialler", 3),
    ] {
        assert!(count(selector) >= at_least, "{selector}: {} of {at_least}", count(selector));
    }
    document.query_selector("main").unwrap().unwrap().remove();
}
