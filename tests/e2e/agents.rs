//! Two agents and one caller.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

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

/// Clicks Accept on the page's own clock, at this time in milliseconds since 1970: what the
/// agent's finger does, without the driver's detours. Says whether there was a button to hit.
const CLICK_AT: &str = "const [at, done] = arguments;
  const buttons = [...document.querySelectorAll('[role=alertdialog] button')];
  const button = buttons.find((one) => one.textContent.startsWith('Accept'));
  setTimeout(() => {
    while (Date.now() < at);
    const hit = button?.isConnected ?? false;
    button?.click();
    done(hit);
  }, at - Date.now() - 50);";

/// From asking both browsers to their clicks: long enough that both wait for it.
const AHEAD: Duration = Duration::from_millis(700);

/// Most rounds until both clicks hit; one is enough on a machine that is not busy.
const ROUNDS: usize = 8;

/// Both click Accept at the same moment. Whether both buttons were still there.
async fn click_together(asha: &Agent, ben: &Agent) -> Result<bool> {
    let at = SystemTime::now().duration_since(UNIX_EPOCH)? + AHEAD;
    let at = u64::try_from(at.as_millis())?;
    let click = async |agent: &Agent| -> Result<bool> {
        Ok(agent.web().execute_async(CLICK_AT, vec![at.into()]).await?.convert()?)
    };
    let (first, second) = tokio::join!(click(asha), click(ben));
    Ok(first? && second?)
}

pub(crate) async fn the_first_accept_wins(stage: &mut Stage) -> Result<()> {
    let (asha, ben, mut call) = both_ringing(stage).await?;
    for round in 1..=ROUNDS {
        let both_hit = click_together(&asha, &ben).await?;
        // Who pressed Accept and lost is told, for some seconds; whose card was gone before the
        // click is not.
        let told = if both_hit { Some(is_told_who_won(&asha, &ben).await?) } else { None };
        stage.bed.control.until(&call.id, "accepted").await?;
        one_has_it(stage, (&asha, &ben), &call, told).await?;
        if both_hit {
            return Ok(());
        }
        ensure!(round < ROUNDS, "in {ROUNDS} rounds one of two cards was gone before its click");
        stage.bed.control.hang_up(&call.id).await?;
        asha.call_is_over().await?;
        ben.call_is_over().await?;
        call = stage.bed.control.ring(People::TONE).await?;
        asha.rings("Toni Okafor").await?;
        ben.rings("Toni Okafor").await?;
    }
    Ok(())
}

/// Waits until one of both is told who won, and when. The winner.
async fn is_told_who_won(asha: &Agent, ben: &Agent) -> Result<Login> {
    eventually("one agent being told who won, and when", HAS_IT, async || {
        let mut said = Vec::new();
        for (losing, winner) in [(asha, Login::BEN), (ben, Login::ASHA)] {
            let text = losing.text().await?;
            let told = text.split_once(&format!("{} answered this call", winner.name));
            if told.is_some_and(|(_, when)| when.trim_start().contains(" ago")) {
                return Ok(winner);
            }
            said.push(text);
        }
        bail!("they say {said:?}")
    })
    .await
}

/// Exactly one of both has the call, with sound both ways: not the one who was told that it
/// was the other.
async fn one_has_it(
    stage: &Stage,
    (asha, ben): (&Agent, &Agent),
    call: &CallView,
    told: Option<Login>,
) -> Result<()> {
    let winner = eventually("one agent having the call", HAS_IT, async || {
        match (is_on_a_call(asha).await?, is_on_a_call(ben).await?) {
            (true, false) => Ok(Login::ASHA),
            (false, true) => Ok(Login::BEN),
            both => bail!("Asha and Ben being connected: {both:?}"),
        }
    })
    .await?;
    let (winning, losing) = if winner.name == Login::ASHA.name { (asha, ben) } else { (ben, asha) };
    ensure!(told.is_none_or(|told| told.name == winner.name), "{} has it, not {told:?}", winner.name);
    losing.is_quiet().await?;
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
