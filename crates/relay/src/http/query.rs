//! Query strings, checked by name: a value that is not understood is refused, never
//! silently left out of a filter.

use super::ApiError;

/// Longest query that is read, in bytes: all known fields with the longest values fit
/// many times over.
const MAX_BYTES: usize = 2_048;

/// The pairs of a query that were not taken yet.
#[derive(Debug)]
pub(crate) struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Splits a query (<https://url.spec.whatwg.org/#urlencoded-parsing>).
    pub(crate) fn parse(raw: &str) -> Result<Self, ApiError> {
        if raw.len() > MAX_BYTES {
            return Err(ApiError::invalid("query", "is too long."));
        }
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in form_pairs(raw) {
            if pairs.iter().any(|(other, _)| *other == name) {
                return Err(ApiError::invalid(&shown(&name), "is there twice."));
            }
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// The text of a name.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(other, _)| other == name)?;
        Some(self.0.swap_remove(at).1)
    }

    /// A whole number within bounds.
    pub(crate) fn number<T>(&mut self, name: &str, least: T, most: T) -> Result<Option<T>, ApiError>
    where
        T: std::str::FromStr + PartialOrd + std::fmt::Display,
    {
        let Some(text) = self.text(name) else { return Ok(None) };
        // A leading + or zeros mean the same number; nothing else is one.
        match text.parse::<T>() {
            Ok(number) if number >= least && number <= most => Ok(Some(number)),
            _ => Err(ApiError::invalid(name, format!("must be a whole number from {least} to {most}."))),
        }
    }

    /// One of the known values, in their own case.
    pub(crate) fn one_of<T: Clone>(
        &mut self,
        name: &str,
        known: &[T],
        as_str: impl Fn(&T) -> &str,
    ) -> Result<Option<T>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match known.iter().find(|value| as_str(value) == text) {
            Some(value) => Ok(Some(value.clone())),
            None => {
                let all: Vec<&str> = known.iter().map(as_str).collect();
                Err(ApiError::invalid(name, format!("must be one of {}.", all.join(", "))))
            }
        }
    }

    /// That nothing is left: a misspelt filter must not look like an unfiltered list.
    pub(crate) fn done(self) -> Result<(), ApiError> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(ApiError::invalid(&shown(name), "is not known here.")),
        }
    }
}

fn form_pairs(raw: &str) -> Vec<(String, String)> {
    // Any base will do: only the query of it is read.
    let Ok(mut url) = reqwest::Url::parse("http://localhost/") else { return Vec::new() };
    url.set_query(Some(raw));
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// A name that came from outside, short enough to be repeated.
fn shown(name: &str) -> String {
    const LONGEST: usize = 40;
    name.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}
