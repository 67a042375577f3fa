//! A relay that is killed, and a session that runs out: what is going on goes on.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use testkit::suite::Stage;
use testkit::{
    Agent, BedOptions, Browser, CallView, Login, MICROPHONE_HZ, MicrophonePermission, People, Presence,
    Query, RelayKind, SessionLife, TestBed, eventually, patient,
};

use super::calls::answer_tone;

/// Longest time without a packet that counts as sound that never stops, in milliseconds: what
/// a busy machine with two browsers holds packets back by itself, and less than the relay is away.
const GAP_MS: u64 = 1_500;

/// Longest time from the page's reconnect to its ring.
const RINGS_AGAIN: Duration = Duration::from_secs(2);

/// How long the page may take to find the relay again after it is back.
const RECONNECT: Duration = Duration::from_secs(15);

/// How long a session lives where it runs out in mid-call: enough for a call to begin.
const SESSION: Duration = Duration::from_secs(25);

/// A relay that can be killed.
pub(crate) fn killable(browser: Browser) -> Result<BedOptions, String> {
    Ok(BedOptions { relay: RelayKind::Program, ..crate::usual(browser)? })
}

/// Sessions that are over soon, whatever anybody does.
pub(crate) fn short_sessions(browser: Browser) -> Result<BedOptions, String> {
    let sessions = SessionLife { longest: SESSION, ..SessionLife::default() };
    Ok(BedOptions { sessions: Some(sessions), ..crate::usual(browser)? })
}

/// Asha is live with the person with the tone, and Ben is rung by the one who echoes.
async fn one_live_and_one_ringing(stage: &mut Stage) -> Result<(Agent, CallView, CallView)> {
    let ben = stage.another_agent(MicrophonePermission::Granted).await?;
    let Stage { agent: asha, bed, .. } = stage;
    asha.sign_in(Login::ASHA).await?;
    let live = answer_tone(asha, bed).await?;
    bed.control.hears(&live.id, MICROPHONE_HZ).await?;
    asha.hears_tone(People::TONE_HZ).await?;
    ben.sign_in(Login::BEN).await?;
    ben.set_presence(Presence::Available).await?;
    let ringing = bed.control.ring(People::ECHO).await?;
    ben.rings("Eko Prasetyo").await?;
    Ok((ben, live, ringing))
}

/// Kills the relay and starts it again, while the live call goes on and says so. Ends when the
/// ring is back; wants it within its time of the reconnect.
async fn killed_and_back(stage: &mut Stage, ben: &Agent, live: &CallView) -> Result<()> {
    let is_calm = stage.is_calm();
    let Stage { agent: asha, bed, .. } = stage;
    let watched = bed.control.clone();
    let id = live.id.clone();
    let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
    // The far end is looked at all the while.
    let watch = tokio::spawn(async move {
        let mut longest = 0;
        while stopped.try_recv().is_err() {
            let media = watched.call(&id).await?.media;
            longest = longest.max(media.silent_ms.unwrap_or_default());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::Ok(longest)
    });
    bed.kill_relay()?;
    asha.says("Offline").await?;
    ben.says("Offline").await?;
    asha.call_is("Connected").await?;
    asha.hears_tone(People::TONE_HZ).await?;
    bed.start_relay().await?;
    let back = eventually("the page coming back by itself", RECONNECT, async || {
        ensure!(!ben.text().await?.contains("Offline"), "it says that it is offline");
        Ok(Instant::now())
    })
    .await?;
    ben.rings("Eko Prasetyo").await?;
    ensure!(back.elapsed() <= patient(RINGS_AGAIN), "it rang {:?} after the reconnect", back.elapsed());
    asha.call_is("Connected").await?;
    asha.hears_tone(People::TONE_HZ).await?;
    bed.control.hears(&live.id, MICROPHONE_HZ).await?;
    // It may have failed: then there is nobody to hear it.
    let _ = stop.send(());
    let longest = watch.await.context("watching the far end")??;
    ensure!(!is_calm || longest <= GAP_MS, "the far end heard nothing for {longest} ms");
    Ok(())
}

pub(crate) async fn a_ring_is_answered_after_the_relay_was_killed(stage: &mut Stage) -> Result<()> {
    let (ben, live, ringing) = one_live_and_one_ringing(stage).await?;
    killed_and_back(stage, &ben, &live).await?;
    let Stage { agent: asha, bed, .. } = stage;
    ben.answer("Eko Prasetyo", "Accept").await?;
    ben.call_is("Connected").await?;
    // The echo of the own microphone: both ways in one.
    ben.hears_tone(MICROPHONE_HZ).await?;
    bed.control.hears(&ringing.id, MICROPHONE_HZ).await?;
    // The relay knows both calls from its journal, and they can be ended.
    ben.press("Hang up").await?;
    bed.control.until(&ringing.id, "ended").await?;
    ends(bed, asha, &live).await
}

pub(crate) async fn a_ring_is_declined_after_the_relay_was_killed(stage: &mut Stage) -> Result<()> {
    let (ben, live, ringing) = one_live_and_one_ringing(stage).await?;
    killed_and_back(stage, &ben, &live).await?;
    let Stage { agent: asha, bed, .. } = stage;
    ben.answer("Eko Prasetyo", "Reject").await?;
    ben.is_quiet().await?;
    // Asha, who is on a call, may be asked as the last one.
    eventually("the caller being rejected", Duration::from_secs(10), async || {
        if let Some(card) = asha.seen(&Query::role("alertdialog")).await?.first() {
            asha.answer("Eko Prasetyo", "Reject").await.with_context(|| format!("{card:?}"))?;
        }
        let far_end = bed.control.call(&ringing.id).await?;
        ensure!(far_end.state == "ended", "{far_end:?}");
        Ok(())
    })
    .await?;
    ends(bed, asha, &live).await
}

/// The agent ends a call, and so it is for the far end.
async fn ends(bed: &TestBed, agent: &Agent, call: &CallView) -> Result<()> {
    agent.press("Hang up").await?;
    bed.control.until(&call.id, "ended").await?;
    agent.call_is_over().await
}

/// A live call whose agent's session has run out, with sound both ways.
async fn live_without_a_session(stage: &Stage) -> Result<CallView> {
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    let signed_in = Instant::now();
    let call = answer_tone(agent, bed).await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    let left = SESSION.saturating_sub(signed_in.elapsed());
    ensure!(!left.is_zero(), "the call took longer than the session");
    eventually("the page asking to sign in again", left + Duration::from_secs(5), async || {
        let text = agent.text().await?;
        ensure!(text.contains("You were signed out.") && text.contains("Sign in again."), "{text:?}");
        Ok(())
    })
    .await?;
    agent.call_is("Connected").await?;
    agent.hears_tone(People::TONE_HZ).await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    Ok(call)
}

pub(crate) async fn an_expired_session_leaves_the_call_alone(stage: &mut Stage) -> Result<()> {
    let call = live_without_a_session(stage).await?;
    let Stage { agent, bed, .. } = stage;
    // What needs no relay works all the same.
    agent.press("Mute").await?;
    bed.control.hears_silence(&call.id).await?;
    agent.press("Mute").await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    agent.try_login(Login::ASHA.username, Login::ASHA.password).await?;
    agent.sees(&Query::named("switch", "Available")).await?;
    agent.call_is("Connected").await?;
    agent.hears_tone(People::TONE_HZ).await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    ends(bed, agent, &call).await
}

pub(crate) async fn a_call_is_hung_up_without_a_session(stage: &mut Stage) -> Result<()> {
    let call = live_without_a_session(stage).await?;
    let Stage { agent, bed, .. } = stage;
    agent.press("Hang up").await?;
    agent.call_is_over().await?;
    // Upstream hears of it as soon as the agent may speak again.
    agent.try_login(Login::ASHA.username, Login::ASHA.password).await?;
    agent.sees(&Query::named("switch", "Available")).await?;
    bed.control.until(&call.id, "ended").await?;
    agent.call_is_over().await
}
