//! Whether a condition holds, and what is the case when it does not.

use std::fmt::Display;

use anyhow::{Context as _, Result, bail, ensure};
use vobiz_sim::scenario::{Condition, HearsWord, LOSER, WINNER};
use wire::{CallId, EndReason};

use super::world::World;
use crate::control::Media;
use crate::headless::{Bell, Heard, Seen, SeenCall};
use crate::wait::{eventually, holds};

/// How far a frequency may be off, in hertz: codec and measurement.
const OFF_BY_HZ: f64 = 15.0;
/// A tone quieter than this is not heard, in decibels below full scale.
const HEARD_DBFS: f64 = -40.0;
/// Louder than this is no silence.
const SILENCE_DBFS: f64 = -50.0;

/// Waits until it is so, and for as long as it has to stay so.
pub(super) async fn becomes(world: &mut World, condition: &Condition) -> Result<()> {
    eventually("it is so", condition.within.0, async || look(world, condition).await).await?;
    match condition.stays {
        Some(stays) => holds("it stays so", stays.0, async || look(world, condition).await).await,
        None => Ok(()),
    }
}

/// Whether it still is so.
pub(super) async fn still(world: &mut World, condition: &Condition) -> Result<()> {
    look(world, condition).await.context("it was so, and then no longer")
}

async fn look(world: &mut World, condition: &Condition) -> Result<()> {
    match &condition.agent {
        Some(agent) => {
            let agent = who(world, condition, agent)?;
            page(&world.agent(&agent)?.seen(), world, condition)?;
        }
        None => far_end(world, condition).await?,
    }
    log(world, condition).await?;
    owner(world, condition)?;
    requests(world, condition).await
}

/// What an agent's page shows.
fn page(seen: &Seen, world: &World, condition: &Condition) -> Result<()> {
    is("online", condition.online, seen.online)?;
    is("available", condition.available, seen.available)?;
    let Ok(named) = world.named(&condition.call) else { return Ok(()) };
    let call = seen.calls.get(&named.page);
    is("sees", condition.sees.as_deref(), call.map_or("nothing", |call| call.bell.word()))?;
    is("rang", condition.rang, call.map_or(0, |call| call.rang))?;
    is("end", condition.end.as_deref(), call.map_or("nothing", end_of))?;

    let told = || seen.told.iter().filter(|told| told.call == named.page);
    is("problems", condition.problems, told().count())?;
    let texts: Vec<String> = told().map(|told| told.text()).collect();
    if let Some(words) = &condition.told {
        ensure!(texts.iter().any(|text| text.contains(words.as_str())), "told: {texts:?}");
    }
    if let Some(code) = condition.code {
        let end = call.and_then(code_of);
        let codes: Vec<u32> = told().filter_map(|told| told.problem.code).chain(end).collect();
        ensure!(codes.contains(&code), "code: {codes:?}, {texts:?}");
    }
    let heard = call.and_then(SeenCall::heard).unwrap_or_default();
    if let Some(broken) = &heard.broken {
        bail!("the connection broke: {broken}");
    }
    agent_hears(&heard, condition)
}

fn agent_hears(heard: &Heard, condition: &Condition) -> Result<()> {
    if let Some(hertz) = condition.hears_hz {
        ensure!(heard.is_tone(hertz), "hears: {}", heard.words());
    }
    match condition.hears {
        Some(HearsWord::Silence) => ensure!(heard.is_silent(), "hears: {}", heard.words()),
        Some(HearsWord::Sound) => ensure!(!heard.is_silent(), "hears: {}", heard.words()),
        None => {}
    }
    Ok(())
}

/// What the simulator has.
async fn far_end(world: &mut World, condition: &Condition) -> Result<()> {
    let wanted = condition.state.is_some()
        || condition.ended.is_some()
        || condition.keys.is_some()
        || condition.early_media.is_some()
        || condition.hears.is_some()
        || condition.hears_hz.is_some();
    if !wanted {
        return Ok(());
    }
    let Some(view) = world.upstream(&condition.call).await? else {
        bail!("upstream has no such call");
    };
    is("state", condition.state.as_deref(), view.state.as_str())?;
    let reason = view.ended.as_ref().and_then(|ended| ended["reason"].as_str()).unwrap_or("not ended");
    is("ended", condition.ended.as_deref(), reason)?;
    is("keys", condition.keys.as_deref(), view.media.dtmf.as_str())?;
    is("early_media", condition.early_media, view.media.early_media)?;
    person_hears(&view.media, condition)
}

fn person_hears(media: &Media, condition: &Condition) -> Result<()> {
    let level = media.level_dbfs.unwrap_or(f64::NEG_INFINITY);
    let words = || format!("hears: {:?} Hz at {level:.0} dBFS", media.frequency_hz);
    if let Some(hertz) = condition.hears_hz {
        let found = media.frequency_hz.is_some_and(|found| (found - hertz).abs() <= OFF_BY_HZ);
        ensure!(found && level >= HEARD_DBFS, "{}", words());
    }
    match condition.hears {
        Some(HearsWord::Silence) => ensure!(level <= SILENCE_DBFS, "{}", words()),
        Some(HearsWord::Sound) => ensure!(level > SILENCE_DBFS, "{}", words()),
        None => {}
    }
    Ok(())
}

/// What the call log has.
async fn log(world: &mut World, condition: &Condition) -> Result<()> {
    if condition.log.is_none() && condition.answered.is_none() {
        return Ok(());
    }
    let Some(row) = world.row(&condition.call).await? else { bail!("the log has no row of this call") };
    let status = row.status.as_ref().map_or("no status".to_owned(), ToString::to_string);
    is("log", condition.log.as_deref(), status.as_str())?;
    is("answered", condition.answered, row.answered_at.is_some())
}

/// The agent that a condition means.
fn who(world: &World, condition: &Condition, agent: &str) -> Result<String> {
    let talking = match agent {
        WINNER => true,
        LOSER => false,
        named => return Ok(named.to_owned()),
    };
    let meant = talked(world, &world.named(&condition.call)?.page, talking);
    match &meant[..] {
        [only] => Ok(only.clone()),
        others => bail!("{agent}: {others:?}"),
    }
}

/// Who talked on a call, or who did not.
fn talked(world: &World, call: &CallId, wanted: bool) -> Vec<String> {
    let has = |seen: &Seen| seen.calls.get(call).is_some_and(|call| call.talked);
    world.seen().filter(|(_, seen)| has(seen) == wanted).map(|(name, _)| name.to_owned()).collect()
}

/// Who talked.
fn owner(world: &World, condition: &Condition) -> Result<()> {
    let Some(owner) = condition.owner.as_deref() else { return Ok(()) };
    let found = talked(world, &world.named(&condition.call)?.page, true);
    let is_so = match owner {
        "nobody" => found.is_empty(),
        WINNER => found.len() == 1,
        named => found == [named],
    };
    ensure!(is_so, "owner: {found:?}");
    Ok(())
}

/// What upstream was asked and did.
async fn requests(world: &mut World, condition: &Condition) -> Result<()> {
    for (kind, wanted) in [
        ("initiate", condition.initiates),
        ("pre_accept", condition.pre_accepts),
        ("accept", condition.accepts),
        ("reject", condition.rejects),
        ("terminate", condition.terminates),
    ] {
        if wanted.is_some() {
            is(kind, wanted, world.requests(&condition.call, kind).await?)?;
        }
    }
    Ok(())
}

fn end_of(call: &SeenCall) -> &'static str {
    match &call.bell {
        Bell::Ended(reason) => match reason {
            EndReason::HungUp => "hung_up",
            EndReason::FarEndHungUp => "far_end_hung_up",
            EndReason::Missed => "missed",
            EndReason::Declined => "declined",
            EndReason::Rejected => "rejected",
            EndReason::Unanswered => "unanswered",
            EndReason::Cancelled => "cancelled",
            EndReason::Failed { .. } => "failed",
        },
        Bell::Ringing
        | Bell::Answering
        | Bell::Dialing
        | Bell::FarEndRinging
        | Bell::Talking
        | Bell::Declined
        | Bell::Silenced
        | Bell::Elsewhere(_)
        | Bell::Failed
        | Bell::Lost => "not ended",
    }
}

/// Meta's code with which a call failed.
fn code_of(call: &SeenCall) -> Option<u32> {
    if let Bell::Ended(EndReason::Failed { code, .. }) = &call.bell { *code } else { None }
}

fn is<T: PartialEq + Display>(field: &str, wanted: Option<T>, found: T) -> Result<()> {
    match wanted {
        Some(wanted) if wanted != found => bail!("{field}: {found}"),
        Some(_) | None => Ok(()),
    }
}
