//! The agent calls.

use std::time::Duration;

use anyhow::{Result, ensure};
use testkit::suite::Stage;
use testkit::{Login, MICROPHONE_HZ, People, Query, eventually};

pub(crate) async fn answered(stage: &mut Stage) -> Result<()> {
    // Where events overtake each other, the pick-up may overtake the ringing.
    let is_calm = stage.is_calm();
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    agent.dial(People::TONE).await?;
    if is_calm {
        agent.call_is("Ringing…").await?;
    }
    let call = bed.control.call_with(People::TONE).await?;
    ensure!(call.direction == "outbound", "{call:?}");
    nothing_is_sent_while_it_rings(stage, &call.id).await?;

    let Stage { agent, bed, .. } = stage;
    agent.call_is("Connected").await?;
    agent.hears_tone(People::TONE_HZ).await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    talk_time_runs(stage).await?;

    let Stage { agent, bed, .. } = stage;
    agent.press("Hang up").await?;
    bed.control.until(&call.id, "ended").await?;
    agent.call_is_over().await
}

/// The tunnel is up long before the pick-up, and empty until then.
async fn nothing_is_sent_while_it_rings(stage: &Stage, call: &str) -> Result<()> {
    let heard_early = eventually("the pick-up", Duration::from_secs(6), async || {
        let call = stage.bed.control.call(call).await?;
        let is_early = call.state == "ringing" && call.media.packets_in > 0;
        ensure!(is_early || call.state == "accepted", "it rings: {call:?}");
        Ok(is_early)
    })
    .await?;
    ensure!(!heard_early, "sound was sent before the call was answered");
    Ok(())
}

async fn talk_time_runs(stage: &Stage) -> Result<()> {
    let before = stage.agent.talk_time().await?;
    ensure!(before < 30, "a call that just began has lasted {before} s");
    eventually("the talk time running", Duration::from_secs(4), async || {
        let now = stage.agent.talk_time().await?;
        ensure!(now > before, "it still reads {now} s");
        Ok(())
    })
    .await
}

pub(crate) async fn answered_by_a_speaker(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    agent.dial(People::SPEAKER).await?;
    agent.call_is("Connected").await?;
    agent.hears_speech().await?;
    let call = bed.control.call_with(People::SPEAKER).await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await.map(drop)
}

pub(crate) async fn rejected(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    agent.dial(People::REJECTS).await?;
    let call = bed.control.call_with(People::REJECTS).await?;
    agent.says("They declined the call.").await?;
    agent.call_is_over().await?;
    bed.control.until(&call.id, "ended").await?;
    // The phone is ready for the next call.
    agent.dial(People::TONE).await?;
    agent.call_is("Connected").await
}

pub(crate) async fn without_permission(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    agent.dial(People::NO_PERMISSION).await?;
    agent.says("This person has not given permission to be called").await?;
    agent.says("Ask them for permission in a message first").await?;
    agent.call_is_over().await?;
    let calls = bed.control.calls().await?;
    ensure!(calls.iter().all(|call| call.state == "ended"), "{calls:?}");
    Ok(())
}

pub(crate) async fn given_up_by_the_agent(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    agent.dial(People::NEVER_ANSWERS).await?;
    agent.call_is("Ringing…").await?;
    let call = bed.control.call_with(People::NEVER_ANSWERS).await?;
    agent.press("Hang up").await?;
    bed.control.until(&call.id, "ended").await?;
    agent.call_is_over().await
}

pub(crate) async fn to_a_number_that_is_none(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    agent.dial("12").await?;
    agent.says("country code").await?;
    let calls = bed.control.calls().await?;
    ensure!(calls.is_empty(), "it was called all the same: {calls:?}");
    agent.sees_no(&Query::named("region", "Active call")).await
}
