//! The standard library for `wasm32-unknown-unknown`: which compiler has it, or gets it.

use std::{
    ffi::OsString,
    fmt, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

use super::{apt, debian_rust, log};
use crate::{
    process::{Step, answer, command},
    workspace::{Workspace, on_path},
};

/// The page's target.
pub(super) const TARGET: &str = "wasm32-unknown-unknown";

/// The cargo and rustc that build the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PageRust {
    /// The same as for everything else.
    Ordinary,
    /// Debian's; the folder holds links named `cargo`, `rustc`, … and goes first on `PATH`.
    Debian(PathBuf),
}

impl PageRust {
    /// A command (cargo, Trunk) that builds for the page.
    pub(crate) fn command(&self, workspace: &Workspace, program: &str) -> Result<Command> {
        let path = match self {
            Self::Ordinary => workspace.path(&[])?,
            Self::Debian(links) => workspace.path(std::slice::from_ref(links))?,
        };
        // Looked up here, because `Command` looks in this program's own PATH.
        let program =
            find(&path, program).with_context(|| format!("`{program}` is not there after the set-up"))?;
        let mut command = command(program);
        command
            .env("PATH", path)
            .env("CARGO_TARGET_DIR", workspace.page_target())
            .current_dir(&workspace.root);
        if let Self::Debian(_) = self {
            command.env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTC").env_remove("RUSTDOC");
        }
        Ok(command)
    }
}

impl fmt::Display for PageRust {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ordinary => formatter.write_str("the one on PATH"),
            Self::Debian(_) => formatter.write_str("Debian's (rustc-web)"),
        }
    }
}

/// Finds or installs a compiler for the target.
pub(super) fn install(workspace: &Workspace) -> Result<PageRust> {
    let rustc = command("rustc");
    if has_target(&rustc) && debian_rust::is_current(&rustc) {
        return Ok(PageRust::Ordinary);
    }
    // Decided once: a later set-up must not ask the network again.
    if let Some(found) = debian_rust::ready(workspace) {
        return Ok(found);
    }
    let mut why_not_rustup = "rustup is not on PATH".to_owned();
    if on_path("rustup").is_some() {
        match rustup_target_add(workspace) {
            Ok(()) if has_target(&command("rustc")) => return Ok(PageRust::Ordinary),
            Ok(()) => "rustup added it to a toolchain that is not in use".clone_into(&mut why_not_rustup),
            Err(problem) => why_not_rustup = format!("{problem:#}"),
        }
    }
    if !apt::is_here() {
        bail!(
            "The compiler can't build for {TARGET}, and {why_not_rustup}\nInstall that target's standard library, for example with: rustup target add {TARGET}"
        );
    }
    debian_rust::install(workspace).with_context(|| {
        format!(
            "rustup could not add {TARGET} either ({}).",
            why_not_rustup.lines().next().unwrap_or_default()
        )
    })
}

/// Whether this rustc has a standard library for the target.
pub(super) fn has_target(rustc: &Command) -> bool {
    sysroot(rustc).is_some_and(|sysroot| has_std(&libraries(&sysroot)))
}

/// Where a rustc has everything.
pub(crate) fn sysroot(rustc: &Command) -> Option<PathBuf> {
    let mut ask = command(rustc.get_program());
    ask.args(["--print", "sysroot"]);
    answer(ask).map(PathBuf::from)
}

/// Where a sysroot has the target's libraries.
pub(super) fn libraries(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TARGET).join("lib")
}

fn has_std(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

fn rustup_target_add(workspace: &Workspace) -> Result<()> {
    let mut rustup = command("rustup");
    rustup.args(["target", "add", TARGET]);
    let title = format!("Rust's {TARGET} target by rustup");
    Step { title: &title, usual: Duration::from_secs(15), log: log(workspace, "rustup") }.run(rustup)
}

fn find(path: &OsString, program: &str) -> Option<PathBuf> {
    std::env::split_paths(path)
        .map(|folder| folder.join(program))
        .find(|file| crate::workspace::is_executable(file))
}
