//! What the agent does with calls: hold, several at once, keypad, dialling.

use std::time::Duration;

use anyhow::{Result, ensure};
use testkit::suite::Stage;
use testkit::{CallView, Login, MICROPHONE_HZ, People, Presence, Query, eventually};

use super::inbound::live;

/// What a call on hold hears.
const HOLD_HZ: u32 = 392;

/// A voice is louder.
const SOFT_DBFS: f64 = -18.0;

/// How long a key takes to the far end, with room for a busy machine.
const KEYS: Duration = Duration::from_secs(10);

fn hold() -> Query {
    Query::named("button", "Hold").inside(Query::named("region", "Active call"))
}

pub(crate) async fn held_and_resumed(stage: &mut Stage) -> Result<()> {
    let call = live(stage).await?;
    let Stage { agent, bed, .. } = stage;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    ensure!(agent.sees(&hold()).await?.pressed == Some(false), "a call begins on hold");

    agent.click(&hold()).await?;
    agent.call_is("On hold").await?;
    ensure!(agent.sees(&hold()).await?.pressed == Some(true), "the button does not say that it holds");
    let media = bed.control.hears(&call.id, HOLD_HZ).await?;
    agent.hears_nobody().await?;
    eventually("a soft tone that flows", KEYS, async || {
        let later = bed.control.call(&call.id).await?.media;
        let is_soft = later.level_dbfs.is_some_and(|level| level < SOFT_DBFS);
        ensure!(later.packets_in > media.packets_in + 50 && is_soft, "{later:?}");
        Ok(())
    })
    .await?;

    agent.click(&hold()).await?;
    agent.call_is("Connected").await?;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    agent.hears_tone(People::TONE_HZ).await?;
    ensure!(agent.sees(&hold()).await?.pressed == Some(false), "the button still says that it holds");
    Ok(())
}

/// A live call with the person with the tone, on hold behind one with the speaker.
async fn two_calls(stage: &Stage) -> Result<(CallView, CallView)> {
    let first = live(stage).await?;
    let Stage { agent, bed, .. } = stage;
    let second = bed.control.ring(People::SPEAKER).await?;
    agent.rings("Asha Rao").await?;
    agent.answer("Asha Rao", "Accept").await?;
    agent.says("On hold").await?;
    agent.call_is("Connected").await?;
    Ok((first, second))
}

pub(crate) async fn the_second_accept_holds_the_first_call(stage: &mut Stage) -> Result<()> {
    let (first, second) = two_calls(stage).await?;
    let Stage { agent, bed, .. } = stage;
    bed.control.hears(&first.id, HOLD_HZ).await?;
    bed.control.hears(&second.id, MICROPHONE_HZ).await?;
    agent.hears_speech().await?;

    // A third one rings on for as long as nobody takes it.
    let third = bed.control.ring(People::ECHO).await?;
    agent.rings("Eko Prasetyo").await?;
    agent.press("Resume").await?;
    bed.control.hears(&first.id, MICROPHONE_HZ).await?;
    bed.control.hears(&second.id, HOLD_HZ).await?;
    agent.hears_tone(People::TONE_HZ).await?;
    let still = bed.control.call(&third.id).await?;
    ensure!(still.state != "ended", "{still:?}");
    agent.answer("Eko Prasetyo", "Reject").await?;

    agent.press("Hang up Asha Rao").await?;
    bed.control.until(&second.id, "ended").await?;
    agent.call_is("Connected").await?;
    agent.press("Hang up").await?;
    bed.control.until(&first.id, "ended").await?;
    agent.call_is_over().await
}

pub(crate) async fn every_button_is_in_reach(stage: &mut Stage) -> Result<()> {
    let (_, second) = two_calls(stage).await?;
    let Stage { agent, bed, .. } = stage;
    bed.control.ring(People::ECHO).await?;
    bed.control.ring(People::NEVER_ANSWERS).await?;
    agent.rings("Eko Prasetyo").await?;
    agent.rings("Nora Silva").await?;
    let named = |name: &str| Query::named("button", name);
    let on_card =
        |name: &str, who: &str| named(name).inside(Query::named("alertdialog", "Incoming call").showing(who));
    let mut buttons: Vec<Query> =
        ["Mute", "Hold", "Keypad", "Hang up", "Resume", "Hang up Toni Okafor"].map(named).into();
    for who in ["Eko Prasetyo", "Nora Silva"] {
        buttons.extend([on_card("Accept", who), on_card("Reject", who)]);
    }
    for (width, height) in [(1_280, 800), (400, 800)] {
        stage.agent.resize(width, height).await?;
        let hidden = stage.agent.out_of_reach(&buttons).await?;
        ensure!(hidden.is_none(), "at {width} x {height} there is no reaching {hidden:?}");
    }
    // Two that ring, and one that waits behind nobody.
    let Stage { agent, bed, .. } = stage;
    bed.control.hang_up(&second.id).await?;
    agent.sees_no(&named("Mute")).await?;
    let rest: Vec<Query> = buttons.split_off(4);
    for (width, height) in [(400, 800), (1_280, 800)] {
        stage.agent.resize(width, height).await?;
        let hidden = stage.agent.out_of_reach(&rest).await?;
        ensure!(hidden.is_none(), "at {width} x {height} there is no reaching {hidden:?}");
    }
    Ok(())
}

pub(crate) async fn a_call_beside_the_log_is_in_reach(stage: &mut Stage) -> Result<()> {
    live(stage).await?;
    stage.agent.go_to("Call log").await?;
    let buttons = ["Mute", "Hold", "Hang up"].map(|name| Query::named("button", name));
    for (width, height) in [(1_280, 800), (700, 800), (400, 800), (320, 640)] {
        stage.agent.resize(width, height).await?;
        let hidden = stage.agent.out_of_reach(&buttons).await?;
        ensure!(hidden.is_none(), "at {width} x {height} there is no reaching {hidden:?}");
    }
    Ok(())
}

pub(crate) async fn digits_are_clicked_and_typed(stage: &mut Stage) -> Result<()> {
    // A bad line is said where the digits are shown.
    let is_calm = stage.is_calm();
    let call = live(stage).await?;
    let Stage { agent, bed, .. } = stage;
    bed.control.hears(&call.id, MICROPHONE_HZ).await?;
    // Not before the keypad is open.
    agent.types("9").await?;
    agent.press("Keypad").await?;
    agent.press("1").await?;
    agent.types("2#").await?;
    eventually("the far end hearing 12#", KEYS, async || {
        let media = bed.control.call(&call.id).await?.media;
        ensure!(media.dtmf == "12#", "it heard {:?}", media.dtmf);
        Ok(())
    })
    .await?;
    if is_calm {
        agent.says("12#").await?;
    }
    Ok(())
}

pub(crate) async fn a_link_fills_the_number_in(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    for link in ["/?dial=+919800000006", "/?dial=tel%3A%2B91%2098000-00006"] {
        agent.open(link).await?;
        let field = agent.sees(&Query::named("textbox", "Phone number")).await?;
        ensure!(field.value.as_deref() == Some("+91 98000 00006"), "{link}: {field:?}");
        agent.says("India").await?;
        eventually("Call having the focus", Duration::from_secs(5), async || {
            let focused = agent.focused_button().await?;
            ensure!(focused == "Call", "{focused:?}");
            Ok(())
        })
        .await?;
        ensure!(agent.address().await? == "/", "a reload would fill it in again");
    }
    let calls = bed.control.calls().await?;
    ensure!(calls.is_empty(), "it was called: {calls:?}");
    agent.press("Call").await?;
    agent.call_is("Connected").await
}

pub(crate) async fn the_last_number_is_called_again(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    agent.dial("tel:+91 (98000) 00003").await?;
    agent.says("They declined the call.").await?;
    agent.press("Close").await?;
    // As on any telephone: once for the number, once for the call.
    agent.press("Call").await?;
    let field = agent.sees(&Query::named("textbox", "Phone number")).await?;
    ensure!(field.value.as_deref() == Some("+91 98000 00003"), "{field:?}");
    ensure!(bed.control.calls().await?.len() == 1, "it was called at once");
    agent.press("Call").await?;
    agent.says("They declined the call.").await?;
    ensure!(bed.control.calls().await?.len() == 2, "it was not called again");
    Ok(())
}

pub(crate) async fn number_links_are_asked_for(stage: &mut Stage) -> Result<()> {
    let agent = &stage.agent;
    agent.sign_in(Login::ASHA).await?;
    agent.go_to("Settings").await?;
    agent.press("Open number links here").await?;
    eventually("a word about number links", Duration::from_secs(5), async || {
        let text = agent.text().await?;
        let said = ["The browser asks you now", "This browser does not let a page open number links"];
        ensure!(said.iter().any(|words| text.contains(words)), "{text:?}");
        Ok(())
    })
    .await?;
    agent.set_presence(Presence::Available).await
}
