#![expect(clippy::unwrap_used, reason = "tests")]

use std::{collections::HashMap, ffi::OsString, io, path::Path, time::Duration};

use insta::assert_snapshot;

use super::{Config, ConfigError, Journal, Routing, Source, UpstreamConfig, WhenNobody};
use crate::{config::Credentials, secret::Secret};

const HASH: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$QJUgJ1iBLfMQBSZrEyj0fGZRXkTRaaChUcEgqmrxVs4";

#[derive(Default)]
struct Fake {
    variables: HashMap<String, OsString>,
    files: HashMap<String, String>,
}

impl Source for Fake {
    fn variable(&self, name: &str) -> Option<OsString> {
        self.variables.get(name).cloned()
    }

    fn file(&self, path: &Path) -> io::Result<String> {
        self.files
            .get(path.to_str().unwrap())
            .cloned()
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}

impl Fake {
    fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    fn unset(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    fn file_of(mut self, path: &str, text: impl Into<String>) -> Self {
        self.files.insert(path.to_owned(), text.into());
        self
    }

    fn agents(self, text: &str) -> Self {
        self.set("RELAY_AGENTS", "agents.toml").file_of("agents.toml", text)
    }

    fn read(&self) -> Result<Config, ConfigError> {
        Config::read(self)
    }

    fn refused(&self) -> String {
        self.read().err().map_or_else(|| "accepted".to_owned(), |error| error.to_string())
    }
}

/// As little as works.
fn least() -> Fake {
    Fake::default()
        .set("VOBIZ_AUTH_ID", "MA_TEST")
        .set("VOBIZ_AUTH_TOKEN", "hush")
        .set("VOBIZ_CHANNEL_ID", "3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f")
}

fn agent(username: &str) -> String {
    format!("[[agent]]\nusername = \"{username}\"\nname = \"Asha Rao\"\npassword_hash = \"{HASH}\"\n")
}

#[test]
fn defaults_are_those_of_the_contract() {
    let config = least().read().unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.origin.to_string(), "http://localhost:8080");
    assert_eq!(config.journal, Journal::Sqlite("softphone.db".into()));
    assert_eq!(config.journal_keep, Duration::from_hours(30 * 24));
    assert_eq!(config.upstream.base_url, "https://api.vobiz.ai/api/v1/messaging");
    assert!(config.ice_servers.is_empty() && config.agents.is_empty() && config.webhook_secret.is_none());
    assert_eq!((config.routing, config.when_nobody), (Routing::RingAll, WhenNobody::Reject));
    assert_eq!(config.wrap_up, Duration::ZERO);
    assert_eq!(config.warnings().len(), 2);
}

#[test]
fn how_calls_are_routed_is_read() {
    let config = least()
        .set("RELAY_ROUTING", "longest-idle")
        .set("RELAY_WHEN_NOBODY", "ring")
        .set("RELAY_WRAP_UP", "30")
        .read()
        .unwrap();
    assert_eq!((config.routing, config.when_nobody), (Routing::LongestIdle, WhenNobody::Ring));
    assert_eq!(config.wrap_up, Duration::from_secs(30));
}

#[test]
fn every_value_can_come_from_a_file() {
    let source = least()
        .unset("VOBIZ_AUTH_TOKEN")
        .set("VOBIZ_AUTH_TOKEN_FILE", "/run/token")
        .file_of("/run/token", "hush\n")
        .set("RELAY_LISTEN_FILE", "/run/listen")
        .file_of("/run/listen", " 127.0.0.1:9000 \n");
    let config = source.read().unwrap();
    assert!(
        matches!(&config.upstream.credentials, Credentials::Account { token, .. } if token.expose() == "hush")
    );
    assert_eq!(config.origin.to_string(), "http://localhost:9000");
}

#[test]
fn a_journal_of_several_relays_is_read() {
    let source = least()
        .set("RELAY_JOURNAL", "nats://me:hush@a.example:4222, nats://b.example")
        .set("RELAY_JOURNAL_REPLICAS", "3")
        .set("RELAY_JOURNAL_KEEP", "36h");
    let config = source.read().unwrap();
    let Journal::Nats { servers, replicas: 3 } = &config.journal else { unreachable!("{config:?}") };
    assert_eq!(
        servers.iter().map(Secret::expose).collect::<Vec<_>>(),
        ["nats://me:hush@a.example:4222", "nats://b.example"]
    );
    assert_eq!(config.journal_keep, Duration::from_hours(36));
    assert!(!format!("{config:?}").contains("hush"));
}

#[test]
fn channels_servers_and_agents_are_read() {
    let config = least()
        .set(
            "VOBIZ_CHANNEL_ID",
            "3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f, 00000000-0000-4000-8000-000000000001,",
        )
        .set(
            "RELAY_ICE_SERVERS",
            r#"[{"urls":"stun:a.example"},{"urls":["turn:b.example"],"username":"u","credential":"c"}]"#,
        )
        .agents(&format!("{}\n{}role = \"supervisor\"\n", agent("asha"), agent("ben")))
        .read()
        .unwrap();
    assert_eq!(config.channels.len(), 2);
    assert_eq!(config.ice_servers[0].urls, ["stun:a.example"]);
    assert_eq!(config.agents.find("ben").unwrap().role, wire::Role::Supervisor);
    assert!(config.agents.find("Ben").is_none());
}

#[test]
fn a_wrong_value_is_refused_in_one_line() {
    let told: Vec<String> = [
        Fake::default(),
        least().unset("VOBIZ_AUTH_TOKEN"),
        least().set("VOBIZ_BEARER_TOKEN", "hush"),
        least().set("VOBIZ_AUTH_TOKEN", "hush\u{e9}"),
        least().unset("VOBIZ_CHANNEL_ID"),
        least().set("VOBIZ_CHANNEL_ID", "3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f,main"),
        least().set("VOBIZ_CHANNEL_ID", ","),
        least().set("VOBIZ_BASE_URL", "api.vobiz.ai"),
        least().set("VOBIZ_BASE_URL", "http://api.vobiz.ai"),
        least().set("VOBIZ_BASE_URL", "https://me:hush@api.vobiz.ai"),
        least().set("RELAY_LISTEN", "localhost:8080"),
        least().set("RELAY_LISTEN", "0.0.0.0:8080"),
        least().set("RELAY_ORIGIN", "phone.example.com"),
        least().set("RELAY_ORIGIN", "http://phone.example.com"),
        least().set("RELAY_ORIGIN", "https://phone.example.com/app"),
        least().set("RELAY_JOURNAL", "postgres://x"),
        least().set("RELAY_JOURNAL", "sqlite:"),
        least().set("RELAY_JOURNAL", "nats://me:hush@127.0.0.1:4222/path"),
        least().set("RELAY_JOURNAL", "nats://127.0.0.1:4222,http://127.0.0.1:4223"),
        least().set("RELAY_JOURNAL", "nats://127.0.0.1:port"),
        least().set("RELAY_JOURNAL", "nats:///"),
        least().set("RELAY_JOURNAL_REPLICAS", "3"),
        least().set("RELAY_JOURNAL", "nats://127.0.0.1").set("RELAY_JOURNAL_REPLICAS", "0"),
        least().set("RELAY_JOURNAL_KEEP", "30"),
        least().set("RELAY_JOURNAL_KEEP", "xd"),
        least().set("RELAY_JOURNAL_KEEP", "23h"),
        least().set("RELAY_JOURNAL_KEEP", "99999999999999999999d"),
        least().set("RELAY_JOURNAL_KEEP", "18446744073709551615h"),
        least().set("RELAY_SESSION_KEY", "hush"),
        least().set("RELAY_ROUTING", "round-robin"),
        least().set("RELAY_WHEN_NOBODY", "voicemail"),
        least().set("RELAY_WRAP_UP", "30s"),
        least().set("RELAY_WRAP_UP", "3601"),
        least().set("RELAY_ROUTING_FILE", "/run/nothing"),
        least().set("RELAY_ROUTING_FILE", "/run/empty").file_of("/run/empty", "\n"),
        least().set("RELAY_ROUTING", "ring-all").set("RELAY_ROUTING_FILE", "/run/routing"),
    ]
    .iter()
    .map(Fake::refused)
    .collect();
    assert!(told.iter().all(|line| !line.contains('\n') && !line.contains("hush")));
    assert_snapshot!(told.join("\n"), @"
    VOBIZ_AUTH_ID: is not set. Example: VOBIZ_AUTH_ID=MA_XXXXXXXX
    VOBIZ_AUTH_TOKEN: is not set. Example: VOBIZ_AUTH_TOKEN=the-token-of-the-account
    VOBIZ_BEARER_TOKEN: is set beside VOBIZ_AUTH_ID or VOBIZ_AUTH_TOKEN; use one or the other. Example: VOBIZ_BEARER_TOKEN=the-token-of-the-account
    VOBIZ_AUTH_TOKEN: has characters that can't stand in an HTTP header. Example: VOBIZ_AUTH_TOKEN=the-token-of-the-account
    VOBIZ_CHANNEL_ID: is not set. Example: VOBIZ_CHANNEL_ID=3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f
    VOBIZ_CHANNEL_ID: main is not a UUID. Example: VOBIZ_CHANNEL_ID=3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f
    VOBIZ_CHANNEL_ID: , holds no channel. Example: VOBIZ_CHANNEL_ID=3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f
    VOBIZ_BASE_URL: api.vobiz.ai is not an address. Example: VOBIZ_BASE_URL=https://api.vobiz.ai/api/v1/messaging
    VOBIZ_BASE_URL: http://api.vobiz.ai would send the token unencrypted; http is only for this machine itself. Example: VOBIZ_BASE_URL=https://api.vobiz.ai/api/v1/messaging
    VOBIZ_BASE_URL: must not have credentials in it. Example: VOBIZ_BASE_URL=https://api.vobiz.ai/api/v1/messaging
    RELAY_LISTEN: localhost:8080 is not an IP address with a port. Example: RELAY_LISTEN=127.0.0.1:8080
    RELAY_LISTEN: 0.0.0.0:8080 can be reached from other machines, but RELAY_AGENTS names no agents; configure agents first, or listen on loopback. Example: RELAY_LISTEN=127.0.0.1:8080
    RELAY_ORIGIN: phone.example.com is not an address. Example: RELAY_ORIGIN=https://phone.example.com
    RELAY_ORIGIN: http://phone.example.com is plain HTTP on a public name: passwords could be read on the way, and browsers give no microphone; put TLS in front and use https. Example: RELAY_ORIGIN=https://phone.example.com
    RELAY_ORIGIN: https://phone.example.com/app must be scheme, host and port only, without a path. Example: RELAY_ORIGIN=https://phone.example.com
    RELAY_JOURNAL: must begin with sqlite: or nats://. Example: RELAY_JOURNAL=sqlite:softphone.db
    RELAY_JOURNAL: sqlite: names no file. Example: RELAY_JOURNAL=sqlite:softphone.db
    RELAY_JOURNAL: must be nats://HOST:PORT only, without a path. Example: RELAY_JOURNAL=nats://127.0.0.1:4222
    RELAY_JOURNAL: names a server whose address does not begin with nats:// or tls://. Example: RELAY_JOURNAL=nats://127.0.0.1:4222
    RELAY_JOURNAL: is not an address. Example: RELAY_JOURNAL=nats://127.0.0.1:4222
    RELAY_JOURNAL: names no server. Example: RELAY_JOURNAL=nats://127.0.0.1:4222
    RELAY_JOURNAL_REPLICAS: 3 is only for a journal in NATS. Example: RELAY_JOURNAL_REPLICAS=3
    RELAY_JOURNAL_REPLICAS: 0 is not a number from 1 to 5. Example: RELAY_JOURNAL_REPLICAS=3
    RELAY_JOURNAL_KEEP: 30 is neither days (30d) nor hours (720h). Example: RELAY_JOURNAL_KEEP=30d
    RELAY_JOURNAL_KEEP: xd is not a whole number of days or hours. Example: RELAY_JOURNAL_KEEP=30d
    RELAY_JOURNAL_KEEP: 23h is not between 1d and 3650d. Example: RELAY_JOURNAL_KEEP=30d
    RELAY_JOURNAL_KEEP: 99999999999999999999d is not a whole number of days or hours. Example: RELAY_JOURNAL_KEEP=30d
    RELAY_JOURNAL_KEEP: 18446744073709551615h is not between 1d and 3650d. Example: RELAY_JOURNAL_KEEP=30d
    RELAY_SESSION_KEY: is shorter than 32 characters; make a random one. Example: RELAY_SESSION_KEY=the-output-of-openssl-rand-base64-32
    RELAY_ROUTING: round-robin is neither ring-all nor longest-idle. Example: RELAY_ROUTING=ring-all
    RELAY_WHEN_NOBODY: voicemail is neither reject nor ring. Example: RELAY_WHEN_NOBODY=ring
    RELAY_WRAP_UP: 30s is not a number of seconds from 0 to 3600. Example: RELAY_WRAP_UP=30
    RELAY_WRAP_UP: 3601 is not a number of seconds from 0 to 3600. Example: RELAY_WRAP_UP=30
    RELAY_ROUTING_FILE: the file /run/nothing can't be read: entity not found. Example: RELAY_ROUTING_FILE=/run/secrets/value
    RELAY_ROUTING_FILE: the file /run/empty is empty. Example: a file that holds ring-all
    RELAY_ROUTING: is set beside RELAY_ROUTING_FILE; set only one of them. Example: RELAY_ROUTING=ring-all
    ");
}

#[test]
fn wrong_servers_are_refused_without_their_credentials() {
    let told: Vec<String> = [
        "stun:a.example",
        r#"{"urls":"stun:a.example"}"#,
        r#"[{"urls":[]}]"#,
        r#"[{"urls":"http://a.example"}]"#,
        r#"[{"urls":"turn:a.example","username":"u"}]"#,
        r#"[{"urls":"stun:a.example","credential":{"hush":1}}]"#,
        r#"[{"url":"stun:a.example"}]"#,
    ]
    .iter()
    .map(|value| least().set("RELAY_ICE_SERVERS", value).refused())
    .collect();
    assert!(told.iter().all(|line| !line.contains("hush")));
    assert_snapshot!(told.join("\n"), @r#"
    RELAY_ICE_SERVERS: is not a JSON list of RTCIceServer (line 1, column 1). Example: RELAY_ICE_SERVERS=[{"urls":["stun:stun.example.com:3478"]}]
    RELAY_ICE_SERVERS: is not a JSON list of RTCIceServer (line 1, column 0). Example: RELAY_ICE_SERVERS=[{"urls":["stun:stun.example.com:3478"]}]
    RELAY_ICE_SERVERS: server 1 has no urls. Example: RELAY_ICE_SERVERS=[{"urls":["stun:stun.example.com:3478"]}]
    RELAY_ICE_SERVERS: server 1 has an address that does not begin with stun:, stuns:, turn: or turns:. Example: RELAY_ICE_SERVERS=[{"urls":["stun:stun.example.com:3478"]}]
    RELAY_ICE_SERVERS: server 1 is a TURN server without username and credential, which browsers refuse. Example: RELAY_ICE_SERVERS=[{"urls":["stun:stun.example.com:3478"]}]
    RELAY_ICE_SERVERS: is not a JSON list of RTCIceServer (line 1, column 39). Example: RELAY_ICE_SERVERS=[{"urls":["stun:stun.example.com:3478"]}]
    RELAY_ICE_SERVERS: is not a JSON list of RTCIceServer (line 1, column 7). Example: RELAY_ICE_SERVERS=[{"urls":["stun:stun.example.com:3478"]}]
    "#);
}

#[test]
fn a_wrong_agents_file_names_the_agent() {
    let told: Vec<String> = [
        String::new(),
        "agent = 7".to_owned(),
        "[[agent]]\nusername = \"asha\"\n".to_owned(),
        format!("{}rolle = \"supervisor\"\n", agent("asha")),
        format!("{}role = \"boss\"\n", agent("asha")),
        agent("asha rao"),
        agent("asha").replace("Asha Rao", " "),
        agent("asha").replace(HASH, "asha-demo"),
        agent("asha").replace("argon2id", "argon2i"),
        agent("asha").replace("m=8", "m=1"),
        format!("{}{}", agent("asha"), agent("asha")),
    ]
    .iter()
    .map(|text| least().agents(text).refused())
    .collect();
    assert!(told.iter().all(|line| !line.contains('\n') && !line.contains("asha-demo")));
    assert_snapshot!(told.join("\n"), @r#"
    RELAY_AGENTS: agents.toml: holds no [[agent]]. Example: [[agent]] username = "asha" name = "Asha Rao" password_hash = "$argon2id$…"
    RELAY_AGENTS: agents.toml: line 1: invalid type: integer `7`, expected a sequence. Example: [[agent]] username = "asha" name = "Asha Rao" password_hash = "$argon2id$…"
    RELAY_AGENTS: agents.toml: line 1: missing field `name`. Example: [[agent]] username = "asha" name = "Asha Rao" password_hash = "$argon2id$…"
    RELAY_AGENTS: agents.toml: line 5: unknown field `rolle`, expected one of `username`, `name`, `password_hash`, `role`. Example: [[agent]] username = "asha" name = "Asha Rao" password_hash = "$argon2id$…"
    RELAY_AGENTS: agents.toml: line 5: unknown variant `boss`, expected `agent` or `supervisor`. Example: [[agent]] username = "asha" name = "Asha Rao" password_hash = "$argon2id$…"
    RELAY_AGENTS: agents.toml: agent 1 (asha rao): username must have 1 to 64 characters and no spaces. Example: [[agent]] username = "asha" name = "Asha Rao" password_hash = "$argon2id$…"
    RELAY_AGENTS: agents.toml: agent 1 (asha): name must have 1 to 80 characters on one line. Example: [[agent]] username = "asha" name = "Asha Rao" password_hash = "$argon2id$…"
    RELAY_AGENTS: agents.toml: agent 1 (asha): password_hash is not an argon2id PHC string; `softphone-relay hash-password` makes one. Example: [[agent]] username = "asha" name = "Asha Rao" password_hash = "$argon2id$…"
    RELAY_AGENTS: agents.toml: agent 1 (asha): password_hash is not an argon2id PHC string; `softphone-relay hash-password` makes one. Example: [[agent]] username = "asha" name = "Asha Rao" password_hash = "$argon2id$…"
    RELAY_AGENTS: agents.toml: agent 1 (asha): password_hash has argon2id parameters that can't be used. Example: [[agent]] username = "asha" name = "Asha Rao" password_hash = "$argon2id$…"
    RELAY_AGENTS: agents.toml: agent 2 (asha): this username is there twice. Example: [[agent]] username = "asha" name = "Asha Rao" password_hash = "$argon2id$…"
    "#);
    assert_snapshot!(least().set("RELAY_AGENTS", "missing.toml").refused(), @"RELAY_AGENTS: missing.toml can't be read: entity not found. Example: RELAY_AGENTS=agents.toml");
}

#[test]
fn the_commands_need_only_their_part() {
    let source =
        Fake::default().set("VOBIZ_BEARER_TOKEN", "hush").set("VOBIZ_BASE_URL", "http://127.0.0.1:8090/api/");
    let config = UpstreamConfig::read(&source).unwrap();
    assert_eq!(config.base_url, "http://127.0.0.1:8090/api");
    assert!(!format!("{config:?}").contains("hush"));
}
