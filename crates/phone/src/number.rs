//! What stands in the number field: any way people write a number becomes E.164,
//! or a word that says why not.

use crate::countries::{self, Country};
use crate::find::replaced;

/// Fewest digits of a number that can be called, country code included: the
/// shortest in international service have seven.
const FEWEST: usize = 7;

/// Most digits of a number: ITU-T E.164, section 6.2.1.
const MOST: usize = 15;

/// Digits from which on a number without `+` is clearly meant to be one.
const CLEARLY_A_NUMBER: usize = 4;

/// Why a text is no number that can be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberFault {
    /// There is nothing in it.
    Empty,
    /// It begins neither with `+` nor with `00`.
    NoCountryCode,
    /// No country has a code that begins like this.
    UnknownCountry,
    /// It holds something that is no digit and no separator.
    Strange(char),
    /// Fewer than seven digits.
    TooShort,
    /// More than fifteen digits.
    TooLong,
}

/// What a text in the number field means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// E.164 with its `+`, or why not.
    pub number: Result<String, NumberFault>,
    /// The country, as soon as its code is known.
    pub country: Option<Country>,
}

impl Reading {
    /// The fault, unless further typing may mend it.
    pub fn clear_fault(&self, text: &str) -> Option<NumberFault> {
        let fault = self.number.as_ref().err().copied()?;
        match fault {
            NumberFault::Empty | NumberFault::TooShort => None,
            NumberFault::NoCountryCode => {
                (text.chars().filter_map(digit).count() >= CLEARLY_A_NUMBER).then_some(fault)
            }
            NumberFault::UnknownCountry | NumberFault::Strange(_) | NumberFault::TooLong => Some(fault),
        }
    }
}

/// Reads a text as people type and paste it: separators, `00` for `+`, `tel:`, a
/// trunk zero in brackets, digits of other scripts.
pub fn read(text: &str) -> Reading {
    let digits = match international_digits(text) {
        Ok(digits) => digits,
        Err(fault) => return Reading { number: Err(fault), country: None },
    };
    let country = countries::by_digits(&digits).map(|(country, _)| country);
    let known = country.is_some() || countries::may_become_known(&digits);
    let number = if !known {
        Err(NumberFault::UnknownCountry)
    } else if digits.len() < FEWEST {
        Err(NumberFault::TooShort)
    } else if digits.len() > MOST {
        Err(NumberFault::TooLong)
    } else {
        Ok(["+", &digits].concat())
    };
    Reading { number, country }
}

/// Groups a number for reading: `+91 98000 00001`. Anything else stays as it is.
pub fn grouped(text: &str) -> String {
    let Some(digits) = text.strip_prefix('+').filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
    else {
        return text.to_owned();
    };
    let Some((_, code)) = countries::by_digits(digits) else { return text.to_owned() };
    // A North American area code belongs to the number, not to the country code.
    let code = if digits.starts_with('1') { 1 } else { code };
    let rest = &digits[code..];
    let mut out = ["+", &digits[..code]].concat();
    let mut at = 0;
    for size in group_sizes(code, rest.len()) {
        out.push(' ');
        out.push_str(&rest[at..(at + size).min(rest.len())]);
        at += size;
    }
    out
}

/// The text that the field shows after it was changed: grouped while it grows at its
/// end, left alone while something in it is corrected (the caret would jump).
pub fn shown(before: &str, typed: &str) -> String {
    let grows = typed.starts_with(before) || before.is_empty();
    if !grows {
        return typed.to_owned();
    }
    match international_digits(typed) {
        Ok(digits) if !digits.is_empty() && digits.len() <= MOST => grouped(&["+", &digits].concat()),
        Ok(_) | Err(_) => typed.to_owned(),
    }
}

/// Sizes of the groups behind the country code: 3-3-4 in North America, 5-5 for ten
/// digits elsewhere, else threes with no single digit left over.
fn group_sizes(code: usize, length: usize) -> Vec<usize> {
    if length == 10 {
        return if code == 1 { vec![3, 3, 4] } else { vec![5, 5] };
    }
    let mut sizes = vec![3; length / 3];
    match (length % 3, sizes.last_mut()) {
        (0, _) => {}
        (1, Some(last)) => *last = 4,
        (rest, _) => sizes.push(rest),
    }
    sizes
}

/// The digits behind `+` or `00`.
fn international_digits(text: &str) -> Result<String, NumberFault> {
    let text = unlinked(text.trim_start_matches(is_separator));
    // "+44 (0)20 …": the zero is dialled only within the country.
    let text = replaced(&text, "(0)", "");
    let mut digits = String::new();
    let mut plus = false;
    for character in text.chars() {
        if let Some(value) = digit(character) {
            digits.push(value);
        } else if matches!(character, '+' | '＋') && digits.is_empty() && !plus {
            plus = true;
        } else if !is_separator(character) {
            return Err(NumberFault::Strange(character));
        }
    }
    if !plus && digits.is_empty() {
        return Err(NumberFault::Empty);
    }
    // "+0049 …": no country's code begins with a zero.
    let international =
        if plus { Some(digits.strip_prefix("00").unwrap_or(&digits)) } else { digits.strip_prefix("00") };
    international.map(str::to_owned).ok_or(NumberFault::NoCountryCode)
}

/// What a link to a number names, without its scheme, parameters (RFC 3966, section 3)
/// and encoding; a text that is no link as it is.
fn unlinked(text: &str) -> String {
    let starts =
        |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let Some(scheme) = SCHEMES.into_iter().find(|scheme| starts(scheme)) else { return text.to_owned() };
    let number = before(before(&text[scheme.len()..], ';'), '?');
    let mut parts = number.trim_start_matches('/').split('%');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok()).filter(u8::is_ascii);
        match code {
            Some(code) => {
                plain.push(char::from(code));
                plain.push_str(&part[2..]);
            }
            None => {
                plain.push('%');
                plain.push_str(part);
            }
        }
    }
    plain
}

/// What stands before a character; all of a text that does not have it.
fn before(text: &str, end: char) -> &str {
    text.split_once(end).map_or(text, |(before, _)| before)
}

/// Schemes of links to numbers.
const SCHEMES: [&str; 3] = ["tel:", "web+tel:", "callto:"];

fn is_separator(character: char) -> bool {
    let dash = ('\u{2010}'..='\u{2015}').contains(&character);
    // Marks that come along when a number is copied out of a page or a chat.
    let invisible = matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}');
    character.is_whitespace() || matches!(character, '-' | '.' | '/' | '(' | ')' | '·') || dash || invisible
}

/// An ASCII digit for a decimal digit of the scripts in which numbers get written:
/// ASCII, Arabic-Indic, Persian, Devanagari, full width.
fn digit(character: char) -> Option<char> {
    let value = u32::from(character);
    let zero =
        [0x30, 0x660, 0x6F0, 0x966, 0xFF10].into_iter().find(|zero| (*zero..*zero + 10).contains(&value))?;
    char::from_digit(value - zero, 10)
}
