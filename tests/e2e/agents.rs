//! Two agents and one caller.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use testkit::suite::Stage;
use testkit::{
    Agent, CallView, Login, MICROPHONE_HZ, MicrophonePermission, People, Presence, Query, eventually,
};

/// How long two clicks may take to become one call.
const HAS_IT: Duration = Duration::from_secs(10);

/// Asha and Ben, both ringing.
async fn both_ringing(stage: &mut Stage) -> Result<(Agent, Agent, CallView)> {
    let ben = stage.another_agent(MicrophonePermission::Granted).await?;
    let asha = stage.agent.clone();
    for (agent, login) in [(&asha, Login::ASHA), (&ben, Login::BEN)] {
        agent.sign_in(login).await?;
        agent.set_presence(Presence::Available).await?;
    }
    let call = stage.bed.control.ring(People::TONE).await?;
    asha.rings("Toni Okafor").await?;
    ben.rings("Toni Okafor").await?;
    Ok((asha, ben, call))
}

async fn is_on_a_call(agent: &Agent) -> Result<bool> {
    let status = Query::role("status").inside(Query::named("region", "Active call"));
    Ok(agent.seen(&status).await?.iter().any(|seen| seen.text == "Connected"))
}

pub(crate) async fn the_first_accept_wins(stage: &mut Stage) -> Result<()> {
    let (asha, ben, call) = both_ringing(stage).await?;
    // At the same moment, as near as two browsers come.
    let (first, second) =
        tokio::join!(asha.answer("Toni Okafor", "Accept"), ben.answer("Toni Okafor", "Accept"));
    ensure!(first.is_ok() || second.is_ok(), "nobody could accept: {first:?}, {second:?}");
    stage.bed.control.until(&call.id, "accepted").await?;

    let winner = eventually("one agent having the call", HAS_IT, async || {
        match (is_on_a_call(&asha).await?, is_on_a_call(&ben).await?) {
            (true, false) => Ok(Login::ASHA),
            (false, true) => Ok(Login::BEN),
            both => bail!("Asha and Ben being connected: {both:?}"),
        }
    })
    .await?;
    let (winning, losing) = if winner.name == Login::ASHA.name { (&asha, &ben) } else { (&ben, &asha) };
    losing.is_quiet().await?;
    // Who pressed Accept and lost is told; whose card was gone before the click is not.
    if losing.has_hit("Accept").await? {
        losing.says(&format!("{} answered this call", winner.name)).await?;
    }
    winning.hears_tone(People::TONE_HZ).await?;
    stage.bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    ensure!(!is_on_a_call(losing).await?, "both agents are connected");
    Ok(())
}

pub(crate) async fn one_declines_and_the_other_answers(stage: &mut Stage) -> Result<()> {
    let (asha, ben, call) = both_ringing(stage).await?;
    asha.answer("Toni Okafor", "Reject").await?;
    asha.is_quiet().await?;
    let still = stage.bed.control.call(&call.id).await?;
    ensure!(still.state != "ended", "one of two declined, and the caller was rejected: {still:?}");
    ben.answer("Toni Okafor", "Accept").await?;
    ben.call_is("Connected").await?;
    ben.hears_tone(People::TONE_HZ).await
}

pub(crate) async fn the_others_stop_ringing(stage: &mut Stage) -> Result<()> {
    let (asha, ben, call) = both_ringing(stage).await?;
    ben.answer("Toni Okafor", "Accept").await?;
    asha.is_quiet().await?;
    ben.call_is("Connected").await?;
    ensure!(!is_on_a_call(&asha).await?, "both agents are connected");
    let text = asha.text().await?;
    ensure!(!text.contains("Missed call"), "an answered call is called missed: {text:?}");
    stage.bed.control.hears(&call.id, MICROPHONE_HZ).await.map(drop)
}
