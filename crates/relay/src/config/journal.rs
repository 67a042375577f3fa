//! Where the journal is kept, and for how long.

use std::{path::PathBuf, time::Duration};

use reqwest::Url;

use super::{
    ConfigError,
    source::{Found, Source, find},
};
use crate::{journal::DEFAULT_KEEP, secret::Secret};

/// Where the journal is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Journal {
    /// In a SQLite file on this machine: one relay.
    Sqlite(PathBuf),
    /// In NATS JetStream: any number of relays.
    Nats {
        /// The servers' addresses. They may hold a user's name and password.
        servers: Vec<Secret>,
        /// `RELAY_JOURNAL_REPLICAS`: how many servers keep each fact.
        replicas: usize,
    },
}

const PLACE: &str = "RELAY_JOURNAL";
const KEEP: &str = "RELAY_JOURNAL_KEEP";
const REPLICAS: &str = "RELAY_JOURNAL_REPLICAS";

pub(super) const PLACE_EXAMPLE: &str = "sqlite:softphone.db";
const NATS_EXAMPLE: &str = "nats://127.0.0.1:4222";
const KEEP_EXAMPLE: &str = "30d";
const REPLICAS_EXAMPLE: &str = "3";

/// Shortest retention. A call's facts must outlive the call and the late webhooks of
/// its end.
const MIN_KEEP: Duration = Duration::from_hours(24);
/// Longest retention: ten years are longer than any rule that asks for records.
const MAX_KEEP: Duration = Duration::from_hours(24 * 3_650);
/// Most copies that JetStream keeps of a stream.
const MAX_REPLICAS: usize = 5;

pub(super) fn read_place(source: &dyn Source) -> Result<Journal, ConfigError> {
    let replicas = find(source, REPLICAS, REPLICAS_EXAMPLE)?;
    let Some(found) = find(source, PLACE, PLACE_EXAMPLE)? else {
        refuse_replicas(replicas.as_ref())?;
        return Ok(Journal::Sqlite("softphone.db".into()));
    };
    match found.text.strip_prefix("sqlite:") {
        Some("") => Err(found.refuse("names no file", PLACE_EXAMPLE)),
        Some(path) => {
            refuse_replicas(replicas.as_ref())?;
            Ok(Journal::Sqlite(path.into()))
        }
        None if found.text.starts_with("nats:") || found.text.starts_with("tls:") => {
            let servers = found.text.split(',').map(|server| read_server(&found, server.trim()));
            Ok(Journal::Nats {
                servers: servers.collect::<Result<_, _>>()?,
                replicas: read_replicas(replicas.as_ref())?,
            })
        }
        None => Err(found.refuse_secret("must begin with sqlite: or nats://", PLACE_EXAMPLE)),
    }
}

/// The address may hold a password, so it is never repeated.
fn read_server(found: &Found, server: &str) -> Result<Secret, ConfigError> {
    let refuse = |problem: &str| found.refuse_secret(problem, NATS_EXAMPLE);
    let url = Url::parse(server).map_err(|_| refuse("is not an address"))?;
    if !matches!(url.scheme(), "nats" | "tls") {
        return Err(refuse("names a server whose address does not begin with nats:// or tls://"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(refuse("names no server"));
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("must be nats://HOST:PORT only, without a path"));
    }
    Ok(Secret::new(server))
}

fn read_replicas(found: Option<&Found>) -> Result<usize, ConfigError> {
    let Some(found) = found else { return Ok(1) };
    match found.text.parse() {
        Ok(replicas @ 1..=MAX_REPLICAS) => Ok(replicas),
        Ok(_) | Err(_) => {
            Err(found.refuse(format!("is not a number from 1 to {MAX_REPLICAS}"), REPLICAS_EXAMPLE))
        }
    }
}

fn refuse_replicas(found: Option<&Found>) -> Result<(), ConfigError> {
    match found {
        None => Ok(()),
        Some(found) => Err(found.refuse("is only for a journal in NATS", REPLICAS_EXAMPLE)),
    }
}

pub(super) fn read_keep(source: &dyn Source) -> Result<Duration, ConfigError> {
    let Some(found) = find(source, KEEP, KEEP_EXAMPLE)? else { return Ok(DEFAULT_KEEP) };
    let refuse = |problem: &str| found.refuse(problem, KEEP_EXAMPLE);
    let hours = found.text.strip_suffix('d').map(|days| (days, 24));
    let (number, hours) = hours
        .or_else(|| found.text.strip_suffix('h').map(|hours| (hours, 1)))
        .ok_or_else(|| refuse("is neither days (30d) nor hours (720h)"))?;
    let number: u64 = number.parse().map_err(|_| refuse("is not a whole number of days or hours"))?;
    let keep = Duration::from_secs(number.saturating_mul(hours * 3_600));
    if (MIN_KEEP..=MAX_KEEP).contains(&keep) { Ok(keep) } else { Err(refuse("is not between 1d and 3650d")) }
}
