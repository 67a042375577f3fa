//! `esbuild`, which shortens the page's glue: from `PATH`, or npm's package. Trunk's own
//! shortener does not understand what wasm-bindgen writes.

use std::{fs, os::unix::fs::symlink};

use anyhow::{Context as _, Result};

use super::{npm, versions};
use crate::{
    process::{answer, command},
    workspace::{Workspace, is_executable, on_path},
};

/// Installs it, unless this very version is there, or one on `PATH`: what it is asked for, all
/// of them can.
pub(super) fn install(workspace: &Workspace) -> Result<()> {
    let own = workspace.tools_bin().join("esbuild");
    if is_executable(&own) {
        let mut ask = command(&own);
        ask.arg("--version");
        if answer(ask).is_some_and(|version| version.trim() == versions::ESBUILD) {
            return Ok(());
        }
    } else if on_path("esbuild").is_some() {
        return Ok(());
    }
    let package = format!("esbuild@{}", versions::ESBUILD);
    npm::install(workspace, &workspace.tools().join("esbuild"), &package, "esbuild")
        .context("Install esbuild yourself: <https://esbuild.github.io/getting-started/>.")?;
    fs::create_dir_all(workspace.tools_bin())?;
    let _ = fs::remove_file(&own);
    symlink("../esbuild/node_modules/esbuild/bin/esbuild", &own).context("can't link esbuild into .tools/bin")
}
