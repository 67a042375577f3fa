//! A call and its states.

use std::sync::Arc;

use uuid::Uuid;
use vobiz::Number;
use vobiz::log::{Direction, Status};
use vobiz::meta::TerminateStatus;

use crate::options::Business;
use crate::people::Person;
use crate::settings::{FinishedStatus, SilenceCodes};
use crate::store::Row;

/// What never changes in a call.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    /// Meta's identifier; also the call's name inside the simulator.
    pub(crate) id: String,
    /// Vobiz's identifier.
    pub(crate) vobiz_id: Uuid,
    /// Seen from the business.
    pub(crate) direction: Direction,
    pub(crate) person: Arc<Person>,
    pub(crate) business: Arc<Business>,
    /// Unix seconds.
    pub(crate) started: u64,
    /// The handset's own offer or answer.
    pub(crate) sdp: Arc<str>,
    /// The business's offer or answer, as soon as there is one.
    pub(crate) business_sdp: Option<Arc<str>>,
}

impl Head {
    /// Channel and person.
    pub(crate) fn pair(&self) -> (Uuid, Number) {
        (self.business.channel_id, self.person.number.clone())
    }
}

/// A call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) head: Head,
    pub(crate) phase: Phase,
    /// Unix seconds at which media came before the accept: from there on
    /// WhatsApp counts the call as answered.
    pub(crate) early: Option<u64>,
}

/// How far a call is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The business asked for it; the person's phone does not ring yet.
    Initiated,
    /// The called side's phone rings.
    Ringing,
    /// The business set up media for an inbound call without accepting it.
    PreAccepted {
        /// The answer, which the accept must repeat.
        sdp: String,
    },
    /// Both talk.
    Accepted {
        /// The business's answer to an inbound call.
        sdp: Option<String>,
        /// Unix seconds.
        at: u64,
    },
    /// It is over and stays over.
    Ended {
        reason: EndReason,
        /// Unix seconds of the pick-up, if there was one.
        answered: Option<u64>,
        /// Unix seconds.
        at: u64,
    },
}

/// Why a call is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndReason {
    /// The business terminated it.
    BusinessHungUp,
    /// The person ended a call that both had picked up, or one they were called by.
    PersonHungUp,
    /// The person stopped calling before the business accepted.
    CallerGaveUp,
    /// The business refused it.
    BusinessRejected,
    /// The person refused it.
    PersonRejected,
    /// The person did not pick up within the ring window.
    PersonDidNotAnswer,
    /// The business did not accept within the accept window.
    BusinessDidNotAccept,
    /// ICE checks from the business stopped.
    ConnectionLost,
    /// No media came from the business at the start.
    NoMediaAtStart,
    /// Media from the business stopped.
    NoMediaLater,
    /// It broke as the person's behaviour says, with Meta's code.
    Broke(u32),
    /// The simulator's own handset failed, most often over an SDP that it
    /// could not use.
    HandsetFailed,
}

impl EndReason {
    /// The reason's name in the control API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BusinessHungUp => "business_hung_up",
            Self::PersonHungUp => "person_hung_up",
            Self::CallerGaveUp => "caller_gave_up",
            Self::BusinessRejected => "business_rejected",
            Self::PersonRejected => "person_rejected",
            Self::PersonDidNotAnswer => "person_did_not_answer",
            Self::BusinessDidNotAccept => "business_did_not_accept",
            Self::ConnectionLost => "connection_lost",
            Self::NoMediaAtStart => "no_media_at_start",
            Self::NoMediaLater => "no_media_later",
            Self::Broke(_) => "broke",
            Self::HandsetFailed => "handset_failed",
        }
    }

    /// The error that Meta reports with the end, if it is one. Which code belongs
    /// to which silence is not documented, so it is a switch.
    pub(crate) fn error(self, codes: SilenceCodes) -> Option<(u32, &'static str)> {
        let (at_start, later) = match codes {
            SilenceCodes::Usual => (138_021, 138_022),
            SilenceCodes::Swapped => (138_022, 138_021),
            SilenceCodes::Accepted => (138_023, 138_021),
        };
        match self {
            Self::NoMediaAtStart => {
                Some((at_start, "No media received from the business at the start of the call"))
            }
            Self::NoMediaLater => Some((later, "The business stopped sending media")),
            Self::ConnectionLost => Some((138_022, "The connection to the business was lost")),
            Self::HandsetFailed => Some((138_019, "The call could not be set up")),
            Self::Broke(code) => Some((code, broken(code))),
            Self::BusinessHungUp
            | Self::PersonHungUp
            | Self::CallerGaveUp
            | Self::BusinessRejected
            | Self::PersonRejected
            | Self::PersonDidNotAnswer
            | Self::BusinessDidNotAccept => None,
        }
    }

    /// The status of a terminate event. An unanswered call is complete, too:
    /// the absence of its times says that it was missed.
    pub(crate) fn terminate_status(self) -> TerminateStatus {
        if self.error(SilenceCodes::default()).is_some() {
            TerminateStatus::Failed
        } else {
            TerminateStatus::Completed
        }
    }

    /// The row's cause.
    fn cause(self) -> &'static str {
        match self {
            Self::BusinessHungUp | Self::PersonHungUp => "normal_clearing",
            Self::CallerGaveUp => "caller_cancelled",
            Self::BusinessRejected | Self::PersonRejected => "rejected",
            Self::PersonDidNotAnswer | Self::BusinessDidNotAccept => "no_answer",
            Self::ConnectionLost => "connection_lost",
            Self::NoMediaAtStart | Self::NoMediaLater => "no_media",
            Self::Broke(_) => "media_failed",
            Self::HandsetFailed => "setup_failed",
        }
    }
}

impl Call {
    /// Whether it is over.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Ended { .. })
    }

    /// The log's row for the call as it is now.
    pub(crate) fn row(&self, account: &str, finished: FinishedStatus) -> Row {
        let Head { id, vobiz_id, direction, person, business, started, sdp, business_sdp } = &self.head;
        let own = Some(Arc::clone(sdp));
        let (offer, answer) = if *direction == Direction::Inbound {
            (own, business_sdp.clone())
        } else {
            (business_sdp.clone(), own)
        };
        let (person, business_number) = (person.number.to_string(), business.phone_number.clone());
        let (from, to) = if *direction == Direction::Inbound {
            (person, business_number)
        } else {
            (business_number, person)
        };
        let (status, answered, ended, cause) = match &self.phase {
            Phase::Initiated => (Status::Initiated, None, None, None),
            Phase::Ringing => (Status::Ringing, None, None, None),
            Phase::PreAccepted { .. } => (Status::PreAccepted, self.early, None, None),
            Phase::Accepted { at, .. } => (Status::Accepted, self.early.or(Some(*at)), None, None),
            Phase::Ended { reason, answered, at } => (
                final_status(*reason, answered.is_some(), finished),
                *answered,
                Some(*at),
                Some(reason.cause()),
            ),
        };
        Row {
            id: *vobiz_id,
            wacid: id.clone(),
            account: account.to_owned(),
            channel: business.channel_id,
            direction: direction.clone(),
            from,
            to,
            status,
            started: *started,
            answered,
            ended,
            cause,
            offer,
            answer,
        }
    }
}

/// Meta's words for a call that broke.
fn broken(code: u32) -> &'static str {
    match code {
        138_019 => "The call could not be set up",
        138_020 => "The media relay failed",
        138_021 => "No media received from the business",
        138_022 => "No media sent by the business",
        138_023 => "The call was accepted but no media was connected",
        _ => "The call failed",
    }
}

/// How the log calls a call that is over.
fn final_status(reason: EndReason, answered: bool, finished: FinishedStatus) -> Status {
    if answered {
        return match finished {
            FinishedStatus::Terminated => Status::Terminated,
            FinishedStatus::Accepted => Status::Accepted,
        };
    }
    match reason {
        EndReason::BusinessRejected | EndReason::PersonRejected => Status::Rejected,
        EndReason::PersonDidNotAnswer
        | EndReason::BusinessDidNotAccept
        | EndReason::CallerGaveUp
        | EndReason::BusinessHungUp
        | EndReason::PersonHungUp => Status::Missed,
        EndReason::ConnectionLost
        | EndReason::NoMediaAtStart
        | EndReason::NoMediaLater
        | EndReason::Broke(_)
        | EndReason::HandsetFailed => Status::Failed,
    }
}
