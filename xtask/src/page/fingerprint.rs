//! Whether anything the page is made of has changed since it was built.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::workspace::Workspace;

/// What in the repository's root the page is not made of. Everything else counts, so that a new
/// kind of source is never overlooked; a needless build is the smaller harm.
const NOT_THE_PAGE: [&str; 10] =
    [".ci", ".git", ".github", ".tools", "dist", "docs", "target", "tests", "clippy.toml", "rustfmt.toml"];
/// The crates beside the page.
const NOT_ITS_CRATES: [&str; 4] = ["relay", "switchboard", "testkit", "vobiz-sim"];
/// Kinds of file in the root that the page is not made of.
const NOT_ITS_KINDS: [&str; 4] = ["md", "db", "db-shm", "db-wal"];

/// A number that differs when any source of the page does.
pub(super) fn of_sources(workspace: &Workspace) -> Result<String> {
    let mut files = Vec::new();
    for path in entries(&workspace.root)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kind = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if name == "xtask" {
            // What is done to the page after it was compiled.
            collect(&path.join("src/page"), &mut files)?;
        } else if name == "crates" {
            for member in entries(&path)? {
                let name = member.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if !NOT_ITS_CRATES.contains(&name.as_str()) {
                    collect(&member, &mut files)?;
                }
            }
        } else if !NOT_THE_PAGE.contains(&name.as_str()) && !NOT_ITS_KINDS.contains(&kind.as_str()) {
            collect(&path, &mut files)?;
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.strip_prefix(&workspace.root).unwrap_or(&file).hash(&mut hasher);
        fs::read(&file).with_context(|| format!("can't read {}", file.display()))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        for entry in entries(path)? {
            collect(&entry, files)?;
        }
    } else if path.is_file() {
        files.push(path.to_owned());
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = fs::read_dir(folder).with_context(|| format!("can't read the folder {}", folder.display()))?;
    read.map(|entry| Ok(entry?.path())).collect()
}
