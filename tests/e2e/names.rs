//! Roles and names as the browser itself computes them, not as the test kit reads
//! the markup: what a screen reader is given.

use anyhow::{Result, ensure};
use testkit::suite::Stage;
use testkit::{Agent, Login, People, Presence, Query};

/// Wants the browser to agree about each of these.
async fn agree(agent: &Agent, queries: &[(&'static str, &str)]) -> Result<()> {
    for (role, name) in queries {
        let query = Query::named(role, *name);
        agent.sees(&query).await?;
        let (computed_role, computed_name) = agent.computed(&query).await?;
        // A password field has no role by the specification; Firefox says so.
        let is_role =
            computed_role.eq_ignore_ascii_case(role) || (computed_role.is_empty() && *name == "Password");
        ensure!(
            is_role && computed_name == *name,
            "the browser takes the {query} for the {computed_role} {computed_name:?}"
        );
    }
    Ok(())
}

pub(crate) async fn are_the_contracts(stage: &mut Stage) -> Result<()> {
    let agent = &stage.agent;
    agent.open("/").await?;
    agree(agent, &[("textbox", "Username"), ("textbox", "Password"), ("button", "Sign in")]).await?;

    agent.sign_in(Login::ASHA).await?;
    agree(agent, &[("switch", "Available"), ("link", "Phone"), ("link", "Call log"), ("link", "Settings")])
        .await?;
    agree(agent, &[("button", "Sign out"), ("textbox", "Phone number"), ("button", "Call")]).await?;

    agent.set_presence(Presence::Available).await?;
    stage.bed.control.ring(People::TONE).await?;
    agree(agent, &[("alertdialog", "Incoming call"), ("button", "Accept"), ("button", "Reject")]).await?;

    agent.answer("Toni Okafor", "Accept").await?;
    agent.call_is("Connected").await?;
    agree(agent, &[("region", "Active call"), ("button", "Mute"), ("button", "Hang up")]).await?;
    agent.talk_time().await?;

    agent.go_to("Call log").await?;
    agent.log().await?;
    agree(agent, &[("table", "Call log"), ("combobox", "Direction"), ("combobox", "Status")]).await?;
    agree(agent, &[("combobox", "Rows per page"), ("button", "Previous page"), ("button", "Next page")])
        .await?;
    // The call wins: it can be ended from everywhere.
    agent.press("Hang up").await?;
    agent.call_is_over().await
}
