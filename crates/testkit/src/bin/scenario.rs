//! Plays scenarios: `cargo xtask scenario FILE…` or
//! `cargo run --package testkit --bin scenario -- FILE…`. Files and folders may be
//! named; more than one are played side by side.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::{StreamExt as _, stream};
use testkit::scenario::{self, Scenario};
use tracing_subscriber::EnvFilter;

/// How many are played side by side. They mostly wait; more would make two cores late
/// with their sound.
const AT_ONCE: usize = 6;

fn main() -> ExitCode {
    if std::env::var_os(EnvFilter::DEFAULT_ENV).is_some() {
        tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::from_default_env())
            .with_writer(std::io::stderr)
            .init();
    }
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool> {
    let named: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    ensure!(!named.is_empty(), "Name a scenario or a folder of them, such as scenarios/");
    let files = files(&named)?;
    // All are read before any is played: a mistake in the last one costs no time.
    let scenarios: Vec<(PathBuf, Scenario)> =
        files.into_iter().map(|file| Ok((file.clone(), Scenario::read(&file)?))).collect::<Result<_>>()?;
    Ok(tokio::runtime::Runtime::new()?.block_on(play(scenarios)))
}

/// The named files, and those in the named folders.
fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in named {
        if path.is_dir() {
            let inside = std::fs::read_dir(path).with_context(|| format!("{}", path.display()))?;
            let mut found: Vec<PathBuf> =
                inside.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(is_toml).collect();
            ensure!(!found.is_empty(), "{} holds no scenario (*.toml)", path.display());
            found.sort();
            files.extend(found);
        } else if path.is_file() {
            files.push(path.clone());
        } else {
            bail!("{} is not there", path.display());
        }
    }
    Ok(files)
}

#[expect(clippy::ptr_arg, reason = "as `filter` passes it")]
fn is_toml(path: &PathBuf) -> bool {
    path.extension().is_some_and(|kind| kind == "toml")
}

async fn play(scenarios: Vec<(PathBuf, Scenario)>) -> bool {
    let begun = Instant::now();
    let only = scenarios.len() == 1;
    let mut playing = stream::iter(scenarios)
        .map(async |(file, scenario): (PathBuf, Scenario)| {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            (file, scenario::play(&scenario, &text).await)
        })
        .buffer_unordered(AT_ONCE);
    let (mut passed, mut failed) = (0, Vec::new());
    while let Some((file, report)) = playing.next().await {
        if only || !report.is_ok() {
            say(&format!("{}: {report}\n", file.display()));
        } else {
            say(&format!("{}  ({})", report.summary(), name(&file)));
        }
        if report.is_ok() { passed += 1 } else { failed.push(name(&file)) }
    }
    failed.sort();
    let took = begun.elapsed().as_secs_f32();
    say(&format!("{passed} passed, {} failed in {took:.0} s", failed.len()));
    failed.iter().for_each(|name| say(&format!("    {name}")));
    failed.is_empty()
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[expect(clippy::print_stdout, reason = "this program's output")]
fn say(line: &str) {
    println!("{line}");
}
