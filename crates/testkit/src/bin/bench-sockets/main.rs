//! How a relay carries many sockets: `bench-sockets SOFTPHONE_RELAY [SOCKETS [RINGS]]`, with
//! the executable to be measured (an optimised one, such as `target/dist/softphone-relay`).
//!
//! So many agents have a page open; fifty of them take calls. Webhooks of callers come one
//! after the other, and each caller is gone again when it rang everywhere. Said is how long
//! a ring takes from the webhook to the last of the fifty pages, and what an idle socket
//! costs the relay in memory.

mod figures;
mod house;
mod page;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use figures::{Figures, Times};
use house::House;
use page::{Page, Rang};

/// Sockets when nothing is said.
const SOCKETS: usize = 5_000;
/// Rings when nothing is said: enough for a 99th percentile that is not the slowest.
const RINGS: usize = 200;
/// Agents for whom it rings.
const RINGING: usize = 50;
/// Files that are open beside the sockets.
const OTHER_FILES: usize = 200;
/// Agents who sign in, and pages that come, at a time: fewer than the tries that the relay
/// gives one address.
const AT_ONCE: usize = 16;
/// How long the sockets are left alone before the relay's memory is looked at: two pings.
const IDLE: Duration = Duration::from_secs(12);
/// How long a ring may take to be everywhere.
const RINGS_WITHIN: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    match Asked::read(std::env::args().skip(1)).and_then(|asked| measure(&asked)) {
        Ok(figures) => {
            say(&figures.to_string());
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "this program's output")]
fn say(line: &str) {
    println!("{line}");
}

/// What is to be measured.
struct Asked {
    relay: String,
    sockets: usize,
    rings: usize,
}

impl Asked {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let relay =
            words.next().context("Say which relay: bench-sockets SOFTPHONE_RELAY [SOCKETS [RINGS]]")?;
        let mut number = |what: &str, usual| match words.next() {
            Some(word) => word.parse().with_context(|| format!("{what}: {word} is not a number")),
            None => Ok(usual),
        };
        let (sockets, rings) = (number("SOCKETS", SOCKETS)?, number("RINGS", RINGS)?);
        ensure!(sockets >= RINGING, "SOCKETS must be at least {RINGING}: for so many it rings");
        ensure!(rings > 0, "RINGS must be at least 1");
        Ok(Self { relay, sockets, rings })
    }
}

fn measure(asked: &Asked) -> Result<Figures> {
    let (may, needs) = (open_files()?, asked.sockets + OTHER_FILES);
    if may < needs {
        bail!(
            "{} sockets need {needs} open files, and {may} are allowed: `ulimit -n {needs}` first",
            asked.sockets
        );
    }
    tokio::runtime::Runtime::new()?.block_on(run(asked))
}

/// How many files this process, and the relay that it starts, may have open.
fn open_files() -> Result<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    let soft =
        line.and_then(|line| line.split_whitespace().nth(3)).context("/proc/self/limits has no such line")?;
    Ok(soft.parse().unwrap_or(usize::MAX))
}

async fn run(asked: &Asked) -> Result<Figures> {
    let house = House::start(&asked.relay, asked.sockets).await?;
    let cookies = sign_in(&house, asked.sockets).await?;
    let before = house.resident()?;

    let (rang, mut rings) = mpsc::unbounded_channel();
    let opening = Instant::now();
    let pages = cookies
        .iter()
        .enumerate()
        .map(|(agent, cookie)| Page::open(&house, cookie, agent < RINGING, rang.clone()));
    let mut pages: Vec<Page> = stream::iter(pages).buffered(AT_ONCE).try_collect().await?;
    let opened = opening.elapsed();
    sleep(IDLE).await;
    let after = house.resident()?;
    ensure!(pages.iter_mut().all(Page::is_open), "the relay closed a socket while nothing happened");

    let mut times = Times::default();
    for number in 0..asked.rings {
        let call = format!("wacid.bench-{number}");
        let sent = Instant::now();
        house.calls(&call, number).await?;
        times.accepted.push(sent.elapsed());
        times.everywhere.push(everywhere(&mut rings, &call, Rang::Rings).await?.duration_since(sent));
        house.hangs_up(&call, number).await?;
        everywhere(&mut rings, &call, Rang::Over).await?;
    }
    ensure!(pages.iter_mut().all(Page::is_open), "the relay closed a socket while it rang");
    Ok(Figures { sockets: pages.len(), ringing: RINGING, opened, before, after, times })
}

async fn sign_in(house: &House, agents: usize) -> Result<Vec<String>> {
    stream::iter((0..agents).map(|agent| house.sign_in(agent))).buffered(AT_ONCE).try_collect().await
}

/// When the last of the ringing pages had heard of it.
async fn everywhere(
    rings: &mut mpsc::UnboundedReceiver<(String, Rang, Instant)>,
    call: &str,
    what: Rang,
) -> Result<Instant> {
    let mut last = Instant::now();
    for heard in 0..RINGING {
        let next = timeout(RINGS_WITHIN, rings.recv()).await;
        let (about, event, at) = next
            .with_context(|| format!("{call} came to {heard} of {RINGING} pages only"))?
            .context("the pages are gone")?;
        ensure!(
            about == call && event == what,
            "a page heard {event:?} of {about} in place of {what:?} of {call}"
        );
        last = at;
    }
    Ok(last)
}
