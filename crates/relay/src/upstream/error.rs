//! What can go wrong with the upstream, and what an agent reads about it.

use std::time::Duration;

use vobiz::fault::Fault;
use wire::{Problem, ProblemKind};

/// Why a request of the upstream did not succeed. No variant carries the upstream's
/// address or credentials, so none can leak into a log or a reply.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum UpstreamError {
    /// It said no: nothing was done.
    #[error("upstream refused with {status} (code {:?})", fault.code)]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What could be read of its reason.
        fault: Fault,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The request may or may not have been carried out.
    #[error("outcome unknown: {0}")]
    Unknown(Uncertainty),
    /// No connection was made: nothing was sent.
    #[error("upstream can't be reached; nothing was sent")]
    Unreachable,
    /// The relay has no credentials.
    #[error("no upstream credentials are configured")]
    NotConfigured,
}

/// Why an outcome is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Uncertainty {
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// An answer of the 5xx class.
    #[error("status {0}")]
    ServerError(u16),
    /// The connection broke off after the request was sent.
    #[error("the connection broke off")]
    Interrupted,
    /// A success without the body that belongs to it.
    #[error("the answer can't be read")]
    Nonsense,
    /// A body beyond the bound.
    #[error("the answer is too large")]
    TooLarge,
}

/// Words by which an upstream says that a call is over or never was. Its error texts
/// are not documented; these are the ones that Meta's own messages use.
const OVER_WORDS: [&str; 6] =
    ["already ended", "call ended", "has ended", "already terminated", "is over", "no longer"];

impl UpstreamError {
    /// Whether the refusal says that the call is over. The one place that reads that.
    pub fn says_over(&self) -> bool {
        match self {
            Self::Refused { status, fault, .. } => {
                *status == 410
                    || fault.text.as_deref().is_some_and(|text| {
                        let text = text.to_ascii_lowercase();
                        OVER_WORDS.iter().any(|words| text.contains(words))
                    })
            }
            Self::Unknown(_) | Self::Unreachable | Self::NotConfigured => false,
        }
    }

    /// Whether the refusal says that it knows no call by that name.
    pub fn says_not_found(&self) -> bool {
        match self {
            Self::Refused { status, .. } => *status == 404,
            Self::Unknown(_) | Self::Unreachable | Self::NotConfigured => false,
        }
    }

    /// Whether the request may have been carried out all the same.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Refused { .. } | Self::Unreachable | Self::NotConfigured => false,
        }
    }
}

impl From<&UpstreamError> for Problem {
    fn from(error: &UpstreamError) -> Self {
        match error {
            UpstreamError::Refused { status, fault, retry_after } => refused(*status, fault, *retry_after),
            UpstreamError::Unknown(Uncertainty::Timeout) => Problem::new(
                ProblemKind::UpstreamUnknown,
                504,
                "Vobiz did not answer in time",
                "Whether the request was carried out is not known. Wait a moment and look at the call log before you try again.",
            ),
            UpstreamError::Unknown(_) => Problem::new(
                ProblemKind::UpstreamUnknown,
                502,
                "Vobiz gave no usable answer",
                "Whether the request was carried out is not known. Wait a moment and look at the call log before you try again.",
            ),
            UpstreamError::Unreachable => Problem::new(
                ProblemKind::Unavailable,
                503,
                "Vobiz can't be reached",
                "Nothing was sent. Try again in a moment; if it goes on, tell your administrator.",
            ),
            UpstreamError::NotConfigured => Problem::new(
                ProblemKind::Unavailable,
                503,
                "This softphone has no Vobiz account yet",
                "Ask your administrator to set the account's credentials.",
            ),
        }
    }
}

impl From<UpstreamError> for Problem {
    fn from(error: UpstreamError) -> Self {
        Self::from(&error)
    }
}

fn refused(status: u16, fault: &Fault, retry_after: Option<Duration>) -> Problem {
    let mut problem = match (status, fault.advice()) {
        // Never a 401 to the page: it would mean that the agent is signed out.
        (401 | 403, _) => Problem::new(
            ProblemKind::UpstreamRefused,
            502,
            "Vobiz refused this softphone's credentials",
            "Ask your administrator to check the account's credentials and what they allow.",
        ),
        (429, None) => Problem::new(
            ProblemKind::UpstreamRefused,
            429,
            "Vobiz is taking no more requests for the moment",
            "The account is at its limit. Try again in a minute.",
        ),
        (_, Some(advice)) => {
            let mut detail = advice.what_to_do.to_owned();
            // The general code says little; WhatsApp's own details say which part it means.
            if let (Some(100), Some(text)) = (fault.code, &fault.text) {
                detail = format!("{detail} WhatsApp says: {}", without_addresses(text));
            }
            Problem::new(ProblemKind::UpstreamRefused, 422, advice.title, detail)
        }
        (_, None) => Problem::new(
            ProblemKind::UpstreamRefused,
            422,
            "Vobiz refused the request",
            match &fault.text {
                Some(text) => format!("It says: {}", without_addresses(text)),
                None => "It gave no reason. If it happens again, tell your administrator.".to_owned(),
            },
        ),
    };
    problem.code = fault.code;
    problem.retry_after_s = retry_after.map(|wait| wait.as_secs().max(1));
    problem
}

/// The upstream's own words without anything that looks like an address: a page
/// never learns where the upstream is.
fn without_addresses(text: &str) -> String {
    text.split_ascii_whitespace().filter(|word| !word.contains("://")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use vobiz::fault::Fault;
    use wire::{Problem, ProblemKind};

    use super::{Uncertainty, UpstreamError};

    fn refused(status: u16, body: &str) -> UpstreamError {
        UpstreamError::Refused { status, fault: Fault::read(body.as_bytes()), retry_after: None }
    }

    #[test]
    fn a_known_code_becomes_words_for_an_agent() {
        let problem = Problem::from(refused(400, r#"{"error":{"code":138006,"message":"(#138006)"}}"#));
        assert_eq!(problem.kind, ProblemKind::UpstreamRefused);
        assert_eq!(problem.code, Some(138_006));
        assert_eq!(problem.title, "This person has not given permission to be called");
    }

    #[test]
    fn refused_credentials_do_not_sign_the_agent_out() {
        for status in [401, 403] {
            let problem = Problem::from(refused(status, r#"{"message":"bad token"}"#));
            assert_eq!(problem.status, 502);
            assert_eq!(problem.kind, ProblemKind::UpstreamRefused);
        }
    }

    #[test]
    fn addresses_in_the_upstreams_words_stay_here() {
        let problem = Problem::from(refused(400, r#"{"message":"see https://api.example.test/x please"}"#));
        assert_eq!(problem.detail, "It says: see please");
    }

    #[test]
    fn a_rate_limit_says_when_to_come_back() {
        let error = UpstreamError::Refused {
            status: 429,
            fault: Fault::default(),
            retry_after: Some(Duration::from_secs(7)),
        };
        let problem = Problem::from(error);
        assert_eq!((problem.status, problem.retry_after_s), (429, Some(7)));
    }

    #[test]
    fn what_may_have_happened_is_told_apart_from_what_did_not() {
        assert_eq!(
            Problem::from(UpstreamError::Unknown(Uncertainty::Timeout)).kind,
            ProblemKind::UpstreamUnknown
        );
        assert_eq!(Problem::from(UpstreamError::Unreachable).kind, ProblemKind::Unavailable);
        assert!(refused(400, r#"{"message":"Call has ended"}"#).says_over());
        assert!(refused(404, "{}").says_not_found());
    }
}
