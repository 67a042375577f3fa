//! A length of time as people write it: `250ms`, `1.5s`, `2m`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error};

/// Longest time that a scenario may name. All of them together run in minutes.
const LONGEST: Duration = Duration::from_secs(120);

/// A length of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl Span {
    pub(crate) const fn millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0)];
        let found = units.iter().find_map(|(unit, seconds)| {
            let number: f64 = text.strip_suffix(unit)?.trim().parse().ok()?;
            Duration::try_from_secs_f64(number * seconds).ok()
        });
        let time =
            found.ok_or_else(|| format!("`{text}` is no time; write \"250ms\", \"1.5s\" or \"1m\""))?;
        if time > LONGEST {
            return Err(format!("`{text}` is longer than the {} s a scenario may take", LONGEST.as_secs()));
        }
        Ok(Self(time))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, millis) in [("250ms", 250), ("1.5s", 1_500), ("2 s", 2_000), ("1m", 60_000)] {
            assert_eq!(Span::parse(text), Ok(Span::millis(millis)), "{text}");
        }
        for text in ["", "5", "s", "-1s", "3h", "1e9s", "NaNs"] {
            assert!(Span::parse(text).is_err(), "{text}");
        }
    }
}
