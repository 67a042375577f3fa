//! The command line.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use vobiz_sim::{DEFAULT_PORT, InitialWebhook, Options, Settings, Switches};

/// What `--help` prints.
pub(crate) const HELP: &str = "\
vobiz-sim: a stand-in for the Vobiz API with people you can call

  --port N                  port of REST, control API and console (8090)
  --host ADDRESS            address to listen on (127.0.0.1)
  --media-ip ADDRESS        address of the handsets (the outward interface)
  --webhook URL             registers an address for events
  --webhook-secret SECRET   key of its signature, needed with --webhook
  --seed-rows N             rows of history in the call log (5000)
  --ring-seconds N          how long phones ring, on both sides (45)
  --pickup-ms N             how long people take to react (1500)
  --scenarios FOLDER        scenarios with a button on the console (none)

What the reference leaves open; the first value is the default:
  --action-id KIND          both, uuid or wacid: which identifier /action takes
  --payload SHAPE           whole or inner: the payload of webhooks
  --answer-setup ROLE       active, passive or actpass: in answers
  --numbers WHETHER         present or absent: numbers in webhooks
  --status-case CASE        upper, lower or mixed: status in webhooks
  --log-sdp WHETHER         absent or present: SDP in the call log
  --finished-status STATUS  terminated or accepted: answered calls that are over
  --error-body SHAPE        wrapped, meta or text: the JSON of an error
  --silence-codes CODES     usual, swapped or accepted: 138021 to 138023
  --connection-loss WHAT    ends or waits: when connectivity checks stop
  --credentials KINDS       both, pair or bearer
  --access WHETHER          full or forbidden: 403 for calls

Everything else, as the control API's /control/settings names it:
  --set PATH=VALUE          such as chaos.webhooks.duplicate=0.1
  --settings FILE           the same as TOML or JSON

Log level: RUST_LOG, for example RUST_LOG=vobiz_sim=debug.";

/// What the person wants.
#[derive(Debug)]
pub(crate) enum Asked {
    /// To read [`HELP`].
    Help,
    /// A simulator.
    Run(Box<Options>),
}

/// Reads the arguments; a fault is told in one line that names the flag.
pub(crate) fn read(args: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut options = Options::default();
    options.listen.set_port(DEFAULT_PORT);
    let (mut url, mut secret) = (None, None);
    let mut args = args.peekable();
    while let Some(arg) = args.next() {
        if matches!(arg.as_str(), "--help" | "-h") {
            return Ok(Asked::Help);
        }
        let (flag, inline) = match arg.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (arg, None),
        };
        let mut value = || inline.clone().or_else(|| args.next()).ok_or(format!("{flag} needs a value"));
        match flag.as_str() {
            "--port" => options.listen.set_port(parsed(&flag, &value()?)?),
            "--host" => options.listen.set_ip(parsed::<IpAddr>(&flag, &value()?)?),
            "--media-ip" => options.media_ip = parsed(&flag, &value()?)?,
            "--webhook" => url = Some(value()?),
            "--webhook-secret" => secret = Some(value()?),
            "--scenarios" => options.scenarios = Some(folder(&value()?)?),
            "--seed-rows" => options.seed_rows = parsed(&flag, &value()?)?,
            "--ring-seconds" => {
                let window = Duration::from_secs(parsed(&flag, &value()?)?);
                options.settings.timing.ring_window = window;
                options.settings.timing.accept_window = window;
            }
            "--pickup-ms" => {
                options = options.with_reaction(Duration::from_millis(parsed(&flag, &value()?)?))
            }
            "--settings" => options.settings = file(&value()?)?,
            "--set" => {
                let value = value()?;
                let (path, text) =
                    value.split_once('=').ok_or(format!("--set needs PATH=VALUE, not {value:?}"))?;
                options.settings = changed(&options.settings, &flag, path, text)?;
            }
            other if switch(other).is_some() => {
                let path = format!("switches.{}", switch(other).unwrap_or_default());
                options.settings = changed(&options.settings, &flag, &path, &value()?)?;
            }
            other => return Err(format!("there is no {other}")),
        }
    }
    match (url, secret) {
        (Some(url), Some(secret)) => options.webhooks.push(InitialWebhook { url, secret }),
        (Some(_), None) => return Err("--webhook needs --webhook-secret".into()),
        (None, Some(_)) => return Err("--webhook-secret needs --webhook".into()),
        (None, None) => {}
    }
    Ok(Asked::Run(Box::new(options)))
}

/// The switch of a flag: `--action-id` is `action_id`.
fn switch(flag: &str) -> Option<&'static str> {
    let name = flag.strip_prefix("--")?;
    let same = |switch: &&str| switch.replace('_', "-") == name;
    Switches::ALL.into_iter().map(|(switch, _)| switch).find(same)
}

fn changed(settings: &Settings, flag: &str, path: &str, text: &str) -> Result<Settings, String> {
    settings.with(path, text).map_err(|error| format!("{flag} can't be {text:?}: {error}"))
}

/// Settings from a file, JSON or TOML by its name's end.
fn file(path: &str) -> Result<Settings, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("--settings {path}: {error}"))?;
    let patch: serde_json::Value = if path.ends_with(".json") {
        serde_json::from_str(&text).map_err(|error| format!("--settings {path}: {error}"))?
    } else {
        toml::from_str(&text).map_err(|error| format!("--settings {path}: {error}"))?
    };
    Settings::default().patched(&patch).map_err(|error| format!("--settings {path}: {error}"))
}

/// A folder that is there.
fn folder(path: &str) -> Result<PathBuf, String> {
    let folder = PathBuf::from(path);
    if folder.is_dir() { Ok(folder) } else { Err(format!("--scenarios {path}: there is no such folder")) }
}

fn parsed<T: std::str::FromStr>(flag: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{flag} can't be {value:?}"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use vobiz_sim::{ActionId, PayloadShape};

    use super::*;

    #[test]
    fn every_switch_is_a_flag_and_is_explained() {
        for (name, values) in Switches::ALL {
            let flag = format!("--{}", name.replace('_', "-"));
            assert!(HELP.contains(&format!("  {flag} ")), "{flag}");
            for value in values {
                read_all(&[&flag, value]).unwrap();
            }
        }
    }

    #[test]
    fn a_settings_file_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, "[switches]\nnumbers = \"absent\"\n").unwrap();
        let Asked::Run(options) = read_all(&["--settings", path.to_str().unwrap()]).unwrap() else {
            unreachable!("no help was asked for");
        };
        assert_eq!(options.settings.switches.numbers, vobiz_sim::Numbers::Absent);
        std::fs::write(&path, "[switches]\nnumbers = 5\n").unwrap();
        let error = read_all(&["--settings", path.to_str().unwrap()]).unwrap_err();
        assert!(error.contains("switches.numbers"), "{error}");
    }

    fn read_all(args: &[&str]) -> Result<Asked, String> {
        read(args.iter().map(|arg| (*arg).to_owned()))
    }

    #[test]
    fn flags_reach_the_options() {
        let asked = read_all(&[
            "--port=9000",
            "--webhook",
            "http://127.0.0.1:8080/webhooks/vobiz",
            "--webhook-secret",
            "s",
            "--seed-rows",
            "10",
            "--ring-seconds",
            "5",
            "--payload",
            "value",
            "--action-id",
            "wacid",
            "--set=chaos.webhooks.loss=0.5",
        ]);
        let Asked::Run(options) = asked.unwrap() else {
            unreachable!("no help was asked for");
        };
        assert_eq!(options.listen.to_string(), "127.0.0.1:9000");
        assert_eq!(options.webhooks.len(), 1);
        assert_eq!((options.seed_rows, options.settings.timing.ring_window.as_secs()), (10, 5));
        let switches = options.settings.switches;
        assert_eq!((switches.payload, switches.action_id), (PayloadShape::InnerValue, ActionId::Wacid));
        assert!((options.settings.chaos.webhooks.loss - 0.5).abs() < f64::EPSILON);
    }

    #[test]
    fn a_fault_names_its_flag() {
        for (args, words) in [
            (&["--port"][..], "--port needs a value"),
            (&["--port", "x"], "--port can't be"),
            (&["--nonsense"], "there is no --nonsense"),
            (&["--webhook", "http://x"], "--webhook-secret"),
            (&["--action-id", "x"], "--action-id can't be"),
            (&["--set", "x"], "PATH=VALUE"),
            (&["--scenarios", "not-there"], "no such folder"),
        ] {
            assert!(read_all(args).unwrap_err().contains(words));
        }
    }
}
