//! The built page: found once, kept in memory, served pre-compressed.

mod asset;
mod bundle;
mod folder;
mod negotiate;
mod policy;
mod reply;

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use tokio::task;

use crate::config::Config;
pub(crate) use bundle::Bundle;
use folder::Stamp;
pub(crate) use reply::reply;

/// Where a page is looked for when nothing else is said.
const DEFAULT_FOLDER: &str = "dist";

/// The page's files, from a folder or from inside the executable.
pub(crate) struct App {
    /// `None`: they are inside the executable and never change.
    folder: Option<PathBuf>,
    websocket: String,
    loaded: RwLock<Loaded>,
}

struct Loaded {
    bundle: Arc<Bundle>,
    stamp: Option<Stamp>,
}

impl App {
    /// Reads all files.
    pub(crate) fn load(config: &Config) -> Self {
        let folder = match &config.app {
            Some(folder) => Some(folder.clone()),
            None if cfg!(feature = "embed-app") => None,
            None => Some(DEFAULT_FOLDER.into()),
        };
        let app = Self {
            websocket: config.origin.websocket(),
            loaded: RwLock::new(Loaded { bundle: Arc::default(), stamp: None }),
            folder,
        };
        app.read();
        app
    }

    /// The files as they are now. A page that was built again while the relay runs is
    /// read again as a whole, so that its policy and its scripts stay of one piece.
    pub(crate) async fn current(self: &Arc<Self>) -> Arc<Bundle> {
        if self.folder.is_some() {
            let app = self.clone();
            // If the check panics, what is loaded is still there to be served.
            let _ = task::spawn_blocking(move || app.refresh()).await;
        }
        self.bundle()
    }

    /// The files as they were read last.
    pub(crate) fn bundle(&self) -> Arc<Bundle> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).bundle.clone()
    }

    fn refresh(&self) {
        let stamp = self.folder.as_deref().and_then(folder::stamp);
        let is_same = self.loaded.read().unwrap_or_else(PoisonError::into_inner).stamp == stamp;
        if !is_same {
            self.read();
        }
    }

    fn read(&self) {
        let (files, stamp) = match &self.folder {
            Some(folder) => match folder::read(folder) {
                Ok(files) => (files, folder::stamp(folder)),
                Err(error) => {
                    tracing::warn!(folder = %folder.display(), %error, "the built page can't be read");
                    (Vec::new(), None)
                }
            },
            None => (embedded(), None),
        };
        let bundle = Arc::new(Bundle::new(files, &self.websocket));
        tracing::info!(files = bundle.len(), "page loaded");
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Loaded { bundle, stamp };
    }
}

/// A file of the page: its path below the folder, with `/`, and its content.
pub(crate) type File = (String, bytes::Bytes);

#[cfg(feature = "embed-app")]
fn embedded() -> Vec<File> {
    static PAGE: include_dir::Dir<'static> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/../../dist");
    let mut files = Vec::new();
    let mut folders = vec![&PAGE];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder.files() {
            if let Some(path) = file.path().to_str() {
                files.push((path.replace('\\', "/"), bytes::Bytes::from_static(file.contents())));
            }
        }
    }
    files
}

#[cfg(not(feature = "embed-app"))]
fn embedded() -> Vec<File> {
    Vec::new()
}
