//! What went wrong upstream, and what an agent should read.
//!
//! Vobiz wraps Meta's errors in a way that is not documented, so [`Fault::read`]
//! takes any body and looks anywhere inside for a known code and for words.

use serde_json::Value;

/// An upstream error, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fault {
    /// Meta's code, such as 138006.
    pub code: Option<u32>,
    /// The upstream's own words, the most detailed ones found.
    pub text: Option<String>,
}

/// What an agent should read about a code: what happened and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    /// What happened, one sentence without a full stop.
    pub title: &'static str,
    /// What it means and what to do.
    pub what_to_do: &'static str,
}

/// Longest upstream text that is kept, in bytes: enough for Meta's longest
/// details, too little to flood a page.
const MAX_TEXT: usize = 500;

impl Fault {
    /// Reads an error body of any shape.
    pub fn read(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::String(text)) => Self::read_text(&text),
            Ok(value) => Self { code: find_code(&value), text: find_text(&value).map(clip) },
            Err(_) => std::str::from_utf8(body).map(Self::read_text).unwrap_or_default(),
        }
    }

    /// Reads a body of plain words. Markup is a proxy's page, not the upstream's
    /// words, and broken JSON is no sentence; a code is found in either.
    fn read_text(body: &str) -> Self {
        let words = body.trim();
        let readable = words.starts_with(|first: char| first.is_alphanumeric() || first == '(');
        Self { code: code_in_text(words), text: readable.then(|| clip(words)) }
    }

    /// What an agent should read, when the code is known.
    pub fn advice(&self) -> Option<Advice> {
        advice(self.code?)
    }
}

/// What an agent should read about one of Meta's codes. `None` for an unknown one.
pub fn advice(code: u32) -> Option<Advice> {
    let (title, what_to_do) = match code {
        100 => (
            "WhatsApp refused the request",
            "Check the number and try again. If it happens again, tell your administrator.",
        ),
        131_044 => (
            "The business account has no payment method",
            "Ask your administrator to add one in the WhatsApp Business settings.",
        ),
        131_055 => (
            "This business number is set up for SIP calling",
            "Ask your administrator to switch it back to calling over the API.",
        ),
        138_000 => (
            "Calling is not switched on for this business number",
            "Ask your administrator to enable calling in the channel's settings.",
        ),
        138_001 => (
            "This person can't be called on WhatsApp",
            "They may have no WhatsApp calling or have blocked the business. Write to them, or use another number.",
        ),
        138_002 => (
            "Too many calls at once",
            "The business number is at its limit of calls. Try again when a call has ended.",
        ),
        138_003 => (
            "There is already a call with this person",
            "Only one call with a person is possible at a time. Wait until it has ended.",
        ),
        138_004 => ("The connection failed", "Call again. If it happens again, tell your administrator."),
        138_005 => (
            "Calling too fast",
            "The business number made many calls in a short time. Wait a minute, then call again.",
        ),
        138_006 => (
            "This person has not given permission to be called",
            "Ask them for permission in a message first. They can allow calls for seven days or for good.",
        ),
        138_007 => {
            ("The connection timed out", "The person's phone could not be reached in time. Call again later.")
        }
        138_009 => (
            "Permission was requested too often",
            "One request a day and two a week are allowed. Wait, or ask the person to call you.",
        ),
        138_012 => (
            "100 calls with this person in 24 hours",
            "That is WhatsApp's limit. Write to them, or try again tomorrow.",
        ),
        138_013 => (
            "Calling is not available for this business number",
            "Ask your administrator to check the number's country and status.",
        ),
        138_014 => (
            "Calling was switched off because of low call quality",
            "Too many people declined or ignored calls. WhatsApp switches it on again later; ask your administrator.",
        ),
        138_015 => (
            "The business' messaging limit is too low for calls",
            "Ask your administrator to raise the messaging limit of the account.",
        ),
        138_018 => (
            "Calling is not set up completely",
            "Ask your administrator to finish the calling set-up of this number.",
        ),
        138_019 => ("The call could not be set up", "Call again. If it happens again, check your network."),
        138_020 => ("The call's audio relay failed", "Call again. If it happens again, check your network."),
        138_021 => (
            "No sound reached WhatsApp",
            "Your network may block calls (UDP). Check it or your firewall, then call again.",
        ),
        138_022 => (
            "No sound came from this side any more",
            "Your network or microphone stopped sending. Check both, then call again.",
        ),
        138_023 => (
            "Answered, but no sound was connected",
            "Your network may block calls (UDP). Check it or your firewall, then call again.",
        ),
        _ => return None,
    };
    Some(Advice { title, what_to_do })
}

/// The first code of calling found anywhere inside; else a plain `code` field.
fn find_code(value: &Value) -> Option<u32> {
    let mut fallback = None;
    let mut stack = vec![value];
    while let Some(value) = stack.pop() {
        match value {
            Value::Object(map) => {
                if fallback.is_none() {
                    fallback = map.get("code").and_then(known_code);
                }
                stack.extend(map.values());
            }
            Value::Array(items) => stack.extend(items),
            Value::Number(_) => {
                if let Some(code) = known_code(value).filter(|code| *code >= CALLING_CODES) {
                    return Some(code);
                }
            }
            Value::String(text) => {
                if let Some(code) = code_in_text(text) {
                    return Some(code);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
    fallback
}

/// Codes below this are general ones (such as 100) and mean a code only in a field
/// of that name; from here on the number itself is unmistakable.
const CALLING_CODES: u32 = 131_000;

fn known_code(value: &Value) -> Option<u32> {
    let code = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    u32::try_from(code).ok().filter(|code| advice(*code).is_some())
}

fn code_in_text(text: &str) -> Option<u32> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .find(|code| *code >= CALLING_CODES && advice(*code).is_some())
}

/// The most telling words: Meta's details before any message.
fn find_text(value: &Value) -> Option<&str> {
    ["details", "message", "detail", "error", "title"].into_iter().find_map(|key| find_field(value, key))
}

fn find_field<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    let mut stack = vec![value];
    while let Some(value) = stack.pop() {
        match value {
            Value::Object(map) => {
                if let Some(text) = map.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()) {
                    return Some(text);
                }
                stack.extend(map.values());
            }
            Value::Array(items) => stack.extend(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    None
}

fn clip(text: &str) -> String {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Fault, advice};

    #[test]
    fn finds_the_code_in_any_wrapping() {
        let bodies = [
            r#"{"error":{"message":"(#138006) No permission","type":"OAuthException","code":138006,"error_data":{"details":"Ask first"}}}"#,
            r#"{"success":false,"error":"meta: {\"error\":{\"code\":138006}}"}"#,
            r#"{"detail":{"upstream":[{"code":"138006"}]}}"#,
            r#"{"code":400,"errors":[{"code":138006}]}"#,
        ];
        for body in bodies {
            assert_eq!(Fault::read(body.as_bytes()).code, Some(138_006), "{body}");
        }
    }

    #[test]
    fn a_number_that_is_no_code_is_not_taken_for_one() {
        assert_eq!(Fault::read(br#"{"items":100,"total":12}"#).code, None);
        assert_eq!(Fault::read(br#"{"code":100,"message":"bad sdp"}"#).code, Some(100));
        assert_eq!(Fault::read(b"<html>502</html>"), Fault::default());
    }

    #[test]
    fn prefers_details_and_clips_them() {
        let fault = Fault::read(br#"{"error":{"message":"m","error_data":{"details":"d"}}}"#);
        assert_eq!(fault.text.as_deref(), Some("d"));
        let long = format!(r#"{{"message":"{}"}}"#, "ß".repeat(600));
        assert!(Fault::read(long.as_bytes()).text.is_some_and(|text| text.len() <= 500));
    }

    #[test]
    fn every_code_of_the_reference_has_words() {
        for code in [
            100, 131_044, 131_055, 138_000, 138_001, 138_002, 138_003, 138_004, 138_005, 138_006, 138_007,
            138_009, 138_012, 138_013, 138_014, 138_015, 138_018, 138_019, 138_020, 138_021, 138_022,
            138_023,
        ] {
            assert!(advice(code).is_some_and(|advice| !advice.what_to_do.is_empty()), "{code}");
        }
    }
}
