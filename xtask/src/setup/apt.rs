//! Debian's packages, where this is Debian or a descendant.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Result, bail};

use super::log;
use crate::{
    process::{Step, answer, command},
    workspace::{Workspace, on_path},
};

/// Held while apt works, which allows one at a time; says whether the lists are fresh.
static LISTS_FRESH: Mutex<bool> = Mutex::new(false);

/// Whether packages can be had this way at all.
pub(super) fn is_here() -> bool {
    on_path("apt-get").is_some()
}

/// Installs those of the packages that are missing, without a question.
///
/// `why` completes "for …"; `usual` is how long it takes when all of them are missing.
pub(super) fn install(workspace: &Workspace, packages: &[&str], why: &str, usual: Duration) -> Result<()> {
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if !rustix::process::geteuid().is_root() {
        bail!("Debian packages are missing for {why}. Run: sudo apt-get install {names}");
    }
    let mut lists_fresh = LISTS_FRESH.lock().unwrap_or_else(PoisonError::into_inner);
    if !*lists_fresh {
        let step = Step {
            title: "Debian's package lists",
            usual: Duration::from_secs(15),
            log: log(workspace, "apt-update"),
        };
        step.run(apt_get(&["update"]))?;
        *lists_fresh = true;
    }
    let title = format!("Debian packages for {why}: {names}");
    let step = Step { title: &title, usual, log: log(workspace, &format!("apt-{}", missing[0])) };
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(&missing);
    step.run(apt_get(&arguments))
}

/// Whether the archive has a package of this name.
pub(super) fn is_installed(package: &str) -> bool {
    let mut query = command("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status}", package]);
    answer(query).as_deref() == Some("installed")
}

fn apt_get(arguments: &[&str]) -> std::process::Command {
    let mut apt = command("apt-get");
    // Another apt (unattended upgrades) may hold the lock for a while.
    apt.args(["--quiet", "--option", "DPkg::Lock::Timeout=300"])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive");
    apt
}
