//! How long a page of a call log with a million rows takes, over HTTP:
//! `cargo xtask bench sim-log`. Every filter, and of each its first, its middle and its
//! last page; beside it the first page of a thousand rows, so that what the log's length
//! costs can be told from what the machine costs.

mod support;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::Value;
use support::{Program, load, say};

/// Rows of the long log, and of the one that it is compared with.
const MANY: u32 = 1_000_000;
const FEW: u32 = 1_000;
/// Rows on a page: the most that the simulator gives.
const LIMIT: u64 = 100;
/// How often each page is asked for. The fastest counts: what the others take longer is
/// somebody else's.
const ASKED: usize = 9;
/// What a page may take.
const AIM: Duration = Duration::from_millis(10);
/// Longest time for everything.
const LONGEST: Duration = Duration::from_secs(120);

const DIRECTIONS: [Option<&str>; 3] = [None, Some("inbound"), Some("outbound")];
const STATUSES: [Option<&str>; 9] = [
    None,
    Some("initiated"),
    Some("ringing"),
    Some("pre_accepted"),
    Some("accepted"),
    Some("rejected"),
    Some("terminated"),
    Some("failed"),
    Some("missed"),
];

fn main() -> ExitCode {
    support::run("sim-log", LONGEST, measure)
}

async fn measure() -> Result<()> {
    say(&format!("load of the machine before: {}", load()));
    let small = Program::start(&["--seed-rows", &FEW.to_string()]).await?;
    let baseline = time(&small, &path("", 1)).await?;
    say(&format!("{FEW} rows, first page of {LIMIT}: {}", millis(baseline)));

    let log = Program::start(&["--seed-rows", &MANY.to_string()]).await?;
    say(&format!(
        "{MANY} rows: there after {:.1} s, {:.0} MB resident",
        log.up_after.as_secs_f64(),
        log.resident()?
    ));
    let mut slowest = (Duration::ZERO, String::new());
    for (index, name) in ["first", "middle", "last"].into_iter().enumerate() {
        let mut times = Vec::new();
        for filter in filters() {
            let last = last_page(&log, &filter).await?;
            let page = [1, last.div_ceil(2), last][index];
            let path = path(&filter, page);
            let took = time(&log, &path).await?;
            times.push(took);
            slowest = slowest.max((took, path));
        }
        let unfiltered = times[0];
        say(&format!(
            "{name} page: {} unfiltered ({:.2} times the baseline), {} the slowest of {} filters",
            millis(unfiltered),
            unfiltered.as_secs_f64() / baseline.as_secs_f64(),
            millis(times.iter().copied().max().unwrap_or_default()),
            times.len(),
        ));
    }
    let (took, path) = slowest;
    say(&format!(
        "the slowest of all: {} ({:.2} times the baseline), {path}",
        millis(took),
        took.as_secs_f64() / baseline.as_secs_f64()
    ));
    ensure!(took < AIM, "a page takes {} and may take {}", millis(took), millis(AIM));
    Ok(())
}

/// Every choice of direction and status, the choice of none first.
fn filters() -> Vec<String> {
    let part = |name: &str, value: Option<&str>| value.map(|value| format!("&{name}={value}"));
    let mut filters = Vec::new();
    for direction in DIRECTIONS {
        for status in STATUSES {
            let parts = [part("direction", direction), part("status", status)];
            filters.push(parts.into_iter().flatten().collect());
        }
    }
    filters
}

fn path(filter: &str, page: u64) -> String {
    format!("/calls/whatsapp/logs?page={page}&limit={LIMIT}{filter}")
}

async fn last_page(log: &Program, filter: &str) -> Result<u64> {
    let page = log.rest(Method::GET, &path(filter, 1), None).await?;
    let total = page["total"].as_u64().context("the page says no total")?;
    Ok(total.div_ceil(LIMIT).max(1))
}

/// The shortest time that a page takes, with rows on it.
async fn time(log: &Program, path: &str) -> Result<Duration> {
    let mut fastest = Duration::MAX;
    for _ in 0..ASKED {
        let asked = Instant::now();
        let page = log.rest(Method::GET, path, None).await?;
        fastest = fastest.min(asked.elapsed());
        ensure!(
            page["items"].as_array().is_some_and(|rows| !rows.is_empty()),
            "{path} has no rows: {}",
            rows(&page)
        );
    }
    Ok(fastest)
}

fn rows(page: &Value) -> String {
    format!("{} in all", page["total"])
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}
