//! What the page holds of the browser, and how fast it answers.

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
    /// From each click on Accept to its request leaving the page, in milliseconds.
    pub accepts: Vec<f64>,
}

impl Watched {
    /// The share `0` to `100` of the accepts that were at most this long, in
    /// milliseconds; zero without any.
    pub fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.accepts.clone();
        sorted.sort_by(f64::total_cmp);
        let at = (sorted.len() * percent).div_ceil(100).max(1) - 1;
        sorted.get(at).copied().unwrap_or_default()
    }
}

/// Begins to watch, or looks again.
pub(super) async fn look(web: &WebDriver) -> Result<Watched> {
    Ok(web.execute(SCRIPT, vec![]).await?.convert()?)
}

#[cfg(test)]
mod tests {
    use super::Watched;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let accepts = (1..=20).map(f64::from).collect();
        let watched = Watched { peers: 0, opened: 0, tracks: 0, timers: 0, accepts };
        assert_eq!([50, 95, 100].map(|percent| watched.percentile(percent)), [10.0, 19.0, 20.0]);
    }
}
