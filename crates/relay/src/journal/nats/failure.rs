//! The server's failures as the journal's. None shows an address: it may hold a
//! password.

use async_nats::jetstream::context::RequestErrorKind as ApiErrorKind;
use async_nats::jetstream::{Error, ErrorCode, stream::ConsumerErrorKind};
use async_nats::{ConnectErrorKind, RequestErrorKind};

use crate::journal::JournalError;

/// What keeps the relay from a connection; `None` when waiting may help.
pub(super) fn connecting(kind: ConnectErrorKind) -> Option<JournalError> {
    let words = match kind {
        ConnectErrorKind::ServerParse => "the address of the NATS server is not one",
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
            "the NATS server refused the credentials"
        }
        ConnectErrorKind::Tls => "the NATS server's TLS certificate was not accepted",
        ConnectErrorKind::Dns
        | ConnectErrorKind::TimedOut
        | ConnectErrorKind::Io
        | ConnectErrorKind::MaxReconnects => return None,
    };
    Some(JournalError::Open(words.to_owned()))
}

/// What JetStream refused.
pub(super) fn refused(error: &Error) -> JournalError {
    match error.error_code() {
        ErrorCode::STORAGE_RESOURCES_EXCEEDED
        | ErrorCode::MEMORY_RESOURCES_EXCEEDED
        | ErrorCode::ACCOUNT_RESOURCES_EXCEEDED
        | ErrorCode::INSUFFICIENT_RESOURCES
        | ErrorCode::STREAM_STORE_FAILED => JournalError::Full,
        ErrorCode::STREAM_SEALED => JournalError::ReadOnly,
        ErrorCode::CLUSTER_NOT_AVAILABLE
        | ErrorCode::CLUSTER_NOT_LEADER
        | ErrorCode::CLUSTER_NOT_ACTIVE
        | ErrorCode::STREAM_OFFLINE => JournalError::Unreachable,
        ErrorCode::JETSTREAM_NOT_ENABLED | ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT => no_jetstream(),
        _ => JournalError::Failed(error.to_string()),
    }
}

/// The server has no JetStream.
pub(super) fn no_jetstream() -> JournalError {
    JournalError::Failed("the NATS server has no JetStream; start it with -js".to_owned())
}

/// A fact was not answered.
pub(super) fn unanswered(kind: RequestErrorKind) -> JournalError {
    match kind {
        RequestErrorKind::TimedOut | RequestErrorKind::NoResponders | RequestErrorKind::Other => {
            JournalError::Unreachable
        }
        RequestErrorKind::InvalidSubject => JournalError::Failed("a name that NATS does not take".to_owned()),
        RequestErrorKind::MaxPayloadExceeded => {
            JournalError::Failed("facts larger than the NATS server's max_payload".to_owned())
        }
    }
}

/// A question about the stream was not answered.
pub(super) fn unheard(kind: ApiErrorKind) -> JournalError {
    match kind {
        ApiErrorKind::NoResponders | ApiErrorKind::TimedOut | ApiErrorKind::Other => {
            JournalError::Unreachable
        }
        ApiErrorKind::InvalidSubject => JournalError::Failed("a name that NATS does not take".to_owned()),
    }
}

/// The stream can't be read.
pub(super) fn reading(kind: &ConsumerErrorKind) -> JournalError {
    match kind {
        ConsumerErrorKind::JetStream(error) => refused(error),
        ConsumerErrorKind::TimedOut
        | ConsumerErrorKind::Request
        | ConsumerErrorKind::InvalidConsumerType
        | ConsumerErrorKind::InvalidName
        | ConsumerErrorKind::Other => JournalError::Unreachable,
    }
}
