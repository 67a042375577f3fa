//! `cargo xtask scenario PATH…`: relay, simulator and headless agents play what the files say.

use std::{process::ExitCode, time::Duration};

use anyhow::{Result, bail};

use crate::{
    process::{Group, command},
    progress,
    workspace::Workspace,
};

/// Building may take this long on a slow machine, and playing all scenarios a tenth of it.
const LIMIT: Duration = Duration::from_mins(30);
/// What plays them.
const PLAYER: &str = "scenario";

/// Plays the named files and folders; what is not true is told and ends with a failure.
pub(crate) fn run(workspace: &Workspace, paths: &[String]) -> Result<ExitCode> {
    match play(workspace, paths) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(problem) => {
            progress::say(&format!("{problem:#}"));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Builds the player and the relay that it kills, then plays.
pub(crate) fn play(workspace: &Workspace, paths: &[String]) -> Result<()> {
    let mut build = command("cargo");
    // In one call, so that libraries are built once for both.
    build.args(["build", "--quiet", "--package", "relay", "--bin", "softphone-relay"]);
    build.args(["--package", "testkit", "--bin", PLAYER]).current_dir(&workspace.root);
    if !Group::spawn(build)?.wait(LIMIT)?.success() {
        bail!("The player of scenarios could not be built.");
    }
    let mut player = command(workspace.dev_executable(PLAYER));
    // Paths are the person's own, relative to where they stand.
    player.args(paths);
    let status = Group::spawn(player)?.wait(LIMIT)?;
    if status.success() { Ok(()) } else { bail!("Not every scenario went as it says.") }
}
