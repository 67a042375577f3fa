//! Numbers in the digits of the page's language:
//! <https://tc39.es/ecma402/#numberformat-objects>.

use js_sys::Array;
use js_sys::Intl::NumberFormat;
use wasm_bindgen::JsValue;

use super::page;

/// A whole number.
pub fn whole(value: u64) -> String {
    print(value, 1, "minimumIntegerDigits", 1)
}

/// A whole number of two digits at least, such as the seconds on a clock.
pub fn two_digits(value: u64) -> String {
    print(value, 1, "minimumIntegerDigits", 2)
}

/// A number of tenths, with its one decimal.
pub fn tenths(value: u32) -> String {
    print(value.into(), 10, "minimumFractionDigits", 1)
}

/// A number of `parts` in one. Never in groups: `5000` is a page's number, not a sum.
#[expect(clippy::cast_precision_loss, reason = "what is shown is far below 2^53")]
fn print(value: u64, parts: u8, digits: &str, least: u8) -> String {
    let options = js_sys::Object::new();
    for (name, value) in [(digits, JsValue::from(least)), ("useGrouping", JsValue::FALSE)] {
        // It can only fail on a frozen object.
        let _ = js_sys::Reflect::set(&options, &name.into(), &value);
    }
    let languages: Array = page::spoken().iter().map(|language| JsValue::from_str(language)).collect();
    let number = JsValue::from_f64(value as f64 / f64::from(parts));
    let printed = NumberFormat::new(&languages, &options).format().call1(&JsValue::UNDEFINED, &number);
    printed.ok().and_then(|printed| printed.as_string()).unwrap_or_default()
}
