//! The shapes that the page sends.

use wire::{ActionBody, InitiateBody, LoginBody, Uplink};

/// A frame of the socket.
pub fn uplink(frame: &Uplink) -> String {
    let (name, carried) = match frame {
        Uplink::Pong { nonce } => ("pong", Object::new().raw("nonce", &nonce.to_string())),
        Uplink::Available { available } => ("available", Object::new().raw("available", truth(*available))),
        Uplink::RingAck { call, audible } => {
            ("ring_ack", Object::new().text("call", call.as_str()).raw("audible", truth(*audible)))
        }
    };
    Object::new().raw(name, &carried.end()).end()
}

/// Body of signing in.
pub fn login(body: &LoginBody) -> String {
    Object::new().text("username", &body.username).text("password", &body.password).end()
}

/// Body of an initiate.
pub fn initiate(body: &InitiateBody) -> String {
    let InitiateBody { channel_id, to, sdp_offer } = body;
    Object::new().optional("channel_id", channel_id).text("to", to).text("sdp_offer", sdp_offer).end()
}

/// Body of an action.
pub fn action(body: &ActionBody) -> String {
    let ActionBody { channel_id, call_id, action, sdp } = body;
    Object::new()
        .optional("channel_id", channel_id)
        .text("call_id", call_id)
        .text("action", action)
        .optional("sdp", sdp)
        .end()
}

fn truth(truth: bool) -> &'static str {
    if truth { "true" } else { "false" }
}

/// An object that is being written.
struct Object(String);

impl Object {
    fn new() -> Self {
        Self(String::from("{"))
    }

    fn raw(mut self, name: &str, json: &str) -> Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        quote(&mut self.0, name);
        self.0.push(':');
        self.0.push_str(json);
        self
    }

    fn text(self, name: &str, text: &str) -> Self {
        let mut json = String::new();
        quote(&mut json, text);
        self.raw(name, &json)
    }

    fn optional(self, name: &str, text: &Option<String>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// A string in quotes (RFC 8259, section 7).
fn quote(out: &mut String, text: &str) {
    const HEX: [u8; 16] = *b"0123456789abcdef";
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1F}' => {
                let code = character as usize;
                out.push_str("\\u00");
                out.push(char::from(HEX[code >> 4]));
                out.push(char::from(HEX[code & 15]));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}
