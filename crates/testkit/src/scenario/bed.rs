//! Relay, tap and simulator of one scenario.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use tempfile::TempDir;
use tokio::time::timeout;
use vobiz::Number;
use vobiz_sim::{Behaviour, Credentials, Options, Person, Running, Simulator, usual_people};

use super::check::always_there;
use super::file::{self, PersonPart, Scenario};
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
        let options = Options {
            people,
            settings: scenario.simulator.clone(),
            seed_rows: SEED_ROWS,
            ..Options::default()
        }
        .with_webhook(tap.webhook_url(), WEBHOOK_SECRET);
        let ip = options.media_ip;
        let simulator = Simulator::start(options).await?;
        tap.connect(&simulator.base_url, relay.address);
        let control = Control::new(simulator.control_url.clone())?;
        let business = control.business().await?;
        let channel = business.into_iter().next().context("the simulator has no business number")?;

        let agents = folder.path().join("agents.toml");
        let people =
            scenario.agents.iter().map(|agent| agent.get_ref()).filter(|agent| agent.tab_of.is_none());
        let names = people.map(|agent| agent.name.as_str());
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

/// Those who are always there, with what differs, and whoever is new; and numbers by
/// name.
fn people(scenario: &Scenario) -> Result<(Vec<Person>, HashMap<String, String>)> {
    let mut people: Vec<(String, Person)> = always_there().into_iter().zip(usual_people()).collect();
    for (_, person) in &mut people {
        person.reaction = REACTION;
    }
    for (index, part) in (0..).zip(&scenario.people) {
        let part = part.get_ref();
        if !people.iter().any(|(name, _)| *name == part.name) {
            let number = Number::parse(&format!("+{}", FIRST_NUMBER + index))?;
            let mut person = Person::new(number, part.name.clone(), Behaviour::Echoes);
            person.reaction = REACTION;
            people.push((part.name.clone(), person));
        }
        if let Some((_, person)) = people.iter_mut().find(|(name, _)| *name == part.name) {
            change(person, part)?;
        }
    }
    let numbers = people.iter().map(|(name, person)| (name.clone(), person.number.to_string())).collect();
    Ok((people.into_iter().map(|(_, person)| person).collect(), numbers))
}

fn change(person: &mut Person, part: &PersonPart) -> Result<()> {
    person.reaction = part.reaction.map_or(person.reaction, |reaction| reaction.0);
    person.username = part.username.clone().or(person.username.take());
    let does = part.does.as_deref().or(part.tone.map(|_| "tone"));
    if let Some(does) = does {
        person.behaviour =
            Behaviour::read(does, part.tone, part.code).map_err(|fault| anyhow!("{}: {fault}", part.name))?;
    }
    Ok(())
}
