//! Named sets of the upstream's settings, under each of which the product must pass.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use vobiz_sim::{Chaos, Settings};

/// The upstream as the documentation reads most plainly, where nothing goes wrong.
const USUAL: &str = "usual";

/// Most that a set may stretch the waits, in percent.
const MOST_PATIENCE: u32 = 500;

/// A set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Set {
    /// What it is asked for by.
    pub(crate) name: String,
    /// What it is, in one sentence.
    pub(crate) about: String,
    /// How long waits may take, in percent of what they take with an upstream in good order.
    #[serde(default = "plain")]
    pub(crate) patience: u32,
    /// What differs from the simulator's defaults.
    settings: serde_json::Value,
}

fn plain() -> u32 {
    100
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sets {
    set: Vec<Set>,
}

impl Set {
    /// The one that changes nothing.
    pub(crate) fn usual() -> Self {
        Self {
            name: USUAL.to_owned(),
            about: "Nothing differs and nothing goes wrong.".to_owned(),
            patience: plain(),
            settings: serde_json::json!({}),
        }
    }

    /// All of a file, the usual one first.
    ///
    /// # Errors
    ///
    /// Names the set and the setting that can't be.
    pub(crate) fn read(file: &str) -> Result<Vec<Self>> {
        let Sets { set: sets } = toml::from_str(file).context("the file of sets")?;
        for set in &sets {
            set.change(&Settings::default())?;
            ensure!(
                (plain()..=MOST_PATIENCE).contains(&set.patience),
                "{}: patience must be from {} to {MOST_PATIENCE} percent",
                set.name,
                plain()
            );
        }
        Ok(std::iter::once(Self::usual()).chain(sets).collect())
    }

    /// These settings as they are under this set.
    ///
    /// # Errors
    ///
    /// Names the setting that can't be.
    pub(crate) fn change(&self, settings: &Settings) -> Result<Settings> {
        settings.patched(&self.settings).with_context(|| format!("the set {}", self.name))
    }

    /// The same with dice of its own for each case, so that not all of them meet the same
    /// faults; and the same ones again in the next run.
    ///
    /// # Errors
    ///
    /// As [`Set::change`].
    pub(crate) fn for_case(&self, settings: &Settings, case: &str, round: u32) -> Result<Settings> {
        let mut settings = self.change(settings)?;
        if settings.chaos != Chaos::default() {
            // Any number does that differs from case to case: Java's hash of a text.
            let hash =
                case.bytes().fold(0_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
            let seed = hash.wrapping_add(u64::from(round));
            settings.chaos.webhooks.seed = seed;
            settings.chaos.rest.seed = seed;
            settings.chaos.media.seed = seed;
        }
        Ok(settings)
    }

    /// Those of these names; `all` is every one.
    ///
    /// # Errors
    ///
    /// Names the one that there is not.
    pub(crate) fn chosen(all: &[Self], names: &[String]) -> Result<Vec<Self>> {
        if names.iter().any(|name| name == "all") {
            return Ok(all.to_vec());
        }
        let named = |name: &String| {
            let known: Vec<_> = all.iter().map(|set| set.name.as_str()).collect();
            let found = all.iter().find(|set| set.name == *name).cloned();
            found.with_context(|| format!("there is no set {name}; there are all, {}", known.join(", ")))
        };
        if names.is_empty() { Ok(vec![Self::usual()]) } else { names.iter().map(named).collect() }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::collections::BTreeSet;

    use vobiz_sim::Switches;

    use super::*;

    const FILE: &str = include_str!("../../../tests/e2e/sets.toml");

    fn under(name: &str) -> serde_json::Value {
        let sets = Set::read(FILE).unwrap();
        let set = sets.iter().find(|set| set.name == name).unwrap();
        serde_json::to_value(set.change(&Settings::default()).unwrap()).unwrap()
    }

    #[test]
    fn every_value_of_every_switch_is_in_a_set() {
        let sets = Set::read(FILE).unwrap();
        let seen: BTreeSet<(String, String)> = sets
            .iter()
            .flat_map(|set| {
                let switches = under(&set.name)["switches"].clone();
                let switches = switches.as_object().unwrap().clone();
                switches.into_iter().map(|(name, value)| (name, value.as_str().unwrap().to_owned()))
            })
            .collect();
        let missing: Vec<_> = Switches::ALL
            .iter()
            .flat_map(|(name, values)| values.iter().map(|value| (*name, *value)))
            .filter(|(name, value)| !seen.contains(&((*name).to_owned(), (*value).to_owned())))
            .collect();
        // Nobody can call there: that has a case of its own.
        assert_eq!(missing, [("access", "forbidden")]);
    }

    #[test]
    fn under_chaos_every_fault_strikes_one_in_ten() {
        let chaos = under("chaos")["chaos"].clone();
        for group in ["webhooks", "rest"] {
            for (name, value) in chaos[group].as_object().unwrap() {
                if let Some(rate) = value.as_f64().filter(|_| value.is_f64()) {
                    // An event that never comes at all can't ring: upstream promises to try again.
                    let wanted = if name == "vanish" { 0.0 } else { 0.1 };
                    assert!((rate - wanted).abs() < f64::EPSILON, "{group}.{name} is {rate}");
                }
            }
        }
        assert!(chaos["media"]["loss"].as_f64().unwrap() > 0.0);
        assert!(chaos["media"]["jitter_ms"].as_u64().unwrap() > 0);
    }

    #[test]
    fn a_set_that_is_not_there_is_named() {
        let sets = Set::read(FILE).unwrap();
        let chosen = |name: &str| Set::chosen(&sets, &[name.to_owned()]);
        assert_eq!(chosen("chaos").unwrap().len(), 1);
        assert_eq!(chosen("all").unwrap().len(), sets.len());
        assert!(chosen("calm").unwrap_err().to_string().contains("calm"));
        let wrong = "[[set]]\nname = \"x\"\nabout = \"x\"\n[set.settings.switches]\nnumbers = \"many\"\n";
        assert!(format!("{:#}", Set::read(wrong).unwrap_err()).contains("switches.numbers"));
    }
}
