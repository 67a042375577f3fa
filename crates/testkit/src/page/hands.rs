//! What an agent does with the keyboard and with the browser's tabs.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::{Key, RequestData, SessionId, WindowHandle};

use super::agent::Agent;
use crate::browser::{self, Browser};
use crate::camera;
use crate::wait::eventually;

/// How long the page may take to move the keyboard, or to answer a key.
const AT_ONCE: Duration = Duration::from_secs(5);
/// More stops than any state of the page has.
const MOST_STOPS: usize = 60;

/// What has the keyboard.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Focus {
    /// Its role; empty for the document.
    pub role: String,
    /// Its accessible name.
    pub name: String,
    /// Whether it is within a dialog of the browser's own.
    pub in_dialog: bool,
}

impl Agent {
    /// Presses keys one after the other, wherever the keyboard is.
    pub async fn press_keys(&self, keys: &str) -> Result<()> {
        let chain = self.web().action_chain().send_keys(keys);
        chain.perform().await.with_context(|| format!("pressing {keys:?}"))
    }

    /// Presses a key that is no character.
    pub async fn press_key(&self, key: Key) -> Result<()> {
        self.press_keys(&char::from(key).to_string()).await
    }

    /// What has the keyboard now.
    pub async fn focus(&self) -> Result<Focus> {
        self.dom().focus().await
    }

    /// Waits until the element with this role and name has the keyboard.
    pub async fn focus_is(&self, role: &str, name: &str) -> Result<()> {
        eventually(&format!("the keyboard being at the {role} {name:?}"), AT_ONCE, async || {
            let focus = self.focus().await?;
            ensure!(focus.role == role && focus.name == name, "it is at {focus:?}");
            Ok(())
        })
        .await
    }

    /// Presses Tab until the element with this role and name has the keyboard.
    pub async fn tab_to(&self, role: &str, name: &str) -> Result<()> {
        let mut passed = Vec::new();
        for _ in 0..MOST_STOPS {
            let focus = self.focus().await?;
            if focus.role == role && focus.name == name {
                return Ok(());
            }
            passed.push(focus.name);
            self.press_key(Key::Tab).await?;
        }
        bail!("Tab never came to the {role} {name:?}; it passed {passed:?}")
    }

    /// The tab that commands go to.
    pub async fn tab(&self) -> Result<WindowHandle> {
        Ok(self.web().window().await?)
    }

    /// Opens another tab, in front of this one, and goes to it.
    pub async fn open_tab(&self) -> Result<WindowHandle> {
        let tab = self.web().new_tab().await?;
        self.web().switch_to_window(tab.clone()).await?;
        Ok(tab)
    }

    /// Goes to a tab.
    pub async fn to_tab(&self, tab: &WindowHandle) -> Result<()> {
        Ok(self.web().switch_to_window(tab.clone()).await?)
    }

    /// Closes the tab that commands go to.
    pub async fn close_tab(&self) -> Result<()> {
        Ok(self.web().close_window().await?)
    }

    /// Makes the page's own area this large, in CSS pixels: in Firefox no narrower than its
    /// window can be.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        browser::resize(self.web(), width, height).await
    }

    /// Has the browser say that the person wants little motion. False where it can't be told.
    pub async fn reduce_motion(&self, browser: Browser) -> Result<bool> {
        if browser == Browser::Chromium {
            camera::emulate(self.web(), "prefers-reduced-motion", "reduce").await?;
        }
        Ok(browser == Browser::Chromium)
    }

    /// Allows or refuses the page's notifications, as the person would.
    /// <https://w3c.github.io/permissions/#set-permission-command>
    pub async fn set_notifications(&self, state: &'static str) -> Result<()> {
        self.web().cmd(Permission { state }).await.context("setting a permission")?;
        Ok(())
    }
}

#[derive(Debug)]
struct Permission {
    state: &'static str,
}

impl FormatRequestData for Permission {
    fn format_request(&self, session: &SessionId) -> RequestData {
        RequestData::new(Method::POST, format!("session/{session}/permissions"))
            .add_body(json!({ "descriptor": { "name": "notifications" }, "state": self.state }))
    }
}
