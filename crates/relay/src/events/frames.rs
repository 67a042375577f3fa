//! What a page may say on its socket.

use axum::extract::ws::Message;
use wire::{CallId, Uplink};

/// Largest frame that is taken: the longest session description, which JSON may make a
/// little longer.
pub(super) const MAX_FRAME: usize = 96 * 1024;

/// Longest name of a call. Meta's have about 60 characters.
const MAX_CALL_ID: usize = 256;

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inbound {
    /// A frame of the page.
    Said(Uplink),
    /// The protocol's own; only a sign of life.
    Alive,
    /// The other side closes.
    Closed,
    /// Nothing that a page of ours sends.
    Nonsense,
}

/// Reads one message.
pub(super) fn read(message: &Message) -> Inbound {
    match message {
        Message::Text(text) => match serde_json::from_str(text) {
            Ok(
                Uplink::RingAck { call: CallId(call), .. }
                | Uplink::Prepared { call: CallId(call), .. }
                | Uplink::Accept { call: CallId(call), .. },
            ) if call.is_empty() || call.len() > MAX_CALL_ID => Inbound::Nonsense,
            Ok(said) => Inbound::Said(said),
            Err(_) => Inbound::Nonsense,
        },
        Message::Binary(_) => Inbound::Nonsense,
        Message::Ping(_) | Message::Pong(_) => Inbound::Alive,
        Message::Close(_) => Inbound::Closed,
    }
}

#[cfg(test)]
mod tests {
    use axum::extract::ws::Message;
    use wire::Uplink;

    use super::{Inbound, read};

    #[test]
    fn takes_what_a_page_says_and_nothing_else() {
        assert_eq!(read(&Message::text(r#"{"pong":{"nonce":7}}"#)), Inbound::Said(Uplink::Pong { nonce: 7 }));
        for nonsense in
            ["", "{}", "[]", "null", r#"{"pong":{}}"#, r#"{"ring_ack":{"call":"","audible":true}}"#]
        {
            assert_eq!(read(&Message::text(nonsense)), Inbound::Nonsense, "{nonsense}");
        }
        assert_eq!(read(&Message::binary(vec![0])), Inbound::Nonsense);
        assert_eq!(read(&Message::Ping(vec![].into())), Inbound::Alive);
    }
}
