//! Relay, tap and simulator of one scenario.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use tokio::time::timeout;
use vobiz_sim::scenario::{self, Scenario};
use vobiz_sim::{Credentials, Options, Running, Simulator};

use super::tap::Tap;
use super::timeline::Timeline;
use crate::bed::agents_file;
use crate::control::Control;
use crate::relay::{ALIVE, Relay};

/// Worth nothing outside a test.
const WEBHOOK_SECRET: &str = "scenario-webhook-secret";
/// The same for everybody: what is under test is not their memory.
const PASSWORD: &str = "scenario-password";
/// Rows of history, so that a log is never empty.
const SEED_ROWS: u32 = 3;
/// How long the simulator may take to end.
const SIMULATOR: Duration = Duration::from_secs(5);

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

        let cast = scenario::cast(scenario)?;
        let numbers = cast.iter().map(|(name, person)| (name.clone(), person.number.to_string())).collect();
        let people = cast.into_iter().map(|(_, person)| person).collect();
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
            scenario::Credentials::Right => Credentials::default().auth_token,
            scenario::Credentials::Wrong => {
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
