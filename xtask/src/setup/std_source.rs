//! The source of Rust's standard library, out of which the page gets a smaller one.

use std::{process::Command, time::Duration};

use anyhow::Result;

use super::{
    log,
    wasm_target::{PageRust, TARGET},
};
use crate::{
    page::small_std::source,
    process::{Step, command},
    progress,
    workspace::{Workspace, on_path},
};

/// Fetches the source where it can be had. Without it the page is larger, and works.
pub(super) fn install(workspace: &Workspace, rust: &PageRust) -> Result<()> {
    let rustc: Command = rust.command(workspace, "rustc")?;
    if source(&rustc).is_none() && on_path("rustup").is_some() {
        let mut rustup = command("rustup");
        rustup.args(["component", "add", "rust-src"]);
        let step = Step {
            title: "The source of Rust's standard library by rustup",
            usual: Duration::from_secs(10),
            log: log(workspace, "rust-src"),
        };
        let _ = step.run(rustup);
    }
    let Some(library) = source(&rustc) else {
        progress::say(
            "! The source of Rust's standard library is not there, so the page is built a tenth larger. `rustup component add rust-src` mends it.",
        );
        return Ok(());
    };
    // Trunk builds offline, so what the library itself needs is fetched here.
    let mut cargo = rust.command(workspace, "cargo")?;
    cargo.args(["fetch", "--locked", "--target", TARGET, "--manifest-path"]).arg(library.join("Cargo.toml"));
    cargo.env("RUSTC_BOOTSTRAP", "1").current_dir(&workspace.root);
    let step = Step {
        title: "What Rust's standard library is built with",
        usual: Duration::from_secs(5),
        log: log(workspace, "std-fetch"),
    };
    let _ = step.run(cargo);
    Ok(())
}
