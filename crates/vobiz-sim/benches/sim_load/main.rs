//! What it costs one simulator to hold 200 calls with real sound in both directions:
//! `cargo xtask bench sim-load`. The callers are this process, so that the simulator's
//! cost stands alone.

#[path = "../support/mod.rs"]
mod support;

mod caller;
mod cost;

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use caller::{Caller, IP, SECOND};
use cost::cpu;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Method;
use serde_json::{Value, json};
use support::{Program, load, say};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use vobiz::event::Envelope;
use vobiz::meta::Signal;
use vobiz_sim::Business;

/// Calls at once; `SIM_LOAD_CALLS` asks for fewer, where a machine is too busy for them.
const CALLS: u32 = 200;
/// Calls that are being set up at once: as fast as it gets without making two cores late
/// for the calls that stand already.
const AT_ONCE: usize = 8;
/// How long each measurement lasts.
const MEASURED: Duration = Duration::from_secs(20);
/// Until the last packets have come.
const SETTLES: Duration = Duration::from_millis(500);
/// How often a console that is open asks, and how long that is measured.
const CONSOLE_ASKS: Duration = Duration::from_millis(500);
const CONSOLE_MEASURED: Duration = Duration::from_secs(10);
/// Longest time for everything.
const LIMIT: Duration = Duration::from_secs(170);
/// Until a call stands.
const CALL_LIMIT: Duration = Duration::from_secs(30);
/// Until sound is heard, once the answer is there.
const HEARD_WITHIN: Duration = Duration::from_secs(15);
/// The share of packets that has to arrive for the calls to count as held.
const ENOUGH: f64 = 0.99;
/// How far a frequency may be off, in hertz: codec and measurement.
const OFF_BY_HZ: f64 = 15.0;
/// How often it is looked at who hears what, and the time between two looks.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    support::run("sim-load", LIMIT, measure)
}

async fn measure() -> Result<()> {
    let wanted = std::env::var("SIM_LOAD_CALLS").ok().and_then(|calls| calls.parse().ok());
    let count: u32 = wanted.unwrap_or(CALLS).clamp(1, CALLS);
    say(&format!("load of the machine before: {}", load()));
    let answers = Answers::default();
    let hook = answers.listen().await?;
    let simulator = Program::start(&["--webhook", &hook, "--webhook-secret", "measured"]).await?;
    let empty = simulator.resident()?;

    let begun = Instant::now();
    let calls: Vec<Caller> = stream::iter(0..count)
        .map(|number| set_up(&simulator, &answers, number))
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let set_up = begun.elapsed();
    say(&format!("{count} calls stand after {:.1} s, {AT_ONCE} at a time", set_up.as_secs_f64()));

    let quiet = window(&simulator, &calls, MEASURED, None).await?;
    quiet.tell("alone");
    let watched = window(&simulator, &calls, CONSOLE_MEASURED, Some(CONSOLE_ASKS)).await?;
    watched.tell("with a console open");
    say(&format!(
        "memory: {:.0} MB resident, {empty:.0} MB without calls: {:.2} MB for each call",
        quiet.resident,
        (quiet.resident - empty) / f64::from(count)
    ));
    right_sound(&simulator, &calls).await?;
    let arrived = all_arrive(&simulator, &calls).await?;
    say(&format!("packets that arrived at the simulator over the whole time: {:.2} %", arrived * 100.0));
    let least = arrived.min(quiet.out).min(watched.out);
    ensure!(least >= ENOUGH, "only {:.2} % of the packets arrived", least * 100.0);
    Ok(())
}

/// Sets up a call: the person is made, called, picks up, and both are heard.
async fn set_up(simulator: &Program, answers: &Answers, number: u32) -> Result<Caller> {
    let standing = async {
        let person = person(number);
        let tone = json!({ "behaviour": "tone", "tone_hz": persons_tone(number), "reaction_ms": 100 });
        let path = format!("/people/%2B{}", person.trim_start_matches('+'));
        simulator.control(Method::PUT, &path, Some(&tone)).await?;
        let caller = Caller::new(callers_tone(number)).await?;
        let answer = answers.expect(&person);
        let channel = Business::default().channel_id;
        let initiate = json!({ "channel_id": channel, "to": person, "sdp_offer": caller.sdp });
        simulator.rest(Method::POST, "/calls/whatsapp", Some(&initiate)).await?;
        caller.answered(answer.await.context("no answer came")?).await?;
        caller.speak(true).await?;
        let begun = Instant::now();
        while !caller.hears()? {
            ensure!(begun.elapsed() < HEARD_WITHIN, "nothing is heard; {}", caller.progress());
            sleep(Duration::from_millis(20)).await;
        }
        Ok(caller)
    };
    let stands = timeout(CALL_LIMIT, standing).await.context("it takes too long").flatten();
    stands.with_context(|| format!("call {number} does not stand"))
}

fn person(number: u32) -> String {
    format!("+9197{number:08}")
}

/// Each caller and each person says a tone of their own, so that a mix-up would be heard.
fn callers_tone(number: u32) -> u32 {
    300 + 10 * number
}

fn persons_tone(number: u32) -> u32 {
    2_400 - 10 * number
}

/// What a time with all calls cost.
struct Window {
    seconds: f64,
    cpu: f64,
    own_cpu: f64,
    calls: f64,
    resident: f64,
    /// The share of the simulator's packets that arrived here.
    out: f64,
    late: f64,
}

async fn window(
    simulator: &Program,
    calls: &[Caller],
    length: Duration,
    console: Option<Duration>,
) -> Result<Window> {
    let count = || {
        calls
            .iter()
            .map(Caller::count)
            .fold((0, 0), |(received, late), count| (received + count.received, late + count.late))
    };
    let costs = || -> Result<(f64, f64)> { Ok((cpu(simulator.process.id())?, cpu(std::process::id())?)) };
    let (before, costs_before, begun) = (count(), costs()?, Instant::now());
    match console {
        None => sleep(length).await,
        Some(pause) => {
            while begun.elapsed() < length {
                for path in ["/state", "/journal", "/settings"] {
                    simulator.control(Method::GET, path, None).await?;
                }
                sleep(pause).await;
            }
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let (after, costs_after) = (count(), costs()?);
    let received = (after.0 - before.0) as f64;
    Ok(Window {
        seconds,
        cpu: costs_after.0 - costs_before.0,
        own_cpu: costs_after.1 - costs_before.1,
        calls: calls.len() as f64,
        resident: simulator.resident()?,
        out: received / (seconds * SECOND as f64 * calls.len() as f64),
        late: (after.1 - before.1) as f64 / received,
    })
}

impl Window {
    fn tell(&self, name: &str) {
        say(&format!(
            "{name}: {:.2} s of CPU each second ({:.1} ms for each call; {:.2} times a bare caller); \
             {:.2} % of its packets arrived, {:.2} % of them late",
            self.cpu / self.seconds,
            self.cpu / self.seconds / self.calls * 1_000.0,
            self.cpu / self.own_cpu,
            self.out * 100.0,
            self.late * 100.0,
        ));
    }
}

/// Everybody hears whom they talk to, and nobody else. A measurement in which a packet was
/// late is off, so it is looked at again.
async fn right_sound(simulator: &Program, calls: &[Caller]) -> Result<()> {
    let mut unheard: Vec<(u32, &Caller)> = (0..).zip(calls).collect();
    for _ in 0..LOOKS {
        let heard: HashMap<String, Value> =
            state(simulator).await?.into_iter().map(|call| (text(&call["number"]), call)).collect();
        let mut still = Vec::new();
        for (number, caller) in unheard {
            let call = heard.get(&person(number)).with_context(|| format!("call {number} is gone"))?;
            ensure!(call["state"] == "accepted", "call {number} is {}: {}", call["state"], call["ended"]);
            let there = call["media"]["frequency_hz"].as_f64().unwrap_or_default();
            let (there_said, here_said) = (f64::from(callers_tone(number)), f64::from(persons_tone(number)));
            let here = caller.frequency()?;
            if (there - there_said).abs() > OFF_BY_HZ || (here - here_said).abs() > OFF_BY_HZ {
                still.push((number, caller));
            }
        }
        unheard = still;
        if unheard.is_empty() {
            say(&format!("all {} calls are accepted and hear the right tone on both sides", calls.len()));
            return Ok(());
        }
        sleep(BETWEEN_LOOKS).await;
    }
    let numbers: Vec<u32> = unheard.into_iter().map(|(number, _)| number).collect();
    bail!("these calls never heard the right tone: {numbers:?}")
}

/// The share of all packets from here that the handsets received; nobody speaks afterwards.
async fn all_arrive(simulator: &Program, calls: &[Caller]) -> Result<f64> {
    for caller in calls {
        caller.speak(false).await?;
    }
    sleep(SETTLES).await;
    let received: u64 =
        state(simulator).await?.iter().filter_map(|call| call["media"]["packets_in"].as_u64()).sum();
    let sent: u64 = calls.iter().map(|caller| caller.count().sent).sum();
    Ok(received as f64 / sent as f64)
}

async fn state(simulator: &Program) -> Result<Vec<Value>> {
    let state = simulator.control(Method::GET, "/state", None).await?;
    Ok(state["calls"].as_array().cloned().unwrap_or_default())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The answers that webhooks bring, by the number of the person.
#[derive(Clone, Default)]
struct Answers(Arc<Mutex<HashMap<String, oneshot::Sender<String>>>>);

impl Answers {
    /// Where the simulator delivers.
    async fn listen(&self) -> Result<String> {
        let listener = tokio::net::TcpListener::bind((IP, 0)).await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let answers = self.clone();
        let hook = post(move |body: Bytes| async move { answers.take(&body) });
        // It ends with this process.
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/hook", hook)).await });
        Ok(url)
    }

    fn expect(&self, person: &str) -> oneshot::Receiver<String> {
        let (sender, receiver) = oneshot::channel();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(person.to_owned(), sender);
        receiver
    }

    fn take(&self, body: &[u8]) {
        let Ok(envelope) = serde_json::from_slice::<Envelope>(body) else { return };
        for signal in envelope.signals() {
            if let Signal::Connect { head, sdp: Some(sdp), .. } = signal
                && let Some(number) = head.person.number
                && let Some(waiting) =
                    self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(number.as_str())
            {
                // The caller may have given up.
                let _ = waiting.send(sdp);
            }
        }
    }
}
