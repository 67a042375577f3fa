//! The whole system in this process: simulator and relay on free ports.

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use argon2::password_hash::PasswordHasher as _;
use argon2::{Argon2, Params};
use relay::config::Source;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use vobiz_sim::{Credentials, Options, Running, Settings, Simulator};

use crate::control::Control;
use crate::wait::eventually;

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
}

impl Default for BedOptions {
    /// Few rows and quick people: long enough to be seen ringing.
    fn default() -> Self {
        Self { seed_rows: 200, reaction: Duration::from_millis(1_000), settings: Settings::default() }
    }
}

/// How long the relay may take to be ready, and to end.
const RELAY: Duration = Duration::from_secs(10);
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
    relay: Option<Relay>,
    simulator: Option<Running>,
    environment: Environment,
    address: SocketAddr,
    _folder: TempDir,
}

/// A relay at work.
#[derive(Debug)]
struct Relay {
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<()>>,
}

impl TestBed {
    /// Starts both and waits until they are ready.
    pub async fn start(options: BedOptions) -> Result<Self> {
        crate::logs::collect();
        let folder = tempfile::Builder::new().prefix("softphone-").tempdir()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let origin = format!("http://localhost:{}", address.port());

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
        let credentials = Credentials::default();
        let environment = Environment::from([
            ("RELAY_LISTEN", address.to_string()),
            ("RELAY_ORIGIN", origin.clone()),
            ("RELAY_AGENTS", agents.display().to_string()),
            ("RELAY_JOURNAL", format!("sqlite:{}", folder.path().join("softphone.db").display())),
            ("RELAY_APP", page()?.display().to_string()),
            ("VOBIZ_BASE_URL", simulator.base_url.clone()),
            ("VOBIZ_AUTH_ID", credentials.auth_id),
            ("VOBIZ_AUTH_TOKEN", credentials.auth_token),
            ("VOBIZ_CHANNEL_ID", channel.channel_id),
            ("VOBIZ_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ]);
        let mut bed = Self {
            control,
            origin,
            relay: None,
            simulator: Some(simulator),
            environment,
            address,
            _folder: folder,
        };
        bed.run_relay(listener).await?;
        Ok(bed)
    }

    /// Ends the relay as a restart would: its journal stays.
    pub async fn stop_relay(&mut self) -> Result<()> {
        let Some(Relay { stop, mut task }) = self.relay.take() else { bail!("the relay does not run") };
        // Fails only when it has ended by itself, which the task then tells.
        let _ = stop.send(());
        let ended = timeout(RELAY, &mut task).await;
        if ended.is_err() {
            task.abort();
        }
        ended.with_context(|| format!("the relay did not end within {RELAY:?}"))??
    }

    /// Starts the relay again, at the same address and with the same journal.
    pub async fn start_relay(&mut self) -> Result<()> {
        ensure!(self.relay.is_none(), "the relay runs already");
        let listener = TcpListener::bind(self.address).await?;
        self.run_relay(listener).await
    }

    /// Ends both and waits until nothing is left of them.
    pub async fn shut_down(mut self) -> Result<()> {
        if self.relay.is_some() {
            self.stop_relay().await?;
        }
        if let Some(simulator) = self.simulator.take() {
            timeout(SIMULATOR, simulator.shutdown())
                .await
                .with_context(|| format!("the simulator did not end within {SIMULATOR:?}"))?;
        }
        Ok(())
    }

    async fn run_relay(&mut self, listener: TcpListener) -> Result<()> {
        let config = relay::Config::read(&self.environment)?;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            relay::serve(config, listener, async {
                // A dropped sender means that the bed is gone: end as well.
                let _ = stopped.await;
            })
            .await
            .map_err(|error| anyhow!("{error}"))
        });
        self.relay = Some(Relay { stop, task });
        let client = reqwest::Client::builder().no_proxy().timeout(RELAY).build()?;
        eventually("the relay being ready", RELAY, async || {
            let status = client.get(format!("http://{}/readyz", self.address)).send().await?.status();
            ensure!(status.is_success(), "/readyz answers {status}");
            Ok(())
        })
        .await
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

/// The agents file for these people: user name, display name, password.
pub(crate) fn agents_file<'a>(people: impl Iterator<Item = (&'a str, &'a str, &'a str)>) -> Result<String> {
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
    Ok(text)
}

/// The variables of one relay, instead of the process' own.
#[derive(Debug)]
pub(crate) struct Environment(pub(crate) HashMap<&'static str, String>);

impl<const N: usize> From<[(&'static str, String); N]> for Environment {
    fn from(variables: [(&'static str, String); N]) -> Self {
        Self(HashMap::from(variables))
    }
}

impl Source for Environment {
    fn variable(&self, name: &str) -> Option<OsString> {
        self.0.get(name).map(OsString::from)
    }

    fn file(&self, path: &Path) -> io::Result<String> {
        std::fs::read_to_string(path)
    }
}
