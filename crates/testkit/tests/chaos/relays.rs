//! Relays as processes, killed without a warning and started again.

use std::collections::HashMap;
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use testkit::agents_file;
use vobiz_sim::Credentials;

use crate::plan::Plan;

pub const WEBHOOK_SECRET: &str = "chaos-webhook-secret";
/// How long a relay may take to be ready: a long journal on a busy machine takes its time.
const READY: Duration = Duration::from_secs(80);
/// How long one look at that may take.
const LOOK: Duration = Duration::from_secs(2);

/// All relays of a run.
pub struct Relays {
    executable: PathBuf,
    variables: HashMap<String, String>,
    pub addresses: Vec<SocketAddr>,
    /// Where each finds the upstream.
    upstreams: Vec<String>,
    folder: PathBuf,
    running: Mutex<Vec<Option<Child>>>,
    pub kills: Mutex<Vec<Kill>>,
}

/// A relay that was killed.
#[derive(Debug, Clone, Copy)]
pub struct Kill {
    /// Which one.
    pub relay: usize,
    /// When.
    pub at: Instant,
}

impl Relays {
    pub fn new(plan: &Plan, folder: &Path, journal: &str, upstreams: Vec<String>, channel: &str) -> Self {
        let addresses: Vec<SocketAddr> = (0..plan.relays).map(|_| free_address()).collect();
        let agents = folder.join("agents.toml");
        let names: Vec<String> = (0..plan.agents).map(username).collect();
        let people = names.iter().map(|name| (name.as_str(), name.as_str(), PASSWORD));
        std::fs::write(&agents, agents_file(people).unwrap()).unwrap();
        let Credentials { auth_id, auth_token, .. } = Credentials::default();
        let variables = [
            ("RELAY_ORIGIN", origin(&addresses)),
            ("RELAY_AGENTS", agents.display().to_string()),
            ("RELAY_JOURNAL", journal.to_owned()),
            ("RELAY_APP", folder.join("no-page").display().to_string()),
            ("RELAY_ROUTING", plan.routing.clone()),
            ("VOBIZ_AUTH_ID", auth_id),
            ("VOBIZ_AUTH_TOKEN", auth_token),
            ("VOBIZ_CHANNEL_ID", channel.to_owned()),
            ("VOBIZ_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).into();
        let running = Mutex::new(addresses.iter().map(|_| None).collect());
        Self {
            executable: executable(folder),
            variables,
            addresses,
            upstreams,
            folder: folder.to_owned(),
            running,
            kills: Mutex::default(),
        }
    }

    /// The origin that pages come from.
    pub fn origin(&self) -> String {
        origin(&self.addresses)
    }

    pub async fn start(&self, which: usize) {
        let log = self.folder.join(format!("relay-{which}.log"));
        let log = File::options().create(true).append(true).open(log).unwrap();
        let child = Command::new(&self.executable)
            .env_clear()
            .envs(&self.variables)
            .env("RELAY_LISTEN", self.addresses[which].to_string())
            .env("VOBIZ_BASE_URL", &self.upstreams[which])
            .env("RUST_LOG", std::env::var("CHAOS_LOG").unwrap_or_else(|_| "warn".to_owned()))
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.running.lock().unwrap()[which] = Some(child);
        let begun = Instant::now();
        let ready = format!("http://{}/readyz", self.addresses[which]);
        let client = reqwest::Client::builder().no_proxy().timeout(LOOK).build().unwrap();
        loop {
            if client.get(&ready).send().await.is_ok_and(|reply| reply.status() == 200) {
                return;
            }
            assert!(begun.elapsed() < READY, "a relay is not ready within {READY:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// SIGKILL: nothing is written or said on the way out.
    pub async fn kill_and_start(&self, which: usize) {
        self.kill(which);
        self.kills.lock().unwrap().push(Kill { relay: which, at: Instant::now() });
        self.start(which).await;
    }

    /// Ends one for good.
    pub fn stop(&self, which: usize) {
        self.kill(which);
    }

    /// What a relay says of itself.
    pub async fn metrics(&self, which: usize) -> String {
        let client = reqwest::Client::builder().no_proxy().timeout(LOOK).build().unwrap();
        let reply = client.get(format!("http://{}/metrics", self.addresses[which])).send().await;
        match reply {
            Ok(reply) => reply.text().await.unwrap_or_default(),
            Err(error) => error.to_string(),
        }
    }

    fn kill(&self, which: usize) {
        if let Some(mut child) = self.running.lock().unwrap()[which].take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for Relays {
    fn drop(&mut self) {
        for which in 0..self.addresses.len() {
            self.kill(which);
        }
    }
}

pub fn username(agent: usize) -> String {
    format!("agent{agent}")
}

pub const PASSWORD: &str = "chaos-password";

fn origin(addresses: &[SocketAddr]) -> String {
    format!("http://{}", addresses[0])
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// The relay as it is built now, copied: a long run keeps it, whatever is built meanwhile.
/// Built beside this test's own crates, so that nothing is built twice with other features.
fn executable(folder: &Path) -> PathBuf {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let test = std::env::current_exe().unwrap();
    let beside = test.parent().and_then(Path::parent).unwrap();
    // Cargo names the folder of its usual profile otherwise than the profile.
    let profile = match beside.file_name().and_then(|name| name.to_str()).unwrap() {
        "debug" => "dev",
        other => other,
    };
    let built = Command::new(cargo)
        .args(["build", "--quiet", "-p", "relay", "-p", "vobiz-sim", "-p", "testkit"])
        .args(["--bin", "softphone-relay", "--profile", profile])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success(), "the relay can't be built");
    let copy = folder.join("softphone-relay");
    std::fs::copy(beside.join("softphone-relay"), &copy).unwrap();
    copy
}
