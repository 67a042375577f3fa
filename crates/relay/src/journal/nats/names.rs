//! What streams are called on the server.

use crate::journal::Stream;

/// Subjects of calls: this and the call's name.
const CALLS: &str = "call";
/// Subjects of agents.
const AGENTS: &str = "agent";
/// Subjects of relays.
const RELAYS: &str = "relay";

/// The names of a journal: its stream, the subjects in it, and where it is tried
/// whether anything can be kept.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// The JetStream stream.
    pub(super) stream: String,
    /// What every subject begins with.
    root: String,
}

impl Names {
    /// The names of the journal of this name, in capitals.
    pub(super) fn new(stream: &str) -> Self {
        Self { stream: stream.to_owned(), root: stream.to_ascii_lowercase() }
    }

    /// All subjects.
    pub(super) fn all(&self) -> String {
        format!("{}.>", self.root)
    }

    /// The subject of a stream of facts.
    pub(super) fn subject(&self, stream: &Stream) -> String {
        let (kind, name) = match stream {
            Stream::Call(call) => (CALLS, token(call.as_str())),
            Stream::Agent(agent) => (AGENTS, token(agent.as_str())),
            Stream::Relay(relay) => (RELAYS, token(&relay.0)),
        };
        format!("{}.{kind}.{name}", self.root)
    }

    /// The stream of one message that shows whether anything can be kept.
    pub(super) fn trial(&self) -> String {
        format!("{}_TRIAL", self.stream)
    }

    /// Its subject, outside of the journal's own.
    pub(super) fn trial_subject(&self) -> String {
        format!("{}-trial", self.root)
    }

    /// The stream of the snapshot.
    pub(super) fn snapshot(&self) -> String {
        format!("{}_SNAPSHOT", self.stream)
    }

    /// All its subjects, outside of the journal's own.
    pub(super) fn snapshot_subjects(&self) -> String {
        format!("{}-snapshot.>", self.root)
    }

    /// Where it says which snapshot counts.
    pub(super) fn snapshot_head(&self) -> String {
        format!("{}-snapshot.head", self.root)
    }

    /// A piece of a snapshot.
    pub(super) fn snapshot_piece(&self, snapshot: &str, piece: usize) -> String {
        format!("{}-snapshot.piece.{snapshot}.{piece}", self.root)
    }

    /// All pieces of all snapshots.
    pub(super) fn snapshot_pieces(&self) -> String {
        format!("{}-snapshot.piece.>", self.root)
    }
}

/// A name as one token of a subject: letters, digits, `-` and `_` stay, every other
/// byte becomes `%` and two digits. A token has neither dots nor spaces nor wildcards
/// (<https://docs.nats.io/nats-concepts/subjects>).
pub(super) fn token(name: &str) -> String {
    let mut token = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            token.push(char::from(byte));
        } else {
            token.push_str(&format!("%{byte:02X}"));
        }
    }
    token
}

#[cfg(test)]
mod tests {
    use super::{Names, token};
    use crate::journal::Stream;

    #[test]
    fn names_become_tokens_and_stay_apart() {
        assert_eq!(token("wacid.HBgL+/==_-"), "wacid%2EHBgL%2B%2F%3D%3D_-");
        assert_eq!(token("a b*>\u{e9}"), "a%20b%2A%3E%C3%A9");
        assert_ne!(token("a.b"), token("a%2Eb"));
        let names = Names::new("SOFTPHONE");
        assert_eq!(names.subject(&Stream::Call("a.b".into())), "softphone.call.a%2Eb");
        assert_eq!(names.subject(&Stream::Agent("asha".into())), "softphone.agent.asha");
    }
}
