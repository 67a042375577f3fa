//! The file format. `scenarios/README.md` describes it for whoever writes one; a field
//! that is not here is refused with its line.

use std::path::Path;

use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;

use super::check;
use super::span::Span;
use crate::settings::Settings;

/// Longest file that is read: a scenario is a page or two.
const MOST_BYTES: u64 = 64 * 1_024;

/// A scenario that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: {what}")]
pub struct ScenarioError {
    /// The file, or the line in it.
    pub place: String,
    /// What is wrong with it.
    pub what: String,
}

impl ScenarioError {
    pub(super) fn new(place: impl Into<String>, what: impl ToString) -> Self {
        Self { place: place.into(), what: what.to_string() }
    }
}

/// A scenario, as it stands in its file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What must be true, in one sentence.
    pub title: String,
    /// The fact or the pitfall that it holds.
    pub holds: String,
    /// Longest time that all of it may take.
    #[serde(default = "usual_deadline")]
    pub deadline: Span,
    /// How the relay runs.
    #[serde(default)]
    pub relay: RelayPart,
    /// The simulator's own settings.
    #[serde(default)]
    pub simulator: Settings,
    /// Who differs from the people who are always there, and who is new.
    #[serde(default)]
    pub people: Vec<Spanned<PersonPart>>,
    /// Who is at the business.
    #[serde(default)]
    pub agents: Vec<Spanned<AgentPart>>,
    /// What is done to single messages.
    #[serde(default)]
    pub tap: Vec<Spanned<TapPart>>,
    /// What happens, in this order.
    pub steps: Vec<Spanned<Step>>,
    /// What must be true in the end.
    pub expect: Vec<Spanned<Condition>>,
}

fn usual_deadline() -> Span {
    Span::millis(20_000)
}

/// How the relay runs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelayPart {
    /// In this process, or as the real program, which can be killed.
    #[serde(default)]
    pub run: RelayKind,
    /// Whether its credentials are the account's.
    #[serde(default)]
    pub credentials: Credentials,
}

/// Where the relay runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelayKind {
    /// In this process.
    #[default]
    Inside,
    /// As the real program, which can be killed.
    Program,
}

/// What the relay shows the upstream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credentials {
    /// The account's.
    #[default]
    Right,
    /// Others.
    Wrong,
}

/// Somebody with a phone, or what differs in one of the six who are always there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonPart {
    /// How steps call them.
    pub name: String,
    /// The simulator's own word.
    pub does: Option<String>,
    /// Hertz, for `does = "tone"`.
    pub tone: Option<f32>,
    /// Meta's, for `does = "refuses"` and `does = "breaks"`.
    pub code: Option<u32>,
    /// Hides the number.
    pub username: Option<String>,
    /// How long they take to pick up or to refuse.
    pub reaction: Option<Span>,
}

/// Somebody at the business.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentPart {
    /// User name and display name.
    pub name: String,
    /// The user name, when it is another agent's: a second tab.
    pub tab_of: Option<String>,
    /// What they do with a ring.
    #[serde(default)]
    pub on_ring: OnRing,
    /// How long they take to do so.
    #[serde(default = "usual_reaction")]
    pub after: Span,
    /// Takes calls from the start.
    #[serde(default = "yes")]
    pub available: bool,
    /// Is there from the start; else a step lets them join.
    #[serde(default = "yes")]
    pub here: bool,
    /// What they say, in hertz.
    #[serde(default = "usual_tone")]
    pub tone: f64,
    /// Says what they hear instead.
    #[serde(default)]
    pub echo: bool,
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
pub enum OnRing {
    /// Takes it.
    Accept,
    /// Declines it.
    Reject,
    /// Lets it ring.
    #[default]
    Ignore,
}

/// What the tap does with one kind of message.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TapPart {
    /// A webhook: `connect`, `ringing`, `accepted`, `rejected` or `terminate`.
    pub webhook: Option<String>,
    /// A request: `initiate`, `pre_accept`, `accept`, `reject`, `terminate` or `logs`.
    pub request: Option<String>,
    /// Delivered only after a webhook of this kind.
    pub hold_until: Option<String>,
    /// Delivered once more after a webhook of this kind.
    pub again_after: Option<String>,
    /// Delivered this often in all.
    pub copies: Option<u32>,
    /// Passed on this much later.
    pub delay: Option<Span>,
    /// Carried out at once and answered this much later.
    pub reply_delay: Option<Span>,
    /// So many are lost: never delivered; of a request, only its reply.
    pub lose: Option<u32>,
}

/// Who does something, and when.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Not before this long after the start.
    pub at: Option<Span>,
    /// This long after the step before.
    pub after: Option<Span>,
    /// As soon as it is so.
    pub when: Option<Condition>,
    /// The person who does it.
    pub person: Option<String>,
    /// The agent who does it.
    pub agent: Option<String>,
    /// What happens to the relay instead.
    pub relay: Option<RelayVerb>,
    /// Settings that change from here on.
    pub simulator: Option<toml::Table>,
    /// What they do.
    pub does: Option<Verb>,
    /// The call's name in this file.
    #[serde(default = "the_call")]
    pub call: String,
    /// Whom an agent dials.
    pub to: Option<String>,
    /// What an agent presses.
    pub keys: Option<String>,
}

fn the_call() -> String {
    "call".to_owned()
}

/// What happens to the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelayVerb {
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
pub enum Verb {
    /// A person calls the business.
    Rings,
    /// Ends the call.
    HangsUp,
    /// An agent calls a person.
    Dials,
    /// Lets the pointer rest on Accept: the page hands its answer on.
    PointsAtAccept,
    /// Takes a ring.
    Accepts,
    /// Declines a ring.
    Rejects,
    /// Sends silence.
    Mutes,
    /// Sends sound again.
    Unmutes,
    /// Takes the microphone's track away: only control packets flow.
    DetachesTrack,
    /// Gives it back.
    AttachesTrack,
    /// Presses keys.
    Presses,
    /// Takes no calls.
    GoesAway,
    /// Takes calls again.
    ComesBack,
    /// The page's socket to the relay breaks.
    LosesSocket,
    /// It is there again.
    FindsSocket,
    /// No datagram of the call comes or goes.
    LosesMedia,
    /// They do again.
    FindsMedia,
    /// Loads the page anew.
    Reloads,
    /// Ends the session.
    SignsOut,
    /// Signs in and opens the page.
    Joins,
    /// The browser is gone without a word.
    Leaves,
}

/// Something that is so or not: what a step waits for, or what must be true.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Whose view it is; without one it is the far end's.
    pub agent: Option<String>,
    /// Which call.
    #[serde(default = "the_call")]
    pub call: String,
    /// How the agent's page shows the call, or `nothing`.
    pub sees: Option<String>,
    /// How often it rang for the agent.
    pub rang: Option<u32>,
    /// How it ended, on the agent's page.
    pub end: Option<String>,
    /// Part of a problem that the agent was told.
    pub told: Option<String>,
    /// Meta's code in a problem that the agent was told.
    pub code: Option<u32>,
    /// How many problems the agent was told.
    pub problems: Option<usize>,
    /// Whether the page is connected, as the relay has it.
    pub online: Option<bool>,
    /// Whether the agent takes calls, as the relay has it.
    pub available: Option<bool>,
    /// The tone that is heard, in hertz.
    pub hears_hz: Option<f64>,
    /// What is heard, when it is no tone.
    pub hears: Option<HearsWord>,
    /// How far the call is upstream.
    pub state: Option<String>,
    /// Why it ended upstream.
    pub ended: Option<String>,
    /// Keys that the person received.
    pub keys: Option<String>,
    /// Whether sound came before the accept.
    pub early_media: Option<bool>,
    /// The row's status in the call log.
    pub log: Option<String>,
    /// Whether the row says that it was answered.
    pub answered: Option<bool>,
    /// The one agent who talked, or `nobody`.
    pub owner: Option<String>,
    /// Initiates to this person, refused ones included.
    pub initiates: Option<usize>,
    /// Requests to pre-accept this call that upstream carried out.
    pub pre_accepts: Option<usize>,
    /// The same for accept.
    pub accepts: Option<usize>,
    /// The same for reject.
    pub rejects: Option<usize>,
    /// The same for terminate.
    pub terminates: Option<usize>,
    /// Longest time until it is so.
    #[serde(default = "usual_patience")]
    pub within: Span,
    /// It must stay so for this long.
    pub stays: Option<Span>,
}

fn usual_patience() -> Span {
    Span::millis(6_000)
}

/// What is heard, when it is no tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HearsWord {
    /// Nothing, or packets of silence.
    Silence,
    /// Anything audible.
    Sound,
}

impl Scenario {
    /// Reads a scenario and checks that what it names is there.
    ///
    /// # Errors
    ///
    /// Names the file, the line and what is wrong.
    pub fn read(path: &Path) -> Result<Self, ScenarioError> {
        let fault = |what: String| ScenarioError::new(path.display().to_string(), what);
        let length = std::fs::metadata(path).map_err(|error| fault(error.to_string()))?.len();
        if length > MOST_BYTES {
            return Err(fault(format!("has {length} bytes, more than the {MOST_BYTES} of a scenario")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
        Self::parse(&text).map_err(|error| fault(error.to_string()))
    }

    pub(super) fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().map_or(0, |span| span.start);
            ScenarioError::new(line(text, before), error.message())
        })?;
        check::check(&scenario, text)?;
        Ok(scenario)
    }
}

/// The line that a place in the text is in, in words.
pub(super) fn line(text: &str, place: usize) -> String {
    format!("line {}", text.get(..place).unwrap_or_default().matches('\n').count() + 1)
}
