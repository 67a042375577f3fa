//! What goes wrong, and what the page says of it.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use testkit::suite::Stage;
use testkit::{
    Access, BedOptions, Browser, Login, MICROPHONE_HZ, MicrophonePermission, People, Presence, Query,
    eventually,
};

use super::calls::live;

pub(crate) async fn a_wrong_password_is_said(stage: &mut Stage) -> Result<()> {
    let agent = &stage.agent;
    agent.open("/").await?;
    agent.try_login(Login::ASHA.username, "not-her-password").await?;
    let wrong = agent.is_told("password").await?;
    agent.open("/").await?;
    agent.try_login("nobody", Login::ASHA.password).await?;
    let unknown = agent.is_told("password").await?;
    ensure!(wrong == unknown, "a stranger can tell who exists: {wrong:?} and {unknown:?}");
    agent.sign_in(Login::ASHA).await
}

pub(crate) async fn a_refused_microphone_leaves_calls_to_others(stage: &mut Stage) -> Result<()> {
    let refused = stage.another_agent(MicrophonePermission::Refused).await?;
    let other = &stage.agent;
    refused.sign_in(Login::ASHA).await?;
    refused.press("Take calls").await?;
    let told = refused.is_told("You were set to away").await?;
    ensure!(told.contains("Allow"), "it is not said what to do: {told:?}");
    other.sign_in(Login::BEN).await?;
    other.set_presence(Presence::Available).await?;
    stage.bed.control.ring(People::TONE).await?;
    other.rings("Toni Okafor").await?;
    refused.is_quiet().await?;
    other.answer("Toni Okafor", "Accept").await?;
    other.call_is("Connected").await?;
    other.hears_tone(People::TONE_HZ).await
}

/// Refuses the microphone from now on.
const REFUSE: &str = "navigator.mediaDevices.getUserMedia =
    () => Promise.reject(new DOMException('refused', 'NotAllowedError'))";

/// How long the page may hold the microphone: longer than the look at it, eight seconds where
/// it hears nothing.
const LOOKED: Duration = Duration::from_secs(20);

pub(crate) async fn a_microphone_refused_at_the_click_leaves_the_call_to_others(
    stage: &mut Stage,
) -> Result<()> {
    let refused = stage.another_agent(MicrophonePermission::Granted).await?;
    refused.sign_in(Login::ASHA).await?;
    refused.watched().await?;
    refused.set_presence(Presence::Available).await?;
    let open = async |tracks: u32| {
        eventually("the microphone being open, or closed", LOOKED, async || {
            let now = refused.watched().await?;
            ensure!(now.tracks == tracks, "{now:?}");
            Ok(())
        })
        .await
    };
    open(1).await?;
    refused.go_to("Settings").await?;
    refused.click(&Query::named("switch", "Keep the microphone ready")).await?;
    open(0).await?;
    refused.go_to("Phone").await?;
    refused.web().execute(REFUSE, vec![]).await?;

    let other = &stage.agent;
    other.sign_in(Login::BEN).await?;
    other.set_presence(Presence::Available).await?;
    let call = stage.bed.control.ring(People::TONE).await?;
    refused.rings("Toni Okafor").await?;
    other.rings("Toni Okafor").await?;
    refused.answer("Toni Okafor", "Accept").await?;
    let told = refused.is_told("microphone").await?;
    ensure!(told.contains("Allow"), "it is not said what to do: {told:?}");
    let far_end = stage.bed.control.call(&call.id).await?;
    ensure!(far_end.state != "accepted" && far_end.state != "ended", "it no longer rings: {far_end:?}");

    other.answer("Toni Okafor", "Accept").await?;
    other.call_is("Connected").await?;
    other.hears_tone(People::TONE_HZ).await
}

/// An account whose credentials are right and allow no calls.
pub(crate) fn forbidden(browser: Browser) -> Result<BedOptions, String> {
    let mut options = crate::usual(browser)?;
    options.settings.switches.access = Access::Forbidden;
    Ok(options)
}

pub(crate) async fn an_account_that_may_not_call_is_said(stage: &mut Stage) -> Result<()> {
    let agent = &stage.agent;
    agent.sign_in(Login::ASHA).await?;
    agent.dial(People::TONE).await?;
    agent.says("Vobiz refused this softphone's credentials").await?;
    agent.says("Ask your administrator").await?;
    agent.call_is_over().await?;
    // It is the account that is refused, not the agent.
    ensure!(agent.seen(&Query::named("button", "Sign in")).await?.is_empty(), "the agent was signed out");
    agent.go_to("Call log").await?;
    agent.says("Vobiz refused this softphone's credentials").await
}

pub(crate) async fn a_relay_restart_leaves_the_call_alone(stage: &mut Stage) -> Result<()> {
    let call = live(stage).await?;
    let Stage { agent, bed, .. } = stage;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;

    bed.stop_relay().await?;
    agent.says("Offline").await?;
    agent.call_is("Connected").await?;
    agent.hears_tone(People::TONE_HZ).await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;

    bed.start_relay().await?;
    eventually("the page coming back by itself", Duration::from_secs(12), async || {
        let text = agent.text().await?;
        if text.contains("Offline") || text.contains("not reachable") {
            bail!("it says that it is offline");
        }
        Ok(())
    })
    .await?;
    agent.call_is("Connected").await?;
    agent.hears_tone(People::TONE_HZ).await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;

    // The relay knows the call from its journal, and the agent can end it.
    agent.press("Hang up").await?;
    bed.control.until(&call.id, "ended").await?;
    agent.call_is_over().await?;
    ensure!(agent.seen(&Query::named("button", "Sign in")).await?.is_empty(), "the agent was signed out");
    Ok(())
}
