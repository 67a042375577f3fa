//! The demonstration system: simulator and relay, configured for each other, with two agents.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::{
    http, process,
    process::{Group, Step, command, create_log},
    signals,
    workspace::Workspace,
};

/// What the relay and the simulator are told of each other. The simulator's own defaults; worth
/// nothing anywhere else.
const AUTH_ID: &str = "MA_SIMDEMO";
const AUTH_TOKEN: &str = "sim-demo-token";
const CHANNEL_ID: &str = "3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f";
const WEBHOOK_SECRET: &str = "sim-demo-webhook-secret";

/// How long a freshly built server may take to answer.
const UP_WITHIN: Duration = Duration::from_secs(30);
/// How often a server is asked, and children are looked at.
const POLL: Duration = Duration::from_millis(100);

/// Somebody who can sign in to the demonstration.
#[derive(Debug)]
pub(crate) struct Agent {
    /// Name to sign in with.
    pub(crate) username: &'static str,
    /// Password, printed at the start.
    pub(crate) password: &'static str,
    name: &'static str,
    is_supervisor: bool,
}

/// The agents of the demonstration.
pub(crate) const AGENTS: [Agent; 2] = [
    Agent { username: "asha", password: "asha-demo", name: "Asha", is_supervisor: false },
    Agent { username: "ben", password: "ben-demo", name: "Ben", is_supervisor: true },
];

/// A started program of the demonstration.
#[derive(Debug)]
struct Server {
    name: &'static str,
    group: Group,
    log: PathBuf,
}

/// Everything that was started; dropping it ends everything.
#[derive(Debug)]
pub(crate) struct Demo {
    // Dropped in this order: what asks before what answers.
    servers: Vec<Server>,
}

/// Builds both executables in one call, so that each library is built once, for both and for tests.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    let mut cargo = command("cargo");
    cargo
        .args(["build", "--package", "relay", "--package", "vobiz-sim", "--bins"])
        .current_dir(&workspace.root);
    Step {
        title: "Relay and simulator",
        usual: Duration::from_mins(5),
        log: workspace.build_logs().join("servers.log"),
    }
    .run(cargo)
}

impl Demo {
    /// Starts the simulator and the relay with an empty journal, and waits until both answer.
    pub(crate) fn start(workspace: &Workspace, port: u16, sim_port: u16) -> Result<Self> {
        let state = workspace.demo();
        let journal = state.join("journal");
        // Calls of an earlier demonstration mean nothing to a new simulator.
        let _ = fs::remove_dir_all(&journal);
        fs::create_dir_all(&journal)
            .with_context(|| format!("can't make the folder {}", journal.display()))?;
        let agents = state.join("agents.toml");
        fs::write(&agents, agents_file(workspace)?)
            .with_context(|| format!("can't write {}", agents.display()))?;

        let mut demo = Self { servers: Vec::new() };
        let mut simulator = command(workspace.dev_executable("vobiz-sim"));
        simulator
            .args(["--port", &sim_port.to_string()])
            .args(["--webhook", &format!("http://127.0.0.1:{port}/webhooks/vobiz")])
            .args(["--webhook-secret", WEBHOOK_SECRET])
            .arg("--scenarios")
            .arg(workspace.scenarios());
        demo.add(workspace, "vobiz-sim", simulator)?;
        demo.wait_until("vobiz-sim", || http::is_up(sim_port, "/control/state"))?;

        let mut relay = command(workspace.dev_executable("softphone-relay"));
        for (name, _) in std::env::vars_os() {
            // A person's own account must not leak into the demonstration.
            if name.to_str().is_some_and(|name| name.starts_with("RELAY_") || name.starts_with("VOBIZ_")) {
                relay.env_remove(name);
            }
        }
        relay
            .env("RELAY_LISTEN", format!("127.0.0.1:{port}"))
            .env("RELAY_ORIGIN", format!("http://localhost:{port}"))
            .env("RELAY_AGENTS", &agents)
            .env("RELAY_JOURNAL", format!("sqlite:{}", journal.join("softphone.db").display()))
            .env("RELAY_APP", workspace.page())
            .env("VOBIZ_BASE_URL", format!("http://127.0.0.1:{sim_port}/api/v1/messaging"))
            .env("VOBIZ_AUTH_ID", AUTH_ID)
            .env("VOBIZ_AUTH_TOKEN", AUTH_TOKEN)
            .env("VOBIZ_CHANNEL_ID", CHANNEL_ID)
            .env("VOBIZ_WEBHOOK_SECRET", WEBHOOK_SECRET);
        demo.add(workspace, "softphone-relay", relay)?;
        demo.wait_until("softphone-relay", || http::is_up(port, "/healthz"))?;
        Ok(demo)
    }

    /// Starts a program whose end ends everything; its output goes to a log.
    fn add(&mut self, workspace: &Workspace, name: &'static str, mut program: Command) -> Result<()> {
        let log = workspace.demo().join(format!("{name}.log"));
        let file = create_log(&log)?;
        program.stdout(file.try_clone()?).stderr(file).current_dir(&workspace.root);
        self.servers.insert(0, Server { name, group: Group::spawn(program)?, log });
        Ok(())
    }

    /// Starts one more program that writes to the terminal itself.
    pub(crate) fn add_in_sight(&mut self, name: &'static str, program: Command) -> Result<()> {
        self.servers.insert(0, Server { name, group: Group::spawn(program)?, log: PathBuf::new() });
        Ok(())
    }

    /// Waits until a signal asks to end, or one of the programs ends by itself, which is a failure.
    pub(crate) fn run(mut self) -> Result<()> {
        while !signals::stopped() {
            self.check()?;
            thread::sleep(POLL);
        }
        Ok(())
    }

    fn wait_until(&mut self, name: &str, is_up: impl Fn() -> bool) -> Result<()> {
        let begun = Instant::now();
        while !is_up() {
            if signals::stopped() {
                bail!("Stopped.");
            }
            self.check()?;
            if begun.elapsed() > UP_WITHIN {
                let log = self.servers.first().map(|server| process::tail(&server.log)).unwrap_or_default();
                bail!("{name} did not answer within {} seconds.\n{log}", UP_WITHIN.as_secs());
            }
            thread::sleep(POLL);
        }
        Ok(())
    }

    fn check(&mut self) -> Result<()> {
        for server in &mut self.servers {
            if let Some(status) = server.group.ended()? {
                // A signal from the terminal may have reached it before us.
                if signals::stopped() {
                    bail!("Stopped.");
                }
                let said = if server.log.as_os_str().is_empty() {
                    String::new()
                } else {
                    process::tail(&server.log)
                };
                bail!("{} ended by itself with {status}.\n{said}", server.name);
            }
        }
        Ok(())
    }
}

fn agents_file(workspace: &Workspace) -> Result<String> {
    let relay = workspace.dev_executable("softphone-relay");
    let mut text = String::new();
    for agent in &AGENTS {
        let hash = hash_password(&relay, agent.password)?;
        text.push_str(&format!(
            "[[agent]]\nusername = \"{}\"\nname = \"{}\"\npassword_hash = \"{hash}\"\n",
            agent.username, agent.name
        ));
        if agent.is_supervisor {
            text.push_str("role = \"supervisor\"\n");
        }
        text.push('\n');
    }
    Ok(text)
}

fn hash_password(relay: &Path, password: &str) -> Result<String> {
    let mut child = command(relay)
        .arg("hash-password")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .context("softphone-relay can't be started")?;
    if let Some(mut input) = child.stdin.take() {
        writeln!(input, "{password}")?;
    }
    let output = child.wait_with_output()?;
    let hash = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() || !hash.starts_with("$argon2id$") {
        bail!("`softphone-relay hash-password` made no hash ({}).", output.status);
    }
    Ok(hash)
}
