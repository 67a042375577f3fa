//! How most cases begin: a live call with the person with the tone.

use anyhow::Result;
use testkit::suite::Stage;
use testkit::{Agent, CallView, Login, People, Presence, TestBed};

/// An agent who has signed in takes calls and answers the person with the tone.
pub(crate) async fn answer_tone(agent: &Agent, bed: &TestBed) -> Result<CallView> {
    agent.set_presence(Presence::Available).await?;
    let call = bed.control.ring(People::TONE).await?;
    agent.rings("Toni Okafor").await?;
    agent.answer("Toni Okafor", "Accept").await?;
    agent.call_is("Connected").await?;
    Ok(call)
}

/// Asha signs in and answers the person with the tone. Who hears whom is for the case to say.
pub(crate) async fn live(stage: &Stage) -> Result<CallView> {
    stage.agent.sign_in(Login::ASHA).await?;
    answer_tone(&stage.agent, &stage.bed).await
}
