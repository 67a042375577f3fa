//! Without a mouse.

use std::time::Duration;

use anyhow::{Result, ensure};
use testkit::suite::Stage;
use testkit::{Agent, Key, Login, MICROPHONE_HZ, People, Presence, Query, eventually};

/// The sheet of shortcuts.
fn sheet() -> Query {
    Query::role("dialog").showing("Keyboard shortcuts")
}

/// Signs in by keyboard alone.
async fn sign_in(agent: &Agent) -> Result<()> {
    agent.open("/").await?;
    agent.sees(&Query::named("button", "Sign in")).await?;
    agent.tab_to("textbox", "Username").await?;
    agent.press_keys(Login::ASHA.username).await?;
    agent.press_key(Key::Tab).await?;
    agent.press_keys(Login::ASHA.password).await?;
    agent.press_key(Key::Enter).await?;
    agent.sees(&Query::named("switch", "Available")).await.map(drop)
}

fn mute() -> Query {
    Query::named("button", "Mute").inside(Query::named("region", "Active call"))
}

pub(crate) async fn a_whole_outbound_call(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    sign_in(agent).await?;
    agent.press_keys("n").await?;
    agent.focus_is("textbox", "Phone number").await?;
    agent.press_keys(People::TONE).await?;
    agent.press_key(Key::Enter).await?;
    agent.call_is("Connected").await?;
    agent.focus_is("region", "Active call").await?;
    let call = bed.control.call_with(People::TONE).await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;

    agent.press_keys("m").await?;
    bed.control.hears_silence(&call.id).await?;
    ensure!(agent.sees(&mute()).await?.pressed == Some(true), "it does not say that it is muted");
    agent.press_keys("m").await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;

    agent.press_keys("e").await?;
    bed.control.until(&call.id, "ended").await?;
    agent.call_is_over().await?;
    // Ready for the next one.
    agent.focus_is("textbox", "Phone number").await
}

pub(crate) async fn a_whole_inbound_call(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    sign_in(agent).await?;
    available(agent).await?;
    let call = bed.control.ring(People::TONE).await?;
    agent.rings("Toni Okafor").await?;
    // From the switch, where the keyboard was left, a key answers.
    agent.press_keys("a").await?;
    agent.call_is("Connected").await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    agent.tab_to("button", "Mute").await?;
    agent.press_key(Key::Space).await?;
    bed.control.hears_silence(&call.id).await?;
    agent.tab_to("button", "Hang up").await?;
    agent.press_key(Key::Enter).await?;
    bed.control.until(&call.id, "ended").await?;
    agent.focus_is("textbox", "Phone number").await?;

    // An empty number field gives the keyboard to a ring.
    let call = bed.control.ring(People::TONE).await?;
    agent.rings("Toni Okafor").await?;
    agent.focus_is("button", "Accept").await?;
    agent.press_keys("r").await?;
    bed.control.until(&call.id, "ended").await?;
    agent.is_quiet().await?;
    agent.focus_is("textbox", "Phone number").await
}

/// How long the switch may take to follow a key where two browsers share two cores.
const MOVED: Duration = Duration::from_secs(5);

/// Moves the switch by keyboard, if it is not on.
async fn available(agent: &Agent) -> Result<()> {
    let switch = Query::named("switch", "Available");
    agent.tab_to("switch", "Available").await?;
    if agent.sees(&switch).await?.checked != Some(true) {
        agent.press_key(Key::Space).await?;
    }
    eventually("Space moving the switch", MOVED, async || {
        ensure!(agent.sees(&switch).await?.checked == Some(true), "it is off");
        Ok(())
    })
    .await?;
    agent.set_presence(Presence::Available).await
}

pub(crate) async fn keys_in_a_field_are_text(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    sign_in(agent).await?;
    available(agent).await?;
    agent.press_keys("n").await?;
    agent.focus_is("textbox", "Phone number").await?;
    agent.press_keys("+91").await?;
    let call = bed.control.ring(People::TONE).await?;
    agent.rings("Toni Okafor").await?;
    agent.focus_is("textbox", "Phone number").await?;
    agent.press_keys("ar?").await?;
    let number = agent.sees(&Query::named("textbox", "Phone number")).await?;
    ensure!(number.value.as_deref().is_some_and(|text| text.contains("ar?")), "{number:?}");
    ensure!(agent.seen(&sheet()).await?.is_empty(), "the sheet opened while somebody typed");
    agent.rings("Toni Okafor").await?;
    ensure!(bed.control.call(&call.id).await?.state == "ringing", "a letter answered or declined it");
    Ok(())
}

pub(crate) async fn the_sheet_keeps_the_keyboard_and_gives_it_back(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    sign_in(agent).await?;
    available(agent).await?;
    agent.press_keys("?").await?;
    agent.sees(&sheet()).await?;
    let mut inside = 0;
    for _ in 0..8 {
        agent.press_key(Key::Tab).await?;
        let focus = agent.focus().await?;
        ensure!(focus.in_dialog || focus.role.is_empty(), "the keyboard left the sheet: {focus:?}");
        inside += u32::from(focus.in_dialog);
    }
    ensure!(inside > 0, "nothing in the sheet takes the keyboard");
    agent.press_key(Key::Escape).await?;
    agent.sees_no(&sheet()).await?;
    agent.focus_is("switch", "Available").await?;

    // A ring puts it away: nothing covers a call.
    agent.press_keys("?").await?;
    agent.sees(&sheet()).await?;
    bed.control.ring(People::TONE).await?;
    agent.rings("Toni Okafor").await?;
    agent.sees_no(&sheet()).await?;
    agent.answer("Toni Okafor", "Reject").await?;
    agent.is_quiet().await
}

pub(crate) async fn shortcuts_can_be_turned_off(stage: &mut Stage) -> Result<()> {
    let agent = &stage.agent;
    sign_in(agent).await?;
    agent.go_to("Settings").await?;
    let switch = Query::named("switch", "Keyboard shortcuts");
    agent.click(&switch).await?;
    ensure!(agent.sees(&switch).await?.checked == Some(false), "the switch is still on");
    agent.press_keys("?").await?;
    agent.press_keys("n").await?;
    agent.focus_is("switch", "Keyboard shortcuts").await?;
    ensure!(agent.seen(&sheet()).await?.is_empty(), "the sheet opened all the same");
    // It is kept.
    agent.reload().await?;
    agent.sees(&switch).await?;
    ensure!(agent.sees(&switch).await?.checked == Some(false), "it was forgotten");
    agent.click(&switch).await?;
    agent.press_keys("?").await?;
    agent.sees(&sheet()).await.map(drop)
}

pub(crate) async fn a_key_is_changed(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    sign_in(agent).await?;
    available(agent).await?;
    agent.press_keys("?").await?;
    agent.sees(&sheet()).await?;
    agent.focus_is("button", "Close").await?;
    agent.tab_to("textbox", "Accept the incoming call").await?;
    agent.press_keys("k").await?;
    agent.press_key(Key::Escape).await?;
    agent.sees_no(&sheet()).await?;
    // It is kept.
    agent.reload().await?;
    available(agent).await?;
    bed.control.ring(People::TONE).await?;
    agent.rings("Toni Okafor").await?;
    agent.press_keys("a").await?;
    agent.press_keys("k").await?;
    agent.call_is("Connected").await?;
    agent.press_keys("e").await?;
    agent.call_is_over().await
}
