//! `vobiz-sim`: the simulator as a program.

mod args;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use anyhow::Context;
use tracing_subscriber::EnvFilter;
use vobiz_sim::{Options, Simulator};

/// What is logged unless `RUST_LOG` says otherwise: calls and faults, not the
/// media engine's every packet.
const DEFAULT_FILTER: &str = "warn,vobiz_sim=info";

fn main() -> ExitCode {
    let asked = match args::read(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(fault) => {
            say_wrong(&format!("{fault}\nvobiz-sim --help shows what can be set."));
            return ExitCode::from(2);
        }
    };
    let options = match asked {
        args::Asked::Help => {
            say(args::HELP);
            return ExitCode::SUCCESS;
        }
        args::Asked::Run(options) => *options,
    };
    match run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_wrong(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Runtime::new().context("no tokio runtime")?;
    runtime.block_on(async {
        let port = options.listen.port();
        let running = Simulator::start(options)
            .await
            .with_context(|| format!("is port {port} taken? --port N chooses another"))?;
        say(&format!("Console  {}/\nREST     {}", running.control_url, running.base_url));
        stop_signal().await?;
        running.shutdown().await;
        Ok(())
    })
}

/// Waits for Ctrl-C, or for the polite end that a supervisor asks for.
async fn stop_signal() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).context("no signal handler")?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted.context("no signal handler"),
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.context("no signal handler")
}

#[expect(clippy::print_stdout, reason = "the addresses are this program's output")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "a fault at the start is told to the person, not logged")]
fn say_wrong(text: &str) {
    eprintln!("vobiz-sim: {text}");
}
