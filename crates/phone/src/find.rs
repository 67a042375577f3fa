//! A text within another, looked for at one place after the other, and texts on one line.
//!
//! The standard library's search prepares itself for long texts, which is much code for a page
//! that looks for a handful of short ones once in a while.

/// Where a part that is not empty begins first, in bytes.
fn find(text: &str, part: &str) -> Option<usize> {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let begins = |at: &usize| text.get(*at..).is_some_and(|rest| rest.starts_with(part));
    (0..text.len()).find(begins).filter(|_| !part.is_empty())
}

/// Whether a part that is not empty is there.
pub fn has(text: &str, part: &str) -> bool {
    find(text, part).is_some()
}

/// The text with another in place of each such part.
pub fn replaced(text: &str, part: &str, by: &str) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some((before, found)) = find(rest, part).and_then(|at| rest.split_at_checked(at)) {
        made.push_str(before);
        made.push_str(by);
        rest = found.get(part.len()..).unwrap_or_default();
    }
    made.push_str(rest);
    made
}

/// The text on one line, without what separates the parts of a line that is stored.
pub(crate) fn on_one_line(text: &str) -> String {
    let mut line = String::new();
    for character in text.chars() {
        line.push(if matches!(character, '\t' | '\n' | '\r') { ' ' } else { character });
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{has, on_one_line, replaced};

    proptest! {
        #[test]
        fn finds_what_the_standard_library_finds(text in "[abé]{0,8}", part in "[abé]{1,3}") {
            prop_assert_eq!(has(&text, &part), text.contains(&part));
            prop_assert_eq!(replaced(&text, &part, "a"), text.replace(&part, "a"));
        }
    }

    #[test]
    fn a_line_stays_one() {
        assert_eq!(on_one_line("Ana\tMaría\r\nb"), "Ana María  b");
    }

    #[test]
    fn nothing_is_nowhere() {
        assert!(!has("ab", "") && !has("", "a"));
        assert_eq!(replaced("ab", "", "c"), "ab");
    }
}
