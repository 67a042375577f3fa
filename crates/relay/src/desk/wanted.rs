//! Whether answers that are on their way up are still waited for.

use std::collections::{HashMap, HashSet};

use switchboard::State;
use switchboard::state::Stage;
use tokio::sync::oneshot;
use wire::CallId;

/// The answers on their way up, and how to call each back.
#[derive(Default)]
pub(super) struct OnTheirWay {
    answers: HashMap<CallId, oneshot::Sender<()>>,
    /// Calls that were claimed here and whose answer has not set out.
    claimed: HashSet<CallId>,
}

/// Held by the task that brings an answer up.
pub(super) struct Wanted {
    called_back: oneshot::Receiver<()>,
}

impl OnTheirWay {
    /// A call was claimed here.
    pub(super) fn claim(&mut self, call: CallId) {
        self.claimed.insert(call);
    }

    /// Whether no answer of this call has set out before, from here or from a relay that is
    /// gone. Asked once, before it does.
    pub(super) fn is_first(&mut self, call: &CallId) -> bool {
        self.claimed.remove(call)
    }

    /// An answer sets out.
    pub(super) fn add(&mut self, call: CallId) -> Wanted {
        let (sender, called_back) = oneshot::channel();
        self.answers.insert(call, sender);
        Wanted { called_back }
    }

    /// Calls back the answers that nobody waits for any more: the caller has gone, the agent
    /// has hung up, or another relay was quicker.
    pub(super) fn call_back(&mut self, state: &State) {
        let waits = |call: &CallId| {
            state.call(call).is_some_and(|call| match call.stage {
                Stage::Answering { .. } => true,
                Stage::Ringing(_) | Stage::Dialing(_) | Stage::Talking { .. } | Stage::Ended { .. } => false,
            })
        };
        self.answers.retain(|call, sender| waits(call) && !sender.is_closed());
        self.claimed.retain(waits);
    }
}

impl Wanted {
    /// Returns when the answer is called back.
    pub(super) async fn ended(&mut self) {
        // Nothing is ever sent: it ends by being dropped.
        let _ = (&mut self.called_back).await;
    }
}
