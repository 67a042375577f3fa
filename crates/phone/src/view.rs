//! What the page shows: plain data, compared by value.
//!
//! Times are milliseconds of **this browser's** clock (the relay's are shifted).
//! Words for every enum are in [`crate::text`].

use std::sync::Arc;

use wire::{CallId, Direction, Problem, UnixMillis};

use crate::attention::Permission;
use crate::countries::Country;
use crate::devices::{Devices, Role};
use crate::event::{FaultId, MicrophoneFault};
use crate::line::QualityView;
use crate::locale::Language;
use crate::log::LogRow;
use crate::number::NumberFault;
use crate::recents::Recent;
use crate::route::{LogQuery, Route};
use crate::settings::Settings;

/// The whole page.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Which place is shown.
    pub route: Route,
    /// Signed in or not. A call can be live while signed out (the session expired):
    /// [`View::active`] is shown in every case.
    pub session: SessionView,
    /// Can I be reached?
    pub presence: PresenceView,
    /// How the relay's socket does.
    pub link: LinkView,
    /// Standing conditions, each with one thing to do. In order of weight.
    pub banners: Vec<Banner>,
    /// Things that went wrong, newest last; each stays until it is dismissed or mended.
    pub faults: Vec<FaultView>,
    /// The number field.
    pub dialler: DiallerView,
    /// Ringing calls, oldest first.
    pub incoming: Vec<IncomingCard>,
    /// The call the agent is on.
    pub active: Option<CallCard>,
    /// The agent's other calls, oldest first. They wait on hold.
    pub held: Vec<CallCard>,
    /// The call that ended last, for some seconds.
    pub ended: Option<EndedCard>,
    /// Numbers lately called or answered, newest first.
    pub recents: Arc<[Recent]>,
    /// The call log. Kept up to date only while it is shown.
    pub log: LogView,
    /// The settings.
    pub settings: Settings,
    /// The language whose texts are shown.
    pub language: Language,
    /// Whether this tab is the phone.
    pub tab: TabView,
    /// Whether the page may show notifications.
    pub notices: Permission,
    /// Whether the sheet of shortcuts is open.
    pub keys: bool,
    /// Links to telephone numbers.
    pub links: LinksView,
    /// The devices.
    pub devices: Arc<Devices>,
}

impl View {
    /// Whether something on the page counts seconds.
    pub fn ticks(&self) -> bool {
        let talking = self.active.as_ref().is_some_and(|card| card.talking_since.is_some());
        talking
            || !self.held.is_empty()
            || !self.incoming.is_empty()
            || matches!(self.link, LinkView::Waiting { .. })
    }
}

/// Whether this tab is the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TabView {
    /// It is.
    Phone,
    /// Another one is; this one shows what it does.
    Remote {
        /// Whether [`crate::event::Agent::UseThisTab`] would make this one the phone: not
        /// while the other has a call, whose sound can't be moved.
        can_take: bool,
    },
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq)]
pub enum SessionView {
    /// It is being found out. `problem` says why it takes long (relay away).
    Checking {
        /// The last try's.
        problem: Option<Problem>,
    },
    /// Nobody: the sign-in form.
    SignedOut {
        /// A sign-in is on its way.
        busy: bool,
        /// Why the last sign-in failed, or that the session ended by itself.
        notice: Option<SignInNotice>,
    },
    /// Somebody.
    SignedIn {
        /// User name.
        username: String,
        /// Display name.
        name: String,
        /// The business' number and name that calls go out from, if known.
        business: Option<String>,
        /// Sees the whole team.
        supervises: bool,
    },
}

/// Why the sign-in form is there.
#[derive(Debug, Clone, PartialEq)]
pub enum SignInNotice {
    /// The sign-in failed.
    Failed(Problem),
    /// The session ended by itself.
    Expired,
}

/// Whether calls can come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresenceView {
    /// Position of the switch `Available`.
    pub available: bool,
    /// What is true behind it.
    pub truth: Truth,
}

/// The presence switch's truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// Not available by choice.
    Away,
    /// Available and reachable.
    Reachable,
    /// Available, but a ring would not be heard.
    SoundBlocked,
    /// The relay is out of reach: no call can come.
    Unreachable,
    /// The change is on its way to the relay.
    Changing,
    /// On a call.
    OnCall,
    /// Available again when the work after a call is done.
    WrapUp,
}

/// How the relay's socket does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkView {
    /// Not wanted: nobody is signed in.
    Down,
    /// Being opened.
    Opening,
    /// Fine.
    Up,
    /// Lost; the next try comes at this time.
    Waiting {
        /// When the next try begins.
        until: UnixMillis,
    },
}

/// A standing condition of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Banner {
    /// The relay is out of reach.
    Offline {
        /// Whether a live call goes on meanwhile.
        on_call: bool,
    },
    /// The browser holds sound back. One thing to do: [`crate::event::Agent::UnlockSound`].
    SoundBlocked,
    /// A call of this agent is live in another tab or window.
    CallElsewhere {
        /// Which; [`crate::event::Agent::HangUp`] ends it.
        call: CallId,
        /// Who is on it.
        who: Who,
    },
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultView {
    /// For [`crate::event::Agent::DismissFault`].
    pub id: FaultId,
    /// What.
    pub fault: Fault,
}

/// Why an agent was set to away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    /// The microphone can't be opened: callers would not hear the agent.
    Unheard,
    /// No call could come for minutes.
    Unreachable,
}

/// What went wrong; [`crate::text::fault`] has the words.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// A call was wanted, but the microphone could not be opened.
    Microphone(MicrophoneFault),
    /// The microphone went away in mid-call.
    MicrophoneLost,
    /// A chosen device went away; the system's own is used instead. With its name.
    DeviceGone(Role, String),
    /// A call was cut by a reload of the page.
    Interrupted(Who),
    /// The agent was available and is not any more.
    SetAway(Away),
    /// There is a call already.
    OnACall,
    /// The number can't be called.
    Number(NumberFault),
    /// The browser could not prepare a call.
    Browser(String),
    /// The relay refused something.
    Relay(Problem),
}

/// The person at the far end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// Display name.
    pub name: Option<String>,
    /// As it is shown, grouped: `+91 98000 00001`.
    pub number: Option<String>,
}

/// The number field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiallerView {
    /// What stands in the field.
    pub text: String,
    /// The country, as soon as its code is known.
    pub country: Option<Country>,
    /// What keeps the text from being a number, once it is clear; not while it may
    /// still become one.
    pub problem: Option<NumberFault>,
    /// Whether Call would call.
    pub can_call: bool,
    /// The number came by a link: Call is the next thing to do.
    pub linked: bool,
}

/// A ringing call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingCard {
    /// Which.
    pub call: CallId,
    /// Who calls.
    pub who: Who,
    /// The caller's country.
    pub country: Option<Country>,
    /// When it began to ring.
    pub since: UnixMillis,
    /// When the ring dies by itself.
    pub expires: UnixMillis,
    /// What Accept would do.
    pub accept: AcceptView,
}

/// What the Accept button of a ringing call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptView {
    /// Answers.
    Ready,
    /// Was pressed; the microphone is being opened.
    Opening,
    /// Answers, and puts the call the agent talks on on hold.
    Holds,
}

/// The call the agent is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallCard {
    /// Which.
    pub call: CallId,
    /// Who called whom.
    pub direction: Direction,
    /// The far end.
    pub who: Who,
    /// The far end's country.
    pub country: Option<Country>,
    /// The status word.
    pub status: Status,
    /// Since when the talk time runs.
    pub talking_since: Option<UnixMillis>,
    /// The agent's voice.
    pub voice: Voice,
    /// Whether the agent and the far end hear each other.
    pub line: LineView,
    /// Whether the keypad does something.
    pub keys: KeysView,
    /// How well they do.
    pub quality: QualityView,
}

impl CallCard {
    /// Whether Mute and the keypad do something.
    pub fn is_live(&self) -> bool {
        self.talking_since.is_some()
    }
}

/// A call's status word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The far end was asked for.
    Calling,
    /// The far end rings.
    Ringing,
    /// Answered, or being answered; no media path yet.
    Connecting,
    /// Sound flows.
    Connected,
    /// The media path is lost and may come back.
    Reconnecting,
    /// Waits: the far end hears a soft tone.
    OnHold,
    /// Over.
    Ended,
}

/// Whether the agent is heard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Voice {
    /// Heard.
    #[default]
    Open,
    /// Muted: silence is sent.
    Muted,
}

/// Whether a call is on hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LineView {
    /// The agent and the far end hear each other.
    #[default]
    Open,
    /// The far end hears a soft tone, the agent nothing.
    Held,
}

/// Whether the far end takes keypad digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeysView {
    /// It does, or it is not known yet.
    #[default]
    Taken,
    /// Telephone events (RFC 4733) were not negotiated.
    Refused,
}

/// Links to telephone numbers (`tel:`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LinksView {
    /// The page can ask the browser for them.
    #[default]
    Offered,
    /// The browser was asked; it asks the person.
    Asked,
    /// The browser does not let the page ask.
    Refused,
}

/// A call that just ended.
#[derive(Debug, Clone, PartialEq)]
pub struct EndedCard {
    /// Which.
    pub call: CallId,
    /// Who called whom.
    pub direction: Direction,
    /// The far end.
    pub who: Who,
    /// Why it ended.
    pub why: EndedWhy,
    /// Talk time in milliseconds, if it was answered here.
    pub talk_ms: Option<u64>,
    /// E.164, for [`crate::event::Agent::Redial`], where calling back makes sense.
    pub call_back: Option<String>,
}

/// Why a call ended; [`crate::text::ended`] has the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndedWhy {
    /// The agent hung up.
    HungUp,
    /// The far end hung up.
    FarEndHungUp,
    /// The caller gave up, or nobody answered in time.
    Missed,
    /// All agents declined.
    Declined,
    /// The person called refused.
    Rejected,
    /// The person called did not answer.
    Unanswered,
    /// The agent gave up before it was answered.
    Cancelled,
    /// Another agent has it.
    AnsweredElsewhere {
        /// Display name.
        by: String,
        /// How long before this agent's own click, in milliseconds, if there was one.
        ms_ago: Option<u64>,
    },
    /// No media path came up in time.
    NoMedia,
    /// The media path was lost.
    ConnectionLost,
    /// It ended while the relay was out of reach.
    WhileOffline,
    /// Something refused it or broke.
    Failed {
        /// What happened.
        title: String,
        /// What to do.
        detail: String,
    },
}

/// The call log.
#[derive(Debug, Clone, PartialEq)]
pub struct LogView {
    /// What was asked for.
    pub query: LogQuery,
    /// How far it is.
    pub phase: LogPhase,
    /// The rows known last; while loading and after a failure still the former ones.
    pub rows: Arc<[LogRow]>,
    /// Pages in all, at least 1.
    pub pages: u32,
    /// Calls in all that fit the filters.
    pub total: u64,
}

/// How far the log is.
#[derive(Debug, Clone, PartialEq)]
pub enum LogPhase {
    /// Never asked for.
    Idle,
    /// Asked for. Without rows yet: a skeleton.
    Loading,
    /// The rows are the answer.
    Ready,
    /// It failed; the rows are old.
    Failed(Problem),
}
