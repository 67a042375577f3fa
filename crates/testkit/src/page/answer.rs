//! How long an answer takes from the click on.

use anyhow::Result;
use serde::Deserialize;
use thirtyfour::WebDriver;

const SCRIPT: &str = include_str!("answer.js");

/// An answer, timed in the page from the click on Accept; in milliseconds.
#[derive(Debug, Clone, Deserialize)]
pub struct Answered {
    /// When it was clicked, since 1970.
    pub clicked: f64,
    /// Until its request left the page.
    pub leaves: Option<f64>,
    /// Until the first sound of the far end was there to be played.
    pub arrived: Option<f64>,
    /// Until it was heard.
    pub heard: Option<f64>,
}

/// Begins to time answers, or tells those of this page.
pub(super) async fn look(web: &WebDriver) -> Result<Vec<Answered>> {
    Ok(web.execute(SCRIPT, vec![]).await?.convert()?)
}
