//! Browser sessions: headless, a fresh profile, a known tone for a microphone.

use std::env;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use thirtyfour::extensions::query::ElementPollerNoWait;
use thirtyfour::{Capabilities, WebDriver};

use crate::driver::Driver;
use crate::microphone;

/// The tone of the fake microphone in hertz: far from every tone that a far end
/// plays, so that an echo is not taken for the agent.
pub const MICROPHONE_HZ: u32 = 620;

/// How long a WebDriver command may take; starting a browser is the longest.
const COMMAND: Duration = Duration::from_secs(40);
/// How long a script in the page may run.
const SCRIPT: Duration = Duration::from_secs(10);
/// How long a page may take to load.
const LOAD: Duration = Duration::from_secs(15);
/// A laptop's window; wide enough for rail, panel and table.
const WINDOW: (u32, u32) = (1280, 800);

/// Which browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browser {
    /// Chromium or Google Chrome.
    Chromium,
    /// Firefox.
    Firefox,
}

impl Browser {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Chromium, Self::Firefox];

    /// The variable that names the driver's executable.
    pub(crate) fn driver_variable(self) -> &'static str {
        match self {
            Self::Chromium => "CHROMEDRIVER",
            Self::Firefox => "GECKODRIVER",
        }
    }

    /// The driver's executable: from the environment, else from `PATH`.
    pub(crate) fn driver(self) -> PathBuf {
        let name = match self {
            Self::Chromium => "chromedriver",
            Self::Firefox => "geckodriver",
        };
        env::var_os(self.driver_variable()).map_or_else(|| PathBuf::from(name), PathBuf::from)
    }

    /// The browser's own executable, where the environment names one; else the
    /// driver finds it.
    fn binary(self) -> Option<String> {
        let variable = match self {
            Self::Chromium => "CHROME",
            Self::Firefox => "FIREFOX",
        };
        env::var(variable).ok().filter(|path| !path.is_empty())
    }
}

impl fmt::Display for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        })
    }
}

/// What the person at the browser does when it asks for the microphone, and which one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MicrophonePermission {
    /// Allows it. It is a pretended one that plays a tone.
    Granted,
    /// Allows the machine's own, which takes as long to open as devices take.
    Own,
    /// Refuses it, for good.
    Refused,
}

/// A running browser with one window.
#[derive(Debug)]
pub struct Session {
    browser: Browser,
    // Dropped in this order: the browser, its driver, their files.
    web: WebDriver,
    driver: Driver,
    _folder: TempDir,
}

impl Session {
    /// Starts a browser with a fresh profile.
    pub async fn start(browser: Browser, microphone: MicrophonePermission) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("softphone-").tempdir()?;
        let driver = Driver::start(browser, folder.path()).await?;
        let capabilities = match browser {
            Browser::Chromium => chromium(&folder, microphone)?,
            Browser::Firefox => firefox(microphone),
        };
        let web = WebDriver::builder(&driver.url, capabilities)
            .request_timeout(COMMAND)
            .poller(Arc::new(ElementPollerNoWait))
            .connect()
            .await
            .with_context(|| format!("{browser} did not start; its driver says:\n{}", driver.log()))?;
        web.set_script_timeout(SCRIPT).await?;
        web.set_page_load_timeout(LOAD).await?;
        let session = Self { browser, web, driver, _folder: folder };
        resize(&session.web, WINDOW.0, WINDOW.1).await?;
        Ok(session)
    }

    /// Which browser it is.
    pub fn browser(&self) -> Browser {
        self.browser
    }

    /// Closes all tabs but one, leaves the page, forgets who was signed in and makes the
    /// window as large as it was.
    pub async fn reset(&self) -> Result<()> {
        let tabs = self.web.windows().await?;
        for surplus in tabs.iter().skip(1) {
            self.web.switch_to_window(surplus.clone()).await?;
            self.web.close_window().await?;
        }
        if let Some(first) = tabs.first() {
            self.web.switch_to_window(first.clone()).await?;
        }
        self.web.delete_all_cookies().await?;
        self.web.goto("about:blank").await?;
        resize(&self.web, WINDOW.0, WINDOW.1).await
    }

    /// What the page has written to its console, uncaught errors among it, since the
    /// last time this was asked. Chromium alone tells; Firefox' driver has no such
    /// command.
    pub async fn console(&self) -> Result<Vec<String>> {
        if self.browser != Browser::Chromium {
            return Ok(Vec::new());
        }
        let lines = self.web.browser_log().await?;
        Ok(lines.into_iter().map(|line| format!("{} {}", line.level, line.message)).collect())
    }

    /// The WebDriver session.
    pub fn web(&self) -> &WebDriver {
        &self.web
    }

    /// What the driver has written.
    pub fn driver_log(&self) -> String {
        self.driver.log()
    }

    /// Ends the browser.
    pub async fn quit(self) -> Result<()> {
        self.web.quit().await?;
        Ok(())
    }
}

/// Makes the page's own area of a browser this large, in CSS pixels.
pub(crate) async fn resize(web: &WebDriver, width: u32, height: u32) -> Result<()> {
    const FRAME: &str =
        "return [window.outerWidth - window.innerWidth, window.outerHeight - window.innerHeight]";
    web.set_window_rect(0, 0, width, height).await?;
    let (wider, higher): (u32, u32) = web.execute(FRAME, vec![]).await?.convert()?;
    web.set_window_rect(0, 0, width + wider, height + higher).await?;
    Ok(())
}

fn chromium(folder: &TempDir, microphone: MicrophonePermission) -> Result<Capabilities> {
    let mut arguments = vec![
        "--headless=new".to_owned(),
        // Needed as root, as in a container; what is opened is our own page.
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-background-networking".to_owned(),
        "--no-first-run".to_owned(),
        "--lang=en-US".to_owned(),
        // For a look at what the page holds: collected, and to the byte.
        "--js-flags=--expose-gc".to_owned(),
        "--enable-precise-memory-info".to_owned(),
        format!("--user-data-dir={}", folder.path().join("profile").display()),
    ];
    if microphone != MicrophonePermission::Own {
        let sound = folder.path().join("microphone.wav");
        std::fs::write(&sound, microphone::wav(f64::from(MICROPHONE_HZ)))?;
        arguments.push("--use-fake-device-for-media-stream".to_owned());
        arguments.push(format!("--use-file-for-fake-audio-capture={}", sound.display()));
    }
    let mut preferences = Map::new();
    match microphone {
        MicrophonePermission::Granted | MicrophonePermission::Own => {
            arguments.push("--use-fake-ui-for-media-stream".to_owned());
            // The page is told so when it asks about the permission, too.
            preferences
                .insert("profile.default_content_setting_values.media_stream_mic".to_owned(), json!(ALLOW));
        }
        MicrophonePermission::Refused => {
            preferences
                .insert("profile.default_content_setting_values.media_stream_mic".to_owned(), json!(BLOCK));
        }
    }
    let mut options = json!({ "args": arguments, "prefs": preferences });
    if let Some(binary) = Browser::Chromium.binary() {
        options["binary"] = json!(binary);
    }
    Ok(capabilities([
        ("browserName", json!("chrome")),
        ("goog:chromeOptions", options),
        ("goog:loggingPrefs", json!({ "browser": "ALL" })),
    ]))
}

/// "Allow" among Chromium's content settings and Firefox' permissions alike.
const ALLOW: u32 = 1;

/// "Block" among Chromium's content settings and Firefox' permissions alike.
const BLOCK: u32 = 2;

fn firefox(microphone: MicrophonePermission) -> Capabilities {
    let mut preferences = json!({
        "media.navigator.streams.fake": microphone != MicrophonePermission::Own,
        "media.navigator.audio.fake_frequency": MICROPHONE_HZ,
        // On a machine without a sound card no gesture makes it play.
        "media.autoplay.default": 0,
        "media.autoplay.blocking_policy": 0,
        // Pages are timed, and whole milliseconds are too coarse for that.
        "privacy.reduceTimerPrecision": false,
        "intl.accept_languages": "en-US, en",
        "browser.shell.checkDefaultBrowser": false,
        "datareporting.policy.dataSubmissionEnabled": false,
        "app.update.disabledForTesting": true,
        // Notifications of its own: a machine without a desktop has none to lend.
        "alerts.useSystemBackend": false,
    });
    match microphone {
        MicrophonePermission::Granted | MicrophonePermission::Own => {
            preferences["media.navigator.permission.disabled"] = json!(true);
            preferences["permissions.default.microphone"] = json!(ALLOW);
        }
        MicrophonePermission::Refused => preferences["permissions.default.microphone"] = json!(BLOCK),
    }
    let mut options = json!({ "args": ["-headless"], "prefs": preferences });
    if let Some(binary) = Browser::Firefox.binary() {
        options["binary"] = json!(binary);
    }
    capabilities([("browserName", json!("firefox")), ("moz:firefoxOptions", options)])
}

fn capabilities<const N: usize>(own: [(&str, Value); N]) -> Capabilities {
    // A page may ask before it is left in a call; a test leaves all the same.
    let common = [("unhandledPromptBehavior", json!("accept")), ("acceptInsecureCerts", json!(false))];
    Capabilities::from(
        own.into_iter().chain(common).map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>(),
    )
}
