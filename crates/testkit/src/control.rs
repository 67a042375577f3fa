//! The far end: the simulator's control API.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::wait::eventually;

/// The people's numbers, as the simulator has them.
#[derive(Debug)]
pub struct People;

impl People {
    /// Picks up, greets and keeps talking.
    pub const SPEAKER: &str = "+919800000001";
    /// Sends back what is said.
    pub const ECHO: &str = "+919800000002";
    /// Refuses.
    pub const REJECTS: &str = "+919800000003";
    /// Lets it ring.
    pub const NEVER_ANSWERS: &str = "+919800000004";
    /// Has given no permission (138006).
    pub const NO_PERMISSION: &str = "+919800000005";
    /// Plays the same tone far too loud.
    pub const LOUD: &str = "+919800000008";
    /// Plays a pure tone of [`People::TONE_HZ`].
    pub const TONE: &str = "+919800000006";
    /// The tone's frequency in hertz.
    pub const TONE_HZ: u32 = 440;
}

/// A person of the simulator.
#[derive(Debug, Clone, Deserialize)]
pub struct Person {
    /// E.164.
    pub number: String,
    /// As WhatsApp shows it.
    pub name: String,
}

/// A business number of the simulator.
#[derive(Debug, Clone, Deserialize)]
pub struct Business {
    /// Vobiz' channel.
    pub channel_id: String,
    /// E.164.
    pub phone_number: String,
}

/// What a handset knows about its sound.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Media {
    /// ICE and DTLS are up.
    pub connected: bool,
    /// Sound packets from the agent.
    pub packets_in: u64,
    /// Sound packets to the agent.
    pub packets_out: u64,
    /// How loud the agent is, over about half a second.
    pub level_dbfs: Option<f64>,
    /// The agent's strongest frequency in hertz.
    pub frequency_hz: Option<f64>,
    /// Keys that the agent pressed.
    pub dtmf: String,
    /// Sound came from the agent before the call was accepted.
    pub early_media: bool,
    /// How long nothing has come from the agent, in milliseconds.
    pub silent_ms: Option<u64>,
}

/// A call as the far end has it.
#[derive(Debug, Clone, Deserialize)]
pub struct CallView {
    /// `wacid…`.
    pub id: String,
    /// Vobiz' own name of it.
    #[serde(default)]
    pub vobiz_id: String,
    /// `inbound` or `outbound`, seen from the business.
    pub direction: String,
    /// The person's number.
    pub number: String,
    /// `ringing`, `pre_accepted`, `accepted` or `ended`.
    pub state: String,
    /// Why it ended.
    #[serde(default)]
    pub ended: Option<Value>,
    /// Its sound.
    #[serde(default)]
    pub media: Media,
}

/// A request that came in over REST.
#[derive(Debug, Clone, Deserialize)]
pub struct Asked {
    /// When, in milliseconds since 1970, with what is left of one.
    pub at: f64,
    /// What it asked for, in a few words.
    pub brief: String,
    /// Until the reply began, in milliseconds.
    pub took_ms: u64,
}

#[derive(Debug, Deserialize)]
struct Journal {
    requests: Vec<Asked>,
}

#[derive(Debug, Deserialize)]
struct State {
    people: Vec<Person>,
    calls: Vec<CallView>,
    business: Vec<Business>,
}

/// Plays the far end.
#[derive(Debug, Clone)]
pub struct Control {
    client: reqwest::Client,
    url: String,
}

/// How long the simulator may take to answer; it is in this process.
const REQUEST: Duration = Duration::from_secs(5);
/// How long a signal takes through relay and webhooks at most, on a busy machine.
const SIGNAL: Duration = Duration::from_secs(6);
/// How long it takes at most until sound is measured: connecting and half a second
/// of sound, with room for a busy machine.
const HEARD: Duration = Duration::from_secs(10);
/// How far a measured frequency may be off: codec and the width of the measurement.
const OFF_BY_HZ: f64 = 15.0;
/// A tone quieter than this does not count as heard.
const HEARD_DBFS: f64 = -40.0;
/// Louder than this does not count as silence.
const SILENCE_DBFS: f64 = -60.0;

impl Control {
    /// The far end behind this control API.
    pub fn new(url: String) -> Result<Self> {
        let client = reqwest::Client::builder().timeout(REQUEST).no_proxy().build()?;
        Ok(Self { client, url })
    }

    /// Everybody who can be called.
    pub async fn people(&self) -> Result<Vec<Person>> {
        Ok(self.state().await?.people)
    }

    /// The business' numbers.
    pub async fn business(&self) -> Result<Vec<Business>> {
        Ok(self.state().await?.business)
    }

    /// All calls since the simulator was started.
    pub async fn calls(&self) -> Result<Vec<CallView>> {
        Ok(self.state().await?.calls)
    }

    /// What was asked over REST lately, the latest first.
    pub async fn asked(&self) -> Result<Vec<Asked>> {
        let Journal { requests } = self.get("/control/journal").await?;
        Ok(requests)
    }

    async fn state(&self) -> Result<State> {
        self.get("/control/state").await
    }

    /// Lets a person call the business.
    pub async fn ring(&self, from: &str) -> Result<CallView> {
        self.post("/control/ring", &json!({ "from": from })).await
    }

    /// Lets the far end hang up, or give up while it rings.
    pub async fn hang_up(&self, call: &str) -> Result<()> {
        let _: Value = self.post(&format!("/control/calls/{call}/hangup"), &json!({})).await?;
        Ok(())
    }

    /// One call.
    pub async fn call(&self, id: &str) -> Result<CallView> {
        self.get(&format!("/control/calls/{id}")).await
    }

    /// The call with a person, as soon as there is one.
    pub async fn call_with(&self, number: &str) -> Result<CallView> {
        eventually(&format!("a call with {number}"), SIGNAL, async || {
            let calls = self.calls().await?;
            let seen: Vec<_> = calls.iter().map(|call| (call.number.clone(), call.state.clone())).collect();
            calls.into_iter().find(|call| call.number == number).with_context(|| format!("calls: {seen:?}"))
        })
        .await
    }

    /// Waits until a call is in a state.
    pub async fn until(&self, id: &str, state: &str) -> Result<CallView> {
        eventually(&format!("the far end's call being {state}"), SIGNAL, async || {
            let call = self.call(id).await?;
            ensure!(call.state == state, "it is {}: {call:?}", call.state);
            Ok(call)
        })
        .await
    }

    /// Waits until the far end hears the agent's tone.
    pub async fn hears(&self, id: &str, hz: u32) -> Result<Media> {
        eventually(&format!("the far end hearing {hz} Hz"), HEARD, async || {
            let media = self.call(id).await?.media;
            let is_tone = media.frequency_hz.is_some_and(|found| (found - f64::from(hz)).abs() <= OFF_BY_HZ);
            let is_loud = media.level_dbfs.is_some_and(|level| level >= HEARD_DBFS);
            ensure!(is_tone && is_loud, "it hears {media:?}");
            Ok(media)
        })
        .await
    }

    /// Waits until the far end hears silence that still flows: packets without sound.
    pub async fn hears_silence(&self, id: &str) -> Result<Media> {
        let mut before = self.call(id).await?.media.packets_in;
        eventually("the far end hearing silence that flows", HEARD, async || {
            let media = self.call(id).await?.media;
            let flows = media.packets_in > before;
            before = media.packets_in;
            let is_silent = media.level_dbfs.is_none_or(|level| level <= SILENCE_DBFS);
            ensure!(flows && is_silent, "it hears {media:?}");
            Ok(media)
        })
        .await
    }

    /// Changes settings while the simulator runs.
    pub async fn change(&self, patch: &Value) -> Result<()> {
        let path = "/control/settings";
        let answer = self.client.patch(format!("{}{path}", self.url)).json(patch).send().await?;
        read::<Value>(path, answer).await.map(drop)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await?;
        read(path, answer).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T> {
        let answer = self.client.post(format!("{}{path}", self.url)).json(body).send().await?;
        read(path, answer).await
    }
}

async fn read<T: DeserializeOwned>(path: &str, answer: reqwest::Response) -> Result<T> {
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(status.is_success(), "the simulator answers {status} to {path}: {text}");
    let text = if text.is_empty() { "null" } else { &text };
    serde_json::from_str(text).with_context(|| format!("the simulator's answer to {path} is {text}"))
}
