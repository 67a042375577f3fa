//! Several tabs of one browser: one is the phone.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use testkit::suite::Stage;
use testkit::{Agent, CallView, Login, MICROPHONE_HZ, People, Presence, Query, eventually, patient};

use super::calls;

/// What a tab says that is not the phone.
const OTHER: &str = "Another tab holds the phone.";

/// Sounds and sockets of a tab since its page was loaded.
const COUNT: &str = "if (!window.opened) {
    window.opened = 0;
    const Socket = window.WebSocket;
    window.WebSocket = class extends Socket { constructor(...all) { super(...all); window.opened += 1; } };
  }
  return window.opened";

/// Signs in, takes calls, and opens the page in a second tab, which is then in front.
async fn two_tabs(agent: &Agent) -> Result<[testkit::WindowHandle; 2]> {
    agent.sign_in(Login::ASHA).await?;
    agent.set_presence(Presence::Available).await?;
    let phone = agent.tab().await?;
    let other = agent.open_tab().await?;
    agent.open("/").await?;
    agent.says(OTHER).await?;
    Ok([phone, other])
}

pub(crate) async fn the_other_tab_shows_and_controls_the_call(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    let [phone, other] = two_tabs(agent).await?;
    let call = calls::answer_tone(agent, bed).await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    ensure!(
        agent.seen(&Query::named("button", "Use this tab")).await?.is_empty(),
        "a call's sound can't move"
    );

    // The sound is the phone's.
    agent.to_tab(&phone).await?;
    agent.call_is("Connected").await?;
    agent.hears_tone(People::TONE_HZ).await?;

    agent.to_tab(&other).await?;
    agent.press("Mute").await?;
    bed.control.hears_silence(&call.id).await?;
    agent.press("Mute").await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    agent.press("Hang up").await?;
    bed.control.until(&call.id, "ended").await?;
    agent.call_is_over().await?;
    agent.to_tab(&phone).await?;
    agent.call_is_over().await
}

pub(crate) async fn only_the_phone_has_a_socket_and_rings(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    let [phone, other] = two_tabs(agent).await?;
    agent.web().execute(COUNT, vec![]).await?;
    bed.control.ring(People::TONE).await?;
    agent.rings("Toni Okafor").await?;
    let opened: u32 = agent.web().execute(COUNT, vec![]).await?.convert()?;
    ensure!(opened == 0, "a tab that is not the phone opened {opened} sockets");
    // Rejected here, silent there.
    agent.answer("Toni Okafor", "Reject").await?;
    agent.is_quiet().await?;
    agent.to_tab(&phone).await?;
    agent.is_quiet().await?;
    agent.to_tab(&other).await
}

pub(crate) async fn a_tab_can_take_the_phone(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    let [former, phone] = two_tabs(agent).await?;
    agent.press("Use this tab").await?;
    eventually("this tab being the phone", Duration::from_secs(3), async || {
        ensure!(!agent.text().await?.contains(OTHER), "another tab holds the phone");
        Ok(())
    })
    .await?;
    agent.set_presence(Presence::Available).await?;
    agent.to_tab(&former).await?;
    agent.says(OTHER).await?;
    let call = bed.control.ring(People::TONE).await?;
    agent.rings("Toni Okafor").await?;
    agent.to_tab(&phone).await?;
    agent.rings("Toni Okafor").await?;
    agent.answer("Toni Okafor", "Accept").await?;
    agent.call_is("Connected").await?;
    agent.hears_tone(People::TONE_HZ).await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await.map(drop)
}

pub(crate) async fn when_the_phone_closes_another_takes_over(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    let [phone, other] = two_tabs(agent).await?;
    // A call rings on over it.
    bed.control.ring(People::TONE).await?;
    agent.rings("Toni Okafor").await?;
    agent.to_tab(&phone).await?;
    agent.close_tab().await?;
    let closed = Instant::now();
    agent.to_tab(&other).await?;
    eventually("the other tab taking over", Duration::from_secs(3), async || {
        let text = agent.text().await?;
        if text.contains(OTHER) || !text.contains("Toni Okafor") {
            bail!("it says {text:?}");
        }
        Ok(())
    })
    .await?;
    ensure!(closed.elapsed() < patient(Duration::from_secs(2)), "it took {:?}", closed.elapsed());
    agent.answer("Toni Okafor", "Accept").await?;
    agent.call_is("Connected").await?;
    agent.hears_tone(People::TONE_HZ).await
}

/// A live call with the person with the tone, who hears the agent.
async fn live(stage: &Stage) -> Result<CallView> {
    let call = calls::live(stage).await?;
    stage.bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    Ok(call)
}

/// Whether the browser would ask before the page is left.
async fn asks(agent: &Agent) -> Result<bool> {
    const ASK: &str = "return !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))";
    Ok(agent.web().execute(ASK, vec![]).await?.convert()?)
}

pub(crate) async fn a_reload_in_a_call_asks_and_ends_it(stage: &mut Stage) -> Result<()> {
    let call = live(stage).await?;
    let Stage { agent, bed, .. } = stage;
    ensure!(asks(agent).await?, "the page would go without a question");
    let left = Instant::now();
    agent.reload().await?;
    bed.control.until(&call.id, "ended").await?;
    ensure!(
        left.elapsed() < patient(Duration::from_secs(6)),
        "the far end was told after {:?}",
        left.elapsed()
    );
    agent.says("Your call with Toni Okafor was cut by a reload").await?;
    ensure!(!asks(agent).await?, "it asks although no call lives");
    // The phone is ready for the next call.
    agent.dial(People::TONE).await?;
    agent.call_is("Connected").await
}

pub(crate) async fn closing_the_tab_of_a_call_is_said_at_the_next(stage: &mut Stage) -> Result<()> {
    let call = live(stage).await?;
    let Stage { agent, bed, .. } = stage;
    let phone = agent.tab().await?;
    let other = agent.open_tab().await?;
    agent.open("/").await?;
    agent.call_is("Connected").await?;
    agent.to_tab(&phone).await?;
    agent.close_tab().await?;
    agent.to_tab(&other).await?;
    bed.control.until(&call.id, "ended").await?;
    agent.says("Your call with Toni Okafor was cut").await
}

pub(crate) async fn a_ring_survives_a_reload(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    agent.set_presence(Presence::Available).await?;
    let call = bed.control.ring(People::TONE).await?;
    agent.rings("Toni Okafor").await?;
    ensure!(!asks(agent).await?, "a ring that survives needs no question");
    agent.reload().await?;
    let loaded = Instant::now();
    agent.rings("Toni Okafor").await?;
    ensure!(
        loaded.elapsed() < patient(Duration::from_secs(2)),
        "it rings again after {:?}",
        loaded.elapsed()
    );
    agent.answer("Toni Okafor", "Accept").await?;
    agent.call_is("Connected").await?;
    agent.hears_tone(People::TONE_HZ).await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await.map(drop)
}
