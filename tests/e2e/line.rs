//! The line of a live call: when it is bad, when it is interrupted, and what is kept of it.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use testkit::suite::Stage;
use testkit::{Agent, MICROPHONE_HZ, People, Presence, Query, TestBed, eventually};

use super::calls::live;

/// Three bad seconds raise a warning, counted over five; five good ones clear it, once the
/// bad ones have left the count.
const WARNED: Duration = Duration::from_secs(15);

/// A browser calls a path interrupted some seconds after the last answered check, and waits
/// for some more before it looks for it again.
const NOTICED: Duration = Duration::from_secs(20);

/// As long as the far end waits, 30 s, after the browser has noticed.
const GIVEN_UP: Duration = Duration::from_secs(60);

fn board() -> Query {
    Query::named("region", "Active call")
}

async fn paused(bed: &TestBed, paused: bool) -> Result<()> {
    bed.control.change(&json!({ "chaos": { "media": { "paused": paused } } })).await
}

pub(crate) async fn what_gets_lost_is_said_and_taken_back(stage: &mut Stage) -> Result<()> {
    // Of lost packets and of what they do to the line alike.
    const WARNING: &str = "Words may ";
    live(stage).await?;
    let Stage { agent, bed, .. } = stage;
    bed.control.change(&json!({ "chaos": { "media": { "loss": 0.3 } } })).await?;
    eventually("a warning", WARNED, async || {
        let text = agent.sees(&board()).await?.text;
        ensure!(text.contains(WARNING), "{text:?}");
        Ok(())
    })
    .await?;
    agent.sees(&Query::named("button", "Line quality: Poor").inside(board())).await?;
    bed.control.change(&json!({ "chaos": { "media": { "loss": 0.0 } } })).await?;
    eventually("no warning", WARNED, async || {
        let text = agent.sees(&board()).await?.text;
        ensure!(!text.contains(WARNING), "{text:?}");
        Ok(())
    })
    .await
}

pub(crate) async fn an_interrupted_path_reconnects(stage: &mut Stage) -> Result<()> {
    let call = live(stage).await?;
    let Stage { agent, bed, .. } = stage;
    bed.control.change(&json!({ "switches": { "connection_loss": "waits" } })).await?;
    paused(bed, true).await?;
    status(agent, "Reconnecting", NOTICED).await?;
    paused(bed, false).await?;
    status(agent, "Connected", NOTICED).await?;
    agent_and_person_hear(stage, &call.id).await
}

pub(crate) async fn a_lost_path_ends_honestly_and_is_called_back(stage: &mut Stage) -> Result<()> {
    let call = live(stage).await?;
    let Stage { agent, bed, .. } = stage;
    bed.control.change(&json!({ "switches": { "connection_loss": "waits" } })).await?;
    paused(bed, true).await?;
    eventually("an honest end", GIVEN_UP, async || {
        let text = agent.text().await?;
        ensure!(text.contains("The connection was lost."), "{text:?}");
        Ok(())
    })
    .await?;
    bed.control.until(&call.id, "ended").await?;
    paused(bed, false).await?;
    agent.press("Call back").await?;
    agent.call_is("Connected").await?;
    let call = bed.control.call_with(People::TONE).await?;
    agent_and_person_hear(stage, &call.id).await
}

pub(crate) async fn how_it_was_is_kept(stage: &mut Stage) -> Result<()> {
    let call = live(stage).await?;
    agent_and_person_hear(stage, &call.id).await?;
    let Stage { agent, bed, .. } = stage;
    // A figure is of a whole second, and the first one comes late.
    agent.says("You heard").await?;
    agent.press("Hang up").await?;
    agent.call_is_over().await?;
    agent.set_presence(Presence::Away).await?;
    bed.stop_relay().await?;
    let reports = bed.reports().await?;
    let [report] = &reports[..] else { anyhow::bail!("not one report: {reports:?}") };
    ensure!(report.heard && report.was_heard && report.seconds > 0, "{report:?}");
    ensure!(report.mos_tenths > 40 && report.loss_permille == 0, "{report:?}");
    Ok(())
}

async fn status(agent: &Agent, word: &str, within: Duration) -> Result<()> {
    eventually(&format!("the status {word}"), within, async || {
        let text = agent.sees(&board()).await.context("the call is gone")?.text;
        ensure!(text.contains(word), "{text:?}");
        Ok(())
    })
    .await
}

async fn agent_and_person_hear(stage: &Stage, call: &str) -> Result<()> {
    stage.agent.hears_tone(People::TONE_HZ).await?;
    stage.bed.control.hears(call, MICROPHONE_HZ).await?;
    Ok(())
}
