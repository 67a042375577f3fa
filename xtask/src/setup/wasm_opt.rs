//! `wasm-opt`, which makes the page's code smaller: from `PATH`, or npm's package.

use std::{fs, os::unix::fs::symlink, path::PathBuf};

use anyhow::{Context as _, Result};

use super::{npm, versions};
use crate::{
    process::{answer, command},
    workspace::{Workspace, is_executable, on_path},
};

/// Installs it, unless it is there already.
pub(super) fn install(workspace: &Workspace) -> Result<()> {
    let own = workspace.tools_bin().join("wasm-opt");
    let found = if is_executable(&own) { Some(own.clone()) } else { on_path("wasm-opt") };
    if found.and_then(version).is_some_and(|version| version >= versions::WASM_OPT_OLDEST) {
        return Ok(());
    }
    let package = format!("binaryen@{}", versions::BINARYEN);
    npm::install(workspace, &workspace.tools().join("npm"), &package, "wasm-opt")
        .context("Install wasm-opt yourself: the package is called binaryen nearly everywhere.")?;
    fs::create_dir_all(workspace.tools_bin())?;
    let _ = fs::remove_file(&own);
    symlink("../npm/node_modules/binaryen/bin/wasm-opt", &own).context("can't link wasm-opt into .tools/bin")
}

/// The number in "wasm-opt version 132 (version_132)".
fn version(executable: PathBuf) -> Option<u32> {
    let mut ask = command(executable);
    ask.arg("--version");
    number(&answer(ask)?)
}

fn number(answer: &str) -> Option<u32> {
    answer.split_whitespace().find_map(|word| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_either_answer() {
        assert_eq!(number("wasm-opt version 132 (version_132)"), Some(132));
        assert_eq!(number("wasm-opt version 108"), Some(108));
        assert_eq!(number("not found"), None);
    }
}
