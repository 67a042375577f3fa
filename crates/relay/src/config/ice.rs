//! `RELAY_ICE_SERVERS`: a JSON list of `RTCIceServer`,
//! <https://www.w3.org/TR/webrtc/#dom-rtciceserver>.

use serde::Deserialize;
use wire::IceServer;

use super::{
    ConfigError,
    source::{Found, Source, find},
};

const VARIABLE: &str = "RELAY_ICE_SERVERS";
const EXAMPLE: &str = r#"[{"urls":["stun:stun.example.com:3478"]}]"#;
/// Most servers: browsers warn from five on, since each slows discovery down.
const MAX_SERVERS: usize = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    urls: OneOrMore,
    username: Option<String>,
    credential: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Reads the servers; none when nothing is set.
pub(super) fn read(source: &dyn Source) -> Result<Vec<IceServer>, ConfigError> {
    let Some(found) = find(source, VARIABLE, EXAMPLE)? else {
        return Ok(Vec::new());
    };
    // Serde's words could repeat a TURN credential; only the place is told.
    let entries: Vec<Entry> = serde_json::from_str(&found.text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        found.refuse_secret(format!("is not a JSON list of RTCIceServer ({place})"), EXAMPLE)
    })?;
    if entries.len() > MAX_SERVERS {
        return Err(found.refuse_secret(format!("names more than {MAX_SERVERS} servers"), EXAMPLE));
    }
    entries.into_iter().enumerate().map(|(index, entry)| server(&found, index + 1, entry)).collect()
}

fn server(found: &Found, place: usize, entry: Entry) -> Result<IceServer, ConfigError> {
    let urls = match entry.urls {
        OneOrMore::One(url) => vec![url],
        OneOrMore::More(urls) => urls,
    };
    let refuse = |problem: &str| Err(found.refuse_secret(format!("server {place} {problem}"), EXAMPLE));
    if urls.is_empty() {
        return refuse("has no urls");
    }
    let is_turn = |url: &String| url.starts_with("turn:") || url.starts_with("turns:");
    if !urls.iter().all(|url| url.starts_with("stun:") || url.starts_with("stuns:") || is_turn(url)) {
        return refuse("has an address that does not begin with stun:, stuns:, turn: or turns:");
    }
    if urls.iter().any(is_turn) && (entry.username.is_none() || entry.credential.is_none()) {
        return refuse("is a TURN server without username and credential, which browsers refuse");
    }
    Ok(IceServer { urls, username: entry.username, credential: entry.credential })
}
