//! Telephone numbers in E.164.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A telephone number in E.164 with its leading `+`, such as `+919876543210`.
///
/// ITU-T E.164 (11/2010), section 6.2.1: a country code that does not begin with
/// zero and at most fifteen digits in all.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number(String);

/// Most digits of a number, ITU-T E.164 section 6.2.1.
pub const MAX_DIGITS: usize = 15;

/// Fewest digits that are taken for a number. E.164 names no minimum; the
/// shortest international numbers in service have seven (such as Niue, `+683 4…`).
pub const MIN_DIGITS: usize = 7;

/// Why a text is not an E.164 number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// It does not begin with `+` and the country code.
    #[error("must begin with + and the country code, such as +919876543210")]
    NoPlus,
    /// A country code never begins with zero.
    #[error("has a country code that begins with 0; leave the 0 out")]
    LeadingZero,
    /// Something stands in it that is not a digit.
    #[error("may hold only digits after the +")]
    NotADigit,
    /// Fewer than [`MIN_DIGITS`] digits.
    #[error("is too short: at least 7 digits after the +")]
    TooShort,
    /// More than [`MAX_DIGITS`] digits.
    #[error("is too long: at most 15 digits after the +")]
    TooLong,
}

impl Number {
    /// Reads a number as the REST endpoints write it, with its `+`.
    ///
    /// # Errors
    ///
    /// Says what keeps the text from being an E.164 number.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        if text.is_empty() {
            return Err(NumberError::Empty);
        }
        let digits = text.strip_prefix('+').ok_or(NumberError::NoPlus)?;
        Self::from_digits(digits)
    }

    /// Reads a number as webhooks write it: the same digits, with or without `+`.
    ///
    /// # Errors
    ///
    /// As [`Number::parse`], but a missing `+` is right.
    pub fn parse_webhook(text: &str) -> Result<Self, NumberError> {
        Self::from_digits(text.strip_prefix('+').unwrap_or(text))
    }

    fn from_digits(digits: &str) -> Result<Self, NumberError> {
        if digits.is_empty() {
            return Err(NumberError::Empty);
        }
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NumberError::NotADigit);
        }
        if digits.starts_with('0') {
            return Err(NumberError::LeadingZero);
        }
        if digits.len() < MIN_DIGITS {
            return Err(NumberError::TooShort);
        }
        if digits.len() > MAX_DIGITS {
            return Err(NumberError::TooLong);
        }
        Ok(Self(format!("+{digits}")))
    }

    /// The number with its `+`, as the REST endpoints write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number without its `+`, as webhooks write it.
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
