//! Names of countries in the page's language:
//! <https://tc39.es/ecma402/#intl-displaynames-objects>.

use js_sys::Intl::{DisplayNames, DisplayNamesOptions, DisplayNamesType};
use wasm_bindgen::JsValue;

use super::page;

/// The name of a region code; the code itself where the browser has none.
pub fn name(code: &str) -> String {
    let options = DisplayNamesOptions::new();
    options.set_type(DisplayNamesType::Region);
    let languages = page::spoken().iter().map(|language| JsValue::from_str(language)).collect();
    DisplayNames::new(&languages, &options).of(code).map_or_else(|| code.to_owned(), String::from)
}
