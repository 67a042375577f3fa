//! The command line.

use std::net::IpAddr;
use std::time::Duration;

use vobiz_sim::{ActionId, DEFAULT_PORT, InitialWebhook, Options, PayloadShape};

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
  --action-id KIND          uuid, wacid or both (both)
  --payload SHAPE           whole or value (whole)

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
            "--seed-rows" => options.seed_rows = parsed(&flag, &value()?)?,
            "--ring-seconds" => {
                let window = Duration::from_secs(parsed(&flag, &value()?)?);
                options.timing.ring_window = window;
                options.timing.accept_window = window;
            }
            "--pickup-ms" => {
                options = options.with_reaction(Duration::from_millis(parsed(&flag, &value()?)?))
            }
            "--action-id" => {
                options.action_id = match value()?.as_str() {
                    "uuid" => ActionId::Uuid,
                    "wacid" => ActionId::Wacid,
                    "both" => ActionId::Both,
                    other => return Err(format!("--action-id is uuid, wacid or both, not {other:?}")),
                };
            }
            "--payload" => {
                options.payload_shape = match value()?.as_str() {
                    "whole" => PayloadShape::WholeObject,
                    "value" => PayloadShape::InnerValue,
                    other => return Err(format!("--payload is whole or value, not {other:?}")),
                };
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

fn parsed<T: std::str::FromStr>(flag: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{flag} can't be {value:?}"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

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
        ]);
        let Asked::Run(options) = asked.unwrap() else {
            unreachable!("no help was asked for");
        };
        assert_eq!(options.listen.to_string(), "127.0.0.1:9000");
        assert_eq!(options.webhooks.len(), 1);
        assert_eq!((options.seed_rows, options.timing.ring_window.as_secs()), (10, 5));
        assert_eq!((options.payload_shape, options.action_id), (PayloadShape::InnerValue, ActionId::Wacid));
    }

    #[test]
    fn a_fault_names_its_flag() {
        for (args, words) in [
            (&["--port"][..], "--port needs a value"),
            (&["--port", "x"], "--port can't be"),
            (&["--nonsense"], "there is no --nonsense"),
            (&["--webhook", "http://x"], "--webhook-secret"),
        ] {
            assert!(read_all(args).unwrap_err().contains(words));
        }
    }
}
