//! Where things are: the repository's root and the folders made inside it.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

/// The repository and its ignored folders.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    /// The folder with the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
}

impl Workspace {
    /// The workspace this executable was built from.
    pub(crate) fn find() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").context("Run this as `cargo xtask`.")?;
        let root = Path::new(&manifest).parent().context("xtask lies inside the repository")?.to_owned();
        Ok(Self { root })
    }

    /// Tools that are built or fetched for this project alone. Ignored by git, kept by `cargo clean`.
    pub(crate) fn tools(&self) -> PathBuf {
        self.root.join(".tools")
    }

    /// Executables among [`Self::tools`].
    pub(crate) fn tools_bin(&self) -> PathBuf {
        self.tools().join("bin")
    }

    /// Output of the set-up's steps.
    pub(crate) fn setup_logs(&self) -> PathBuf {
        self.tools().join("log")
    }

    /// Cargo's folder for what runs natively.
    pub(crate) fn target(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => self.root.join(folder),
            None => self.root.join("target"),
        }
    }

    /// Cargo's folder for what runs in a browser. Apart from [`Self::target`], because the wasm
    /// target may come from another toolchain than the native one, and each would rebuild what
    /// the other one made; and so that building the page waits for no native build.
    pub(crate) fn page_target(&self) -> PathBuf {
        self.target().join("page")
    }

    /// The built page, as `Trunk.toml` and the relay's default have it.
    pub(crate) fn page(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// What must be true of the whole, as files.
    pub(crate) fn scenarios(&self) -> PathBuf {
        self.root.join("scenarios")
    }

    /// State and logs of `start` and `dev`.
    pub(crate) fn demo(&self) -> PathBuf {
        self.target().join("demo")
    }

    /// Output of build steps.
    pub(crate) fn build_logs(&self) -> PathBuf {
        self.target().join("log")
    }

    /// An executable that a dev build leaves.
    pub(crate) fn dev_executable(&self, name: &str) -> PathBuf {
        self.target().join("debug").join(name)
    }

    /// `PATH` with the project's own tools first.
    pub(crate) fn path(&self, before: &[PathBuf]) -> Result<OsString> {
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let folders =
            before.iter().cloned().chain([self.tools_bin()]).chain(std::env::split_paths(&inherited));
        std::env::join_paths(folders).context("PATH holds a folder that can't be passed on")
    }

    /// A path as a person reads it: relative to the repository where that is possible.
    pub(crate) fn shown<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

/// Finds an executable on `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| is_executable(file))
}

/// Whether this is a file that may be run.
pub(crate) fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(file).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}
