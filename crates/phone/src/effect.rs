//! What the phone asks the world to do.

use wire::{CallId, IceServer, Uplink};

use crate::attention;
use crate::devices;
use crate::digit::Digit;
use crate::event::{LinkId, LogRequest, MicrophoneId, PeerId};
use crate::locale::Language;
use crate::recents::Recents;
use crate::route::{LogQuery, Route};
use crate::secret::Secret;
use crate::settings::{Processing, Settings, Theme};
use crate::tabs;
use crate::timer::TimerId;

/// One order. Orders are carried out in the order they come.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Open a peer connection, set the offer and create the answer, **without**
    /// setting it. Reply: [`crate::event::Peer::Described`].
    OpenToAnswer {
        /// Its name from now on.
        peer: PeerId,
        /// The far end's SDP offer.
        offer: String,
        /// For `RTCConfiguration`.
        ice_servers: Vec<IceServer>,
    },
    /// Open a peer connection, create the offer and set it.
    /// Reply: [`crate::event::Peer::Described`].
    OpenToOffer {
        /// Its name from now on.
        peer: PeerId,
        /// For `RTCConfiguration`.
        ice_servers: Vec<IceServer>,
    },
    /// Set the answer that was created as the local description: ICE begins.
    SetLocal(PeerId),
    /// Set the far end's answer: ICE begins.
    SetRemote {
        /// Where.
        peer: PeerId,
        /// The far end's SDP answer.
        answer: String,
    },
    /// Close a peer connection and drop all that belongs to it.
    ClosePeer(PeerId),
    /// Send the microphone's sound: its track replaces the empty one.
    AttachMicrophone(PeerId),
    /// Play what the far end sends.
    PlayRemote(PeerId),
    /// Play nobody any more: the call is on hold, or the pointer has left Accept beside one.
    StopRemote,
    /// Send the hold tone instead of the microphone's sound. Packets go on.
    SendHoldTone(PeerId),
    /// The hold tone is not sent there any more; the microphone's sound follows by
    /// [`Effect::AttachMicrophone`].
    EndHoldTone(PeerId),
    /// Send a keypad digit (RFC 4733), and let the agent hear it.
    SendDigit(PeerId, Digit),
    /// Open the microphone.
    OpenMicrophone(MicrophoneId, Processing),
    /// Stop the microphone's tracks: the light goes off.
    ReleaseMicrophone(MicrophoneId),
    /// Send silence instead of the microphone's sound (`true`), or its sound.
    Mute(MicrophoneId, bool),
    /// From now on play this tone, and no other.
    Tone(Tone),
    /// Say whether the microphone may be opened without a question, now and whenever
    /// that changes. Reply: [`crate::event::Media::MicrophoneAllowed`].
    WatchPermission,
    /// Give a fresh key for an attempt. Reply: [`crate::event::Page::AttemptNamed`].
    NameAttempt,
    /// Ask the browser to open links to telephone numbers with this page.
    /// Reply: [`crate::event::Page::LinksAsked`].
    RegisterLinks,
    /// Choose or try a device.
    Devices(devices::Order),
    /// From now on measure this connection's line once a second, and no other.
    Meter(Option<PeerId>),
    /// Try to unlock sound.
    UnlockSound,
    /// Make a throw-away offer: the first description of a page takes far longer
    /// than the next.
    WarmUp,

    /// `GET /api/session`.
    CheckSession,
    /// `POST /api/login`.
    SignIn {
        /// User name.
        username: String,
        /// Password.
        password: Secret,
    },
    /// `POST /api/logout`.
    SignOut,
    /// `POST` accept, with the answer as it was created.
    PostAccept {
        /// Which call.
        call: CallId,
        /// The answer.
        sdp: String,
    },
    /// `POST` reject.
    PostReject(CallId),
    /// `POST` terminate.
    PostTerminate(CallId),
    /// `POST` terminate as the page goes away (`keepalive`); no reply is awaited.
    PostTerminateLeaving(CallId),
    /// `POST` initiate, with the call's name as `Idempotency-Key`.
    PostInitiate {
        /// Which call: the attempt's key.
        call: CallId,
        /// E.164 with its `+`.
        to: String,
        /// The offer.
        sdp: String,
    },
    /// `GET` a page of the log.
    FetchLog(LogRequest, LogQuery),
    /// Open the socket.
    OpenLink {
        /// Its name from now on.
        link: LinkId,
        /// The last journal position seen, to be sent what was missed.
        after: Option<u64>,
    },
    /// Close the socket.
    CloseLink(LinkId),
    /// Send a frame.
    Send(LinkId, Uplink),

    /// Tell when this many milliseconds have passed. Replaces an earlier order for
    /// the same timer.
    SetTimer(TimerId, u64),
    /// Forget a timer.
    ClearTimer(TimerId),
    /// Show this address as a new entry of the history.
    PushRoute(Route),
    /// Keep the settings.
    StoreSettings(Settings),
    /// Keep the recent numbers.
    StoreRecents(Recents),
    /// Keep, for this tab only, the calls it holds; given back by
    /// [`crate::event::Page::Started`].
    StoreHeld(String),
    /// About the tabs of this browser.
    Tabs(tabs::Order),
    /// About being noticed.
    Attention(attention::Order),
    /// Use these colours.
    ApplyTheme(Theme),
    /// Fetch the texts of a language.
    FetchTexts(Language),
    /// Show the texts of a language, which were fetched.
    Speak(Language),
    /// An event did not apply and changed nothing; for diagnostics.
    Ignored {
        /// What it was; empty in the page as it is delivered.
        event: &'static str,
        /// Why it did not apply; likewise.
        why: &'static str,
    },
}

/// What the page itself plays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing.
    #[default]
    Silence,
    /// A call comes in.
    Ringtone,
    /// The far end rings.
    Ringback,
}
