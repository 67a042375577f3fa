//! Which reading of the reference holds where it leaves one open.

use serde::{Deserialize, Serialize};

/// Defines a switch: an enum whose values have names on the wire, the first of
/// them the default.
macro_rules! switch {
    ($(#[$meta:meta])* $name:ident {
        $(#[$first_meta:meta])* $first:ident = $first_text:literal
        $(, $(#[$variant_meta:meta])* $variant:ident = $text:literal $(or $alias:literal)?)+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        pub enum $name {
            $(#[$first_meta])*
            #[default]
            #[serde(rename = $first_text)]
            $first,
            $($(#[$variant_meta])* #[serde(rename = $text $(, alias = $alias)?)] $variant,)+
        }

        impl $name {
            /// The values' names, the default first.
            pub const NAMES: &'static [&'static str] = &[$first_text $(, $text)+];
        }
    };
}

switch! {
    /// Which identifier of a call `/action` takes.
    ActionId {
        /// Either.
        Both = "both",
        /// Only Vobiz's own, from the initiate's answer or the log.
        Uuid = "uuid",
        /// Only Meta's, from the webhook.
        Wacid = "wacid",
    }
}

switch! {
    /// Which of the two documented shapes a webhook's payload has.
    PayloadShape {
        /// Meta's whole object, `object/entry[]/changes[]/value`.
        WholeObject = "whole",
        /// The inner `value` alone.
        InnerValue = "inner" or "value",
    }
}

switch! {
    /// The DTLS role in answers to outbound calls.
    AnswerSetup {
        /// As documented.
        Active = "active",
        /// The browser becomes the client.
        Passive = "passive",
        /// Reported by some; browsers refuse it in an answer.
        Actpass = "actpass",
    }
}

switch! {
    /// Whether webhooks say numbers; people with a username may hide theirs.
    Numbers {
        /// `from`, `to`, `wa_id` and `recipient_id` are there.
        Present = "present",
        /// The person is only a `user_id` and a username.
        Absent = "absent",
    }
}

switch! {
    /// The letter case of `status` in webhooks.
    StatusCase {
        /// `RINGING`.
        Upper = "upper",
        /// `ringing`.
        Lower = "lower",
        /// `Ringing`.
        Mixed = "mixed",
    }
}

switch! {
    /// Whether rows of the log carry `offer_sdp` and `answer_sdp`.
    LogSdp {
        /// As in the reference's sample.
        Absent = "absent",
        /// As the reference's list of fields has it.
        Present = "present",
    }
}

switch! {
    /// The JSON of an error.
    ErrorBody {
        /// Vobiz's words beside the whole of Meta's object.
        Wrapped = "wrapped",
        /// Meta's object alone.
        Meta = "meta",
        /// Meta's object as a text inside Vobiz's.
        Text = "text",
    }
}

switch! {
    /// Which code ends a call that is silent.
    SilenceCodes {
        /// 138021 at the start, 138022 later.
        Usual = "usual",
        /// The other way round.
        Swapped = "swapped",
        /// 138023 at the start, 138021 later.
        Accepted = "accepted",
    }
}

switch! {
    /// What the log calls a call that was answered and is over.
    FinishedStatus {
        /// As the list of statuses suggests.
        Terminated = "terminated",
        /// As in the reference's sample.
        Accepted = "accepted",
    }
}

switch! {
    /// What happens when ICE checks from the business stop.
    ConnectionLoss {
        /// The call ends at once.
        Ends = "ends",
        /// Only the rules about media end it: the path may come back.
        Waits = "waits",
    }
}

switch! {
    /// Which credentials are taken.
    CredentialKinds {
        /// Header pair and bearer token.
        Both = "both",
        /// Only the header pair.
        Pair = "pair",
        /// Only the bearer token.
        Bearer = "bearer",
    }
}

switch! {
    /// Whether the credentials allow calling.
    Access {
        /// They do.
        Full = "full",
        /// Every calling endpoint answers 403.
        Forbidden = "forbidden",
    }
}

/// All switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// Which identifier of a call `/action` takes.
    pub action_id: ActionId,
    /// The shape of webhook payloads.
    pub payload: PayloadShape,
    /// The DTLS role in answers.
    pub answer_setup: AnswerSetup,
    /// Whether webhooks say numbers.
    pub numbers: Numbers,
    /// The letter case of statuses in webhooks.
    pub status_case: StatusCase,
    /// Whether the log carries descriptions.
    pub log_sdp: LogSdp,
    /// What the log calls an answered call that is over.
    pub finished_status: FinishedStatus,
    /// The JSON of an error.
    pub error_body: ErrorBody,
    /// Which code ends a silent call.
    pub silence_codes: SilenceCodes,
    /// What happens when ICE checks stop.
    pub connection_loss: ConnectionLoss,
    /// Which credentials are taken.
    pub credentials: CredentialKinds,
    /// Whether the credentials allow calling.
    pub access: Access,
}

impl Switches {
    /// Every switch and the names of its values, the default first.
    pub const ALL: [(&'static str, &'static [&'static str]); 12] = [
        ("action_id", ActionId::NAMES),
        ("payload", PayloadShape::NAMES),
        ("answer_setup", AnswerSetup::NAMES),
        ("numbers", Numbers::NAMES),
        ("status_case", StatusCase::NAMES),
        ("log_sdp", LogSdp::NAMES),
        ("finished_status", FinishedStatus::NAMES),
        ("error_body", ErrorBody::NAMES),
        ("silence_codes", SilenceCodes::NAMES),
        ("connection_loss", ConnectionLoss::NAMES),
        ("credentials", CredentialKinds::NAMES),
        ("access", Access::NAMES),
    ];
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn every_switch_is_listed_with_every_value() {
        let written = serde_json::to_value(Switches::default()).unwrap();
        assert_eq!(written.as_object().unwrap().len(), Switches::ALL.len());
        for (name, values) in Switches::ALL {
            assert_eq!(written[name], values[0], "{name}");
            for value in values {
                Settings::default().with(&format!("switches.{name}"), value).unwrap();
            }
        }
    }
}
