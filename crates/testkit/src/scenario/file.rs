//! The file format. `scenarios/README.md` describes it for whoever writes one; a field
//! that is not here is refused with its line.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use toml::Spanned;
use vobiz_sim::Settings;

use super::check;
use super::span::Span;

/// A scenario, as it stands in its file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What must be true, in one sentence.
    pub title: String,
    /// The fact or the pitfall that it holds.
    #[expect(dead_code, reason = "for whoever reads the file")]
    holds: String,
    /// Longest time that all of it may take.
    #[serde(default = "usual_deadline")]
    pub(super) deadline: Span,
    #[serde(default)]
    pub(super) relay: RelayPart,
    #[serde(default)]
    pub(super) simulator: Settings,
    #[serde(default)]
    pub(super) people: Vec<Spanned<PersonPart>>,
    #[serde(default)]
    pub(super) agents: Vec<Spanned<AgentPart>>,
    #[serde(default)]
    pub(super) tap: Vec<Spanned<TapPart>>,
    pub(super) steps: Vec<Spanned<Step>>,
    pub(super) expect: Vec<Spanned<Condition>>,
}

fn usual_deadline() -> Span {
    Span::millis(20_000)
}

/// How the relay runs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RelayPart {
    /// In this process, or as the real program, which can be killed.
    #[serde(default)]
    pub(super) run: RelayKind,
    /// Whether its credentials are the account's.
    #[serde(default)]
    pub(super) credentials: Credentials,
}

/// Where the relay runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RelayKind {
    #[default]
    Inside,
    Program,
}

/// What the relay shows the upstream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Credentials {
    #[default]
    Right,
    Wrong,
}

/// Somebody with a phone, or what differs in one of the six who are always there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonPart {
    pub(super) name: String,
    /// The simulator's own word.
    pub(super) does: Option<String>,
    /// Hertz, for `does = "tone"`.
    pub(super) tone: Option<f32>,
    /// Meta's, for `does = "refuses"` and `does = "breaks"`.
    pub(super) code: Option<u32>,
    /// Hides the number.
    pub(super) username: Option<String>,
    pub(super) reaction: Option<Span>,
}

/// Somebody at the business.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AgentPart {
    pub(super) name: String,
    /// The user name, when it is another agent's: a second tab.
    pub(super) tab_of: Option<String>,
    #[serde(default)]
    pub(super) on_ring: OnRing,
    /// How long they take to do so.
    #[serde(default = "usual_reaction")]
    pub(super) after: Span,
    /// Takes calls from the start.
    #[serde(default = "yes")]
    pub(super) available: bool,
    /// Is there from the start; else a step lets them join.
    #[serde(default = "yes")]
    pub(super) here: bool,
    /// What they say, in hertz.
    #[serde(default = "usual_tone")]
    pub(super) tone: f64,
    /// Says what they hear instead.
    #[serde(default)]
    pub(super) echo: bool,
}

fn usual_reaction() -> Span {
    Span::millis(200)
}

fn usual_tone() -> f64 {
    700.0
}

fn yes() -> bool {
    true
}

/// What an agent does with a ring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OnRing {
    Accept,
    Reject,
    #[default]
    Ignore,
}

/// What the tap does with one kind of message.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TapPart {
    /// A webhook: `connect`, `ringing`, `accepted`, `rejected` or `terminate`.
    pub(super) webhook: Option<String>,
    /// A request: `initiate`, `pre_accept`, `accept`, `reject`, `terminate` or `logs`.
    pub(super) request: Option<String>,
    /// Delivered only after a webhook of this kind.
    pub(super) hold_until: Option<String>,
    /// Delivered once more after a webhook of this kind.
    pub(super) again_after: Option<String>,
    /// Delivered this often in all.
    pub(super) copies: Option<u32>,
    /// Passed on this much later.
    pub(super) delay: Option<Span>,
    /// Carried out at once and answered this much later.
    pub(super) reply_delay: Option<Span>,
    /// So many are lost: never delivered; of a request, only its reply.
    pub(super) lose: Option<u32>,
}

/// Who does something, and when.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    /// Not before this long after the start.
    pub(super) at: Option<Span>,
    /// This long after the step before.
    pub(super) after: Option<Span>,
    /// As soon as it is so.
    pub(super) when: Option<Condition>,
    pub(super) person: Option<String>,
    pub(super) agent: Option<String>,
    pub(super) relay: Option<RelayVerb>,
    /// Settings that change from here on.
    pub(super) simulator: Option<toml::Table>,
    pub(super) does: Option<Verb>,
    /// The call's name in this file.
    #[serde(default = "the_call")]
    pub(super) call: String,
    /// Whom an agent dials.
    pub(super) to: Option<String>,
    /// What an agent presses.
    pub(super) keys: Option<String>,
}

fn the_call() -> String {
    "call".to_owned()
}

/// What happens to the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RelayVerb {
    /// Ends it in good order.
    Stop,
    /// Kills it: it can't say or store anything more.
    Kill,
    /// Starts it again with the same journal.
    Start,
}

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verb {
    Rings,
    HangsUp,
    Dials,
    Accepts,
    Rejects,
    Mutes,
    Unmutes,
    DetachesTrack,
    AttachesTrack,
    Presses,
    GoesAway,
    ComesBack,
    LosesSocket,
    FindsSocket,
    LosesMedia,
    FindsMedia,
    Reloads,
    SignsOut,
    Joins,
    Leaves,
}

/// Something that is so or not: what a step waits for, or what must be true.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Condition {
    /// Whose view it is; without one it is the far end's.
    pub(super) agent: Option<String>,
    #[serde(default = "the_call")]
    pub(super) call: String,
    /// How the agent's page shows the call, or `nothing`.
    pub(super) sees: Option<String>,
    /// How often it rang for the agent.
    pub(super) rang: Option<u32>,
    /// How it ended, on the agent's page.
    pub(super) end: Option<String>,
    /// Part of a problem that the agent was told.
    pub(super) told: Option<String>,
    /// Meta's code in a problem that the agent was told.
    pub(super) code: Option<u32>,
    /// How many problems the agent was told.
    pub(super) problems: Option<usize>,
    pub(super) online: Option<bool>,
    pub(super) available: Option<bool>,
    /// The tone that is heard, in hertz.
    pub(super) hears_hz: Option<f64>,
    pub(super) hears: Option<HearsWord>,
    /// How far the call is upstream.
    pub(super) state: Option<String>,
    /// Why it ended upstream.
    pub(super) ended: Option<String>,
    /// Keys that the person received.
    pub(super) keys: Option<String>,
    /// Whether sound came before the accept.
    pub(super) early_media: Option<bool>,
    /// The row's status in the call log.
    pub(super) log: Option<String>,
    /// Whether the row says that it was answered.
    pub(super) answered: Option<bool>,
    /// The one agent who talked, or `nobody`.
    pub(super) owner: Option<String>,
    /// Initiates to this person, refused ones included.
    pub(super) initiates: Option<usize>,
    /// Requests for this call that upstream carried out.
    pub(super) pre_accepts: Option<usize>,
    pub(super) accepts: Option<usize>,
    pub(super) rejects: Option<usize>,
    pub(super) terminates: Option<usize>,
    /// Longest time until it is so.
    #[serde(default = "usual_patience")]
    pub(super) within: Span,
    /// It must stay so for this long.
    pub(super) stays: Option<Span>,
}

fn usual_patience() -> Span {
    Span::millis(6_000)
}

/// What is heard, when it is no tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum HearsWord {
    Silence,
    Sound,
}

impl Scenario {
    /// Reads a scenario and checks that what it names is there.
    ///
    /// # Errors
    ///
    /// Names the file, the line and what is wrong.
    pub fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("{}: can't be read", path.display()))?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    pub(super) fn parse(text: &str) -> Result<Self> {
        let scenario: Self = toml::from_str(text)?;
        check::check(&scenario, text)?;
        Ok(scenario)
    }
}
