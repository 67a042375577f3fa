//! Runs cases one after the other, each in a fresh system, and keeps what a failed
//! one left behind.
//!
//! A harness of its own because a browser takes a second or more to start: all
//! cases of one browser share a session, which is emptied in between.

use std::fs;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use tokio::time::timeout;
use vobiz_sim::{Chaos, Settings};

use crate::bed::{BedOptions, TestBed};
use crate::browser::{Browser, MicrophonePermission, Session};
use crate::logs;
use crate::page::Agent;
use crate::sets::Set;
use crate::wait;

/// How long a case may take, unless `E2E_CASE_SECONDS` says otherwise.
const CASE: Duration = Duration::from_secs(120);
/// How long putting away a browser or a system may take.
const CLEAN_UP: Duration = Duration::from_secs(15);
/// How long taking a picture of a failure may take.
const PICTURE: Duration = Duration::from_secs(10);

fn case_limit() -> Duration {
    let told = std::env::var("E2E_CASE_SECONDS").ok().and_then(|told| told.parse().ok());
    wait::patient(told.map_or(CASE, Duration::from_secs))
}

/// One case.
pub struct Case {
    /// Its name, as in a filter.
    pub name: &'static str,
    /// What it wants of the system.
    pub options: fn(Browser) -> Result<BedOptions, String>,
    /// Why it says nothing under these settings, in a few words; `None` where it does.
    pub pointless: fn(&Settings) -> Option<&'static str>,
    /// What it does.
    pub run: for<'a> fn(&'a mut Stage) -> LocalBoxFuture<'a, Result<()>>,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Case").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a case plays on.
#[derive(Debug)]
pub struct Stage {
    /// Simulator and relay.
    pub bed: TestBed,
    /// An agent with a browser, before any page is open.
    pub agent: Agent,
    browser: Browser,
    further: Vec<Session>,
}

impl Stage {
    /// Which browser the case runs in.
    pub fn browser(&self) -> Browser {
        self.browser
    }

    /// Whether nothing goes wrong on purpose: what usually comes in order comes in order.
    pub fn is_calm(&self) -> bool {
        !wait::expects_trouble()
    }

    /// A further agent with a browser of their own.
    pub async fn another_agent(&mut self, microphone: MicrophonePermission) -> Result<Agent> {
        let session = Session::start(self.browser, microphone).await?;
        let agent = Agent::new(session.web(), &self.bed.origin);
        self.further.push(session);
        Ok(agent)
    }
}

/// Runs the cases in both browsers, as the command line says: words are parts of
/// names that shall run (such as `mute` or `firefox::`), `--list` only names them,
/// `--repeat N` runs everything N times, `--set NAME` runs them with the settings of a
/// set from the file `sets` (again for another one; `all` for every one).
pub fn main(cases: &[Case], sets: &str, artefacts: &Path) -> ExitCode {
    match run(cases, sets, artefacts) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// How the cases of one set went.
#[derive(Debug)]
struct Outcome {
    set: Set,
    passed: usize,
    skipped: usize,
    failed: Vec<String>,
    took: Duration,
}

impl Outcome {
    fn of(set: Set) -> Self {
        Self { set, passed: 0, skipped: 0, failed: Vec::new(), took: Duration::ZERO }
    }

    fn report(&self) {
        let Self { set, passed, skipped, failed, took } = self;
        let (failures, seconds) = (failed.len(), took.as_secs_f32());
        let name = &set.name;
        say(&format!("{name}: {passed} passed, {skipped} skipped, {failures} failed in {seconds:.0} s"));
        failed.iter().for_each(|case| say(&format!("    {case}")));
    }
}

#[derive(Debug, Default)]
struct Arguments {
    words: Vec<String>,
    sets: Vec<String>,
    only_list: bool,
    repeat: u32,
}

impl Arguments {
    fn read() -> Result<Self> {
        let mut arguments = Self { repeat: 1, ..Self::default() };
        let mut given = std::env::args().skip(1);
        while let Some(argument) = given.next() {
            match argument.as_str() {
                "--list" => arguments.only_list = true,
                "--repeat" => {
                    let times = given.next().context("--repeat wants a number")?;
                    arguments.repeat = times.parse().with_context(|| format!("--repeat {times}"))?;
                }
                "--set" => arguments.sets.push(given.next().context("--set wants a name")?),
                // What cargo's own harness knows and this one has no use for.
                option if option.starts_with('-') => {}
                word => arguments.words.push(word.to_owned()),
            }
        }
        Ok(arguments)
    }

    fn wants(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()))
    }
}

fn run(cases: &[Case], sets: &str, artefacts: &Path) -> Result<bool> {
    let arguments = Arguments::read()?;
    let wanted = |browser: Browser| -> Vec<&Case> {
        cases.iter().filter(|case| arguments.wants(&format!("{browser}::{}", case.name))).collect()
    };
    if arguments.only_list {
        for browser in Browser::ALL {
            wanted(browser).iter().for_each(|case| say(&format!("{browser}::{}: test", case.name)));
        }
        return Ok(true);
    }
    let sets = Set::chosen(&Set::read(sets)?, &arguments.sets)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut outcomes = Vec::new();
    for set in sets {
        say(&format!("\n{}: {}", set.name, set.about));
        let artefacts = artefacts.join(&set.name);
        // What an earlier run left behind says nothing about this one.
        let _ = fs::remove_dir_all(&artefacts);
        let begun = Instant::now();
        let mut outcome = Outcome::of(set);
        for round in 0..arguments.repeat {
            for browser in Browser::ALL {
                let mut lane = Lane { browser, session: None, artefacts: artefacts.clone() };
                for case in wanted(browser) {
                    runtime.block_on(lane.play(case, round, &mut outcome));
                }
                runtime.block_on(lane.close());
            }
        }
        outcome.took = begun.elapsed();
        outcomes.push(outcome);
    }
    say("");
    outcomes.iter().for_each(Outcome::report);
    let all_passed = outcomes.iter().all(|outcome| outcome.failed.is_empty());
    if !all_passed {
        say(&format!("what they left behind is in {}", artefacts.display()));
    }
    runtime.shutdown_timeout(CLEAN_UP);
    Ok(all_passed)
}

/// One browser's row of cases.
struct Lane {
    browser: Browser,
    session: Option<Session>,
    artefacts: PathBuf,
}

impl Lane {
    async fn play(&mut self, case: &Case, round: u32, outcome: &mut Outcome) {
        let name = format!("{}::{}", self.browser, case.name);
        let begun = Instant::now();
        drop(logs::take());
        let options = (case.options)(self.browser).map_err(anyhow::Error::msg).and_then(|options| {
            let settings = outcome.set.for_case(&options.settings, &name, round)?;
            Ok(BedOptions { settings, ..options })
        });
        let result = match options {
            Ok(options) => {
                if let Some(reason) = (case.pointless)(&options.settings) {
                    say(&format!("test {name} ... skipped: {reason}"));
                    outcome.skipped += 1;
                    return;
                }
                wait::expect(outcome.set.patience, options.settings.chaos != Chaos::default());
                self.try_play(case, &name, options).await
            }
            Err(error) => Err(error),
        };
        let seconds = begun.elapsed().as_secs_f32();
        match result {
            Ok(()) => {
                say(&format!("test {name} ... ok ({seconds:.1} s)"));
                outcome.passed += 1;
            }
            Err(error) => {
                say(&format!("test {name} ... FAILED ({seconds:.1} s)\n    {error:#}\n"));
                outcome.failed.push(name);
                // Whatever broke it must not break the next one.
                self.close().await;
            }
        }
    }

    async fn try_play(&mut self, case: &Case, name: &str, options: BedOptions) -> Result<()> {
        let session = match self.session.take() {
            Some(session) => session,
            None => Session::start(self.browser, MicrophonePermission::Granted).await?,
        };
        let session = self.session.insert(session);
        let bed = TestBed::start(options).await?;
        let agent = Agent::new(session.web(), &bed.origin);
        let mut stage = Stage { bed, agent, browser: self.browser, further: Vec::new() };

        let played = AssertUnwindSafe(timeout(case_limit(), (case.run)(&mut stage))).catch_unwind().await;
        let result = match played {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(anyhow!("the case was not over within {:?}", case_limit())),
            Err(panic) => Err(anyhow!("panicked: {}", words_of(panic.as_ref()))),
        };
        let console = console(session, &stage).await;
        let crashes: Vec<_> = console.iter().filter(|line| line.contains("Uncaught")).collect();
        let result = match result {
            Ok(()) if crashes.is_empty() => Ok(()),
            Ok(()) => Err(anyhow!("the page broke: {crashes:#?}")),
            Err(error) if crashes.is_empty() => Err(error),
            Err(error) => Err(error.context(format!("the page broke: {crashes:#?}"))),
        };
        if result.is_err() {
            keep(&self.artefacts.join(name.replace("::", "-")), session, &stage, &console).await;
        }
        let cleaned = timeout(CLEAN_UP, clean_up(session, stage)).await;
        let cleaned = cleaned.unwrap_or_else(|_| Err(anyhow!("cleaning up took longer than {CLEAN_UP:?}")));
        result.and(cleaned.context("cleaning up"))
    }

    async fn close(&mut self) {
        if let Some(session) = self.session.take() {
            // Dropped on a timeout, which ends the driver and with it the browser.
            let _ = timeout(CLEAN_UP, session.quit()).await;
        }
    }
}

/// What the pages of a case have written to their consoles.
async fn console(session: &Session, stage: &Stage) -> Vec<String> {
    let mut lines = Vec::new();
    for session in std::iter::once(session).chain(&stage.further) {
        // A browser that does not answer fails in cleaning up, with better words.
        if let Ok(Ok(written)) = timeout(PICTURE, session.console()).await {
            lines.extend(written);
        }
    }
    lines
}

async fn clean_up(session: &Session, stage: Stage) -> Result<()> {
    let Stage { bed, further, .. } = stage;
    session.reset().await?;
    for session in further {
        session.quit().await?;
    }
    bed.shut_down().await
}

/// Keeps pictures, texts and logs of a failed case.
async fn keep(folder: &Path, session: &Session, stage: &Stage, console: &[String]) {
    if let Err(error) = try_keep(folder, session, stage, console).await {
        say(&format!("what {} left behind can't be kept: {error:#}", folder.display()));
    }
}

async fn try_keep(folder: &Path, session: &Session, stage: &Stage, console: &[String]) -> Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("servers.log"), logs::take())?;
    fs::write(folder.join("relay.log"), stage.bed.relay_log().join("\n"))?;
    fs::write(folder.join("console.log"), console.join("\n"))?;
    for (number, session) in std::iter::once(session).chain(&stage.further).enumerate() {
        let file = |ending: &str| folder.join(format!("agent-{}.{ending}", number + 1));
        fs::write(file("driver.log"), session.driver_log())?;
        let picture = timeout(PICTURE, session.web().screenshot_as_png()).await;
        if let Ok(Ok(picture)) = picture {
            fs::write(file("png"), picture)?;
        }
        let text = timeout(PICTURE, Agent::new(session.web(), "").text()).await;
        if let Ok(Ok(text)) = text {
            fs::write(file("txt"), text)?;
        }
    }
    let calls = stage.bed.control.calls().await;
    fs::write(folder.join("calls.txt"), format!("{calls:#?}"))?;
    Ok(())
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without words")
}

#[expect(clippy::print_stdout, reason = "a test harness speaks to the terminal")]
fn say(line: &str) {
    println!("{line}");
}
