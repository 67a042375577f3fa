//! What can be changed while a simulator runs: switches for what the reference
//! leaves open, times, limits and disturbances. Read from JSON or TOML, merged
//! from a part of it, and the same over the control API as on the command line.

mod chaos;
mod dice;
mod limits;
mod millis;
mod switches;
mod timing;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

pub use chaos::{Chaos, Flow, MediaChaos, RestChaos, WebhookChaos};
pub(crate) use dice::Dice;
pub use limits::Limits;
pub use switches::{
    Access, ActionId, AnswerSetup, ConnectionLoss, CredentialKinds, ErrorBody, FinishedStatus, LogSdp,
    Numbers, PayloadShape, SilenceCodes, StatusCase, Switches,
};
pub use timing::{
    DEFAULT_ACCEPT_WINDOW, DEFAULT_RING_WINDOW, Delays, FIRST_MEDIA_LIMIT, MEDIA_GAP_LIMIT, Timing,
};

/// Everything that can be changed while a simulator runs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Which reading of the reference holds.
    pub switches: Switches,
    /// Timing of WhatsApp's side of a call.
    pub timing: Timing,
    /// How long requests take before they are carried out.
    pub delays: Delays,
    /// What an account may do.
    pub limits: Limits,
    /// What goes wrong.
    pub chaos: Chaos,
}

/// A setting that can't be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{path}: {what}")]
pub struct SettingError {
    /// Where it stands, such as `chaos.webhooks.loss`.
    pub path: String,
    /// What is wrong with it.
    pub what: String,
}

impl Settings {
    /// These settings with the parts that `patch` names replaced, as in a JSON
    /// merge patch (RFC 7396) without removal.
    ///
    /// # Errors
    ///
    /// Names the first part that does not exist or can't have its value.
    pub fn patched(&self, patch: &Value) -> Result<Self, SettingError> {
        if !patch.is_object() {
            return Err(SettingError { path: "settings".into(), what: "must be an object".into() });
        }
        let mut whole = self.clone();
        let mut leaves = Vec::new();
        collect(patch, &mut Vec::new(), &mut leaves);
        for (path, value) in leaves {
            let fault = |what: String| SettingError { path: path.join("."), what };
            let mut tree = serde_json::to_value(&whole).map_err(|error| fault(error.to_string()))?;
            merge(&mut tree, &nested(&path, value));
            whole = serde_json::from_value(tree).map_err(|error| fault(error.to_string()))?;
        }
        whole.chaos.check()?;
        Ok(whole)
    }

    /// These settings with one part replaced, given as text: `switches.numbers`
    /// and `absent`. Numbers are read as numbers.
    ///
    /// # Errors
    ///
    /// As [`Settings::patched`].
    pub fn with(&self, path: &str, text: &str) -> Result<Self, SettingError> {
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        let value = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
        self.patched(&nested(&path, value))
    }
}

/// Deepest nesting of settings; a patch that goes further names nothing.
const DEEPEST: usize = 8;

fn collect(value: &Value, path: &mut Vec<String>, leaves: &mut Vec<(Vec<String>, Value)>) {
    match value {
        Value::Object(map) if path.len() < DEEPEST => {
            for (key, value) in map {
                path.push(key.clone());
                collect(value, path, leaves);
                path.pop();
            }
        }
        Value::Object(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_) => {
            leaves.push((path.clone(), value.clone()));
        }
    }
}

fn nested(path: &[String], value: Value) -> Value {
    path.iter().rev().fold(value, |inner, key| Value::Object(Map::from_iter([(key.clone(), inner)])))
}

fn merge(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(target.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}

/// The settings that hold now.
#[derive(Debug)]
pub(crate) struct Live {
    start: Arc<Settings>,
    now: Mutex<Arc<Settings>>,
}

impl Live {
    pub(crate) fn new(settings: Settings) -> Self {
        let start = Arc::new(settings);
        Self { now: Mutex::new(Arc::clone(&start)), start }
    }

    /// The settings at this moment.
    pub(crate) fn get(&self) -> Arc<Settings> {
        Arc::clone(&self.lock())
    }

    /// Replaces the parts that a patch names.
    pub(crate) fn patch(&self, patch: &Value) -> Result<Arc<Settings>, SettingError> {
        let mut now = self.lock();
        *now = Arc::new(now.patched(patch)?);
        Ok(Arc::clone(&now))
    }

    /// Replaces all of them.
    pub(crate) fn set(&self, settings: Settings) -> Arc<Settings> {
        let mut now = self.lock();
        *now = Arc::new(settings);
        Arc::clone(&now)
    }

    /// Back to what the simulator was started with.
    pub(crate) fn reset(&self) -> Arc<Settings> {
        let mut now = self.lock();
        *now = Arc::clone(&self.start);
        Arc::clone(&now)
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Settings>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_changes_what_it_names_and_nothing_else() {
        let settings = Settings::default()
            .patched(&json!({
                "switches": { "numbers": "absent" },
                "timing": { "accept_window_ms": 700 },
                "chaos": { "webhooks": { "loss": 0.25, "seed": 9 } },
            }))
            .unwrap();
        let mut expected = Settings::default();
        expected.switches.numbers = Numbers::Absent;
        expected.timing.accept_window = Duration::from_millis(700);
        expected.chaos.webhooks.loss = 0.25;
        expected.chaos.webhooks.seed = 9;
        assert_eq!(settings, expected);
    }

    #[test]
    fn a_fault_names_its_place() {
        for (patch, place, words) in [
            (json!({ "switches": { "numbers": "some" } }), "switches.numbers", "absent"),
            (json!({ "switches": { "colour": "red" } }), "switches.colour", "unknown field"),
            (json!({ "chaos": { "rest": { "latency": 1.5 } } }), "chaos.rest.latency", "from 0 to 1"),
            (
                json!({ "chaos": { "webhooks": { "delay_max_ms": 60_000 } } }),
                "chaos.webhooks.delay_max_ms",
                "10000",
            ),
            (json!({ "timing": { "ring_window_ms": "x" } }), "timing.ring_window_ms", "invalid type"),
            (json!([]), "settings", "object"),
        ] {
            let error = Settings::default().patched(&patch).unwrap_err();
            assert_eq!(error.path, place, "{error}");
            assert!(error.what.contains(words), "{error}");
        }
    }

    #[test]
    fn settings_survive_json_and_toml() {
        let settings = Settings::default().with("chaos.media.loss", "0.1").unwrap();
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
        let read: Settings = toml::from_str(
            "[switches]\nanswer_setup = \"actpass\"\npayload = \"value\"\n[delays]\naccept_ms = 900\n",
        )
        .unwrap();
        assert_eq!(read.switches.answer_setup, AnswerSetup::Actpass);
        assert_eq!(read.switches.payload, PayloadShape::InnerValue);
        assert_eq!(read.delays.accept, Duration::from_millis(900));
    }
}
