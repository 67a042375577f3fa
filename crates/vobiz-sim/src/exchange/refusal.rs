//! Why the exchange refuses a request.

use thiserror::Error;

use crate::clock::rfc3339;
use crate::handset::SdpFault;

/// A request that can't be done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    /// Nobody on the console has this number.
    #[error("This number can't be called on WhatsApp")]
    NotCallable,
    /// The person has not allowed it.
    #[error("No approved call permission from the recipient")]
    NoPermission,
    /// The person refused or ignored too many calls in a row.
    #[error("No approved call permission from the recipient")]
    PermissionRevoked,
    /// Too many calls in the last minute.
    #[error("Calling rate limit reached")]
    TooFast {
        /// Seconds until the next is allowed.
        wait: u64,
    },
    /// Too many connected calls with the person in 24 hours.
    #[error("Business-initiated call limit reached")]
    DailyLimit {
        /// Unix seconds at which the next is allowed.
        next: u64,
    },
    /// There is already a call between the two.
    #[error("There is already a call with this recipient")]
    PairBusy,
    /// The account has too many calls.
    #[error("Concurrent call limit reached")]
    TooManyCalls,
    /// Meta refuses calls to this person with a code.
    #[error("{}", words(*.0).0)]
    Code(u32),
    /// The description was refused.
    #[error("SDP validation error")]
    Sdp(SdpFault),
    /// The accept's description is not the one of the pre-accept.
    #[error("SDP validation error")]
    SdpDiffers,
    /// There is no call of this identifier on the channel.
    #[error("Call not found")]
    NoSuchCall,
    /// The call is over.
    #[error("The call has already ended")]
    CallOver,
    /// The action does not fit the call.
    #[error("Action not possible")]
    WrongAction(&'static str),
}

impl Refusal {
    /// Meta's code.
    pub(crate) fn code(&self) -> u32 {
        match self {
            Self::NotCallable => 138_001,
            Self::TooManyCalls => 138_002,
            Self::PairBusy => 138_003,
            Self::NoPermission | Self::PermissionRevoked => 138_006,
            Self::TooFast { .. } => 138_005,
            Self::DailyLimit { .. } => 138_012,
            Self::Code(code) => *code,
            Self::Sdp(_) | Self::SdpDiffers | Self::NoSuchCall | Self::CallOver | Self::WrongAction(_) => 100,
        }
    }

    /// The words in `error_data.details`.
    pub(crate) fn details(&self) -> String {
        match self {
            Self::NotCallable => {
                "The person does not use WhatsApp calling or has blocked the business".into()
            }
            Self::NoPermission => "Ask the person for permission to call first".into(),
            Self::PermissionRevoked => {
                "The permission was revoked after several unanswered calls; ask the person again".into()
            }
            Self::TooFast { wait } => format!("Wait {wait} s before the next call"),
            Self::DailyLimit { next } => format!("The next call is allowed at {}", rfc3339(*next)),
            Self::PairBusy => "Only one call between the business and a person is possible at a time".into(),
            Self::TooManyCalls => "Wait until another call has ended".into(),
            Self::Code(code) => words(*code).1.into(),
            Self::Sdp(fault) => fault.to_string(),
            Self::SdpDiffers => "accept must carry the same SDP as pre_accept".into(),
            Self::NoSuchCall => "No call of this call_id on this channel".into(),
            Self::CallOver => "No action is possible on a call that is over".into(),
            Self::WrongAction(why) => (*why).into(),
        }
    }
}

/// Message and details for the codes that a person's number stands for.
fn words(code: u32) -> (&'static str, &'static str) {
    match code {
        131_044 => ("Business eligibility payment issue", "The account has no valid payment method"),
        131_055 => ("Method not allowed", "This number is in SIP mode and can't be called over the API"),
        138_000 => ("Calling not enabled", "Calling is not enabled for this phone number"),
        138_001 => ("Receiver can't be called", "The person can't receive calls from this business"),
        138_002 => ("Concurrent call limit reached", "Wait until another call has ended"),
        138_004 => ("Connection error", "The connection to the person could not be made"),
        138_005 => ("Calling rate limit reached", "Too many calls were made in a short time"),
        138_007 => ("Connection timed out", "The person's phone could not be reached in time"),
        138_009 => ("Permission request limit reached", "Permission was requested too often"),
        138_012 => ("Business-initiated call limit reached", "100 connected calls in 24 hours were made"),
        138_013 => ("Calling not available", "Calling is not available for this phone number"),
        138_014 => ("Calling disabled", "Calling was switched off because of low call quality"),
        138_015 => ("Messaging limit too low", "The messaging limit of the account is too low for calls"),
        138_018 => ("Prerequisites missing", "The number does not meet the prerequisites of calling"),
        _ => ("Invalid parameter", "A parameter of the request was refused"),
    }
}
