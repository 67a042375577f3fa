//! The relay of a test: in this process, or as the real program.

use std::collections::HashMap;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use relay::config::SessionLife;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
pub use vobiz_sim::scenario::RelayKind;

use crate::bed::Environment;
use crate::wait::eventually;

/// How long it may take to be ready, and to end.
const RELAY: Duration = Duration::from_secs(10);
/// Says that it can take calls.
const READY: &str = "/readyz";
/// Says that it runs.
pub(crate) const ALIVE: &str = "/healthz";
/// Where ports for programs begin: below those that the system gives out by itself, so
/// that nothing takes one while its program is away.
const FIRST_PORT: u16 = 20_000;
/// How many there are.
const PORTS: u16 = 10_000;
/// How much of a program's log is shown after a failure.
const TAIL_LINES: usize = 30;

/// A relay that can be stopped, killed and started again.
#[derive(Debug)]
pub(crate) struct Relay {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Where it says that it is ready; one that upstream refuses never is.
    pub(crate) ready_at: &'static str,
    /// How long people stay signed in at a relay in this process, where it is not as usual.
    pub(crate) sessions: Option<SessionLife>,
    environment: Environment,
    log: Option<PathBuf>,
    running: Option<Running>,
    /// Held for a relay in this process until it starts.
    listener: Option<TcpListener>,
}

#[derive(Debug)]
enum Running {
    Inside { stop: oneshot::Sender<()>, task: JoinHandle<Result<()>> },
    Program(Program),
}

/// A child that ends with its owner.
#[derive(Debug)]
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Relay {
    /// Takes an address; `folder` is for a program's log.
    pub(crate) async fn new(kind: RelayKind, folder: &Path) -> Result<Self> {
        let environment = Environment(HashMap::new());
        Ok(match kind {
            RelayKind::Inside => {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
                let address = listener.local_addr()?;
                Self {
                    address,
                    ready_at: READY,
                    sessions: None,
                    environment,
                    log: None,
                    running: None,
                    listener: Some(listener),
                }
            }
            RelayKind::Program => {
                let log = Some(folder.join("relay.log"));
                Self {
                    address: free_address()?,
                    ready_at: READY,
                    sessions: None,
                    environment,
                    log,
                    running: None,
                    listener: None,
                }
            }
        })
    }

    /// Starts it with these variables.
    pub(crate) async fn configure(&mut self, variables: HashMap<&'static str, String>) -> Result<()> {
        self.environment = Environment(variables);
        self.start().await
    }

    /// Starts it, or starts it again.
    pub(crate) async fn start(&mut self) -> Result<()> {
        ensure!(self.running.is_none(), "the relay runs already");
        self.running = Some(match &self.log {
            Some(log) => Running::Program(program(&self.environment, log)?),
            None => self.inside().await?,
        });
        let client = reqwest::Client::builder().no_proxy().timeout(RELAY).build()?;
        eventually("the relay being ready", RELAY, async || {
            let at = self.ready_at;
            let status = client.get(format!("http://{}{at}", self.address)).send().await?.status();
            ensure!(status.is_success(), "{at} answers {status}");
            Ok(())
        })
        .await
    }

    /// Ends it in good order.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        match self.running.take() {
            Some(Running::Inside { stop, mut task }) => {
                // Fails only when it has ended by itself, which the task then tells.
                let _ = stop.send(());
                let ended = timeout(RELAY, &mut task).await;
                if ended.is_err() {
                    task.abort();
                }
                ended.with_context(|| format!("the relay did not end within {RELAY:?}"))??
            }
            Some(Running::Program(mut program)) => {
                let pid = program.0.id().to_string();
                // The standard library knows only the hard way to end a child.
                Command::new("kill").args(["-TERM", &pid]).status().context("`kill` can't be started")?;
                eventually("the relay ending", RELAY, async || {
                    program.0.try_wait()?.context("it still runs").map(drop)
                })
                .await
            }
            None => bail!("the relay does not run"),
        }
    }

    /// Ends it between two instructions.
    pub(crate) fn kill(&mut self) -> Result<()> {
        match self.running.take() {
            Some(Running::Program(program)) => {
                drop(program);
                Ok(())
            }
            Some(Running::Inside { .. }) => bail!("a relay in this process can't be killed"),
            None => bail!("the relay does not run"),
        }
    }

    /// Ends it, whatever it was doing.
    pub(crate) async fn end(&mut self) -> Result<()> {
        if self.running.is_some() { self.stop().await } else { Ok(()) }
    }

    /// The last lines of a program's log.
    pub(crate) fn log_tail(&self) -> Vec<String> {
        let text = self.log.as_ref().and_then(|log| std::fs::read_to_string(log).ok()).unwrap_or_default();
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines[lines.len().saturating_sub(TAIL_LINES)..].to_vec()
    }

    async fn inside(&mut self) -> Result<Running> {
        let listener = match self.listener.take() {
            Some(listener) => listener,
            None => TcpListener::bind(self.address).await?,
        };
        let mut config = relay::Config::read(&self.environment)?;
        config.sessions = self.sessions.unwrap_or(config.sessions);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            relay::serve(config, listener, async {
                // A dropped sender means that the test is gone: end as well.
                let _ = stopped.await;
            })
            .await
            .map_err(|error| anyhow!("{error}"))
        });
        Ok(Running::Inside { stop, task })
    }
}

fn program(environment: &Environment, log: &Path) -> Result<Program> {
    let executable = executable()?;
    let log = File::options().create(true).append(true).open(log)?;
    let mut command = Command::new(executable);
    for (name, _) in std::env::vars_os() {
        // Nothing of a person's own account may leak in.
        if name.to_str().is_some_and(|name| name.starts_with("RELAY_") || name.starts_with("VOBIZ_")) {
            command.env_remove(name);
        }
    }
    command.envs(&environment.0).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    Ok(Program(command.spawn().context("softphone-relay can't be started")?))
}

/// The real program: beside this one, or above it where this one is a test.
fn executable() -> Result<PathBuf> {
    let here = std::env::current_exe().context("this program has no path")?;
    let folders = here.ancestors().skip(1).take(2);
    let found = folders.map(|folder| folder.join("softphone-relay")).find(|path| path.is_file());
    found.with_context(|| {
        format!("there is no softphone-relay at {}: `cargo build --package relay` builds it", here.display())
    })
}

/// An address that a program can have, also after it was away for a while.
fn free_address() -> Result<SocketAddr> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Two runs at once begin at different places.
    let begin = u16::try_from(std::process::id() % u32::from(PORTS))?;
    for _ in 0..PORTS {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST_PORT + begin.wrapping_add(step) % PORTS;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if StdListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    bail!("no port from {FIRST_PORT} on is free")
}
