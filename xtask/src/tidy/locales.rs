//! The texts of the page: each is used somewhere, and none that people read or hear is
//! written past the locale files. That every language has each is checked by the build
//! script of `crates/phone`.

use super::{Finding, files::Source};

const ENGLISH: &str = "locales/en.json";
/// Where texts are used: the page, the words of its phone, and what the relay tells it.
const USERS: [&str; 4] = ["src/", "crates/phone/src/", "crates/relay/src/", "crates/vobiz/src/"];
/// The parts of the page that put words into it.
const SHOWN_BY: [&str; 2] = ["src/components/", "src/pages/"];
/// How a word is put into an attribute that people read or hear.
const PAST: [&str; 3] = [".set(\"aria-label\", \"", ".set(\"title\", \"", ".set(\"placeholder\", \""];
/// Not a word: how a number may look.
const NUMBER: &str = "\"+";

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    unused(sources).into_iter().chain(past_the_files(sources)).collect()
}

fn unused(sources: &[Source]) -> Vec<Finding> {
    let Some(english) = sources.iter().find(|source| source.path == ENGLISH) else { return Vec::new() };
    let users: Vec<&str> = sources
        .iter()
        .filter(|source| USERS.iter().any(|folder| source.path.starts_with(folder)))
        .filter_map(|source| source.text.as_deref())
        .collect();
    // One text a line, written as in a Rust source.
    let texts =
        english.text.iter().flat_map(|text| text.lines()).map(|line| line.trim().trim_end_matches(','));
    texts
        .filter(|text| text.starts_with('"') && !users.iter().any(|user| user.contains(text)))
        .map(|text| Finding::new(ENGLISH, format!("{text} is used nowhere: delete it in every locale file")))
        .collect()
}

fn past_the_files(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in
        sources.iter().filter(|source| SHOWN_BY.iter().any(|folder| source.path.starts_with(folder)))
    {
        for (index, line) in source.text.iter().flat_map(|text| text.lines()).enumerate() {
            if PAST.iter().any(|past| line.contains(past)) && !line.contains(NUMBER) {
                let place = format!("{}:{}", source.path, index + 1);
                findings.push(Finding::new(place, "a word that people read: `.say(…, t!(…))`"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: Some(text.to_owned()) }
    }

    #[test]
    fn a_text_that_nobody_uses_is_found() {
        let sources = [
            source(ENGLISH, "[\n  \"Hold\",\n  \"Mute\"\n]\n"),
            source("src/components/board.rs", "el(\"span\").kid(t!(\"Mute\"))"),
        ];
        let findings = check(&sources);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].message.starts_with("\"Hold\""), "{findings:?}");
    }

    #[test]
    fn a_word_past_the_locale_files_is_found() {
        let sources = [
            source("src/components/a.rs", "x.set(\"aria-label\", \"Mute\")"),
            source(
                "src/components/b.rs",
                "x.set(\"placeholder\", \"+91 98765 43210\").say(\"title\", t!(\"a\"))",
            ),
        ];
        let findings = check(&sources);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].place, "src/components/a.rs:1");
    }
}
