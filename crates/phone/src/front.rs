//! Which of the agent's calls the agent is with. Every other one waits on hold.

use wire::CallId;

use crate::call::known;
use crate::phone::{Applied, Phone};

/// The call in front.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Front {
    /// None: the calls there are wait on hold.
    #[default]
    None,
    /// The agent talks on this one, or is about to.
    Talk(CallId),
    /// This one is shown, and waits on hold.
    Hold(CallId),
}

impl Front {
    /// Which one.
    pub(crate) fn call(&self) -> Option<&CallId> {
        match self {
            Self::None => None,
            Self::Talk(call) | Self::Hold(call) => Some(call),
        }
    }

    /// Whether the agent and this call hear each other, as far as the agent wants it.
    pub(crate) fn talks_with(&self, call: &CallId) -> bool {
        match self {
            Self::None | Self::Hold(_) => false,
            Self::Talk(talking) => talking == call,
        }
    }
}

/// Holds a call, or goes back to it; whatever else the agent talks on is held.
pub(crate) fn toggle_hold(phone: &mut Phone, id: &CallId) -> Applied {
    known(&mut phone.calls, id)?.state.live()?;
    phone.front = if phone.front.talks_with(id) { Front::Hold(id.clone()) } else { Front::Talk(id.clone()) };
    Ok(())
}

/// A call that is over, or rings again, is not in front any more.
pub(crate) fn settle(phone: &mut Phone) {
    let there = phone.front.call().and_then(|id| phone.calls.get(id));
    if !there.is_some_and(|call| call.state.takes_the_ear()) {
        phone.front = Front::None;
    }
}
