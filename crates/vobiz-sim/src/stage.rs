//! Plays the far end's half of a scenario against whoever is attached: rings as its people
//! at its times, changes what it changes, and waits for a person at the business where it
//! asks them to do something.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::time::sleep;
use vobiz::Number;
use vobiz::log::Direction;
use vobiz::rest::CALLS_PATH;

use crate::exchange::{CallError, CallView, Exchange};
use crate::scenario::{Act, By, Condition, HearsWord, Scenario, Script};

/// How often the far end looks.
const LOOKS: Duration = Duration::from_millis(100);

/// How long a person at the business gets for what they are asked to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// Until what must be true in the end is; what comes late comes within the repeats of a
/// webhook.
const SETTLES: Duration = Duration::from_secs(10);

/// Louder than this is no silence (dBFS).
const SILENCE_DBFS: f32 = -50.0;

/// The scenario that is played, or was played last.
#[derive(Debug, Default)]
pub(crate) struct Stage(Mutex<Option<Playing>>);

#[derive(Debug)]
struct Playing {
    view: StageView,
    /// Tells one playing from the next, so that an old one changes nothing.
    turn: Instant,
}

/// How far a scenario is.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct StageView {
    pub(crate) name: String,
    title: String,
    holds: String,
    state: State,
    /// Why it was stopped.
    why: Option<String>,
    lines: Vec<LineView>,
    sights: Vec<SightView>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Playing,
    Over,
    Stopped,
}

#[derive(Debug, Clone, Serialize)]
struct LineView {
    /// Whether a person at the business has to do it.
    yours: bool,
    text: String,
    state: Progress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Progress {
    Next,
    Now,
    Done,
}

#[derive(Debug, Clone, Serialize)]
struct SightView {
    text: String,
    /// Whether the far end sees that it is so; `None` for what only a page shows.
    is_so: Option<bool>,
}

impl Stage {
    /// How far the scenario is; `None` when there is none.
    pub(crate) fn view(&self) -> Option<StageView> {
        self.lock().as_ref().map(|playing| playing.view.clone())
    }

    /// Takes the scenario off; its player notices before it does anything more.
    pub(crate) fn clear(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Playing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the view of this turn, if it is still the one.
    fn show(&self, turn: Instant, change: impl FnOnce(&mut StageView)) {
        if let Some(playing) = self.lock().as_mut().filter(|playing| playing.turn == turn) {
            change(&mut playing.view);
        }
    }
}

/// Begins to play; whatever was played before ends.
///
/// # Errors
///
/// Says why the scenario can't be played here.
pub(crate) fn play(exchange: &Arc<Exchange>, name: &str, scenario: &Scenario) -> Result<StageView, String> {
    let script = Script::write(scenario)?;
    if exchange.webhooks().list().is_empty() {
        return Err("nobody would hear of it: no webhook is registered".into());
    }
    let view = StageView {
        name: name.to_owned(),
        title: scenario.title.clone(),
        holds: scenario.holds.clone(),
        state: State::Playing,
        why: None,
        lines: script
            .lines
            .iter()
            .map(|line| LineView {
                yours: line.by == By::You,
                text: line.text.clone(),
                state: Progress::Next,
            })
            .collect(),
        sights: script
            .sights
            .iter()
            .map(|sight| SightView { text: sight.text.clone(), is_so: None })
            .collect(),
    };
    let turn = Instant::now();
    exchange.set_scene(&script);
    *exchange.stage().lock() = Some(Playing { view: view.clone(), turn });
    let player =
        Player { exchange: Arc::clone(exchange), turn, calls: HashMap::new(), seen: newest(exchange) };
    exchange.tasks().spawn(player.run(script));
    Ok(view)
}

/// The number of the newest request.
fn newest(exchange: &Exchange) -> u64 {
    exchange.journal().requests().first().map_or(0, |note| note.number)
}

/// Why a player does not go on.
enum Stop {
    /// Another scenario is played, or none.
    Replaced,
    /// It does not go as it says.
    Fault(String),
}

struct Player {
    exchange: Arc<Exchange>,
    turn: Instant,
    /// Calls by their names in the scenario.
    calls: HashMap<String, String>,
    /// The newest request that was looked at.
    seen: u64,
}

impl Player {
    async fn run(mut self, script: Script) {
        let outcome = self.lines(&script).await;
        let (state, why) = match outcome {
            Ok(()) => (State::Over, None),
            Err(Stop::Replaced) => return,
            Err(Stop::Fault(why)) => (State::Stopped, Some(why)),
        };
        self.show(|view| (view.state, view.why) = (state, why));
        if state == State::Over {
            self.sights(&script).await;
            self.show(|view| view.lines.iter_mut().for_each(|line| line.state = Progress::Done));
        }
    }

    async fn lines(&mut self, script: &Script) -> Result<(), Stop> {
        for (index, line) in script.lines.iter().enumerate() {
            self.show(|view| view.lines[index].state = Progress::Now);
            self.act(&line.act).await?;
            // Whether a person did what they were only asked is known by what follows.
            if line.by == By::FarEnd || !matches!(line.act, Act::Said) {
                self.show(|view| {
                    view.lines[..=index].iter_mut().for_each(|line| line.state = Progress::Done)
                });
            }
        }
        Ok(())
    }

    async fn act(&mut self, act: &Act) -> Result<(), Stop> {
        self.check()?;
        match act {
            Act::Ring { from, call } => self.ring(from, call).await,
            Act::HangUp { call } => {
                let id = self.calls.get(call).ok_or_else(|| fault("there is no such call"))?;
                // It may be over already; that is what the expectations tell.
                let _ = self.exchange.hang_up(id);
                Ok(())
            }
            Act::Change(patch) => self.exchange.change(patch).map(drop).map_err(fault),
            Act::Wait(time) => {
                sleep(*time).await;
                Ok(())
            }
            Act::Said => Ok(()),
            Act::Called { to, call } => self.called(to, call).await,
            Act::Accepted { call } => {
                self.until(call, |view| view.state == "accepted" || view.is_over()).await
            }
            Act::Over { call } => self.until(call, CallView::is_over).await,
            Act::Until(condition) => {
                self.until(&condition.call, |view| is_so(condition, view)).await?;
                let Some(stays) = condition.stays else { return Ok(()) };
                sleep(stays.0).await;
                self.check()?;
                let is_still = self.call(&condition.call).is_none_or(|view| is_so(condition, &view));
                if is_still { Ok(()) } else { Err(fault("it was so, and then no longer")) }
            }
        }
    }

    async fn ring(&mut self, from: &Number, call: &str) -> Result<(), Stop> {
        let person = self.exchange.person(from).ok_or_else(|| fault("the person is gone"))?;
        let business = self.exchange.first_business().ok_or_else(|| fault("there is no business"))?;
        let view = self.exchange.ring(business, &person).await.map_err(|error| match error {
            CallError::Refused(refusal) => fault(refusal.details()),
            CallError::Broken(error) => fault(error),
        })?;
        self.calls.insert(call.to_owned(), view.id);
        Ok(())
    }

    /// Waits until the business has asked for a call to this number. The request is what
    /// counts, because one that is refused has no call; it is noted when it has been answered.
    async fn called(&mut self, to: &Number, call: &str) -> Result<(), Stop> {
        let begun = Instant::now();
        loop {
            self.check()?;
            let asked = self
                .exchange
                .journal()
                .requests()
                .into_iter()
                .filter(|note| note.number > self.seen && note.method == "POST")
                .filter(|note| note.path.ends_with(CALLS_PATH) && note.brief.contains(to.as_str()))
                .map(|note| note.number)
                .min();
            if let Some(number) = asked {
                let found = self.exchange.calls().into_iter().find(|view| {
                    view.number == to.as_str()
                        && view.direction == Direction::Outbound
                        && !self.calls.values().any(|known| *known == view.id)
                });
                if let Some(view) = found {
                    self.calls.insert(call.to_owned(), view.id);
                }
                self.seen = number;
                return Ok(());
            }
            wait(begun, "the business has not called").await?;
        }
    }

    /// Waits until a call is as it should be. A call that never was, because it was refused,
    /// is waited for no longer.
    async fn until(&self, call: &str, is_so: impl Fn(&CallView) -> bool) -> Result<(), Stop> {
        let begun = Instant::now();
        loop {
            self.check()?;
            if self.call(call).is_none_or(|view| is_so(&view)) {
                return Ok(());
            }
            wait(begun, "it did not come to that").await?;
        }
    }

    /// A call by its name in the scenario; one that was refused never was.
    fn call(&self, name: &str) -> Option<CallView> {
        self.exchange.call(self.calls.get(name)?)
    }

    /// Looks at what must be true until it is, or no longer can be expected.
    async fn sights(&self, script: &Script) {
        let begun = Instant::now();
        loop {
            let seen: Vec<Option<bool>> = script
                .sights
                .iter()
                .map(|sight| {
                    let condition = sight.condition.as_ref()?;
                    let view = self.call(&condition.call)?;
                    Some(is_so(condition, &view))
                })
                .collect();
            let is_open = seen.contains(&Some(false)) && begun.elapsed() < SETTLES;
            // What is not yet so is not shown as wrong.
            self.show(|view| {
                for (sight, is_so) in view.sights.iter_mut().zip(seen) {
                    sight.is_so = is_so.filter(|is_so| *is_so || !is_open);
                }
            });
            if !is_open || self.check().is_err() {
                return;
            }
            sleep(LOOKS).await;
        }
    }

    fn check(&self) -> Result<(), Stop> {
        let stage = self.exchange.stage().lock();
        let is_current = stage.as_ref().is_some_and(|playing| playing.turn == self.turn);
        if is_current { Ok(()) } else { Err(Stop::Replaced) }
    }

    fn show(&self, change: impl FnOnce(&mut StageView)) {
        self.exchange.stage().show(self.turn, change);
    }
}

fn fault(what: impl ToString) -> Stop {
    Stop::Fault(what.to_string())
}

async fn wait(begun: Instant, what: &str) -> Result<(), Stop> {
    if begun.elapsed() >= PATIENCE {
        return Err(fault(format!("{what} within {} s", PATIENCE.as_secs())));
    }
    sleep(LOOKS).await;
    Ok(())
}

/// Whether a call is as a condition has it, as far as the far end can see. A person at the
/// business has no tone: whatever sound comes will do for one.
fn is_so(condition: &Condition, view: &CallView) -> bool {
    let ended = view.ended.as_ref().map(|ended| ended.reason);
    let is_silent = view.media.level_dbfs.is_none_or(|level| level <= SILENCE_DBFS);
    let flows = view.media.connected && view.media.packets_in > 0;
    condition.state.as_deref().is_none_or(|state| state == view.state)
        && condition.ended.as_deref().is_none_or(|reason| Some(reason) == ended)
        && condition.keys.as_deref().is_none_or(|keys| keys == view.media.dtmf)
        && condition.early_media.is_none_or(|early| early == view.media.early_media)
        && condition.hears_hz.is_none_or(|_| flows)
        && match condition.hears {
            None => true,
            // Whoever is muted sends packets, too.
            Some(HearsWord::Sound) => view.media.connected && !is_silent,
            Some(HearsWord::Silence) => is_silent,
        }
}
