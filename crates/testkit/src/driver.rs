//! A WebDriver server as a child process on a free port.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::browser::Browser;
use crate::wait::eventually;

/// How long a driver may take to listen.
const START: Duration = Duration::from_secs(15);
/// How long a driver may take to end its browser when asked to.
const END: Duration = Duration::from_secs(4);
/// How often an ending driver is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// A running chromedriver or geckodriver. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Driver {
    child: Child,
    /// Where it listens.
    pub(crate) url: String,
    log: PathBuf,
}

impl Driver {
    /// Starts a driver whose files are kept in `folder`.
    pub(crate) async fn start(browser: Browser, folder: &Path) -> Result<Self> {
        let program = browser.driver();
        let log = folder.join("driver.log");
        let file = File::create(&log)?;
        let mut command = Command::new(&program);
        match browser {
            Browser::Chromium => command.arg("--port=0"),
            // Its default is one fixed port, which a second driver could not have.
            Browser::Firefox => command.args(["--port", "0", "--websocket-port", "0"]),
        };
        let child = command
            .env("TMPDIR", folder)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| {
                format!("{} can't be started; set {}", program.display(), browser.driver_variable())
            })?;
        let mut driver = Self { child, url: String::new(), log };
        let port = eventually(&format!("{} listening", program.display()), START, async || {
            let text = driver.log();
            if let Some(status) = driver.child.try_wait()? {
                bail!("it ended with {status}: {text}");
            }
            port_in(&text).with_context(|| format!("it says {text:?}"))
        })
        .await?;
        driver.url = format!("http://127.0.0.1:{port}");
        Ok(driver)
    }

    /// What the driver has written so far.
    pub(crate) fn log(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    fn end(&mut self) -> Result<()> {
        // Asked kindly first: a driver that is killed leaves its browser behind.
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        ensure!(asked.success(), "kill: {asked}");
        let begun = Instant::now();
        while begun.elapsed() < END {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(LOOK);
        }
        bail!("still there after {END:?}")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if self.end().is_err() {
            // The last resort; there is nobody left to tell.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// The port in "ChromeDriver was started successfully on port 41239." or
/// "geckodriver INFO Listening on 127.0.0.1:40111".
fn port_in(text: &str) -> Option<u16> {
    text.lines().find_map(|line| {
        let after = line
            .split_once("started successfully on port ")
            .or_else(|| line.split_once("Listening on 127.0.0.1:"))?
            .1;
        after.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::port_in;

    #[test]
    fn both_drivers_words_are_understood() {
        let chromium =
            "Starting ChromeDriver 156.0 on port 0\nChromeDriver was started successfully on port 41239.\n";
        let firefox = "1774447200000\tgeckodriver\tINFO\tListening on 127.0.0.1:40111\n";
        assert_eq!(port_in(chromium), Some(41_239));
        assert_eq!(port_in(firefox), Some(40_111));
        assert_eq!(port_in("Starting ChromeDriver 156.0 on port 0"), None);
    }
}
