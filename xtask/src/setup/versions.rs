//! The pinned versions of everything the set-up installs by itself, and why these.

use std::fs;

use anyhow::{Context as _, Result};

use crate::workspace::Workspace;

/// The newest Trunk that rustc 1.95 compiles: 0.22 needs 1.96.1.
pub(super) const TRUNK: &str = "0.21.14";
/// Any Trunk of this series on `PATH` does as well.
pub(super) const TRUNK_SERIES: &str = "0.21.";
/// The newest when pinned. Any geckodriver on `PATH` does, it follows the W3C's protocol.
pub(super) const GECKODRIVER: &str = "0.37.1";
/// npm's `binaryen` that the page was measured with. Any wasm-opt on `PATH` from
/// [`WASM_OPT_OLDEST`] on does as well.
pub(super) const BINARYEN: &str = "132.0.0";
/// npm's `esbuild` that the page was measured with. Any esbuild on `PATH` does as well.
pub(super) const ESBUILD: &str = "0.28.2";
/// npm's `axe-core`, the newest when pinned: its rules decide what the tests find.
pub(super) const AXE: &str = "4.14.1";
/// Older ones don't know all instructions that today's rustc emits.
pub(super) const WASM_OPT_OLDEST: u32 = 116;

/// npm's `oidc-provider`: the newest when pinned.
pub(super) const OIDC_PROVIDER: &str = "9.13.3";

/// wasm-bindgen's command must have the very version of the library, so the lock file decides.
pub(super) fn wasm_bindgen(workspace: &Workspace) -> Result<String> {
    let file = workspace.root.join("Cargo.lock");
    let lock = fs::read_to_string(&file).context("Cargo.lock can't be read; it belongs to the repository")?;
    locked_version(&lock, "wasm-bindgen").context("Cargo.lock names no wasm-bindgen")
}

fn locked_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_names_the_version_of_exactly_that_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"registry\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked_version(lock, "leptos"), None);
    }
}
