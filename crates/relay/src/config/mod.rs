//! Configuration: read once at the start, typed, refused with one line.

mod agents;
mod ice;
mod journal;
mod oidc;
mod origin;
mod source;
mod upstream;

#[cfg(test)]
mod tests;

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use switchboard::{Routing, WhenNobody};
use vobiz::Uuid;
use wire::IceServer;

use crate::secret::Secret;
pub use agents::{Agent, Agents};
pub use journal::Journal;
pub use oidc::{OidcClaim, OidcConfig};
pub use origin::Origin;
pub(crate) use origin::is_loopback_host;
pub use source::{ProcessEnvironment, Source};
pub use upstream::{Credentials, UpstreamConfig};

use source::{Found, find};

/// Everything the relay is told, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// `RELAY_LISTEN`.
    pub listen: SocketAddr,
    /// `RELAY_ORIGIN`.
    pub origin: Origin,
    /// What `RELAY_AGENTS` holds.
    pub agents: Agents,
    /// `RELAY_JOURNAL` and `RELAY_JOURNAL_REPLICAS`.
    pub journal: Journal,
    /// `RELAY_JOURNAL_KEEP`: how long facts are kept.
    pub journal_keep: Duration,
    /// `RELAY_ICE_SERVERS`.
    pub ice_servers: Vec<IceServer>,
    /// `RELAY_ROUTING`.
    pub routing: Routing,
    /// `RELAY_WHEN_NOBODY`.
    pub when_nobody: WhenNobody,
    /// `RELAY_WRAP_UP`: how long an agent has for the work after a conversation.
    pub wrap_up: Duration,
    /// `RELAY_APP`: folder of the built page. Without it the page inside the executable
    /// is served, or the folder `dist` where there is none inside.
    pub app: Option<PathBuf>,
    /// `VOBIZ_BASE_URL` and the credentials.
    pub upstream: UpstreamConfig,
    /// `VOBIZ_CHANNEL_ID`: at least one; the first is used where none is named.
    pub channels: Vec<Uuid>,
    /// `VOBIZ_WEBHOOK_SECRET`. Without it every webhook is refused.
    pub webhook_secret: Option<Secret>,
    /// `RELAY_OIDC_…`: a provider that agents may sign in by.
    pub oidc: Option<OidcConfig>,
    /// `RELAY_SESSION_KEY`: what sessions are sealed with. Without it the key is derived
    /// from the other secrets.
    pub session_key: Option<Secret>,
    /// How long people stay signed in. Not configurable from outside.
    pub sessions: SessionLife,
    /// How many calling requests each agent may make. Not configurable from outside.
    pub call_requests: Rate,
}

/// How much of something is allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// At once.
    pub burst: f64,
    /// In the long run.
    pub per_second: f64,
}

/// Far more than fingers can do, little enough that one broken page can't use up the
/// account's limits for all.
const CALL_REQUESTS: Rate = Rate { burst: 60.0, per_second: 10.0 };

/// How long a session lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLife {
    /// Without a request and without a socket.
    pub idle: Duration,
    /// From sign-in, whatever happens.
    pub longest: Duration,
    /// Age from which a request renews the cookie.
    pub renew_after: Duration,
}

impl Default for SessionLife {
    /// A lunch break, a long shift, and rarely enough that most replies set no cookie.
    fn default() -> Self {
        Self {
            idle: Duration::from_hours(2),
            longest: Duration::from_hours(12),
            renew_after: Duration::from_mins(5),
        }
    }
}

/// A value that keeps the relay from starting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {problem}. Example: {example}")]
pub struct ConfigError {
    /// The variable's name.
    pub variable: String,
    /// What is wrong with it.
    pub problem: String,
    /// A value that would do.
    pub example: String,
}

const LISTEN_EXAMPLE: &str = "127.0.0.1:8080";
const ORIGIN_EXAMPLE: &str = "https://phone.example.com";
const AGENTS_EXAMPLE: &str = "agents.toml";
const ROUTING_EXAMPLE: &str = "ring-all";
const WHEN_NOBODY_EXAMPLE: &str = "ring";
const WRAP_UP_EXAMPLE: &str = "30";

/// Longest time for the work after a call, in seconds.
const LONGEST_WRAP_UP_S: u64 = 3_600;
const CHANNEL_EXAMPLE: &str = "3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f";
const SESSION_KEY_EXAMPLE: &str = "the-output-of-openssl-rand-base64-32";
const SECRET_EXAMPLE: &str = "the-secret-that-the-webhook-was-registered-with";

impl Config {
    /// Reads the process' environment.
    ///
    /// # Errors
    ///
    /// The first value that is missing or malformed.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&ProcessEnvironment)
    }

    /// Reads any source.
    ///
    /// # Errors
    ///
    /// The first value that is missing or malformed.
    pub fn read(source: &dyn Source) -> Result<Self, ConfigError> {
        let listen = read_listen(source)?;
        let config = Self {
            listen,
            origin: read_origin(source, listen.port())?,
            agents: read_agents(source)?,
            journal: journal::read_place(source)?,
            journal_keep: journal::read_keep(source)?,
            ice_servers: ice::read(source)?,
            routing: read_routing(source)?,
            when_nobody: read_when_nobody(source)?,
            wrap_up: read_wrap_up(source)?,
            app: find(source, "RELAY_APP", "dist")?.map(|found| found.text.into()),
            upstream: UpstreamConfig::read(source)?,
            channels: read_channels(source)?,
            webhook_secret: read_webhook_secret(source)?,
            oidc: oidc::read(source)?,
            session_key: read_session_key(source)?,
            sessions: SessionLife::default(),
            call_requests: CALL_REQUESTS,
        };
        config.refuse_exposure()?;
        config.refuse_strandedness()?;
        Ok(config)
    }

    /// Things that work, but that a person surely did not mean.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.agents.is_empty() {
            warnings.push(
                "RELAY_AGENTS is not set: nobody can sign in. Make a password hash with `softphone-relay \
                 hash-password`, put it into a TOML file as [[agent]] with username, name and password_hash, \
                 and name the file in RELAY_AGENTS."
                    .to_owned(),
            );
        }
        if self.webhook_secret.is_none() {
            warnings.push(
                "VOBIZ_WEBHOOK_SECRET is not set: every webhook is refused, so no call rings and no answer \
                 arrives. Set it, then register the address with `softphone-relay webhook add URL`."
                    .to_owned(),
            );
        }
        warnings
    }

    /// Refuses agents who have no way to sign in.
    fn refuse_strandedness(&self) -> Result<(), ConfigError> {
        let stranded = self.agents.iter().find(|agent| agent.password_hash.is_none());
        match stranded {
            Some(agent) if self.oidc.is_none() => Err(ConfigError {
                variable: "RELAY_AGENTS".to_owned(),
                problem: format!(
                    "{} has no password_hash, and RELAY_OIDC_ISSUER names no provider to sign in by",
                    agent.username.as_str()
                ),
                example: "password_hash = \"$argon2id$…\", as `softphone-relay hash-password` prints it"
                    .to_owned(),
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses set-ups in which strangers could read along or come in.
    fn refuse_exposure(&self) -> Result<(), ConfigError> {
        if !self.origin.is_secure() && !self.origin.is_loopback() {
            return Err(ConfigError {
                variable: "RELAY_ORIGIN".to_owned(),
                problem: format!(
                    "{} is plain HTTP on a public name: passwords could be read on the way, and browsers \
                     give no microphone; put TLS in front and use https",
                    self.origin
                ),
                example: format!("RELAY_ORIGIN={ORIGIN_EXAMPLE}"),
            });
        }
        if !self.listen.ip().is_loopback() && self.agents.is_empty() {
            return Err(ConfigError {
                variable: "RELAY_LISTEN".to_owned(),
                problem: format!(
                    "{} can be reached from other machines, but RELAY_AGENTS names no agents; configure \
                     agents first, or listen on loopback",
                    self.listen
                ),
                example: format!("RELAY_LISTEN={LISTEN_EXAMPLE}"),
            });
        }
        Ok(())
    }
}

fn read_listen(source: &dyn Source) -> Result<SocketAddr, ConfigError> {
    match find(source, "RELAY_LISTEN", LISTEN_EXAMPLE)? {
        None => Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))),
        Some(found) => {
            found.text.parse().map_err(|_| found.refuse("is not an IP address with a port", LISTEN_EXAMPLE))
        }
    }
}

fn read_origin(source: &dyn Source, port: u16) -> Result<Origin, ConfigError> {
    match find(source, "RELAY_ORIGIN", ORIGIN_EXAMPLE)? {
        None => Ok(Origin::localhost(port)),
        Some(found) => Origin::parse(&found.text).map_err(|problem| found.refuse(problem, ORIGIN_EXAMPLE)),
    }
}

fn read_agents(source: &dyn Source) -> Result<Agents, ConfigError> {
    let Some(found) = find(source, "RELAY_AGENTS", AGENTS_EXAMPLE)? else {
        return Ok(Agents::default());
    };
    let refuse = |problem: String| ConfigError {
        variable: found.variable.clone(),
        problem,
        example: "[[agent]] username = \"asha\" name = \"Asha Rao\" password_hash = \"$argon2id$…\""
            .to_owned(),
    };
    let text = source
        .file(found.text.as_ref())
        .map_err(|error| found.refuse(format!("can't be read: {error}"), AGENTS_EXAMPLE))?;
    Agents::parse(&text).map_err(|problem| refuse(format!("{}: {problem}", found.text)))
}

fn read_routing(source: &dyn Source) -> Result<Routing, ConfigError> {
    match find(source, "RELAY_ROUTING", ROUTING_EXAMPLE)? {
        None => Ok(Routing::default()),
        Some(found) => match found.text.as_str() {
            "ring-all" => Ok(Routing::RingAll),
            "longest-idle" => Ok(Routing::LongestIdle),
            _ => Err(found.refuse("is neither ring-all nor longest-idle", ROUTING_EXAMPLE)),
        },
    }
}

fn read_when_nobody(source: &dyn Source) -> Result<WhenNobody, ConfigError> {
    match find(source, "RELAY_WHEN_NOBODY", WHEN_NOBODY_EXAMPLE)? {
        None => Ok(WhenNobody::default()),
        Some(found) => match found.text.as_str() {
            "reject" => Ok(WhenNobody::Reject),
            "ring" => Ok(WhenNobody::Ring),
            _ => Err(found.refuse("is neither reject nor ring", WHEN_NOBODY_EXAMPLE)),
        },
    }
}

fn read_wrap_up(source: &dyn Source) -> Result<Duration, ConfigError> {
    match find(source, "RELAY_WRAP_UP", WRAP_UP_EXAMPLE)? {
        None => Ok(Duration::ZERO),
        Some(found) => match found.text.parse() {
            Ok(seconds) if seconds <= LONGEST_WRAP_UP_S => Ok(Duration::from_secs(seconds)),
            Ok(_) | Err(_) => Err(found.refuse("is not a number of seconds from 0 to 3600", WRAP_UP_EXAMPLE)),
        },
    }
}

fn read_channels(source: &dyn Source) -> Result<Vec<Uuid>, ConfigError> {
    let Some(found) = find(source, "VOBIZ_CHANNEL_ID", CHANNEL_EXAMPLE)? else {
        return Err(missing("VOBIZ_CHANNEL_ID", CHANNEL_EXAMPLE));
    };
    let mut channels = Vec::new();
    for text in found.text.split(',').map(str::trim).filter(|text| !text.is_empty()) {
        let channel = Uuid::parse_str(text).map_err(|_| ConfigError {
            variable: found.variable.clone(),
            problem: format!("{} is not a UUID", clip(text)),
            example: format!("VOBIZ_CHANNEL_ID={CHANNEL_EXAMPLE}"),
        })?;
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    if channels.is_empty() {
        return Err(found.refuse("holds no channel", CHANNEL_EXAMPLE));
    }
    Ok(channels)
}

/// Reads only the webhook secret.
///
/// # Errors
///
/// When it can't be read.
pub fn read_webhook_secret(source: &dyn Source) -> Result<Option<Secret>, ConfigError> {
    Ok(find(source, "VOBIZ_WEBHOOK_SECRET", SECRET_EXAMPLE)?.map(|found| Secret::new(found.text)))
}

/// Shortest session key in characters: 32 hex digits are 128 random bits.
const MIN_SESSION_KEY: usize = 32;

fn read_session_key(source: &dyn Source) -> Result<Option<Secret>, ConfigError> {
    let Some(found) = find(source, "RELAY_SESSION_KEY", SESSION_KEY_EXAMPLE)? else { return Ok(None) };
    if found.text.chars().count() < MIN_SESSION_KEY {
        let problem = format!("is shorter than {MIN_SESSION_KEY} characters; make a random one");
        return Err(found.refuse_secret(problem, SESSION_KEY_EXAMPLE));
    }
    Ok(Some(Secret::new(found.text)))
}

fn missing(variable: &str, example: &str) -> ConfigError {
    ConfigError {
        variable: variable.to_owned(),
        problem: "is not set".to_owned(),
        example: format!("{variable}={example}"),
    }
}

/// Longest part of a wrong value that is repeated in an error, in characters.
const SHOWN: usize = 80;

fn clip(text: &str) -> String {
    text.chars().take(SHOWN).flat_map(char::escape_default).collect()
}

impl Found {
    /// Refuses a value that is no secret, and shows it.
    fn refuse(&self, problem: impl fmt::Display, example: &str) -> ConfigError {
        ConfigError {
            variable: self.variable.clone(),
            problem: format!("{} {problem}", clip(&self.text)),
            example: self.example(example),
        }
    }

    /// Refuses a value without showing it.
    fn refuse_secret(&self, problem: impl fmt::Display, example: &str) -> ConfigError {
        ConfigError {
            variable: self.variable.clone(),
            problem: problem.to_string(),
            example: self.example(example),
        }
    }

    fn example(&self, example: &str) -> String {
        format!("{}={example}", self.variable.strip_suffix("_FILE").unwrap_or(&self.variable))
    }
}
