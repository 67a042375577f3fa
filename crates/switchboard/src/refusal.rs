//! Why nothing happens.

use wire::{AgentName, CallId, EndReason, UnixMillis};

/// Why a command changes nothing. Carries what the asker should know.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// No call goes by that name.
    #[error("there is no such call")]
    NoSuchCall,
    /// The call is over.
    #[error("the call is over")]
    Over {
        /// Why.
        reason: EndReason,
        /// Since when.
        since: UnixMillis,
    },
    /// Another agent has the call.
    #[error("another agent has the call")]
    Taken {
        /// Who.
        winner: AgentName,
        /// Since when.
        since: UnixMillis,
    },
    /// The far end has the answer of the only agent for whom it rings, and takes no other.
    #[error("only another agent can answer this call")]
    Reserved {
        /// Who.
        owner: AgentName,
    },
    /// The agent has the call already, with another answer (another tab).
    #[error("the agent answers this call already, with another session description")]
    OtherAnswer,
    /// The call is in no state for that.
    #[error("the call is not in a state for that: it {0}")]
    WrongState(Standing),
    /// There is already a call of ours with this person.
    #[error("there is already a call with this person")]
    AlreadyCalling {
        /// Which one.
        call: CallId,
        /// Whose.
        owner: AgentName,
    },
    /// The attempt's key was used before.
    #[error("this attempt was made before")]
    Repeated {
        /// The call of then.
        call: CallId,
        /// Whether it was the same agent calling the same person.
        same: bool,
    },
    /// More calls than this switchboard keeps.
    #[error("too many calls at once")]
    TooMany,
    /// A webhook that does not concern us, and why.
    #[error("ignored: {0}")]
    Ignored(Ignored),
}

/// Where a call stands that something was asked of in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Standing {
    /// It rings and belongs to nobody yet.
    #[error("is ringing")]
    Ringing,
    /// It is being answered or talks already.
    #[error("has been answered")]
    Answered,
    /// It is an outbound one.
    #[error("is an outbound call")]
    Outbound,
}

/// Why a webhook, or the result of some work, changes nothing. All of these are
/// ordinary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Ignored {
    /// It was delivered before.
    #[error("delivered before")]
    Duplicate,
    /// It says what is known already, or what the call's end has overtaken.
    #[error("nothing new")]
    NothingNew,
    /// A business number that is not configured.
    #[error("not a line of ours")]
    NotOurLine,
    /// A call that somebody else started for the same account.
    #[error("not a call of ours")]
    NotOurCall,
    /// A call that came without an SDP offer: nobody could answer it.
    #[error("a call without an offer")]
    NoOffer,
    /// Older than what is remembered of ended calls: a replay can't be told apart.
    #[error("too old")]
    Stale,
    /// A value that this version does not know.
    #[error("not understood")]
    NotUnderstood,
}
