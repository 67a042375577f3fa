//! The whole system in this process: simulator and relay on free ports.

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, ensure};
use argon2::password_hash::PasswordHasher as _;
use argon2::{Argon2, Params};
use relay::config::{SessionLife, Source};
use relay::journal::{Journal as _, SqliteJournal};
use serde::Deserialize as _;
use tempfile::TempDir;
use tokio::time::timeout;
use vobiz_sim::{Access, CredentialKinds, Credentials, Options, RestChaos, Running, Settings, Simulator};
use wire::CallQuality;

use crate::control::Control;
use crate::relay::{ALIVE, Relay, RelayKind};

/// Somebody who can sign in.
#[derive(Debug, Clone, Copy)]
pub struct Login {
    /// Name to sign in with.
    pub username: &'static str,
    /// Their password.
    pub password: &'static str,
    /// Name that others see.
    pub name: &'static str,
}

impl Login {
    /// The first agent.
    pub const ASHA: Self = Self { username: "asha", password: "asha-test-password", name: "Asha" };
    /// The second agent.
    pub const BEN: Self = Self { username: "ben", password: "ben-test-password", name: "Ben" };
    const ALL: [Self; 2] = [Self::ASHA, Self::BEN];
}

/// What a test may want to differ.
#[derive(Debug, Clone)]
pub struct BedOptions {
    /// Rows of history in the log.
    pub seed_rows: u32,
    /// How long people take to pick up or to refuse.
    pub reaction: Duration,
    /// The upstream's switches, times, limits and disturbances.
    pub settings: Settings,
    /// Where the relay runs.
    pub relay: RelayKind,
    /// How long people stay signed in at a relay in this process; `None` is as usual.
    pub sessions: Option<SessionLife>,
    /// Time for the work after a call, in whole seconds.
    pub wrap_up: Duration,
}

impl Default for BedOptions {
    /// Few rows and quick people: long enough to be seen ringing.
    fn default() -> Self {
        Self {
            seed_rows: 200,
            reaction: Duration::from_millis(1_000),
            settings: Settings::default(),
            relay: RelayKind::Inside,
            sessions: None,
            wrap_up: Duration::ZERO,
        }
    }
}

/// The journal's file.
const JOURNAL: &str = "softphone.db";
/// More than a case brings about.
const MOST_RECORDS: usize = 10_000;
/// How long the simulator may take to end.
const SIMULATOR: Duration = Duration::from_secs(5);
/// Worth nothing outside a test.
const WEBHOOK_SECRET: &str = "test-bed-webhook-secret";

/// Simulator and relay at work. Dropping it ends both.
#[derive(Debug)]
pub struct TestBed {
    /// Plays the far end.
    pub control: Control,
    /// The page's origin, `http://localhost:PORT`.
    pub origin: String,
    // Dropped before the folder of its files.
    relay: Relay,
    simulator: Option<Running>,
    folder: TempDir,
}

impl TestBed {
    /// Starts both and waits until they are ready.
    pub async fn start(options: BedOptions) -> Result<Self> {
        crate::logs::collect();
        let folder = tempfile::Builder::new().prefix("softphone-").tempdir()?;
        let mut relay = Relay::new(options.relay, folder.path()).await?;
        relay.sessions = options.sessions;
        let address = relay.address;
        let origin = format!("http://localhost:{}", address.port());

        let switches = options.settings.switches;
        // Before an upstream that refuses it, it never is ready for calls, and says so; before
        // one whose requests fail, it is ready when the first of them has not.
        if switches.access == Access::Forbidden || options.settings.chaos.rest != RestChaos::default() {
            relay.ready_at = ALIVE;
        }
        let simulator = Simulator::start(
            Options { seed_rows: options.seed_rows, settings: options.settings, ..Options::default() }
                .with_reaction(options.reaction)
                .with_webhook(format!("http://{address}/webhooks/vobiz"), WEBHOOK_SECRET),
        )
        .await?;
        let control = Control::new(simulator.control_url.clone())?;
        let channel =
            control.business().await?.into_iter().next().context("the simulator has no business number")?;

        let agents = folder.path().join("agents.toml");
        let logins = Login::ALL.iter().map(|login| (login.username, login.name, login.password));
        std::fs::write(&agents, agents_file(logins)?)?;
        let mut variables = HashMap::from([
            ("RELAY_LISTEN", address.to_string()),
            ("RELAY_ORIGIN", origin.clone()),
            ("RELAY_AGENTS", agents.display().to_string()),
            ("RELAY_JOURNAL", format!("sqlite:{}", folder.path().join(JOURNAL).display())),
            ("RELAY_APP", page()?.display().to_string()),
            ("RELAY_WRAP_UP", options.wrap_up.as_secs().to_string()),
            ("VOBIZ_BASE_URL", simulator.base_url.clone()),
            ("VOBIZ_CHANNEL_ID", channel.channel_id),
            ("VOBIZ_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ]);
        let Credentials { auth_id, auth_token, bearer } = Credentials::default();
        match switches.credentials {
            CredentialKinds::Both | CredentialKinds::Pair => {
                variables.extend([("VOBIZ_AUTH_ID", auth_id), ("VOBIZ_AUTH_TOKEN", auth_token)]);
            }
            CredentialKinds::Bearer => variables.extend([("VOBIZ_BEARER_TOKEN", bearer)]),
        }
        relay.configure(variables).await?;
        Ok(Self { control, origin, relay, simulator: Some(simulator), folder })
    }

    /// Ends the relay as a restart would: its journal stays.
    pub async fn stop_relay(&mut self) -> Result<()> {
        self.relay.stop().await
    }

    /// Ends the relay between two instructions. Only one that is a program of its own.
    pub fn kill_relay(&mut self) -> Result<()> {
        self.relay.kill()
    }

    /// Starts the relay again, at the same address and with the same journal.
    pub async fn start_relay(&mut self) -> Result<()> {
        self.relay.start().await
    }

    /// What a relay that is a program of its own has logged last.
    pub(crate) fn relay_log(&self) -> Vec<String> {
        self.relay.log_tail()
    }

    /// How the lines of calls were, as the journal keeps it. For when the relay is stopped: it
    /// writes alone.
    ///
    /// # Errors
    ///
    /// When the journal can't be read.
    pub async fn reports(&self) -> Result<Vec<CallQuality>> {
        let journal = SqliteJournal::open(self.folder.path().join(JOURNAL)).await?;
        let records = journal.read(0, MOST_RECORDS).await?;
        let mut reports = Vec::new();
        for fact in records.iter().flat_map(|record| &record.facts) {
            let kept = serde_json::to_value(fact)?;
            if let Some(quality) = kept.pointer("/call/quality") {
                reports.push(CallQuality::deserialize(quality)?);
            }
        }
        Ok(reports)
    }

    /// Ends both and waits until nothing is left of them.
    pub async fn shut_down(mut self) -> Result<()> {
        self.relay.end().await?;
        if let Some(simulator) = self.simulator.take() {
            timeout(SIMULATOR, simulator.shutdown())
                .await
                .with_context(|| format!("the simulator did not end within {SIMULATOR:?}"))?;
        }
        Ok(())
    }
}

/// The folder of the built page.
fn page() -> Result<PathBuf> {
    let named = env::var_os("RELAY_APP").map(PathBuf::from);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = named.unwrap_or_else(|| root.join("dist"));
    ensure!(
        folder.join("index.html").is_file(),
        "there is no built page in {}: `cargo xtask test e2e` builds it, or name its folder in RELAY_APP",
        folder.display()
    );
    Ok(folder)
}

/// Cheapest parameters that argon2 allows: the hash is checked for real, and a
/// sign-in costs no time.
const MEMORY_KB: u32 = 8;

/// The agents file for these people: user name, display name, password. The last one
/// supervises the others.
///
/// # Errors
///
/// When a password can't be hashed.
pub fn agents_file<'a>(people: impl Iterator<Item = (&'a str, &'a str, &'a str)>) -> Result<String> {
    let parameters = Params::new(MEMORY_KB, 1, 1, None).map_err(|error| anyhow!("{error}"))?;
    let hasher = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters);
    let mut text = String::new();
    for (username, name, password) in people {
        let hash = hasher
            .hash_password_with_salt(password.as_bytes(), b"the-test-bed-salt")
            .map_err(|error| anyhow!("{error}"))?;
        text.push_str(&format!(
            "[[agent]]\nusername = \"{username}\"\nname = \"{name}\"\npassword_hash = \"{hash}\"\n"
        ));
    }
    text.push_str("role = \"supervisor\"\n");
    Ok(text)
}

/// The variables of one relay, instead of the process' own.
#[derive(Debug)]
pub(crate) struct Environment(pub(crate) HashMap<&'static str, String>);

impl Source for Environment {
    fn variable(&self, name: &str) -> Option<OsString> {
        self.0.get(name).map(OsString::from)
    }

    fn file(&self, path: &Path) -> io::Result<String> {
        std::fs::read_to_string(path)
    }
}
