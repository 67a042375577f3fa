//! Pictures of the page in every theme and size, by Chromium's own protocol.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use reqwest::Method;
use serde_json::{Value, json};
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::{RequestData, SessionId, WebDriver};
use tokio::time::sleep;

/// The sizes that are pictured, in CSS pixels: a laptop and a telephone.
const SIZES: [(u32, u32); 2] = [(1280, 800), (400, 800)];
const THEMES: [&str; 2] = ["light", "dark"];
/// Longer than any transition of the page (200 ms).
const SETTLE: Duration = Duration::from_millis(350);

/// Takes pictures of what a Chromium session shows.
#[derive(Debug)]
pub struct Camera {
    web: WebDriver,
    folder: PathBuf,
}

impl Camera {
    /// Pictures go to `folder`, which is made if it is not there.
    pub fn new(web: &WebDriver, folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(Self { web: web.clone(), folder })
    }

    /// One picture for each theme and size, as `NAME-THEME-WIDTH.png`; then the page
    /// looks again as it did.
    pub async fn take(&self, name: &str) -> Result<()> {
        for (width, height) in SIZES {
            let metrics =
                json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
            self.ask("Emulation.setDeviceMetricsOverride", metrics).await?;
            for theme in THEMES {
                let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] });
                self.ask("Emulation.setEmulatedMedia", features).await?;
                sleep(SETTLE).await;
                let file = self.folder.join(format!("{name}-{theme}-{width}.png"));
                let picture = self.web.screenshot_as_png().await?;
                fs::write(&file, picture).with_context(|| format!("writing {}", file.display()))?;
            }
        }
        self.ask("Emulation.clearDeviceMetricsOverride", json!({})).await?;
        self.ask("Emulation.setEmulatedMedia", json!({ "features": [] })).await
    }

    async fn ask(&self, command: &'static str, parameters: Value) -> Result<()> {
        self.web.cmd(DevTools { command, parameters }).await.with_context(|| command)?;
        Ok(())
    }
}

/// Has a Chromium session answer so to a media query.
pub(crate) async fn emulate(web: &WebDriver, feature: &str, value: &str) -> Result<()> {
    let parameters = json!({ "features": [{ "name": feature, "value": value }] });
    web.cmd(DevTools { command: "Emulation.setEmulatedMedia", parameters }).await?;
    Ok(())
}

/// A command of the DevTools protocol, through chromedriver.
#[derive(Debug)]
struct DevTools {
    command: &'static str,
    parameters: Value,
}

impl FormatRequestData for DevTools {
    fn format_request(&self, session: &SessionId) -> RequestData {
        RequestData::new(Method::POST, format!("session/{session}/goog/cdp/execute"))
            .add_body(json!({ "cmd": self.command, "params": self.parameters }))
    }
}
