//! The browsers that tests drive, and the driver of each.

use std::{fmt, path::PathBuf, process::Command, time::Duration};

use anyhow::{Context as _, Result, bail};

use super::apt;
use crate::workspace::{Workspace, is_executable, on_path};

/// A browser that every test runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Browser {
    /// Chromium or Google Chrome.
    Chromium,
    /// Firefox, ordinary or extended support.
    Firefox,
}

impl Browser {
    /// The variable that names its driver, for a person and for the test runners alike.
    pub(crate) fn driver_variable(self) -> &'static str {
        match self {
            Self::Chromium => "CHROMEDRIVER",
            Self::Firefox => "GECKODRIVER",
        }
    }

    /// The variable that names the browser's own executable.
    pub(crate) fn binary_variable(self) -> &'static str {
        match self {
            Self::Chromium => "CHROME",
            Self::Firefox => "FIREFOX",
        }
    }

    fn driver_name(self) -> &'static str {
        match self {
            Self::Chromium => "chromedriver",
            Self::Firefox => "geckodriver",
        }
    }

    fn binary_names(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => {
                &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
            }
            Self::Firefox => &["firefox", "firefox-esr"],
        }
    }

    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["chromium", "chromium-driver"],
            // The driver is not in Debian 12; cargo builds it.
            Self::Firefox => &["firefox-esr"],
        }
    }
}

impl fmt::Display for Browser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
        })
    }
}

/// A browser's executable and its driver's, absolute.
#[derive(Clone, Debug)]
pub(crate) struct Driven {
    /// The browser.
    pub(crate) binary: PathBuf,
    /// Its WebDriver server.
    pub(crate) driver: PathBuf,
}

/// Both browsers.
#[derive(Clone, Debug)]
pub(crate) struct Browsers {
    chromium: Driven,
    firefox: Driven,
}

impl Browsers {
    /// The executables of one.
    pub(crate) fn of(&self, browser: Browser) -> &Driven {
        match browser {
            Browser::Chromium => &self.chromium,
            Browser::Firefox => &self.firefox,
        }
    }

    /// Names all executables to a program that drives both.
    pub(crate) fn name_in(&self, program: &mut Command) {
        for browser in [Browser::Chromium, Browser::Firefox] {
            let driven = self.of(browser);
            program.env(browser.driver_variable(), &driven.driver);
            program.env(browser.binary_variable(), &driven.binary);
        }
    }
}

/// Installs what is missing and a package.
pub(super) fn install(workspace: &Workspace) -> Result<()> {
    for browser in [Browser::Chromium, Browser::Firefox] {
        let driver_is_package = browser == Browser::Chromium;
        let driver_is_there = !driver_is_package || driver(workspace, browser)?.is_some();
        if binary(browser)?.is_some() && driver_is_there {
            continue;
        }
        if apt::is_here() {
            apt::install(workspace, browser.packages(), "tests in the browser", Duration::from_mins(1))?;
        }
    }
    Ok(())
}

/// Names the executables, or what to do about a missing one.
pub(super) fn find(workspace: &Workspace) -> Result<Browsers> {
    let driven = |browser: Browser| -> Result<Driven> {
        let binary = binary(browser)?.with_context(|| {
            format!(
                "{browser} is missing. Install it, or name its executable in {}.",
                browser.binary_variable()
            )
        })?;
        let driver = driver(workspace, browser)?.with_context(|| {
            format!(
                "{browser}'s driver is missing. Install {}, or name it in {}.",
                browser.driver_name(),
                browser.driver_variable()
            )
        })?;
        Ok(Driven { binary, driver })
    };
    Ok(Browsers { chromium: driven(Browser::Chromium)?, firefox: driven(Browser::Firefox)? })
}

/// The driver a person has named.
pub(super) fn driver_by_environment(browser: Browser) -> Result<Option<PathBuf>> {
    by_environment(browser.driver_variable())
}

fn driver(workspace: &Workspace, browser: Browser) -> Result<Option<PathBuf>> {
    if let Some(named) = driver_by_environment(browser)? {
        return Ok(Some(named));
    }
    let own = workspace.tools_bin().join(browser.driver_name());
    Ok(if is_executable(&own) { Some(own) } else { on_path(browser.driver_name()) })
}

fn binary(browser: Browser) -> Result<Option<PathBuf>> {
    if let Some(named) = by_environment(browser.binary_variable())? {
        return Ok(Some(named));
    }
    Ok(browser.binary_names().iter().find_map(|name| on_path(name)))
}

fn by_environment(variable: &str) -> Result<Option<PathBuf>> {
    let Some(value) = std::env::var_os(variable) else { return Ok(None) };
    let path = std::path::absolute(&value).with_context(|| format!("{variable} is empty"))?;
    if !is_executable(&path) {
        bail!("{variable} names {}, which is not an executable file.", path.display());
    }
    Ok(Some(path))
}
