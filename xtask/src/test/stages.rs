//! What each stage runs. Output goes straight to the terminal: a test runner says it best itself.

use std::{process::Command, time::Duration};

use anyhow::{Context as _, Result, bail};

use crate::{
    page,
    process::{Group, command},
    progress, scenario,
    setup::{Browser, Tools, axe_script},
    tidy,
    workspace::{Workspace, on_path},
};

/// The page's target, as cargo's variables spell it.
const RUNNER_VARIABLE: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER";
/// No command of a stage may take longer; the longest takes a third of it on two cores.
const LIMIT: Duration = Duration::from_mins(30);
/// The same for what somebody asked more of: several sets of upstreams, repeats.
const LONG_LIMIT: Duration = Duration::from_hours(4);
/// How long one in-browser test may take, in seconds; the runner's default of 20 is short for a
/// machine that starts a browser beside other work.
const WASM_TEST_SECONDS: &str = "120";

/// The crates that have no I/O, and this one.
const NATIVE: [&str; 5] = ["vobiz", "wire", "phone", "switchboard", "xtask"];
/// The crates that have.
const RELAY: [&str; 3] = ["relay", "vobiz-sim", "testkit"];
/// What is shipped beside the page, and so has to be tested; off in other builds.
const RELAY_FEATURES: &str = "relay/oidc";

/// Formatting, the house rules, clippy for both targets.
pub(super) fn lint(workspace: &Workspace, tools: &Tools) -> Result<()> {
    let all = [
        ("formatting", run(cargo(workspace).args(["fmt", "--all", "--check"]))),
        ("tidy", tidy::run(workspace)),
        (
            "clippy",
            run(cargo(workspace).args([
                "clippy",
                "--workspace",
                "--all-targets",
                "--features",
                RELAY_FEATURES,
                "--",
                "--deny",
                "warnings",
            ])),
        ),
        ("clippy for the page", clippy_page(workspace, tools)),
    ];
    let mut failed = Vec::new();
    for (name, outcome) in all {
        if let Err(problem) = outcome {
            progress::say(&format!("{name}: {problem:#}"));
            failed.push(name);
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
}

/// The crates without I/O.
pub(super) fn native(workspace: &Workspace) -> Result<()> {
    test(workspace, &NATIVE, None)
}

/// Relay, simulator and test kit.
pub(super) fn relay(workspace: &Workspace) -> Result<()> {
    test(workspace, &RELAY, Some(RELAY_FEATURES))
}

/// Every scenario of the repository.
pub(super) fn scenarios(workspace: &Workspace) -> Result<()> {
    scenario::play(workspace, &[workspace.scenarios().to_string_lossy().into_owned()])
}

/// The page's adapters, in one browser after the other.
pub(super) fn wasm(workspace: &Workspace, tools: &Tools) -> Result<()> {
    for browser in [Browser::Chromium, Browser::Firefox] {
        progress::say(&format!("In {browser}:"));
        let mut cargo = tools.page_rust()?.command(workspace, "cargo")?;
        cargo
            .args([
                "test",
                "--package",
                "softphone",
                "--target",
                "wasm32-unknown-unknown",
                "--lib",
                "--test",
                "wasm",
            ])
            .env(RUNNER_VARIABLE, "wasm-bindgen-test-runner")
            .env("WASM_BINDGEN_TEST_TIMEOUT", WASM_TEST_SECONDS);
        // The runner takes the first driver it finds, so it must find one only.
        for other in [Browser::Chromium, Browser::Firefox] {
            cargo.env_remove(other.driver_variable());
        }
        cargo.env(browser.driver_variable(), &tools.browsers()?.of(browser).driver);
        run(&mut cargo).with_context(|| format!("in {browser}"))?;
    }
    Ok(())
}

/// The built page and its weight.
pub(super) fn page(workspace: &Workspace, tools: &Tools) -> Result<()> {
    page::build(workspace, tools)?;
    page::check_first_load(workspace)
}

/// The whole system.
pub(super) fn end_to_end(workspace: &Workspace, tools: &Tools, arguments: &[String]) -> Result<()> {
    page::build(workspace, tools)?;
    // The relay as a program, for the cases that kill it; with the test kit in one call, so
    // that libraries are built once for both.
    let mut relay = cargo(workspace);
    relay.args(["build", "--package", "relay", "--bin", "softphone-relay", "--package", "testkit", "--lib"]);
    run(&mut relay)?;
    let mut cargo = cargo(workspace);
    cargo
        .args(["test", "--package", "softphone", "--test", "e2e", "--"])
        .args(arguments)
        .env("RELAY_APP", workspace.page())
        .env("AXE", axe_script(workspace));
    tools.browsers()?.name_in(&mut cargo);
    run_within(&mut cargo, if arguments.is_empty() { LIMIT } else { LONG_LIMIT })
}

fn clippy_page(workspace: &Workspace, tools: &Tools) -> Result<()> {
    let mut cargo = tools.page_rust()?.command(workspace, "cargo")?;
    run(cargo.args([
        "clippy",
        "--package",
        "softphone",
        "--target",
        "wasm32-unknown-unknown",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ]))
}

fn test(workspace: &Workspace, packages: &[&str], features: Option<&'static str>) -> Result<()> {
    let mut chosen: Vec<&str> = packages.iter().flat_map(|package| ["--package", *package]).collect();
    chosen.extend(features.iter().flat_map(|features| ["--features", *features]));
    if on_path("cargo-nextest").is_none() {
        return run(cargo(workspace).arg("test").args(&chosen));
    }
    run(cargo(workspace).args(["nextest", "run", "--no-fail-fast"]).args(&chosen))?;
    // nextest leaves out the examples in documentation.
    run(cargo(workspace).args(["test", "--doc"]).args(&chosen))
}

fn cargo(workspace: &Workspace) -> Command {
    let mut cargo = command("cargo");
    cargo.current_dir(&workspace.root);
    cargo
}

fn run(command: &mut Command) -> Result<()> {
    run_within(command, LIMIT)
}

fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let shown: Vec<String> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let mut taken = Command::new("true");
    std::mem::swap(command, &mut taken);
    let status = Group::spawn(taken)?.wait(limit)?;
    if status.success() { Ok(()) } else { bail!("`{}` ended with {status}", shown.join(" ")) }
}
