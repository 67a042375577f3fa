//! What an agent's page would show.

use std::collections::BTreeMap;

use wire::{CallId, EndReason, Problem};

use super::ear::{Ear, Heard};

/// Everything that one agent sees.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The socket is open and has brought its first frame.
    pub online: bool,
    /// Takes calls, as the relay has it.
    pub available: bool,
    /// The session ended.
    pub signed_out: bool,
    /// Every call since the page was opened.
    pub calls: BTreeMap<CallId, SeenCall>,
    /// Problems, the newest last.
    pub told: Vec<Told>,
}

/// One call on the page.
#[derive(Debug, Clone)]
pub struct SeenCall {
    /// How it stands.
    pub bell: Bell,
    /// How often it began to ring.
    pub rang: u32,
    /// Whether this agent has ever talked on it.
    pub talked: bool,
    /// Its sound.
    pub(super) ear: Option<Ear>,
}

impl SeenCall {
    pub(super) fn new(bell: Bell) -> Self {
        let talked = bell == Bell::Talking;
        Self { bell, rang: 0, talked, ear: None }
    }

    /// What the agent hears on it; `None` when there is no peer connection.
    pub fn heard(&self) -> Option<Heard> {
        self.ear.as_ref().map(Ear::heard)
    }
}

/// How a call stands on the page.
#[derive(Debug, Clone, PartialEq)]
pub enum Bell {
    /// It rings for this agent.
    Ringing,
    /// This agent's answer is under way.
    Answering,
    /// This agent calls.
    Dialing,
    /// The person's phone rings.
    FarEndRinging,
    /// This agent talks.
    Talking,
    /// It no longer rings for this agent, for now.
    Silenced,
    /// This agent declined it.
    Declined,
    /// Another agent has it.
    Elsewhere(String),
    /// It is over.
    Ended(EndReason),
    /// A request for it failed, which is among [`Seen::told`].
    Failed,
    /// The page came back and the relay no longer named it.
    Lost,
}

impl Bell {
    /// The word for it in a scenario.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ringing => "ringing",
            Self::Answering => "answering",
            Self::Dialing => "dialing",
            Self::FarEndRinging => "far_end_ringing",
            Self::Talking => "talking",
            Self::Silenced => "silenced",
            Self::Declined => "declined",
            Self::Elsewhere(_) => "answered_elsewhere",
            Self::Ended(_) => "ended",
            Self::Failed => "failed",
            Self::Lost => "lost",
        }
    }

    /// Whether nothing follows.
    pub fn is_over(&self) -> bool {
        match self {
            Self::Ended(_)
            | Self::Failed
            | Self::Lost
            | Self::Elsewhere(_)
            | Self::Declined
            | Self::Silenced => true,
            Self::Ringing | Self::Answering | Self::Dialing | Self::FarEndRinging | Self::Talking => false,
        }
    }
}

/// A problem that the page would show.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// About which call.
    pub call: CallId,
    /// As the relay said it.
    pub problem: Problem,
}

impl Told {
    /// Everything that an agent reads.
    pub fn text(&self) -> String {
        format!("{}. {}", self.problem.title, self.problem.detail)
    }
}

#[cfg(test)]
mod tests {
    use vobiz_sim::scenario::SEES;

    use super::*;

    #[test]
    fn scenarios_have_a_word_for_every_bell() {
        let bells = [
            Bell::Ringing,
            Bell::Answering,
            Bell::Dialing,
            Bell::FarEndRinging,
            Bell::Talking,
            Bell::Silenced,
            Bell::Declined,
            Bell::Elsewhere("ben".to_owned()),
            Bell::Ended(EndReason::HungUp),
            Bell::Failed,
            Bell::Lost,
        ];
        assert_eq!(bells.each_ref().map(Bell::word), SEES);
    }
}
