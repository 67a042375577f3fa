//! Relay, tap and simulator of one scenario.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use tokio::time::timeout;
use vobiz::Number;
use vobiz_sim::{
    ActionId, Behaviour, Credentials, Options, PayloadShape, Person, Running, Simulator, usual_people,
};

use super::check::PEOPLE;
use super::file::{self, ActionIdWord, BehaviourWord, PayloadWord, PersonPart, Scenario};
use super::relay::{ALIVE, Relay};
use super::tap::Tap;
use super::timeline::Timeline;
use crate::bed::agents_file;
use crate::control::Control;

/// Worth nothing outside a test.
const WEBHOOK_SECRET: &str = "scenario-webhook-secret";
/// The same for everybody: what is under test is not their memory.
const PASSWORD: &str = "scenario-password";
/// How long people take to pick up or to refuse.
const REACTION: Duration = Duration::from_millis(400);
/// Rows of history, so that a log is never empty.
const SEED_ROWS: u32 = 3;
/// How long the simulator may take to end.
const SIMULATOR: Duration = Duration::from_secs(5);
/// The first number of people whom a scenario adds.
const FIRST_NUMBER: u64 = 919_800_000_101;

/// Everything but the agents.
#[derive(Debug)]
pub(super) struct Bed {
    pub(super) control: Control,
    pub(super) relay: Relay,
    pub(super) tap: Tap,
    pub(super) origin: String,
    /// Where media goes.
    pub(super) ip: IpAddr,
    /// Numbers by the names of the scenario.
    pub(super) numbers: HashMap<String, String>,
    simulator: Option<Running>,
    _folder: TempDir,
}

impl Bed {
    pub(super) async fn start(scenario: &Scenario, timeline: &Arc<Timeline>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("scenario-").tempdir()?;
        let rules = scenario.tap.iter().map(|rule| rule.get_ref().clone()).collect();
        let tap = Tap::open(rules, WEBHOOK_SECRET, Arc::clone(timeline)).await?;
        let mut relay = Relay::new(scenario.relay.run, folder.path()).await?;

        let (people, numbers) = people(scenario)?;
        let options = Options { people, ..options(scenario) }.with_webhook(tap.webhook_url(), WEBHOOK_SECRET);
        let ip = options.media_ip;
        let simulator = Simulator::start(options).await?;
        tap.connect(&simulator.base_url, relay.address);
        let control = Control::new(simulator.control_url.clone())?;
        let business = control.business().await?;
        let channel = business.into_iter().next().context("the simulator has no business number")?;

        let agents = folder.path().join("agents.toml");
        let names = scenario.agents.iter().map(|agent| agent.get_ref().name.as_str());
        std::fs::write(&agents, agents_file(names.map(|name| (name, name, PASSWORD)))?)?;
        let origin = format!("http://localhost:{}", relay.address.port());
        let token = match scenario.relay.credentials {
            file::Credentials::Right => Credentials::default().auth_token,
            file::Credentials::Wrong => {
                relay.ready_at = ALIVE;
                "not-the-token".to_owned()
            }
        };
        relay
            .configure(HashMap::from([
                ("RELAY_LISTEN", relay.address.to_string()),
                ("RELAY_ORIGIN", origin.clone()),
                ("RELAY_AGENTS", agents.display().to_string()),
                ("RELAY_JOURNAL", format!("sqlite:{}", folder.path().join("softphone.db").display())),
                // No browser, so no page.
                ("RELAY_APP", folder.path().join("page").display().to_string()),
                ("VOBIZ_BASE_URL", tap.base_url()),
                ("VOBIZ_AUTH_ID", Credentials::default().auth_id),
                ("VOBIZ_AUTH_TOKEN", token),
                ("VOBIZ_CHANNEL_ID", channel.channel_id),
                ("VOBIZ_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
            ]))
            .await?;
        Ok(Self { control, relay, tap, origin, ip, numbers, simulator: Some(simulator), _folder: folder })
    }

    /// Everybody's password.
    pub(super) fn password(&self) -> &'static str {
        PASSWORD
    }

    /// Ends everything and waits until nothing is left.
    pub(super) async fn end(mut self) -> Result<()> {
        self.relay.end().await?;
        if let Some(simulator) = self.simulator.take() {
            timeout(SIMULATOR, simulator.shutdown())
                .await
                .with_context(|| format!("the simulator did not end within {SIMULATOR:?}"))?;
        }
        Ok(())
    }
}

fn options(scenario: &Scenario) -> Options {
    let switches = &scenario.simulator;
    let mut options = Options { seed_rows: SEED_ROWS, ..Options::default() };
    let timing = &mut options.timing;
    for (named, value) in [
        (switches.accept_window, &mut timing.accept_window),
        (switches.ring_window, &mut timing.ring_window),
        (switches.answer_delay, &mut timing.answer_delay),
        (switches.ringing_delay, &mut timing.ringing_delay),
        (switches.first_media_limit, &mut timing.first_media_limit),
        (switches.media_gap_limit, &mut timing.media_gap_limit),
    ] {
        if let Some(span) = named {
            *value = span.0;
        }
    }
    options.max_calls = switches.max_calls.unwrap_or(options.max_calls);
    options.action_id = match switches.action_id {
        Some(ActionIdWord::Uuid) => ActionId::Uuid,
        Some(ActionIdWord::Wacid) => ActionId::Wacid,
        Some(ActionIdWord::Both) | None => ActionId::Both,
    };
    options.payload_shape = match switches.payload {
        Some(PayloadWord::Value) => PayloadShape::InnerValue,
        Some(PayloadWord::Whole) | None => PayloadShape::WholeObject,
    };
    options
}

/// The six who are always there, with what differs, and whoever is new; and numbers by
/// name.
fn people(scenario: &Scenario) -> Result<(Vec<Person>, HashMap<String, String>)> {
    let mut people: Vec<(String, Person)> =
        PEOPLE.iter().map(|name| (*name).to_owned()).zip(usual_people()).collect();
    for (_, person) in &mut people {
        person.reaction = REACTION;
    }
    for (index, part) in (0..).zip(&scenario.people) {
        let part = part.get_ref();
        if !people.iter().any(|(name, _)| *name == part.name) {
            let number = Number::parse(&format!("+{}", FIRST_NUMBER + index))?;
            let person =
                Person { number, name: part.name.clone(), behaviour: Behaviour::Echoes, reaction: REACTION };
            people.push((part.name.clone(), person));
        }
        if let Some((_, person)) = people.iter_mut().find(|(name, _)| *name == part.name) {
            change(person, part);
        }
    }
    let numbers = people.iter().map(|(name, person)| (name.clone(), person.number.to_string())).collect();
    Ok((people.into_iter().map(|(_, person)| person).collect(), numbers))
}

fn change(person: &mut Person, part: &PersonPart) {
    /// What a person plays when the scenario names no frequency.
    const TONE_HZ: f32 = 440.0;
    if let Some(reaction) = part.reaction {
        person.reaction = reaction.0;
    }
    let tone = Behaviour::Tone(part.tone.unwrap_or(TONE_HZ));
    match part.does {
        Some(BehaviourWord::Speaks) => person.behaviour = Behaviour::Speaks,
        Some(BehaviourWord::Echoes) => person.behaviour = Behaviour::Echoes,
        Some(BehaviourWord::Rejects) => person.behaviour = Behaviour::Rejects,
        Some(BehaviourWord::NeverAnswers) => person.behaviour = Behaviour::NeverAnswers,
        Some(BehaviourWord::NoPermission) => person.behaviour = Behaviour::NoPermission,
        Some(BehaviourWord::Tone) => person.behaviour = tone,
        None if part.tone.is_some() => person.behaviour = tone,
        None => {}
    }
}
