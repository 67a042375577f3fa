//! Whole numbers as text.

/// A number in ASCII digits, for machines, style sheets and what `text` says of seconds and
/// codes; elsewhere people read the digits of their language. The standard library's own way
/// brings all that can be said about formatting along.
pub fn decimal(number: impl Into<u64>) -> String {
    fn digits(number: u64) -> String {
        let mut before = if number < 10 { String::new() } else { digits(number / 10) };
        before.extend(char::from_digit((number % 10) as u32, 10));
        before
    }
    digits(number.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::decimal;

    proptest! {
        #[test]
        fn says_what_the_standard_library_says(number: u64) {
            prop_assert_eq!(decimal(number), number.to_string());
        }
    }

    #[test]
    fn the_least_and_the_most_are_said() {
        assert_eq!([decimal(0_u8), decimal(10_u8), decimal(u64::MAX)], ["0", "10", "18446744073709551615"]);
    }
}
