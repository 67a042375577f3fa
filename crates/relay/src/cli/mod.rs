//! The command line.

mod doctor;
mod hash_password;
mod webhook;

use std::{
    ffi::OsString,
    io::{self, Write as _},
};

use anyhow::{Context as _, Result, bail};

pub(crate) use doctor::doctor;
pub(crate) use hash_password::hash_password;
pub(crate) use webhook::{Webhook, webhook};

const HELP: &str = "\
The relay of the WhatsApp softphone: keeps the account's credentials, takes webhooks, serves the page.

Usage:
  softphone-relay                     run; configured by the environment
  softphone-relay doctor              look at a deployment from the outside in, say what to fix
  softphone-relay hash-password       read a password from standard input, print its hash for RELAY_AGENTS
  softphone-relay webhook add URL     register https://YOUR-HOST/webhooks/vobiz with Vobiz
  softphone-relay webhook list        show what is registered
  softphone-relay webhook remove ID   remove one
  softphone-relay --help | --version

Environment (each also as NAME_FILE, which names a file that holds the value):
  RELAY_LISTEN          address to listen on (127.0.0.1:8080)
  RELAY_ORIGIN          the page's public origin (http://localhost:PORT)
  RELAY_AGENTS          TOML file of the agents: [[agent]] username, name, password_hash, role
  RELAY_JOURNAL         sqlite:PATH, or nats://HOST:PORT for several relays (sqlite:softphone.db)
  RELAY_JOURNAL_KEEP    how long facts are kept, in days or hours (30d)
  RELAY_JOURNAL_REPLICAS  how many NATS servers keep each fact (1)
  RELAY_SESSION_KEY     seals the sessions, the same at every relay (from the other secrets)
  RELAY_ICE_SERVERS     JSON list of RTCIceServer ([])
  RELAY_OIDC_ISSUER     an OpenID Connect provider to sign in by; also _CLIENT_ID, _CLIENT_SECRET, _CLAIM, _NAME
  RELAY_ROUTING         ring-all, or longest-idle (ring-all)
  RELAY_WHEN_NOBODY     a caller for whom nobody is left: reject, or ring (reject)
  RELAY_WRAP_UP         seconds for the work after a conversation (0)
  RELAY_APP             folder of the built page (the one inside, else dist)
  VOBIZ_BASE_URL        the upstream (https://api.vobiz.ai/api/v1/messaging)
  VOBIZ_AUTH_ID, VOBIZ_AUTH_TOKEN     the account's credentials, or VOBIZ_BEARER_TOKEN alone
  VOBIZ_CHANNEL_ID      channel UUID, or several separated by commas
  VOBIZ_WEBHOOK_SECRET  shared secret of the webhooks' signature
  RUST_LOG              how much is logged (info)";

/// What the relay is to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Run.
    Serve,
    /// Look at the deployment.
    Doctor,
    /// Make a password's hash.
    HashPassword,
    /// Something with the registered webhooks.
    Webhook(Webhook),
    /// Just say something.
    Say(String),
}

/// Reads the arguments after the program's name.
pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command> {
    let words: Vec<String> = arguments
        .map(|word| word.into_string().map_err(|_| anyhow::anyhow!("an argument is not UTF-8 text")))
        .collect::<Result<_>>()?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] => Ok(Command::Serve),
        ["doctor"] => Ok(Command::Doctor),
        ["hash-password"] => Ok(Command::HashPassword),
        ["webhook", "add", url] => Ok(Command::Webhook(Webhook::Add(url.to_owned()))),
        ["webhook", "list"] => Ok(Command::Webhook(Webhook::List)),
        ["webhook", "remove", id] => Ok(Command::Webhook(Webhook::Remove(id.to_owned()))),
        ["--help" | "-h" | "help"] => Ok(Command::Say(HELP.to_owned())),
        ["--version" | "-V"] => Ok(Command::Say(format!("softphone-relay {}", env!("CARGO_PKG_VERSION")))),
        ["webhook", ..] => bail!("use `webhook add URL`, `webhook list` or `webhook remove ID`"),
        [word, ..] => bail!("{word:?} is not understood; `softphone-relay --help` says what is"),
    }
}

/// Prints a line.
pub(crate) fn say(text: &str) -> Result<()> {
    writeln!(io::stdout(), "{text}").context("standard output can't be written")
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::{Command, Webhook, parse};

    fn read(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(OsString::from)).map_err(|error| error.to_string())
    }

    #[test]
    fn understands_its_commands() {
        assert_eq!(read(""), Ok(Command::Serve));
        assert_eq!(read("hash-password"), Ok(Command::HashPassword));
        assert_eq!(read("webhook list"), Ok(Command::Webhook(Webhook::List)));
        assert_eq!(read("webhook remove 7"), Ok(Command::Webhook(Webhook::Remove("7".to_owned()))));
    }

    #[test]
    fn says_what_it_does_not_understand() {
        assert_eq!(
            read("sevre"),
            Err("\"sevre\" is not understood; `softphone-relay --help` says what is".to_owned())
        );
        assert_eq!(
            read("webhook add"),
            Err("use `webhook add URL`, `webhook list` or `webhook remove ID`".to_owned())
        );
    }
}
