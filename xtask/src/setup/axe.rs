//! axe-core, which finds what keeps people from using the page. It is put into the page by the
//! end-to-end tests and is no part of the product.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};

use super::{npm, versions};
use crate::workspace::Workspace;

/// Where its script is, once it is installed.
pub(crate) fn script(workspace: &Workspace) -> PathBuf {
    workspace.tools().join("axe/node_modules/axe-core/axe.min.js")
}

/// Installs it, unless this very version is there.
pub(super) fn install(workspace: &Workspace) -> Result<()> {
    let manifest = script(workspace).with_file_name("package.json");
    let wanted = format!("\"version\": \"{}\"", versions::AXE);
    if fs::read_to_string(&manifest).is_ok_and(|text| text.contains(&wanted)) {
        return Ok(());
    }
    let package = format!("axe-core@{}", versions::AXE);
    npm::install(workspace, &workspace.tools().join("axe"), &package, "axe-core")
        .context("The end-to-end tests need axe-core.")
}
