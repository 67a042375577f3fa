//! Looking at the page and acting on it.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::{Key, RequestData, SessionId, WebDriver, WebElement};

use super::hands::Focus;
use super::query::{LogTable, Query, Seen};
use crate::wait::eventually;

const SCRIPT: &str = include_str!("dom.js");

/// How long the page may take to show something that nothing outside is needed for.
const SHOWN: Duration = Duration::from_secs(5);

/// The page's document.
#[derive(Debug, Clone)]
pub(super) struct Dom {
    pub(super) web: WebDriver,
}

impl Dom {
    /// What there is now of a query, without waiting.
    pub(super) async fn seen(&self, query: &Query) -> Result<Vec<Seen>> {
        self.run("seen", query).await
    }

    /// The tables of a query.
    pub(super) async fn tables(&self, query: &Query) -> Result<Vec<LogTable>> {
        self.run("tables", query).await
    }

    /// The whole page's text, as it is read out.
    pub(super) async fn text(&self) -> Result<String> {
        self.run("text", &Value::Null).await
    }

    /// What has the keyboard.
    pub(super) async fn focus(&self) -> Result<Focus> {
        self.run("focus", &Value::Null).await
    }

    /// The one element of a query, now.
    pub(super) async fn one(&self, query: &Query) -> Result<Seen> {
        let mut found = self.seen(query).await?;
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => bail!("there is no {query}; there are {:?}", self.run::<Vec<String>>("names", query).await?),
            many => bail!("there are {many} of {query}"),
        }
    }

    /// The one element of a query, as soon as it is shown.
    pub(super) async fn wait_for(&self, query: &Query) -> Result<Seen> {
        eventually(&format!("the {query} being shown"), SHOWN, async || self.one(query).await).await
    }

    /// Clicks the one element of a query as soon as it can be clicked.
    pub(super) async fn click(&self, query: &Query) -> Result<()> {
        eventually(&format!("a click on the {query}"), SHOWN, async || {
            ensure!(!self.one(query).await?.disabled, "the {query} is disabled");
            let element = self.element(query).await?;
            Self::acted(element.click().await)
        })
        .await?
    }

    /// Replaces what stands in a text field.
    pub(super) async fn fill(&self, query: &Query, text: &str) -> Result<()> {
        self.wait_for(query).await?;
        let element = self.element(query).await?;
        element.click().await?;
        // By keyboard, as a person does it: a script's change may go unnoticed.
        element.send_keys(Key::Control + "a").await?;
        element.send_keys(Key::Delete + "").await?;
        element.send_keys(text).await.with_context(|| format!("typing into the {query}"))
    }

    /// Chooses an entry of a combobox, by typing its name as the keyboard allows: a
    /// driver's own way of choosing raises fewer events than a person does.
    pub(super) async fn choose(&self, query: &Query, option: &str) -> Result<()> {
        let seen = self.wait_for(query).await?;
        ensure!(seen.options.iter().any(|found| found == option), "the {query} has no {option:?}: {seen:?}");
        let element = self.element(query).await?;
        element.send_keys(option).await.with_context(|| format!("choosing {option:?} of the {query}"))
    }

    /// Role and name of the one element of a query as the browser computes them.
    pub(super) async fn computed(&self, query: &Query) -> Result<(String, String)> {
        let element = self.element(query).await?.element_id().to_string();
        let ask = async |what: &'static str| -> Result<String> {
            let command = Computed { element: element.clone(), what };
            Ok(self.web.cmd(command).await?.value()?)
        };
        Ok((ask("computedrole").await?, ask("computedlabel").await?))
    }

    pub(super) async fn element(&self, query: &Query) -> Result<WebElement> {
        let found =
            self.web.execute(SCRIPT, vec![json!("find"), serde_json::to_value(query)?]).await?.elements()?;
        found.into_iter().next().with_context(|| format!("there is no {query}"))
    }

    async fn run<T: DeserializeOwned>(&self, task: &str, query: &impl Serialize) -> Result<T> {
        let found = self.web.execute(SCRIPT, vec![json!(task), serde_json::to_value(query)?]).await?;
        Ok(found.convert()?)
    }

    /// Sorts a click's outcome: not clicked at all is worth another try, anything
    /// else is final, lest it be clicked twice.
    fn acted(outcome: thirtyfour::error::WebDriverResult<()>) -> Result<Result<()>> {
        let Err(error) = outcome else { return Ok(Ok(())) };
        let is_before_the_click = matches!(
            error.as_inner(),
            WebDriverErrorInner::StaleElementReference(_)
                | WebDriverErrorInner::ElementNotInteractable(_)
                | WebDriverErrorInner::ElementClickIntercepted(_)
                | WebDriverErrorInner::NoSuchElement(_)
        );
        if is_before_the_click { Err(error.into()) } else { Ok(Err(error.into())) }
    }
}

/// Get Computed Role and Get Computed Label,
/// <https://www.w3.org/TR/webdriver2/#get-computed-role>.
#[derive(Debug)]
struct Computed {
    element: String,
    what: &'static str,
}

impl FormatRequestData for Computed {
    fn format_request(&self, session: &SessionId) -> RequestData {
        RequestData::new(Method::GET, format!("session/{session}/element/{}/{}", self.element, self.what))
    }
}
