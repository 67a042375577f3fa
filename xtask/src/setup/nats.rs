//! The NATS server with which the tests of several relays work.

use std::{path::Path, time::Duration};

use anyhow::{Result, bail};

use super::apt;
use crate::workspace::{Workspace, is_executable, on_path};

/// Its executable, and Debian's package.
const NAME: &str = "nats-server";
/// Where Debian puts it; `PATH` does not always lead there.
const DEBIAN: &str = "/usr/sbin/nats-server";
/// How long the package takes to install.
const USUAL: Duration = Duration::from_secs(10);

/// Installs the server where it is missing.
pub(super) fn install(workspace: &Workspace) -> Result<()> {
    if on_path(NAME).is_some() || is_executable(Path::new(DEBIAN)) {
        return Ok(());
    }
    if !apt::is_here() {
        bail!("{NAME} is missing for the tests of several relays. Put it on PATH: https://nats.io/download");
    }
    apt::install(workspace, &[NAME], "tests of several relays", USUAL)
}
