//! Why the exchange refuses a request.

use thiserror::Error;

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
    /// There is already a call between the two.
    #[error("There is already a call with this recipient")]
    PairBusy,
    /// The account has too many calls.
    #[error("Concurrent call limit reached")]
    TooManyCalls,
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
            Self::NoPermission => 138_006,
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
            Self::PairBusy => "Only one call between the business and a person is possible at a time".into(),
            Self::TooManyCalls => "Wait until another call has ended".into(),
            Self::Sdp(fault) => fault.to_string(),
            Self::SdpDiffers => "accept must carry the same SDP as pre_accept".into(),
            Self::NoSuchCall => "No call of this call_id on this channel".into(),
            Self::CallOver => "No action is possible on a call that is over".into(),
            Self::WrongAction(why) => (*why).into(),
        }
    }
}
