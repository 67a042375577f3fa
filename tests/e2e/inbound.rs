//! The agent is called.

use std::time::Duration;

use anyhow::{Result, ensure};
use testkit::suite::Stage;
use testkit::{CallView, Login, MICROPHONE_HZ, People, Presence, Query, holds};

use super::calls;

/// Signs in, takes calls and is called by the person with the tone.
async fn ringing(stage: &Stage) -> Result<CallView> {
    stage.agent.sign_in(Login::ASHA).await?;
    stage.agent.set_presence(Presence::Available).await?;
    let call = stage.bed.control.ring(People::TONE).await?;
    stage.agent.rings("Toni Okafor").await?;
    Ok(call)
}

/// A live call with the person with the tone, whom the agent hears.
pub(super) async fn live(stage: &Stage) -> Result<CallView> {
    let call = calls::live(stage).await?;
    stage.agent.hears_tone(People::TONE_HZ).await?;
    Ok(call)
}

pub(crate) async fn accepted(stage: &mut Stage) -> Result<()> {
    let call = live(stage).await?;
    ensure!(call.direction == "inbound", "{call:?}");
    let media = stage.bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    ensure!(!media.early_media, "sound was sent before the call was accepted: {media:?}");
    stage.bed.control.until(&call.id, "accepted").await?;
    stage.agent.is_quiet().await
}

pub(crate) async fn rejected(stage: &mut Stage) -> Result<()> {
    let call = ringing(stage).await?;
    stage.agent.answer("Toni Okafor", "Reject").await?;
    let call = stage.bed.control.until(&call.id, "ended").await?;
    ensure!(call.media.packets_in == 0, "a rejected caller was sent sound: {call:?}");
    stage.agent.is_quiet().await
}

pub(crate) async fn given_up_by_the_caller(stage: &mut Stage) -> Result<()> {
    let call = ringing(stage).await?;
    stage.bed.control.hang_up(&call.id).await?;
    stage.agent.is_quiet().await?;
    stage.agent.says("Missed call").await?;
    // Nor does it ring again when a late duplicate of the offer comes.
    holds("silence after a caller gave up", Duration::from_millis(1_500), async || {
        let ringing = stage.agent.seen(&Query::role("alertdialog")).await?;
        ensure!(ringing.is_empty(), "{ringing:?}");
        Ok(())
    })
    .await
}

pub(crate) async fn ended_by_the_far_end(stage: &mut Stage) -> Result<()> {
    let call = live(stage).await?;
    stage.bed.control.hang_up(&call.id).await?;
    stage.agent.call_is_over().await?;
    stage.agent.says("They hung up").await
}

pub(crate) async fn ended_by_the_agent(stage: &mut Stage) -> Result<()> {
    let call = live(stage).await?;
    stage.agent.press("Hang up").await?;
    stage.bed.control.until(&call.id, "ended").await?;
    stage.agent.call_is_over().await
}

pub(crate) async fn muted_and_back(stage: &mut Stage) -> Result<()> {
    let call = live(stage).await?;
    let Stage { agent, bed, .. } = stage;
    let mute = Query::named("button", "Mute").inside(Query::named("region", "Active call"));
    ensure!(agent.sees(&mute).await?.pressed == Some(false), "a call begins unmuted");
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;

    agent.click(&mute).await?;
    bed.control.hears_silence(&call.id).await?;
    ensure!(agent.sees(&mute).await?.pressed == Some(true), "the button does not say that it is muted");
    agent.hears_tone(People::TONE_HZ).await?;

    agent.click(&mute).await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    ensure!(agent.sees(&mute).await?.pressed == Some(false), "the button does not say that it is live again");
    Ok(())
}

pub(crate) async fn not_for_an_agent_who_is_away(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    agent.set_presence(Presence::Available).await?;
    agent.set_presence(Presence::Away).await?;
    bed.control.ring(People::TONE).await?;
    holds("an agent who is away being left alone", Duration::from_millis(1_500), async || {
        let ringing = agent.seen(&Query::role("alertdialog")).await?;
        ensure!(ringing.is_empty(), "{ringing:?}");
        Ok(())
    })
    .await
}
