//! What the page holds of the browser, and how fast it answers.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;
use thirtyfour::WebDriver;

const SCRIPT: &str = include_str!("watch.js");

/// What was counted since the first look at a page.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Watched {
    /// Peer connections that are not closed.
    pub peers: u32,
    /// Peer connections that were ever opened.
    pub opened: u32,
    /// Microphone tracks that are live.
    pub tracks: u32,
    /// Timers that are set.
    pub timers: u32,
    /// Event listeners on what lives, by the kind of their targets.
    pub listeners: BTreeMap<String, u32>,
    /// Elements of the document.
    pub elements: u32,
    /// The page's own memory (WebAssembly), in bytes. It never shrinks.
    pub memory: u64,
    /// Streams, copies of tracks and what listens to streams that the browser keeps after a
    /// collection; Chromium only.
    pub media: Option<u32>,
    /// What JavaScript and the document hold after a collection, in bytes; Chromium only.
    /// A test holds some of it: each element that it has found.
    pub heap: Option<u64>,
    /// From each click on Accept to its frame or request leaving the page, in milliseconds.
    pub accepts: Vec<f64>,
    /// How many of them left as a frame on the socket first.
    pub ahead: u32,
}

/// Begins to watch, or looks again.
pub(super) async fn look(web: &WebDriver) -> Result<Watched> {
    Ok(web.execute(SCRIPT, vec![]).await?.convert()?)
}
