//! `softphone-relay`: the relay and its few commands.

mod cli;

use std::{
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
};

use anyhow::{Context as _, Result};
use relay::Config;
use tokio::{net::TcpListener, runtime, signal};
use tracing_subscriber::EnvFilter;

use cli::Command;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, causes included. Where even that can't be written, the code tells.
            let _ = writeln!(io::stderr(), "softphone-relay: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    match cli::parse(std::env::args_os().skip(1))? {
        Command::Serve => serve(),
        Command::Doctor => single()?.block_on(cli::doctor()),
        Command::HashPassword => cli::hash_password(),
        Command::Webhook(what) => single()?.block_on(cli::webhook(what)),
        Command::Say(text) => cli::say(&text),
    }
}

fn single() -> Result<runtime::Runtime> {
    runtime::Builder::new_current_thread().enable_all().build().context("no runtime")
}

fn serve() -> Result<()> {
    let config = Config::from_env()?;
    log_to_stderr();
    runtime::Runtime::new().context("no runtime")?.block_on(async {
        let listener = TcpListener::bind(config.listen).await.map_err(|error| unbound(&config, &error))?;
        Ok(relay::serve(config, listener, asked_to_stop()).await?)
    })
}

fn unbound(config: &Config, error: &io::Error) -> anyhow::Error {
    let kind = error.kind();
    let problem = if kind == io::ErrorKind::AddrInUse {
        "is taken by another program".to_owned()
    } else if kind == io::ErrorKind::PermissionDenied {
        "may not be used: ports below 1024 need a privilege".to_owned()
    } else if kind == io::ErrorKind::AddrNotAvailable {
        "is not an address of this machine".to_owned()
    } else {
        format!("can't be listened on: {error}")
    };
    anyhow::anyhow!("RELAY_LISTEN: {} {problem}. Example: RELAY_LISTEN=127.0.0.1:8081", config.listen)
}

/// Text for people, JSON for machines; `RUST_LOG` says how much.
fn log_to_stderr() {
    let wanted = std::env::var(EnvFilter::DEFAULT_ENV).unwrap_or_default();
    let log = tracing_subscriber::fmt().with_env_filter(relay::log_filter(&wanted)).with_writer(io::stderr);
    if io::stderr().is_terminal() {
        log.init();
    } else {
        log.json().flatten_event(true).with_span_list(false).init();
    }
}

/// Ctrl-C, or a service manager's SIGTERM.
async fn asked_to_stop() {
    #[cfg(unix)]
    {
        if let Ok(mut terminate) = signal::unix::signal(signal::unix::SignalKind::terminate()) {
            tokio::select! {
                _ = signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a way to hear of signals the process ends by them, as any would.
    if signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
