//! Beside the phone: the team's board, sessions, the work after a call.

use std::time::Duration;

use anyhow::{Result, ensure};
use testkit::suite::Stage;
use testkit::{BedOptions, Browser, Login, MicrophonePermission, People, Presence, Query};

use super::calls::live;

/// Time for the work after a call.
pub(crate) fn wrapping_up(browser: Browser) -> Result<BedOptions, String> {
    Ok(BedOptions { wrap_up: Duration::from_secs(600), ..crate::usual(browser)? })
}

/// A part of a list of the board.
fn list(name: &'static str) -> Query {
    Query::named("region", name)
}

pub(crate) async fn who_supervises_sees_the_team(stage: &mut Stage) -> Result<()> {
    let ben = stage.another_agent(MicrophonePermission::Granted).await?;
    let asha = &stage.agent;
    ben.sign_in(Login::BEN).await?;
    ben.go_to("Team").await?;
    ben.sees(&list("Calls").showing("Nobody calls at the moment.")).await?;
    ben.is_accessible("the team's board").await?;

    asha.sign_in(Login::ASHA).await?;
    ensure!(asha.seen(&Query::named("link", "Team")).await?.is_empty(), "Asha supervises nobody");
    asha.set_presence(Presence::Available).await?;
    ben.sees(&list("People").showing("Available")).await?;
    stage.bed.control.ring(People::TONE).await?;
    asha.rings("Toni Okafor").await?;
    ben.sees(&list("Calls").showing("Rings")).await?;
    asha.answer("Toni Okafor", "Accept").await?;
    asha.call_is("Connected").await?;
    ben.sees(&list("Calls").showing("Talk 0:")).await?;
    ben.sees(&list("People").showing("On a call")).await?;
    asha.press("Hang up").await?;
    ben.sees(&list("Calls").showing("Nobody calls at the moment.")).await.map(drop)
}

pub(crate) async fn a_session_is_ended_from_another(stage: &mut Stage) -> Result<()> {
    let elsewhere = stage.another_agent(MicrophonePermission::Granted).await?;
    let here = &stage.agent;
    elsewhere.sign_in(Login::ASHA).await?;
    here.sign_in(Login::ASHA).await?;
    here.go_to("Settings").await?;
    here.press("Sign out there").await?;
    elsewhere.says("You were signed out.").await?;
    here.sees_no(&Query::named("button", "Sign out there")).await?;
    here.press("Sign out everywhere").await?;
    here.says("You were signed out.").await
}

pub(crate) async fn the_work_after_a_call_is_ended_by_a_click(stage: &mut Stage) -> Result<()> {
    live(stage).await?;
    let Stage { agent, bed, .. } = stage;
    agent.press("Hang up").await?;
    agent.says("wrap-up").await?;
    agent.is_accessible("the work after a call").await?;
    agent.press("wrap-up: click when done").await?;
    bed.control.ring(People::SPEAKER).await?;
    agent.rings("Asha Rao").await
}
