//! `softphone-relay doctor`: looks at a deployment from the outside in and says what to
//! fix. Changes nothing: it asks the upstream, and knocks at the relay's public doors as
//! a browser, a stranger and the upstream would.

mod clock;
mod relay;
mod udp;
mod upstream;

use std::{fmt, time::Duration};

use reqwest::{Client, Url, redirect::Policy};

use crate::config::{Config, ConfigError, Source};

/// Longest wait for one answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Fine,
    /// Not wrong, or not to be known from here.
    Note,
    /// Calls will not work, or not be safe.
    Wrong,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// What was seen.
    pub seen: String,
    /// What to do about it.
    pub advice: Option<String>,
}

impl Finding {
    fn fine(check: &'static str, seen: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Fine, seen: seen.into(), advice: None }
    }

    fn note(check: &'static str, seen: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Note, seen: seen.into(), advice: Some(advice.into()) }
    }

    fn wrong(check: &'static str, seen: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Wrong, seen: seen.into(), advice: Some(advice.into()) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.verdict {
            Verdict::Fine => "ok   ",
            Verdict::Note => "note ",
            Verdict::Wrong => "WRONG",
        };
        write!(f, "{mark}  {}: {}", self.check, self.seen)?;
        match &self.advice {
            Some(advice) => write!(f, "\n       → {advice}"),
            None => Ok(()),
        }
    }
}

/// Looks at everything that this configuration names.
pub async fn examine(source: &dyn Source) -> Vec<Finding> {
    let config = match Config::read(source) {
        Ok(config) => config,
        Err(error) => return vec![unreadable(&error)],
    };
    let mut findings = vec![Finding::fine("configuration", "every variable can be read")];
    for warning in config.warnings() {
        findings.push(Finding::wrong("configuration", warning, "Set it and start the relay again."));
    }
    findings.extend(upstream::check(&config).await);
    findings.extend(relay::check(&config).await);
    findings.extend(udp::check(&config.ice_servers).await);
    findings
}

fn unreadable(error: &ConfigError) -> Finding {
    Finding::wrong(
        "configuration",
        format!("{}: {}", error.variable, error.problem),
        format!("Set it, for example {}. Everything else is looked at after that.", error.example),
    )
}

/// A client that shows what is really there: no redirects, and no proxy before what is on
/// this machine.
fn client(url: &str) -> Result<Client, reqwest::Error> {
    let mut builder = Client::builder().timeout(ANSWER_WITHIN).redirect(Policy::none());
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    if host.is_some_and(|host| crate::config::is_loopback_host(&host)) {
        builder = builder.no_proxy();
    }
    builder.build()
}

/// Why nothing came back, causes included: the first words alone name only the address.
fn words(error: &reqwest::Error) -> String {
    let mut told = if error.is_timeout() { "no answer in time".to_owned() } else { error.to_string() };
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        told = format!("{told}: {deeper}");
        cause = deeper.source();
    }
    told
}
