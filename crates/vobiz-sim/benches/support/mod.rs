//! What the measurements share: the simulator as a program of its own, so that its
//! cost can be told from that of whoever asks it.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::Method;
use serde_json::Value;
use tokio::time::timeout;
use vobiz_sim::Credentials;

/// How long the simulator may take to answer for the first time: a million rows of
/// history have to be indexed before.
const UP_WITHIN: Duration = Duration::from_secs(60);
/// How often it is asked meanwhile.
const PAUSE: Duration = Duration::from_millis(20);
/// No request takes longer, however busy the simulator is.
const REQUEST: Duration = Duration::from_secs(20);
/// Where the REST endpoints are.
const BASE_PATH: &str = "/api/v1/messaging";

/// A simulator in a process of its own. Dropping it ends it.
pub(crate) struct Program {
    pub(crate) process: Child,
    client: reqwest::Client,
    url: String,
    /// From the start of the process to its first answer.
    pub(crate) up_after: Duration,
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Program {
    /// Starts the simulator on loopback and waits until it answers.
    pub(crate) async fn start(arguments: &[&str]) -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let begun = Instant::now();
        let process = Command::new(env!("CARGO_BIN_EXE_vobiz-sim"))
            .args(["--port", &address.port().to_string(), "--media-ip", "127.0.0.1"])
            .args(arguments)
            // A line for each call would be in the way of the figures.
            .env("RUST_LOG", "warn")
            .stdout(Stdio::null())
            .spawn()
            .context("vobiz-sim can't be started")?;
        let client = reqwest::Client::builder().no_proxy().timeout(REQUEST).build()?;
        let mut program =
            Self { process, client, url: format!("http://{address}"), up_after: Duration::ZERO };
        program.wait(begun).await?;
        Ok(program)
    }

    async fn wait(&mut self, begun: Instant) -> Result<()> {
        while self.control(Method::GET, "/scenarios", None).await.is_err() {
            if let Some(status) = self.process.try_wait()? {
                bail!("vobiz-sim ended at its start with {status}");
            }
            ensure!(begun.elapsed() < UP_WITHIN, "vobiz-sim did not answer within {UP_WITHIN:?}");
            tokio::time::sleep(PAUSE).await;
        }
        self.up_after = begun.elapsed();
        Ok(())
    }

    /// Asks the control API.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        self.ask(method, &format!("/control{path}"), body).await
    }

    /// Asks one of the REST endpoints, with credentials.
    pub(crate) async fn rest(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        self.ask(method, &format!("{BASE_PATH}{path}"), body).await
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let bearer = Credentials::default().bearer;
        let mut request = self.client.request(method, format!("{}{path}", self.url)).bearer_auth(bearer);
        if let Some(body) = body {
            request = request.json(body);
        }
        let reply = request.send().await.with_context(|| format!("no reply to {path}"))?;
        let status = reply.status();
        let text = reply.text().await.with_context(|| format!("the reply to {path} broke off"))?;
        ensure!(status.is_success(), "{path} was answered with {status}: {text}");
        serde_json::from_str(&text).with_context(|| format!("the reply to {path} is no JSON"))
    }

    /// Resident memory in megabytes (proc(5)).
    pub(crate) fn resident(&self) -> Result<f64> {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(&path).with_context(|| path.clone())?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()).context(path)?;
        Ok(kilobytes.parse::<f64>()? / 1_024.0)
    }
}

/// Runs a measurement and says what came of it. It may take `longest`.
pub(crate) fn run(name: &str, longest: Duration, measure: impl AsyncFnOnce() -> Result<()>) -> ExitCode {
    let run = || -> Result<()> {
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async { timeout(longest, measure()).await.context("it takes too long")? })
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{name}: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// The load of the machine before a measurement: what others do on it (proc(5)).
pub(crate) fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("unknown").to_owned()
}

/// A line of the result.
#[expect(clippy::print_stdout, reason = "the figures are this program's output")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}
