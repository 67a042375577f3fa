//! JSON, read by the browser: its parser is there already, another one is a download.

use js_sys::{Array, JSON, Object};
use phone::list::List as _;
use wasm_bindgen::{JsCast, JsValue};
use wire::Json;

/// Reads a text; nothing, when it is no JSON.
pub fn parse(text: &str) -> Option<Json> {
    Some(tree(&JSON::parse(text).ok()?))
}

/// A value that the parser made, so it holds no cycle and is as deep as the text was.
fn tree(value: &JsValue) -> Json {
    if let Some(text) = value.as_string() {
        Json::Text(text)
    } else if let Some(number) = value.as_f64() {
        Json::number(number)
    } else if let Some(truth) = value.as_bool() {
        Json::Truth(truth)
    } else if let Some(list) = value.dyn_ref::<Array>() {
        Json::List(list.iter().map(|item| tree(&item)).list())
    } else if let Some(object) = value.dyn_ref::<Object>() {
        Json::Members(Object::entries(object).iter().map(|entry| member(&entry)).list())
    } else {
        Json::Nothing
    }
}

/// A name and its value.
fn member(entry: &JsValue) -> (String, Json) {
    let entry: &Array = entry.unchecked_ref();
    (entry.get(0).as_string().unwrap_or_default(), tree(&entry.get(1)))
}
