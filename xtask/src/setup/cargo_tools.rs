//! Tools that cargo builds into `.tools/`.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result};

use super::{log, versions};
use crate::{
    process::{Step, answer, command},
    workspace::{Workspace, is_executable, on_path},
};

/// These tools run for seconds; optimising them would take minutes (Trunk asks for link-time
/// optimisation in one unit).
const QUICK_BUILD: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];

/// Builds those that are missing, one after the other: each keeps all cores busy by itself.
pub(super) fn install(workspace: &Workspace, tools: &[CargoTool]) -> Result<()> {
    let outcome = tools.iter().try_for_each(|tool| tool.install(workspace));
    // Shared by the tools while they are built; large, and of no use once they are installed.
    let _ = fs::remove_dir_all(build_folder(workspace));
    outcome
}

fn build_folder(workspace: &Workspace) -> PathBuf {
    workspace.tools().join("build")
}

/// A program from crates.io.
#[derive(Debug)]
pub(super) struct CargoTool {
    package: &'static str,
    version: String,
    /// The executables it brings that are used here.
    executables: &'static [&'static str],
    /// Whether its own lock file decides its dependencies.
    locked: bool,
    /// Whether another version that is already on `PATH` will do.
    accepts: fn(found: &str, wanted: &str) -> bool,
    usual: Duration,
}

impl CargoTool {
    /// `wasm-bindgen` and the runner of in-browser tests. Without its lock file, which names a
    /// crate version that is not served everywhere.
    pub(super) fn wasm_bindgen(workspace: &Workspace) -> Result<Self> {
        Ok(Self {
            package: "wasm-bindgen-cli",
            version: versions::wasm_bindgen(workspace)?,
            executables: &["wasm-bindgen", "wasm-bindgen-test-runner"],
            locked: false,
            accepts: |found, wanted| found == wanted,
            usual: Duration::from_mins(2),
        })
    }

    /// Trunk. Does not compile without its lock file.
    pub(super) fn trunk() -> Self {
        Self {
            package: "trunk",
            version: versions::TRUNK.to_owned(),
            executables: &["trunk"],
            locked: true,
            accepts: |found, _| found.starts_with(versions::TRUNK_SERIES),
            usual: Duration::from_secs(390),
        }
    }

    /// Firefox's driver.
    pub(super) fn geckodriver() -> Self {
        Self {
            package: "geckodriver",
            version: versions::GECKODRIVER.to_owned(),
            executables: &["geckodriver"],
            locked: true,
            accepts: |_, _| true,
            usual: Duration::from_secs(90),
        }
    }

    /// Builds it, unless it is there already.
    fn install(&self, workspace: &Workspace) -> Result<()> {
        if self.is_there(workspace) {
            return Ok(());
        }
        let mut cargo = command("cargo");
        cargo
            .args(["install", "--force", "--root"])
            .arg(workspace.tools())
            .arg(format!("{}@{}", self.package, self.version))
            .args(self.locked.then_some("--locked"))
            .env("CARGO_TARGET_DIR", build_folder(workspace))
            .envs(QUICK_BUILD);
        let title = format!("{} {}, built from source", self.package, self.version);
        Step { title: &title, usual: self.usual, log: log(workspace, self.package) }
            .run(cargo)
            .with_context(|| {
                format!("Install it yourself with: cargo install {} --version {}", self.package, self.version)
            })?;
        Ok(())
    }

    fn is_there(&self, workspace: &Workspace) -> bool {
        self.executables.iter().all(|name| {
            let own = workspace.tools_bin().join(name);
            let file = if is_executable(&own) { Some(own) } else { on_path(name) };
            file.and_then(version).is_some_and(|found| (self.accepts)(&found, &self.version))
        })
    }
}

/// The number in an answer like "trunk 0.21.14" or "geckodriver 0.37.1 (date)".
fn version(executable: PathBuf) -> Option<String> {
    let mut ask = command(executable);
    ask.arg("--version");
    let answer = answer(ask)?;
    answer
        .lines()
        .next()?
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .map(str::to_owned)
}
