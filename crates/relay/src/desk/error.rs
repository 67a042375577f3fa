//! Why the desk can't do what it is asked.

use crate::journal::JournalError;

/// Why the desk can't do what it is asked, whoever asks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    /// The journal can't keep it.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The upstream has not said yet which numbers the configured channels are.
    #[error("the upstream has not told its channels yet")]
    ChannelsUnknown,
    /// More calls than the desk keeps.
    #[error("too many calls at once")]
    TooMany,
    /// The desk has ended.
    #[error("the desk is closed")]
    Closed,
}
