//! Packages of npm, each in a folder of its own: npm takes away what it did not just install.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result, bail};

use super::{apt, log};
use crate::{
    process::{Step, command},
    workspace::{Workspace, on_path},
};

/// Installs `package@version` into a folder; `tool` is what it is wanted for.
pub(super) fn install(workspace: &Workspace, folder: &Path, package: &str, tool: &str) -> Result<()> {
    if on_path("npm").is_none() {
        if !apt::is_here() {
            bail!("{tool} is missing, and so is npm, which could fetch it. Install npm.");
        }
        apt::install(workspace, &["npm"], tool, Duration::from_mins(2))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("can't make the folder {}", folder.display()))?;
    let mut npm = command("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(folder).arg(package);
    Step {
        title: &format!("{tool} (npm package {package})"),
        usual: Duration::from_secs(20),
        log: log(workspace, tool),
    }
    .run(npm)
}
