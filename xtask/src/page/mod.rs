//! The page as the relay serves it: built by Trunk, compressed, and not larger than promised.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

use crate::{process::Step, progress, setup::Tools, workspace::Workspace};

mod compress;
mod fingerprint;
mod first_load;
mod glue;
mod named;
mod order;
pub(crate) mod small_std;
mod styles;

pub(crate) use first_load::check as check_first_load;

/// Builds and compresses the page, unless nothing it is made of has changed.
pub(crate) fn build(workspace: &Workspace, tools: &Tools) -> Result<()> {
    let fingerprint = fingerprint::of_sources(workspace)?;
    let stamp = workspace.page_target().join("built-page");
    let is_there = workspace.page().join("index.html.br").is_file();
    if is_there && fs::read_to_string(&stamp).is_ok_and(|built| built == fingerprint) {
        progress::say("✓ The page is up to date");
        return Ok(());
    }
    let _ = fs::remove_file(&stamp);
    // Not in its place yet: whoever serves that folder must never see half a page.
    let staging = workspace.root.join("target/new-page");
    let rust = tools.page_rust()?;
    let mut trunk = rust.command(workspace, "trunk")?;
    small_std::use_in(&mut trunk, &rust.command(workspace, "rustc")?);
    trunk.args(["build", "--release", "--offline", "true", "--dist"]).arg(&staging);
    // Trunk reads NO_COLOR as a boolean of its own and refuses the customary "1".
    trunk.env_remove("NO_COLOR");
    Step { title: "The page", usual: Duration::from_mins(3), log: workspace.build_logs().join("page.log") }
        .run(trunk)?;
    glue::shorten(workspace, tools, &staging)?;
    order::sort(&staging)?;
    styles::join(&staging)?;
    named::by_content(&staging)?;
    compress::folder(&staging)?;
    put_in_place(&staging, &workspace.page())?;
    fs::write(&stamp, fingerprint).with_context(|| format!("can't write {}", stamp.display()))
}

fn put_in_place(new: &Path, place: &Path) -> Result<()> {
    let old = new.with_file_name("old-page");
    let _ = fs::remove_dir_all(&old);
    if place.exists() {
        fs::rename(place, &old).with_context(|| format!("can't replace {}", place.display()))?;
    }
    fs::rename(new, place).with_context(|| format!("can't put the page into {}", place.display()))?;
    let _ = fs::remove_dir_all(&old);
    Ok(())
}

/// The one file of a built page whose name ends so.
fn only_file(page: &Path, ending: &str) -> Result<PathBuf> {
    let mut found = None;
    for entry in fs::read_dir(page).with_context(|| format!("can't read {}", page.display()))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(ending) && found.replace(path).is_some() {
            bail!("The built page has more than one file that ends with {ending}.");
        }
    }
    found.with_context(|| format!("the built page has no file that ends with {ending}"))
}
