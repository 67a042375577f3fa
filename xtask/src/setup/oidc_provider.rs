//! npm's `oidc-provider`, a whole OpenID Connect provider that the relay's sign-in is tested
//! against. The test is skipped where it is not there, so this never fails a set-up.

use std::{fs, time::Duration};

use anyhow::{Context as _, Result};

use super::{log, versions};
use crate::{
    process::{Step, command},
    progress,
    workspace::{Workspace, on_path},
};

/// Installs it, unless it is there already.
pub(super) fn install(workspace: &Workspace) -> Result<()> {
    // A folder of its own: npm takes away what else it finds in one.
    let folder = workspace.tools().join("oidc");
    if folder.join("node_modules/oidc-provider").is_dir() {
        return Ok(());
    }
    if on_path("npm").is_none() || on_path("node").is_none() {
        progress::say("There is no npm: one test of the sign-in by a provider will be skipped.");
        return Ok(());
    }
    fs::create_dir_all(&folder).with_context(|| format!("can't make the folder {}", folder.display()))?;
    let mut npm = command("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"])
        .arg(&folder)
        .arg(format!("oidc-provider@{}", versions::OIDC_PROVIDER));
    let installed = Step {
        title: "A provider to test sign-in by (npm package oidc-provider)",
        usual: Duration::from_secs(10),
        log: log(workspace, "oidc-provider"),
    }
    .run(npm);
    if let Err(problem) = installed {
        progress::say(&format!("One test of the sign-in by a provider will be skipped: {problem:#}"));
    }
    Ok(())
}
