//! Plays one scenario: starts everything, takes the steps in their order, looks at
//! what must be true.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::{sleep, timeout};
use vobiz_sim::scenario::{RelayVerb, Scenario, Step, Verb};

use super::bed::Bed;
use super::report::{Line, Report};
use super::timeline::Timeline;
use super::truth;
use super::world::{World, present};
use crate::headless::Order;

/// Every line that came true must still be true this much later.
const SETTLES: Duration = Duration::from_millis(400);
/// How long putting everything away may take.
const ENDS_WITHIN: Duration = Duration::from_secs(15);

/// Plays a scenario; `text` is its file, whose lines the report quotes.
pub async fn play(scenario: &Scenario, text: &str) -> Report {
    let timeline = Arc::new(Timeline::begin());
    let mut run = Run { scenario, text, timeline: Arc::clone(&timeline), lines: Vec::new(), log: Vec::new() };
    let stopped = match timeout(scenario.deadline.0, run.all()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(format!("{error:#}")),
        Err(_) => Some(format!("it was not over within {:?}", scenario.deadline.0)),
    };
    Report {
        title: scenario.title.clone(),
        took: timeline.elapsed(),
        story: timeline.lines(),
        lines: run.lines,
        stopped,
        log: run.log,
    }
}

struct Run<'a> {
    scenario: &'a Scenario,
    text: &'a str,
    timeline: Arc<Timeline>,
    lines: Vec<Line>,
    log: Vec<String>,
}

impl Run<'_> {
    async fn all(&mut self) -> Result<()> {
        let bed = Bed::start(self.scenario, &self.timeline).await?;
        let mut world = World::new(bed, Arc::clone(&self.timeline));
        let played = self.on(&mut world).await;
        self.log = world.bed.relay.log_tail();
        let bed = world.end();
        let ended =
            timeout(ENDS_WITHIN, bed.end()).await.context("putting everything away takes too long")?;
        played.and(ended)
    }

    async fn on(&mut self, world: &mut World) -> Result<()> {
        for agent in present(self.scenario) {
            world.join(agent).await.with_context(|| format!("{} can't join", agent.name))?;
        }
        for step in &self.scenario.steps {
            let line = self.text.get(..step.span().start).unwrap_or_default().lines().count();
            self.step(world, step.get_ref()).await.with_context(|| format!("the step in line {line}"))?;
        }
        for expectation in &self.scenario.expect {
            let fault = truth::becomes(world, expectation.get_ref()).await.err();
            let text = on_one_line(self.text.get(expectation.span().start..).unwrap_or_default());
            self.lines.push(Line { text, fault: fault.map(|fault| format!("{fault:#}")) });
        }
        // What was true too early to count, and what comes late.
        sleep(SETTLES).await;
        for (expectation, line) in self.scenario.expect.iter().zip(&mut self.lines) {
            if line.fault.is_none() {
                let fault = truth::still(world, expectation.get_ref()).await.err();
                line.fault = fault.map(|fault| format!("{fault:#}"));
            }
        }
        Ok(())
    }

    async fn step(&self, world: &mut World, step: &Step) -> Result<()> {
        if let Some(at) = step.at {
            sleep(at.0.saturating_sub(self.timeline.elapsed())).await;
        }
        if let Some(after) = step.after {
            sleep(after.0).await;
        }
        if let Some(when) = &step.when {
            truth::becomes(world, when).await?;
        }
        if let Some(verb) = step.relay {
            return relay(world, verb).await;
        }
        if let Some(patch) = &step.simulator {
            let patch = serde_json::to_value(patch)?;
            self.timeline.say(format!("simulator            changes {patch}"));
            return world.bed.control.change(&patch).await;
        }
        let Some(verb) = step.does else { return Ok(()) };
        match (&step.person, &step.agent) {
            (Some(person), _) => person_does(world, person, verb, &step.call).await,
            (None, Some(agent)) => self.agent_does(world, agent, verb, step).await,
            (None, None) => Ok(()),
        }
    }

    async fn agent_does(&self, world: &mut World, name: &str, verb: Verb, step: &Step) -> Result<()> {
        let call = || world.named(&step.call).map(|named| named.page.clone());
        let order = match verb {
            Verb::Dials => {
                let to = step.to.as_deref().unwrap_or_default();
                return world.dial(&step.call, name, to).await;
            }
            Verb::Joins => {
                let part = self.scenario.agents.iter().map(|agent| agent.get_ref());
                let part =
                    part.into_iter().find(|agent| agent.name == name).context("nobody of that name")?;
                return world.join(part).await;
            }
            Verb::Leaves => {
                self.timeline.say(format!("{name:<10}           closes the browser"));
                world.leave(name);
                return Ok(());
            }
            Verb::SignsOut => {
                self.timeline.say(format!("{name:<10}           signs out"));
                return world.agent(name)?.door.sign_out().await;
            }
            Verb::PointsAtAccept => Order::Prepare(call()?),
            Verb::Accepts => Order::Accept(call()?),
            Verb::Rejects => Order::Reject(call()?),
            Verb::HangsUp => Order::HangUp(call()?),
            Verb::Mutes => Order::Mute(call()?, true),
            Verb::Unmutes => Order::Mute(call()?, false),
            Verb::DetachesTrack => Order::Track(call()?, false),
            Verb::AttachesTrack => Order::Track(call()?, true),
            Verb::Presses => Order::Press(call()?, step.keys.clone().unwrap_or_default()),
            Verb::GoesAway => Order::Available(false),
            Verb::ComesBack => Order::Available(true),
            Verb::LosesSocket => Order::Online(false),
            Verb::FindsSocket => Order::Online(true),
            Verb::LosesMedia => Order::Network(false),
            Verb::FindsMedia => Order::Network(true),
            Verb::Reloads => Order::Reload,
            // Refused when the file is read.
            Verb::Rings => return Ok(()),
        };
        self.timeline.say(format!("{name:<10}           {}", words(verb)));
        world.agent(name)?.order(order).await;
        Ok(())
    }
}

async fn person_does(world: &mut World, person: &str, verb: Verb, call: &str) -> Result<()> {
    if verb == Verb::Rings {
        return world.ring(call, person).await;
    }
    let view = world.upstream(call).await?.context("upstream has no such call")?;
    world.timeline.say(format!("{person:<10}           hangs up"));
    world.bed.control.hang_up(&view.id).await
}

async fn relay(world: &mut World, verb: RelayVerb) -> Result<()> {
    match verb {
        RelayVerb::Stop => {
            world.timeline.say("relay                is stopped");
            world.bed.relay.stop().await
        }
        RelayVerb::Kill => {
            world.timeline.say("relay                is killed");
            world.bed.relay.kill()
        }
        RelayVerb::Start => {
            world.bed.relay.start().await?;
            world.timeline.say("relay                is there again");
            Ok(())
        }
    }
}

fn words(verb: Verb) -> String {
    format!("{verb:?}").chars().fold(String::new(), |mut words, letter| {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
        words
    })
}

/// The table that a text begins with, as one line and without its header.
fn on_one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).skip(1).take_while(|line| !line.starts_with('['));
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect::<Vec<_>>().join("   ")
}
