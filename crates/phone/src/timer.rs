//! The phone's timers.

use wire::CallId;

/// A timer. Each is set at most once at a time; setting it again moves it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimerId {
    /// The pointer has rested on Accept for long enough to mean it.
    PointerRests(CallId),
    /// The ring window of a call ran out and nobody said so.
    RingOver(CallId),
    /// An outbound call was neither answered nor ended by anyone.
    DialOver(CallId),
    /// An answered call still has no media path.
    ConnectOver(CallId),
    /// A lost media path did not come back.
    RecoverOver(CallId),
    /// The far end closed the media path and the relay did not say why.
    GoneOver(CallId),
    /// A request about a call is due to be sent again.
    Retry(CallId),
    /// The card of an ended call has been shown long enough.
    EndedCard(CallId),
    /// The time for the work after a call is over.
    WrapUpOver,
    /// The offer that was made ahead has not been used.
    SpareOver,
    /// Asking who is signed in is due again.
    CheckSession,
    /// A socket is taking too long to open.
    LinkOpening,
    /// The socket has been silent for too long.
    LinkSilent,
    /// The next try to open a socket is due.
    LinkRetry,
}
