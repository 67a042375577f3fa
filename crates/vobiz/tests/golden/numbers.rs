//! E.164 numbers.

use proptest::prelude::*;
use vobiz::Number;
use vobiz::number::{MAX_DIGITS, MIN_DIGITS, NumberError};

#[test]
fn says_what_is_wrong_with_a_number() {
    for (text, error) in [
        ("", NumberError::Empty),
        ("+", NumberError::Empty),
        ("919876543210", NumberError::NoPlus),
        (" +919876543210", NumberError::NoPlus),
        ("+0919876543210", NumberError::LeadingZero),
        ("+91 98765 43210", NumberError::NotADigit),
        ("++919876543210", NumberError::NotADigit),
        ("+९१९८७६५४३२१०", NumberError::NotADigit),
        ("+919876\u{0}43210", NumberError::NotADigit),
        ("+123456", NumberError::TooShort),
        ("+1234567890123456", NumberError::TooLong),
    ] {
        assert_eq!(Number::parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn webhooks_write_numbers_without_the_plus() {
    let number = Number::parse_webhook("919876543210").unwrap();
    assert_eq!(number, Number::parse_webhook("+919876543210").unwrap());
    assert_eq!((number.as_str(), number.digits()), ("+919876543210", "919876543210"));
    assert_eq!(Number::parse_webhook("++919876543210"), Err(NumberError::NotADigit));
}

#[test]
fn a_wrong_number_in_a_body_is_refused_in_words() {
    let error = serde_json::from_str::<Number>(r#""0049 30""#).unwrap_err().to_string();
    assert!(error.contains("must begin with +"), "{error}");
}

proptest! {
    #[test]
    fn every_e164_number_survives(digits in "[1-9][0-9]{6,14}") {
        let number = Number::parse(&format!("+{digits}")).unwrap();
        prop_assert_eq!(number.digits(), &digits);
        prop_assert_eq!(&Number::parse_webhook(&digits).unwrap(), &number);
        prop_assert_eq!(number.to_string(), format!("+{digits}"));
        let json = serde_json::to_string(&number).unwrap();
        prop_assert_eq!(serde_json::from_str::<Number>(&json).unwrap(), number);
    }

    #[test]
    fn what_is_taken_is_a_plus_and_7_to_15_digits(text in "\\PC*") {
        if let Ok(number) = Number::parse(&text) {
            prop_assert_eq!(number.as_str(), &text);
            prop_assert!((MIN_DIGITS..=MAX_DIGITS).contains(&number.digits().len()));
            prop_assert!(number.digits().bytes().all(|byte| byte.is_ascii_digit()));
            prop_assert!(!number.digits().starts_with('0'));
        }
    }

    #[test]
    fn almost_numbers_are_read_or_refused_without_a_panic(text in "\\+{0,2}[0-9 ٠-٩()-]{0,20}") {
        let _ = Number::parse(&text);
        let _ = Number::parse_webhook(&text);
    }
}
