//! Instants in the agent's own zone and language:
//! <https://tc39.es/ecma402/#datetimeformat-objects>.

use wasm_bindgen::prelude::*;
use wire::UnixMillis;

use super::page;

/// Milliseconds in six days: within it a weekday names one day only.
const SIX_DAYS_MS: u64 = 6 * 24 * 60 * 60 * 1_000;

/// An instant in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// `14:02` today, `Tue 14:02` this week, else `25 Mar 14:02`.
    pub short: String,
    /// The full date and time, for a title.
    pub full: String,
    /// RFC 3339, for `datetime`.
    pub machine: String,
}

/// The agent's way to write dates and times.
pub struct Calendar {
    locale: String,
}

impl Calendar {
    /// In the page's language.
    pub fn new() -> Self {
        Self { locale: page::spoken().unwrap_or_else(|| "en".to_owned()) }
    }

    /// How an instant is shown at the time `now`.
    pub fn moment(&self, at: UnixMillis, now: UnixMillis) -> Moment {
        let (date, today) = (date(at), date(now));
        let same_day = date.to_date_string() == today.to_date_string();
        let day: &[(&str, &str)] = match (same_day, now.abs_diff(at) < SIX_DAYS_MS) {
            (true, _) => &[],
            (false, true) => &[("weekday", "short")],
            (false, false) => &[("day", "numeric"), ("month", "short")],
        };
        // A board's clock: 24 hours in every language, so that a column of them lines up.
        let clock = [("hour", "2-digit"), ("minute", "2-digit"), ("hourCycle", "h23")];
        let parts = [day, &clock].concat();
        Moment {
            short: self.print(&date, &parts),
            full: self.print(&date, &[("dateStyle", "full"), ("timeStyle", "medium")]),
            machine: date.to_iso_string().into(),
        }
    }

    fn print(&self, date: &js_sys::Date, parts: &[(&str, &str)]) -> String {
        let options = js_sys::Object::new();
        for (name, value) in parts {
            // It can only fail on a frozen object.
            let _ = js_sys::Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value));
        }
        date.to_locale_string(&self.locale, &options).into()
    }
}

impl Default for Calendar {
    fn default() -> Self {
        Self::new()
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of this era are far below 2^53")]
fn date(at: UnixMillis) -> js_sys::Date {
    js_sys::Date::new(&JsValue::from_f64(at as f64))
}
