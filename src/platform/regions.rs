//! Names of countries in the page's language:
//! <https://tc39.es/ecma402/#intl-displaynames-objects>.

use js_sys::Intl::{DisplayNames, DisplayNamesOptions, DisplayNamesType};
use wasm_bindgen::JsValue;

use super::window;

/// The name of a region code; the code itself where the browser has none.
pub fn name(code: &str) -> String {
    let options = DisplayNamesOptions::new();
    options.set_type(DisplayNamesType::Region);
    let root = window().and_then(|window| window.document()).and_then(|document| document.document_element());
    let language = root.and_then(|root| root.get_attribute("lang"));
    let languages = language.iter().map(|language| JsValue::from_str(language)).collect();
    DisplayNames::new(&languages, &options).of(code).map_or_else(|| code.to_owned(), String::from)
}
