//! The texts of the page, in the agent's language.
//!
//! A text is named by its English words. [`t!`](crate::t) takes those only that the locale
//! files have (`locales/` of the repository), which is checked while it is compiled; the
//! files are checked against each other by the build script. English needs no file: it is
//! what is shown where no other language was loaded, or where a page and a locale file of
//! different age disagree.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::ops::Deref;

mod list {
    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}

/// English texts with their translations, in the order of their bytes.
pub type Table = [(String, String)];

thread_local! {
    static TABLE: Cell<&'static Table> = const { Cell::new(&[]) };
}

/// Shows texts by this table from now on; by none, in English.
pub fn speak(table: &'static Table) {
    TABLE.set(table);
}

/// The translation of words that came from elsewhere, such as the relay's: where they are a
/// text of the page, too.
pub fn of_told(words: &str) -> &str {
    translation(words).unwrap_or(words)
}

fn translation(english: &str) -> Option<&'static str> {
    let table = TABLE.get();
    let at = table.binary_search_by(|(own, _)| own.as_str().cmp(english)).ok()?;
    table.get(at).map(|(_, translation)| translation.as_str())
}

/// Where a gap ends, after its opening brace: `0}`.
const GAP_END: usize = 2;

/// A text of the page, which every language has. Made by [`t!`](crate::t).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text(&'static str);

impl Text {
    /// The text of these English words.
    ///
    /// # Panics
    ///
    /// When no such text is in the locale files. [`t!`](crate::t) calls it while it is
    /// compiled, so that this is an error of the compiler.
    #[must_use]
    pub const fn known(english: &'static str) -> Self {
        let (mut from, mut to) = (0, list::TEXTS.len());
        loop {
            assert!(from < to, "locales/en.json does not have this text");
            let middle = usize::midpoint(from, to);
            match compare(list::TEXTS[middle].as_bytes(), english.as_bytes()) {
                0 => return Self(english),
                order if order < 0 => from = middle + 1,
                _ => to = middle,
            }
        }
    }

    /// Nothing to say.
    pub const NONE: Self = Self("");

    /// It in English: for what is kept, and shown later by [`of_told`].
    pub fn english(self) -> &'static str {
        self.0
    }

    /// It in the agent's language.
    pub fn get(self) -> &'static str {
        translation(self.0).unwrap_or(self.0)
    }

    /// It with values in its gaps: `{0}` is the first.
    pub fn with(self, values: &[&str]) -> String {
        let mut filled = String::new();
        for (at, part) in self.get().split('{').enumerate() {
            let gap = part.bytes().next().map(|digit| usize::from(digit.wrapping_sub(b'0')));
            let rest = part.get(GAP_END..).filter(|_| at > 0);
            if let (Some(gap), Some(rest)) = (gap, rest) {
                filled.push_str(values.get(gap).copied().unwrap_or_default());
                filled.push_str(rest);
            } else {
                filled.push_str(part);
            }
        }
        filled
    }
}

/// Below zero, zero or above it, as `one` is before, the same as or after `other`.
const fn compare(one: &[u8], other: &[u8]) -> i32 {
    let mut at = 0;
    while at < one.len() && at < other.len() {
        if one[at] != other[at] {
            return one[at] as i32 - other[at] as i32;
        }
        at += 1;
    }
    one.len() as i32 - other.len() as i32
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.get()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.get().to_owned()
    }
}

impl From<Text> for Cow<'static, str> {
    fn from(text: Text) -> Self {
        text.get().into()
    }
}

/// A text of the page by its English words, see [`locale`](crate::locale).
#[macro_export]
macro_rules! t {
    ($english:literal) => {
        const { $crate::locale::Text::known($english) }
    };
}

/// A language of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// What everything else is translated from.
    #[default]
    English,
    /// Written in Devanagari.
    Hindi,
    /// As it is understood on both sides of the Atlantic.
    Spanish,
    /// As in Brazil.
    Portuguese,
    /// Written from right to left.
    Arabic,
}

impl Language {
    /// All of them, in the order of the choice.
    pub const ALL: [Self; 5] = [Self::English, Self::Hindi, Self::Spanish, Self::Portuguese, Self::Arabic];

    /// Its tag (BCP 47), which names its locale file, too.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Hindi => "hi",
            Self::Spanish => "es",
            Self::Portuguese => "pt",
            Self::Arabic => "ar",
        }
    }

    /// Its name in itself: whoever can't read the page finds it.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Hindi => "हिन्दी",
            Self::Spanish => "Español",
            Self::Portuguese => "Português",
            Self::Arabic => "العربية",
        }
    }

    /// The way it is written, as `dir` of the document.
    pub fn direction(self) -> &'static str {
        match self {
            Self::English | Self::Hindi | Self::Spanish | Self::Portuguese => "ltr",
            Self::Arabic => "rtl",
        }
    }

    /// The language of a tag, such as `pt-BR`.
    pub fn of(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag() == primary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_in_any_order() {
        assert_eq!(Text("{1} of {0}").with(&["a", "b"]), "b of a");
        assert_eq!(Text("nothing").with(&["a"]), "nothing");
        assert_eq!(Text("{0} and {7}").with(&["a"]), "a and ");
    }

    #[test]
    fn every_text_is_found() {
        for text in list::TEXTS {
            assert_eq!(Text::known(text).0, text);
        }
    }

    #[test]
    fn what_the_table_does_not_have_stays_english() {
        let table =
            vec![("Hold".to_owned(), "Retener".to_owned()), ("Mute".to_owned(), "Silenciar".to_owned())];
        speak(Box::leak(table.into_boxed_slice()));
        assert_eq!(&*Text("Mute"), "Silenciar");
        assert_eq!(of_told("Hold"), "Retener");
        assert_eq!(of_told("Keypad"), "Keypad");
        speak(&[]);
        assert_eq!(&*Text("Mute"), "Mute");
    }

    #[test]
    fn a_region_does_not_matter() {
        assert_eq!(Language::of("pt-BR"), Some(Language::Portuguese));
        assert_eq!(Language::of("de-DE"), None);
    }
}
