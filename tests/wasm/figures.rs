//! Numbers as the page's language writes them.

use softphone::platform::figures::{tenths, two_digits, whole};
use wasm_bindgen_test::wasm_bindgen_test;

fn printed(language: &str) -> [String; 3] {
    let root = web_sys::window().unwrap().document().unwrap().document_element().unwrap();
    root.set_attribute("lang", language).unwrap();
    [whole(5_000), two_digits(7), tenths(42)]
}

#[wasm_bindgen_test]
fn digits_are_the_languages_own() {
    assert_eq!(printed("pt"), ["5000", "07", "4,2"]);
    // A region whose digits are its own in every browser.
    assert_eq!(printed("ar-EG"), ["٥٠٠٠", "٠٧", "٤٫٢"]);
    assert_eq!(printed("en"), ["5000", "07", "4.2"]);
}
