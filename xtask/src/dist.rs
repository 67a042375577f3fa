//! `cargo xtask dist`: the two executables as they are shipped.

use std::{fs, time::Duration};

use anyhow::{Context as _, Result};

use crate::{
    page,
    process::{Step, command},
    progress,
    setup::{self, Needs},
    workspace::Workspace,
};

/// Builds the page, then both executables, the relay with the page inside.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let tools = setup::run(workspace, Needs { page: true, ..Needs::default() })?;
    page::build(workspace, &tools)?;
    let mut cargo = command("cargo");
    cargo
        .args(["build", "--profile", "dist", "--package", "relay", "--package", "vobiz-sim", "--bins"])
        .args(["--features", "relay/embed-app,relay/oidc"])
        .env("RELAY_APP", workspace.page())
        .current_dir(&workspace.root);
    Step {
        title: "Relay and simulator for release",
        usual: Duration::from_mins(10),
        log: workspace.build_logs().join("dist.log"),
    }
    .run(cargo)?;
    // Cargo names the folder of a profile after it. That is `target/dist`, unless CARGO_TARGET_DIR
    // moves it; what is documented must be there all the same.
    let documented = workspace.root.join("target/dist");
    let built = workspace.target().join("dist");
    fs::create_dir_all(&documented)
        .with_context(|| format!("can't make the folder {}", documented.display()))?;
    for name in ["softphone-relay", "vobiz-sim"] {
        let file = documented.join(name);
        if built != documented {
            fs::copy(built.join(name), &file).with_context(|| format!("can't write {}", file.display()))?;
        }
        let size = fs::metadata(&file).with_context(|| format!("{} was not built", file.display()))?.len();
        progress::say(&format!("{} ({:.1} MB)", workspace.shown(&file), size as f64 / 1e6));
    }
    Ok(())
}
