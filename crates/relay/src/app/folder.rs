//! Reads the folder that Trunk built.

use std::{fs, io, path::Path, time::SystemTime};

use bytes::Bytes;

use super::File;

/// Most bytes of a page, compressed copies included. A built page has about one
/// hundredth of it; more means that the wrong folder was named.
const MAX_BYTES: u64 = 256 * 1024 * 1024;
/// Most files of a page.
const MAX_FILES: usize = 4_096;

/// When the page was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp(Vec<(SystemTime, u64)>);

/// The page's start file changes with every build, and its compressed copy is the
/// last thing that a build makes.
const STAMPED: [&str; 2] = ["index.html", "index.html.br"];

/// When the page in a folder was built; `None` when there is none.
pub(super) fn stamp(folder: &Path) -> Option<Stamp> {
    let stamps: Vec<_> = STAMPED
        .iter()
        .filter_map(|name| {
            let data = fs::metadata(folder.join(name)).ok()?;
            Some((data.modified().ok()?, data.len()))
        })
        .collect();
    (!stamps.is_empty()).then_some(Stamp(stamps))
}

/// All files of a folder. None when there is no such folder: the page is not built yet.
pub(super) fn read(folder: &Path) -> io::Result<Vec<File>> {
    let mut files = Vec::new();
    let mut bytes = 0;
    let mut folders = vec![(folder.to_path_buf(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && prefix.is_empty() => return Ok(files),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let kind = entry.file_type()?;
            // Hidden folders are Trunk's own; links could lead anywhere.
            if name.starts_with('.') || kind.is_symlink() {
                continue;
            }
            let path = format!("{prefix}{name}");
            if kind.is_dir() {
                folders.push((entry.path(), format!("{path}/")));
                continue;
            }
            bytes += entry.metadata()?.len();
            if bytes > MAX_BYTES || files.len() >= MAX_FILES {
                return Err(io::Error::other("the folder holds far more than a built page"));
            }
            files.push((path, Bytes::from(fs::read(entry.path())?)));
        }
    }
    Ok(files)
}
