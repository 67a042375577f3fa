//! Devices, levels and the quality of a call.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;
use testkit::suite::Stage;
use testkit::{
    Browser, Login, MICROPHONE_HZ, MicrophonePermission, People, Presence, Query, eventually, holds, patient,
};

use super::calls::{answer_tone, live};

/// The longest note of the speaker's trial.
const TRIAL_HZ: u32 = 784;

/// From `Connected` to the page knowing about both ways: the product's own three seconds
/// and one for a look by the driver of a busy browser.
const PROVEN: Duration = Duration::from_secs(4);

/// Longest time without a packet while a device changes, in milliseconds: what a busy machine
/// with two browsers holds packets back by itself.
const GAP_MS: u64 = 500;

/// The far end is turned down within a reading of the levels and a look by the driver.
const TURNED_DOWN: Duration = Duration::from_secs(4);

/// How loud the far end is played; 1 is as it is.
const VOLUME: &str = "return Math.min(...[...window.playedByThePage].map((player) => player.volume))";

fn board() -> Query {
    Query::named("region", "Active call")
}

pub(crate) async fn the_shift_is_checked_when_it_begins(stage: &mut Stage) -> Result<()> {
    let browser = stage.browser();
    let agent = &stage.agent;
    agent.sign_in(Login::ASHA).await?;
    agent.set_presence(Presence::Available).await?;
    for name in ["Server fine", "Media path fine", "Microphone fine"] {
        agent.says(name).await?;
    }
    // Firefox holds sound back on a machine without a loudspeaker, and the page says so.
    agent.says(if browser == Browser::Chromium { "Sound fine" } else { "Sound is blocked" }).await
}

pub(crate) async fn a_refused_microphone_sets_the_agent_away(stage: &mut Stage) -> Result<()> {
    let refused = stage.another_agent(MicrophonePermission::Refused).await?;
    refused.sign_in(Login::ASHA).await?;
    refused.press("Take calls").await?;
    refused.is_told("You were set to away: you can’t be heard.").await?;
    refused.says("You’re away").await?;
    refused.go_to("Settings").await?;
    refused.says("Allow it: click the icon").await
}

pub(crate) async fn devices_are_tried_chosen_and_remembered(stage: &mut Stage) -> Result<()> {
    let browser = stage.browser();
    let agent = &stage.agent;
    agent.sign_in(Login::ASHA).await?;
    agent.go_to("Settings").await?;
    for role in ["Microphone", "Speaker", "Ringtone device"] {
        let seen = agent.sees(&Query::named("combobox", role)).await?;
        ensure!(seen.options[0] == "System default", "{seen:?}");
    }
    agent.press("Test microphone").await?;
    agent.says(if browser == Browser::Chromium { "It hears you." } else { "It opens." }).await?;

    let microphone = Query::named("combobox", "Microphone");
    let named = eventually("devices with names", Duration::from_secs(5), async || {
        let seen = agent.sees(&microphone).await?;
        ensure!(seen.options.len() > 1, "{seen:?}");
        Ok(seen)
    })
    .await?;
    let last = named.options[named.options.len() - 1].clone();
    agent.choose("Microphone", &last).await?;
    let chosen = agent.sees(&microphone).await?.value;
    ensure!(chosen.as_deref().is_some_and(|id| !id.is_empty()), "{chosen:?}");

    agent.press("Test speaker").await?;
    match browser {
        Browser::Chromium => {
            agent.hears_tone(TRIAL_HZ).await?;
            let ringer = agent.sees(&Query::named("combobox", "Ringtone device")).await?;
            ensure!(!ringer.disabled, "{ringer:?}");
        }
        Browser::Firefox => {
            let ringer = agent.sees(&Query::named("combobox", "Ringtone device")).await?;
            ensure!(ringer.disabled, "{ringer:?}");
            agent.says("This browser rings on the system’s speaker.").await?;
        }
    }

    agent.reload().await?;
    eventually("the choice being remembered", Duration::from_secs(5), async || {
        let seen = agent.sees(&microphone).await?;
        ensure!(seen.value == chosen, "{seen:?}");
        Ok(())
    })
    .await
}

pub(crate) async fn both_ways_are_proven_and_the_line_is_graded(stage: &mut Stage) -> Result<()> {
    let call = live(stage).await?;
    let connected = Instant::now();
    let Stage { agent, bed, .. } = stage;
    let said = eventually("both ways being proven", PROVEN, async || {
        let text = agent.sees(&board()).await?.text;
        ensure!(text.contains("You heard") && text.contains("Them heard"), "{text:?}");
        Ok(connected.elapsed())
    })
    .await?;
    ensure!(said <= patient(PROVEN), "it took {said:?}");
    let signal = Query::named("button", "Line quality: Good").inside(board());
    agent.click(&signal).await?;
    for figure in ["Estimated quality (MOS) 4.", "Round trip", "Jitter", "Lost 0.0 %", "opus, "] {
        agent.says(figure).await?;
    }
    agent.hears_tone(People::TONE_HZ).await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    agent.press("Hang up").await?;
    agent.call_is_over().await
}

pub(crate) async fn talking_while_muted_is_said(stage: &mut Stage) -> Result<()> {
    let call = live(stage).await?;
    let Stage { agent, bed, .. } = stage;
    agent.press("Mute").await?;
    bed.control.hears_silence(&call.id).await?;
    // Where the page can't listen to the microphone, it still says that it is muted.
    let muted = if stage.browser() == Browser::Chromium {
        "You’re talking, but you’re muted. They can’t hear you."
    } else {
        "You’re muted. They can’t hear you."
    };
    stage.agent.says(muted).await?;
    stage.agent.press("Mute").await?;
    let quiet = Query::named("region", "Active call").showing("muted");
    stage.agent.sees_no(&quiet).await
}

pub(crate) async fn the_microphone_changes_in_mid_call_without_a_gap(stage: &mut Stage) -> Result<()> {
    let call = live(stage).await?;
    let Stage { agent, bed, .. } = stage;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    agent.go_to("Settings").await?;
    let seen = agent.sees(&Query::named("combobox", "Microphone")).await?;
    let other = seen.options.last().cloned().unwrap_or_default();
    ensure!(seen.options.len() > 1, "{seen:?}");
    let flowing = holds("sound flowing while the microphone changes", Duration::from_secs(2), async || {
        let media = bed.control.call(&call.id).await?.media;
        ensure!(media.silent_ms.is_none_or(|ms| ms <= GAP_MS), "{media:?}");
        Ok(())
    });
    let (flowed, chosen) = tokio::join!(flowing, agent.choose("Microphone", &other));
    chosen?;
    flowed?;
    agent.call_is("Connected").await?;
    let before = bed.control.call(&call.id).await?.media.packets_in;
    let media = bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    ensure!(media.packets_in >= before, "{media:?}");
    Ok(())
}

/// The device of this name is unplugged: it is not listed any more, and its tracks end. Another
/// one is there, since a test's browser may have no second.
const UNPLUG: &str = "
    const { mediaDevices } = navigator;
    const all = mediaDevices.enumerateDevices.bind(mediaDevices);
    const spare = { deviceId: 'spare', groupId: '', kind: 'audioinput', label: 'Spare' };
    const left = async () => (await all()).filter(({ label }) => label !== arguments[0]);
    mediaDevices.enumerateDevices = async () => [...(await left()), spare];
    mediaDevices.dispatchEvent(new window.Event('devicechange'));
    for (const track of window.watchedInThePage.tracks) {
        track.stop();
        track.dispatchEvent(new window.Event('ended'));
    }";

pub(crate) async fn a_microphone_that_vanishes_is_replaced_and_said(stage: &mut Stage) -> Result<()> {
    stage.agent.sign_in(Login::ASHA).await?;
    stage.agent.watched().await?;
    let call = answer_tone(&stage.agent, &stage.bed).await?;
    let Stage { agent, bed, .. } = stage;
    agent.go_to("Settings").await?;
    let seen = agent.sees(&Query::named("combobox", "Microphone")).await?;
    let other = seen.options.last().cloned().unwrap_or_default();
    agent.choose("Microphone", &other).await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    agent.web().execute(UNPLUG, vec![json!(other)]).await?;
    agent.says(&format!("“{other}” was unplugged.")).await?;
    agent.call_is("Connected").await?;
    let before = bed.control.call(&call.id).await?.media.packets_in;
    eventually("sound of another microphone", Duration::from_secs(5), async || {
        let media = bed.control.hears(&call.id, MICROPHONE_HZ).await?;
        // A second of it: the far end's ear remembers half of one.
        ensure!(media.packets_in > before + 50, "nothing comes any more: {media:?}");
        Ok(())
    })
    .await
}

pub(crate) async fn who_is_far_too_loud_is_turned_down(stage: &mut Stage) -> Result<()> {
    let agent = &stage.agent;
    agent.sign_in(Login::ASHA).await?;
    agent.dial(People::LOUD).await?;
    agent.call_is("Connected").await?;
    let volume = async || -> Result<f64> { Ok(agent.web().execute(VOLUME, vec![]).await?.convert()?) };
    // -1 dBFS is 8 dB above what is let through: 0.4, give or take a decibel.
    eventually("a lower volume", TURNED_DOWN, async || {
        let volume = volume().await?;
        ensure!((0.35..0.45).contains(&volume), "it is {volume}");
        Ok(())
    })
    .await?;
    agent.hears_tone(People::TONE_HZ).await?;
    agent.press("Hang up").await?;
    agent.is_quiet().await?;
    agent.reload().await?;
    agent.dial(People::TONE).await?;
    agent.call_is("Connected").await?;
    agent.hears_tone(People::TONE_HZ).await?;
    let volume = volume().await?;
    ensure!(volume > 0.99, "somebody at the usual level is played at {volume}");
    Ok(())
}
