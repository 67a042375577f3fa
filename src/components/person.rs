//! The far end: a face of initials, name and number.

use phone::countries::Country;
use phone::list::List as _;
use phone::view::Who;

use super::icon::{self, icon};
use super::part::{Part, owned};
use crate::runtime;

/// The initials of a name, or the sign of a person.
pub(crate) fn face(who: &Who) -> Part {
    match who.name.as_deref().map(initials).filter(|initials| !initials.is_empty()) {
        Some(initials) => owned(initials),
        None => icon(icon::PERSON).into(),
    }
}

/// The number, where the name stands above it; then the country.
pub(crate) fn details(who: &Who, country: Option<Country>) -> String {
    let country = country.map(runtime::country);
    // Isolated (Unicode, UAX 9): beside words from right to left its groups would change places.
    let number =
        who.name.as_ref().and(who.number.as_ref()).map(|number| ["\u{2066}", number, "\u{2069}"].concat());
    [number, country].iter().filter_map(Option::as_ref).joined(" · ")
}

/// The first letters of the first two words that begin with one. The style makes them
/// capitals, and what is beyond ASCII counts as a letter: the tables that know better
/// would be a thirtieth of the page.
fn initials(name: &str) -> String {
    let letters = name.split_whitespace().filter_map(|word| {
        word.chars().next().filter(|letter| letter.is_ascii_alphabetic() || !letter.is_ascii())
    });
    letters.take(2).collect()
}
