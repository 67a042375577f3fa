//! What the phone can be told, grouped by who tells it.

use wire::{CallId, Downlink, Problem, Session};

use crate::attention::Attention;
use crate::devices;
use crate::digit::Digit;
use crate::line::Sample;
use crate::locale::Language;
use crate::log::LogPage;
use crate::route::Route;
use crate::secret::Secret;
use crate::settings::Settings;
use crate::tabs::Tabs;
use crate::timer::TimerId;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The person in front of the page did something.
    Agent(Agent),
    /// The relay answered, or something happened to its socket.
    Relay(Relay),
    /// A peer connection did something.
    Peer(PeerId, Peer),
    /// The microphone or the speaker did something.
    Media(Media),
    /// The devices of this machine, or a trial of them.
    Devices(devices::Told),
    /// A second of a live call is over.
    Line(PeerId, Sample),
    /// A timer that the phone had set is due.
    Timer(TimerId),
    /// The page itself: its start, its address, its end.
    Page(Page),
    /// Another tab, or the browser about the tabs.
    Tabs(Tabs),
    /// Whether the page is looked at, and its notifications.
    Attention(Attention),
}

impl Event {
    /// What it is, for diagnostics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Agent(_) => "agent",
            Self::Relay(what) => match what {
                Relay::Frame(..) => "frame",
                Relay::SocketOpened(_) | Relay::SocketLost(_) => "socket",
                Relay::SessionChecked(_)
                | Relay::SignInReplied(_)
                | Relay::SignOutReplied(_)
                | Relay::AcceptReplied(..)
                | Relay::RejectReplied(..)
                | Relay::TerminateReplied(..)
                | Relay::InitiateReplied(..)
                | Relay::LogReplied(..)
                | Relay::TextsReplied(..) => "reply",
            },
            Self::Peer(..) => "peer",
            Self::Media(_) => "media",
            Self::Devices(_) => "devices",
            Self::Line(..) => "line",
            Self::Timer(_) => "timer",
            Self::Page(_) => "page",
            Self::Tabs(_) => "tabs",
            Self::Attention(_) => "attention",
        }
    }
}

/// From the person in front of the page.
#[derive(Debug, Clone, PartialEq)]
pub enum Agent {
    /// Sign in.
    SignIn {
        /// As typed.
        username: String,
        /// As typed; shown by no `Debug`.
        password: Secret,
    },
    /// Sign out. Refused with a word while a call lives.
    SignOut,
    /// Take calls, or take none.
    SetAvailable(bool),
    /// The work after a call is done: take calls again.
    EndWrapUp,
    /// Choose or try a device.
    Devices(devices::Wish),
    /// Sound was blocked by the browser: try again now, within the click.
    UnlockSound,
    /// The number field now reads so.
    NumberTyped(String),
    /// Call the number in the field. An empty field first gets the number called last.
    Dial {
        /// A fresh key for this attempt (a UUID); it becomes the call's [`CallId`],
        /// unless an offer was made ahead under a key of its own.
        attempt: CallId,
    },
    /// Call this number: a recent one, or a call back.
    Redial {
        /// A fresh key for this attempt (a UUID); it becomes the call's [`CallId`].
        attempt: CallId,
        /// E.164, or any text that reads as it.
        number: String,
    },
    /// The pointer has come to Accept, or left it. When it rests there, the answer is handed on ahead of
    /// the click, where nobody else could take the call. Not before: a call takes one answer,
    /// and a page that is reloaded has another.
    Reach {
        /// Which call's.
        call: CallId,
        /// It has come; else it has left again.
        there: bool,
    },
    /// Answer a ringing call.
    Accept(CallId),
    /// Decline a ringing call for this agent.
    Reject(CallId),
    /// End a call.
    HangUp(CallId),
    /// Mute, or unmute.
    ToggleMute(CallId),
    /// Hold a live call, or go back to it. Whatever else the agent talks on is held.
    ToggleHold(CallId),
    /// Ask the browser to open links to telephone numbers with this page.
    RegisterLinks,
    /// Send a keypad digit into a live call.
    SendDigit(CallId, Digit),
    /// Go to another place of the page. The log's filters and pages are places too.
    Navigate(Route),
    /// Ask for the log's page again.
    ReloadLog,
    /// Put a fault away.
    DismissFault(FaultId),
    /// Put the card of an ended call away.
    DismissEnded(CallId),
    /// Change the settings.
    ChangeSettings(Settings),
    /// Make this tab the phone. Refused with a word while the other one has a call.
    UseThisTab,
    /// Open the sheet of shortcuts, or close it.
    ShowKeys(bool),
    /// Put the keyboard into the number field.
    FocusNumber,
    /// Ask the browser for notifications, within the click.
    AskNotices,
}

/// From the relay, by reply or by socket.
#[derive(Debug, Clone, PartialEq)]
pub enum Relay {
    /// Reply to asking who is signed in.
    SessionChecked(Result<Session, Problem>),
    /// Reply to signing in.
    SignInReplied(Result<Session, Problem>),
    /// Reply to signing out.
    SignOutReplied(Result<(), Problem>),
    /// The socket is open.
    SocketOpened(LinkId),
    /// The socket is closed or could not be opened.
    SocketLost(LinkId),
    /// The socket brought a frame.
    Frame(LinkId, Downlink),
    /// Reply to the accept of a call.
    AcceptReplied(CallId, Result<(), Problem>),
    /// Reply to the reject of a call.
    RejectReplied(CallId, Result<(), Problem>),
    /// Reply to the terminate of a call.
    TerminateReplied(CallId, Result<(), Problem>),
    /// Reply to the initiate of a call.
    InitiateReplied(CallId, Result<(), Problem>),
    /// Reply to asking for a page of the log.
    LogReplied(LogRequest, Result<LogPage, Problem>),
    /// Reply to [`crate::Effect::FetchTexts`]: the texts are kept by whoever fetched them.
    TextsReplied(Language, Result<(), Problem>),
}

/// From a peer connection. What a closed one still says is ignored by its [`PeerId`].
#[derive(Debug, Clone, PartialEq)]
pub enum Peer {
    /// Its own description was made: the offer, or the answer.
    Described {
        /// The SDP exactly as it has to be posted.
        sdp: String,
    },
    /// A step failed; the connection is of no use any more.
    Broken {
        /// The browser's words, for diagnostics.
        what: String,
    },
    /// Whether the far end takes keypad digits: `canInsertDTMF`.
    Keys(bool),
    /// The transport changed.
    Transport(TransportEvent),
}

/// How the transport of a peer connection does: the worse of `connectionState` and
/// the DTLS transport's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportEvent {
    /// ICE or DTLS is at work.
    Connecting,
    /// Media can flow.
    Connected,
    /// The path is lost; it may come back by itself.
    Disconnected,
    /// The path is lost for good.
    Failed,
    /// The far end closed it.
    Closed,
}

/// From the microphone and the speaker.
#[derive(Debug, Clone, PartialEq)]
pub enum Media {
    /// The microphone that was asked for under this number is open.
    MicrophoneReady(MicrophoneId),
    /// It could not be opened.
    MicrophoneFailed(MicrophoneId, MicrophoneFault),
    /// It was open and went away (unplugged, or taken by the system).
    MicrophoneEnded(MicrophoneId),
    /// Whether the microphone may be opened without a question.
    MicrophoneAllowed(bool),
    /// Whether the page may make sound.
    Sound(Sound),
}

/// Why the microphone could not be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MicrophoneFault {
    /// The person or a policy said no (`NotAllowedError`).
    Refused,
    /// There is none (`NotFoundError`).
    Missing,
    /// Another program holds it (`NotReadableError`).
    Busy,
    /// Something else, in the browser's words.
    Other(String),
}

/// Whether the page may make sound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sound {
    /// Nothing was tried yet.
    #[default]
    Unknown,
    /// The browser holds sound back until a click or a key.
    Blocked,
    /// Sound plays.
    Unlocked,
}

/// From the page itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Page {
    /// The page is there. Always the first event.
    Started {
        /// Where it was opened.
        route: Route,
        /// The settings as stored, see [`Settings::read`].
        settings: String,
        /// The recent numbers as stored.
        recents: String,
        /// The calls that this very tab held before it was reloaded, as stored.
        held: String,
    },
    /// The browser's own language, as far as the page has it; after [`Page::Started`].
    Speaks(Language),
    /// The page was opened by a link to this number, as the link had it.
    Dialled(String),
    /// Reply to [`crate::Effect::NameAttempt`].
    AttemptNamed(CallId),
    /// Whether the browser lets the page ask for links to telephone numbers.
    LinksAsked(bool),
    /// The person used Back or Forward.
    RouteChanged(Route),
    /// The page is going away (closed, reloaded, left).
    Leaving,
    /// The browser says that the network is back.
    Online,
}

/// One peer connection: which call, and which attempt within the call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId {
    /// Whose it is.
    pub call: CallId,
    /// Counts all peer connections of the page.
    pub generation: u32,
}

/// One try to hold a socket; counts up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkId(pub u32);

/// One request of the microphone; counts up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MicrophoneId(pub u32);

/// One request of the log; counts up, only the latest one's reply counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogRequest(pub u32);

/// One fault on the page; counts up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FaultId(pub u32);
