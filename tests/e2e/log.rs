//! The call log.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use testkit::suite::Stage;
use testkit::{Agent, LogTable, Login, MICROPHONE_HZ, People, Presence, Query, eventually};

/// Longest that a page of the log may take.
const SHOWN: Duration = Duration::from_secs(8);

/// What `Page N of M, K calls` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Position {
    page: u32,
    pages: u32,
    calls: u32,
}

impl Position {
    fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("Page ")?;
        let (page, rest) = rest.split_once(" of ")?;
        let (pages, rest) = rest.split_once(", ")?;
        let calls = rest.strip_suffix(" calls").or_else(|| rest.strip_suffix(" call"))?;
        let number = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok();
        Some(Self { page: number(page)?, pages: number(pages)?, calls: number(calls)? })
    }
}

async fn position(agent: &Agent) -> Result<Position> {
    let texts: Vec<_> = agent.seen(&Query::role("status")).await?.into_iter().map(|seen| seen.text).collect();
    texts.iter().find_map(|text| Position::read(text)).with_context(|| format!("statuses read {texts:?}"))
}

/// Waits for a page of the log that is as `fits` wants it.
async fn shows(
    agent: &Agent,
    what: &str,
    fits: impl Fn(&Position, &LogTable) -> bool,
) -> Result<(Position, LogTable)> {
    eventually(&format!("the log showing {what}"), SHOWN, async || {
        agent.retry_log().await?;
        let (position, table) = (position(agent).await?, agent.log().await?);
        let rows = table.rows.len();
        ensure!(fits(&position, &table), "{position:?} with {rows} rows, the first {:?}", table.rows.first());
        Ok((position, table))
    })
    .await
}

/// Whether the address has every one of these parts.
async fn address_has(agent: &Agent, parts: &[&str]) -> Result<()> {
    eventually(&format!("the address having {parts:?}"), SHOWN, async || {
        let address = agent.address().await?;
        let query = address.split_once('?').map_or("", |(_, query)| query);
        let is_there = |part: &&str| query.split('&').any(|found| found == *part);
        ensure!(address.starts_with("/log") && parts.iter().all(is_there), "it is {address}");
        Ok(())
    })
    .await
}

/// The people's numbers that can't be read to their end.
const CUT: &str = "return [...document.querySelectorAll('.calls td.other')]
  .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)";

pub(crate) async fn pages_and_page_size(stage: &mut Stage) -> Result<()> {
    let agent = &stage.agent;
    agent.sign_in(Login::ASHA).await?;
    agent.go_to("Call log").await?;
    let (first, table) =
        shows(agent, "its first page", |at, table| at.page == 1 && table.rows.len() == 25).await?;
    ensure!(
        table.headers.iter().take(6).eq(["Direction", "From", "To", "Status", "Started", "Duration"].iter()),
        "the headers are {:?}",
        table.headers
    );
    ensure!(first.calls >= 200 && first.pages == first.calls.div_ceil(25), "{first:?}");

    agent.press("Next page").await?;
    let (_, second) =
        shows(agent, "its second page", |at, found| at.page == 2 && found.rows != table.rows).await?;
    address_has(agent, &["page=2"]).await?;
    agent.press("Previous page").await?;
    shows(agent, "its first page again", |at, found| at.page == 1 && found.rows == table.rows).await?;

    agent.choose("Rows per page", "50").await?;
    let (position, _) =
        shows(agent, "fifty rows", |at, found| at.page == 1 && found.rows.len() == 50).await?;
    ensure!(position.pages == position.calls.div_ceil(50), "{position:?}");
    address_has(agent, &["limit=50"]).await?;
    let cut: Vec<String> = agent.web().execute(CUT, vec![]).await?.convert()?;
    ensure!(cut.is_empty(), "numbers are cut off: {cut:?}");

    // An address is as good as the way to it, and the last page ends the paging.
    agent.open("/log?page=2&limit=25").await?;
    shows(agent, "the page of the address", |at, found| at.page == 2 && found.rows == second.rows).await?;
    agent.open(&format!("/log?page={}&limit=25", first.pages)).await?;
    shows(agent, "its last page", |at, _| at.page == first.pages).await?;
    let next = agent.sees(&Query::named("button", "Next page")).await?;
    ensure!(next.disabled, "there is a page after the last one: {next:?}");
    Ok(())
}

pub(crate) async fn filters_are_in_the_address(stage: &mut Stage) -> Result<()> {
    let agent = &stage.agent;
    agent.sign_in(Login::ASHA).await?;
    agent.go_to("Call log").await?;
    let (all, _) = shows(agent, "everything", |at, table| at.page == 1 && table.rows.len() == 25).await?;
    agent.press("Next page").await?;
    shows(agent, "its second page", |at, _| at.page == 2).await?;

    agent.choose("Direction", "Inbound").await?;
    let is_inbound = |table: &LogTable| table.column("Direction").iter().all(|cell| *cell == "Inbound");
    let (inbound, _) =
        shows(agent, "inbound calls", |at, table| at.page == 1 && at.calls < all.calls && is_inbound(table))
            .await?;
    address_has(agent, &["direction=inbound"]).await?;

    agent.choose("Status", "Missed").await?;
    let is_missed = |table: &LogTable| table.column("Status").iter().all(|cell| cell.contains("Missed"));
    let fits = |at: &Position, table: &LogTable| {
        at.calls < inbound.calls && !table.rows.is_empty() && is_inbound(table) && is_missed(table)
    };
    let (missed, _) = shows(agent, "missed inbound calls", fits).await?;
    address_has(agent, &["direction=inbound", "status=missed"]).await?;

    // Back leads through the same views, and a reload changes nothing.
    agent.web().back().await?;
    shows(agent, "inbound calls again", |at, table| at.calls == inbound.calls && is_inbound(table)).await?;
    agent.web().back().await?;
    shows(agent, "the second page of everything again", |at, _| at.page == 2 && at.calls == all.calls)
        .await?;
    agent.web().forward().await?;
    agent.web().forward().await?;
    shows(agent, "missed inbound calls again", fits).await?;
    agent.reload().await?;
    shows(agent, "missed inbound calls after a reload", |at, table| *at == missed && fits(at, table)).await?;
    let direction = agent.sees(&Query::named("combobox", "Direction")).await?;
    ensure!(direction.value.as_deref() == Some("inbound"), "the filter shows {direction:?}");
    Ok(())
}

pub(crate) async fn both_calls_are_there(stage: &mut Stage) -> Result<()> {
    let (agent, control) = (&stage.agent, &stage.bed.control);
    agent.sign_in(Login::ASHA).await?;
    agent.set_presence(Presence::Available).await?;

    agent.dial(People::TONE).await?;
    agent.call_is("Connected").await?;
    let outbound = control.call_with(People::TONE).await?;
    control.hears(&outbound.id, MICROPHONE_HZ).await?;
    agent.press("Hang up").await?;
    control.until(&outbound.id, "ended").await?;
    agent.call_is_over().await?;

    let inbound = control.ring(People::SPEAKER).await?;
    agent.rings("Asha Rao").await?;
    agent.answer("Asha Rao", "Accept").await?;
    agent.call_is("Connected").await?;
    agent.hears_speech().await?;
    control.hang_up(&inbound.id).await?;
    agent.call_is_over().await?;

    agent.go_to("Call log").await?;
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let holds =
        |cell: Option<&&str>, number: &str| cell.is_some_and(|cell| digits(cell).contains(&digits(number)));
    shows(agent, "both calls, the later one first", |_, table| {
        let (directions, from, to) = (table.column("Direction"), table.column("From"), table.column("To"));
        directions.starts_with(&["Inbound", "Outbound"])
            && holds(from.first(), People::SPEAKER)
            && holds(to.get(1), People::TONE)
    })
    .await
    .map(drop)
}

pub(crate) async fn the_phone_shows_recent_calls(stage: &mut Stage) -> Result<()> {
    let agent = &stage.agent;
    agent.sign_in(Login::ASHA).await?;
    let newest = recent_calls(agent).await?;

    // What was last looked for in the log is none of its business.
    agent.open("/log?page=2&direction=inbound&status=missed").await?;
    shows(agent, "missed inbound calls", |at, _| at.page == 2).await?;
    agent.go_to("Phone").await?;
    eventually("the newest calls beside the phone", SHOWN, async || {
        agent.retry_log().await?;
        let again = recent_calls(agent).await?;
        ensure!(again == newest, "the first is {:?} and not {:?}", again.first(), newest.first());
        Ok(())
    })
    .await
}

/// The rows of the table beside the phone, as soon as there are some.
async fn recent_calls(agent: &Agent) -> Result<Vec<Vec<String>>> {
    let query = Query::named("table", "Recent calls");
    eventually("recent calls beside the phone", SHOWN, async || {
        agent.retry_log().await?;
        let table = agent.tables(&query).await?.into_iter().next().context("there is no such table")?;
        ensure!(!table.rows.is_empty(), "it is empty");
        Ok(table.rows)
    })
    .await
}
