//! Relays that are killed again and again, in front of a simulator whose webhooks come
//! late, twice, out of order, forged and cut off; agents who only signal. When all has
//! come to rest: no call is lost, none has two owners, nothing rings that is over, and
//! everything went upstream once.
//!
//! Short runs are tests like any other: one relay with a file, and two that share a
//! `nats-server`. A long one: `CHAOS_CALLS=10000 CHAOS_AGENTS=50 CHAOS_AT_ONCE=24
//! CHAOS_KILL_EVERY_MS=5000 cargo test -p relay -p vobiz-sim -p testkit --test chaos
//! two_relays -- --nocapture` (or `one_relay`). `CHAOS_KEEP` names a folder for the
//! relays' logs and the journal's file, which are gone after the run without it.
#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]
#![expect(unreachable_pub, reason = "a test binary has no outside")]

mod agents;
mod check;
mod faults;
mod plan;
mod relays;
mod store;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio::time::sleep;
use vobiz::Number;
use vobiz_sim::{Behaviour, Credentials, Options, Person, Running, Settings, Simulator, Timing};

use agents::{Agent, Notes};
use faults::{Asked, Between};
use plan::{Dice, Engine, Plan};
use relays::{Relays, WEBHOOK_SECRET};
use store::Store;

/// Of so many calls in a hundred an agent makes one.
const OUTBOUND_PERCENT: usize = 20;
/// How long a call may take from its first ring to its end.
const CALL: Duration = Duration::from_secs(180);
/// How long everything may take to come to rest at the end.
const REST: Duration = Duration::from_secs(90);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);

#[tokio::test(flavor = "multi_thread")]
async fn one_relay_loses_nothing() {
    run(Plan::read(Engine::Sqlite, 7)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_relays_lose_nothing() {
    run(Plan::read(Engine::Nats, 11)).await;
}

/// The far end.
struct FarEnd {
    simulator: Running,
    client: reqwest::Client,
}

impl FarEnd {
    async fn start(plan: &Plan, webhooks: &str) -> Self {
        let timing = Timing {
            // Nobody sends media here.
            first_media_limit: Duration::from_secs(3_600),
            media_gap_limit: Duration::from_secs(3_600),
            accept_window: Duration::from_secs(15),
            ring_window: Duration::from_secs(5),
            ..Timing::default()
        };
        let options = Options {
            seed_rows: 0,
            settings: Settings { timing, ..Settings::default() },
            people: (0..plan.at_once + plan.calls).map(person).collect(),
            ..Options::default()
        };
        let simulator = Simulator::start(options.with_webhook(webhooks, WEBHOOK_SECRET)).await.unwrap();
        Self { simulator, client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    async fn control(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}/control/{path}", self.simulator.control_url)).json(body);
        request.send().await.unwrap().json().await.unwrap_or(Value::Null)
    }

    /// How a call stands; nothing when it is over for so long that it is not shown.
    async fn state(&self, call: &str) -> Option<String> {
        let request = self.client.get(format!("{}/control/calls/{call}", self.simulator.control_url));
        let view: Value = request.send().await.unwrap().json().await.unwrap();
        view["state"].as_str().map(str::to_owned)
    }

    async fn channel(&self) -> String {
        let request = self.client.get(format!("{}/control/state", self.simulator.control_url));
        let state: Value = request.send().await.unwrap().json().await.unwrap();
        state["business"][0]["channel_id"].as_str().unwrap().to_owned()
    }

    /// All rows of the log.
    async fn rows(&self) -> Vec<Value> {
        let mut rows = vec![];
        for page in 1.. {
            let url = format!("{}/calls/whatsapp/logs?limit=100&page={page}", self.simulator.base_url);
            let request = self.client.get(url);
            let request = request.bearer_auth(Credentials::default().bearer);
            let answer: Value = request.send().await.unwrap().json().await.unwrap();
            rows.extend(answer["items"].as_array().unwrap().iter().cloned());
            if answer["has_more"] != true {
                break;
            }
        }
        rows
    }

    /// Somebody calls, waits, and hangs up when it has taken long enough.
    async fn call(&self, from: usize, mut dice: Dice) {
        let view = self.control("ring", &json!({ "from": person(from).number.to_string() })).await;
        let call = view["id"].as_str().unwrap_or_else(|| panic!("nobody rings: {view}")).to_owned();
        let (patience, gives_up) = (dice.between(300, 2_500), dice.percent(10));
        let begun = Instant::now();
        let mut accepted = None;
        loop {
            match self.state(&call).await.as_deref() {
                None | Some("ended") => return,
                Some("accepted") => {
                    let since = accepted.get_or_insert_with(Instant::now);
                    if since.elapsed() > patience {
                        self.control(&format!("calls/{call}/hangup"), &json!({})).await;
                    }
                }
                Some(_) if gives_up && begun.elapsed() > patience => {
                    self.control(&format!("calls/{call}/hangup"), &json!({})).await;
                }
                Some(_) => {}
            }
            assert!(begun.elapsed() < CALL, "{call} does not end");
            sleep(LOOK).await;
        }
    }
}

fn person(index: usize) -> Person {
    Person {
        number: Number::parse(&format!("+9198{index:08}")).unwrap(),
        name: format!("Person {index}"),
        username: None,
        behaviour: match index % 5 {
            0 => Behaviour::Rejects,
            1 => Behaviour::NeverAnswers,
            _ => Behaviour::Speaks,
        },
        reaction: Duration::from_millis(200),
    }
}

async fn run(plan: Plan) {
    let folder = Folder::new(plan.engine);
    let between = Between::new(Dice::of(plan.seed, 0));
    let far_end = Arc::new(FarEnd::start(&plan, &between.listen_for_webhooks().await).await);
    let simulator = &far_end.simulator;
    let mut upstreams = vec![];
    for which in 0..plan.relays {
        let upstream = between.listen_for_requests(&simulator.control_url, which).await;
        upstreams.push(simulator.base_url.replace(&simulator.control_url, &upstream));
    }
    let store = Store::new(plan.engine, folder.path());
    let channel = far_end.channel().await;
    let relays = Arc::new(Relays::new(&plan, folder.path(), &store.address(), upstreams, &channel));
    for which in 0..plan.relays {
        relays.start(which).await;
    }
    *between.relays.lock().unwrap() = Some(relays.clone());
    let begun = Instant::now();
    let notes = Arc::new(Mutex::new(Notes::default()));
    let mut agents = vec![];
    for number in 0..plan.agents {
        agents.push(Agent::start(number, relays.clone(), notes.clone(), plan.seed).await);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let killing = tokio::spawn(kill(relays.clone(), plan.clone(), stop.clone()));

    make_calls(&plan, &far_end, &agents).await;
    stop.store(true, Ordering::SeqCst);
    killing.await.unwrap();
    let calls_took = begun.elapsed();
    let rows = match come_to_rest(&far_end, &agents).await {
        Ok(rows) => rows,
        Err(unrest) => {
            for which in 0..plan.relays {
                let metrics = relays.metrics(which).await;
                let own =
                    metrics.lines().filter(|line| line.starts_with("relay_") && !line.contains("_bucket"));
                eprintln!("relay {which}:\n{}", own.collect::<Vec<_>>().join("\n"));
            }
            let facts = store.settled(&relays).await;
            let asked = between.asked.lock().unwrap().clone();
            panic!("{}", unrest.told(&facts, &asked))
        }
    };

    let undelivered = between.undelivered.lock().unwrap().clone();
    assert!(undelivered.is_empty(), "webhooks that no relay took: {undelivered:?}");
    let kills = relays.kills.lock().unwrap().clone();
    let repeated = check::requests(&between.asked.lock().unwrap(), &kills);
    check::rows(&rows, &notes.lock().unwrap());
    drop(agents);
    between.relays.lock().unwrap().take();
    check::journal(&store.settled(&relays).await, &rows);
    let notes = notes.lock().unwrap();
    eprintln!(
        "{:?}, {} relays: {} calls in {:.0} s: {} answered by {} agents, {} dialled, {} kills, {} requests repeated",
        plan.engine,
        plan.relays,
        rows.len(),
        calls_took.as_secs_f32(),
        notes.won.len(),
        plan.agents,
        notes.dialed.len(),
        kills.len(),
        repeated,
    );
    assert!(!kills.is_empty() && !notes.won.is_empty(), "too little happened");
}

/// Where relays keep their files: gone after the run, or `CHAOS_KEEP`.
enum Folder {
    Passing(TempDir),
    Kept(PathBuf),
}

impl Folder {
    fn new(engine: Engine) -> Self {
        match std::env::var_os("CHAOS_KEEP") {
            Some(kept) => {
                let kept = PathBuf::from(kept).join(format!("{engine:?}"));
                std::fs::create_dir_all(&kept).unwrap();
                Self::Kept(kept)
            }
            None => Self::Passing(tempfile::tempdir().unwrap()),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Passing(folder) => folder.path(),
            Self::Kept(folder) => folder,
        }
    }
}

async fn kill(relays: Arc<Relays>, plan: Plan, stop: Arc<AtomicBool>) {
    let mut dice = Dice::of(plan.seed, u64::MAX);
    let mut next = Instant::now() + plan.kill_every;
    while !stop.load(Ordering::SeqCst) {
        if Instant::now() >= next {
            relays.kill_and_start(dice.below(plan.relays)).await;
            next = Instant::now() + plan.kill_every;
        }
        sleep(LOOK).await;
    }
}

async fn make_calls(plan: &Plan, far_end: &Arc<FarEnd>, agents: &[Arc<Agent>]) {
    let places = Arc::new(Semaphore::new(plan.at_once));
    // A person has one call at a time: each place has its own.
    let free = Arc::new(Mutex::new((0..plan.at_once).collect::<Vec<usize>>()));
    let mut dice = Dice::new(plan.seed);
    let mut running = tokio::task::JoinSet::new();
    for number in 0..plan.calls {
        let place = places.clone().acquire_owned().await.unwrap();
        let own = Dice::of(plan.seed, number as u64 + 1_000_000);
        if dice.percent(OUTBOUND_PERCENT) {
            let agent = agents[dice.below(agents.len())].clone();
            let to = person(plan.at_once + number).number.to_string();
            let attempt = format!("00000000-0000-4000-8000-{number:012}");
            running.spawn(async move {
                agent.dial(attempt, to).await;
                drop(place);
            });
        } else {
            let (far_end, free) = (far_end.clone(), free.clone());
            running.spawn(async move {
                let from = free.lock().unwrap().pop().unwrap();
                far_end.call(from, own).await;
                free.lock().unwrap().push(from);
                drop(place);
            });
        }
        while let Some(ended) = running.try_join_next() {
            ended.unwrap();
        }
    }
    while let Some(ended) = running.join_next().await {
        ended.unwrap();
    }
}

/// Calls that are still there when all should be over.
struct Unrest {
    upstream: Vec<Value>,
    /// By which agent, and how it stands there.
    pages: Vec<(usize, String, String)>,
}

impl Unrest {
    /// What the journal has of the calls, and what was asked of upstream about them.
    fn told(&self, facts: &[Value], asked: &[Asked]) -> String {
        let Self { upstream, pages } = self;
        let mut text = format!("it does not come to rest: upstream {upstream:?}; pages {pages:?}");
        for (_, call, _) in pages {
            let about = facts.iter().filter_map(|fact| fact.get("call"));
            let about: Vec<&Value> = about.filter(|fact| fact["call"] == call.as_str()).collect();
            let names: Vec<&str> = about.iter().filter_map(|fact| fact["initiated"].as_str()).collect();
            let is_named = |one: &&Asked| {
                let body = one.body.to_string();
                body.contains(call.as_str()) || names.iter().any(|name| body.contains(name))
            };
            let asked: Vec<&Asked> = asked.iter().filter(is_named).collect();
            text.push_str(&format!("\n{call}\n  journal: {about:?}\n  asked: {asked:?}"));
        }
        text
    }
}

/// Waits until no call is open upstream and no page shows one.
async fn come_to_rest(far_end: &FarEnd, agents: &[Arc<Agent>]) -> Result<Vec<Value>, Unrest> {
    let begun = Instant::now();
    loop {
        let rows = far_end.rows().await;
        let open: Vec<&Value> = rows
            .iter()
            .filter(|row| {
                let status = row["status"].as_str().unwrap();
                !matches!(status, "rejected" | "terminated" | "failed" | "missed")
            })
            .collect();
        let shows = |(number, agent): (usize, &Arc<Agent>)| {
            agent.shows().into_iter().map(move |(call, stage)| (number, call, stage))
        };
        let shown: Vec<_> = agents.iter().enumerate().flat_map(shows).collect();
        if open.is_empty() && shown.is_empty() {
            return Ok(rows);
        }
        if begun.elapsed() >= REST {
            return Err(Unrest { upstream: open.into_iter().cloned().collect(), pages: shown });
        }
        sleep(LOOK).await;
    }
}
