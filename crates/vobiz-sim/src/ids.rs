//! Identifiers in the shapes that Meta and Vobiz use.

use uuid::Uuid;

/// Letters of Base64, in which Meta writes call identifiers and passwords.
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A fresh call identifier, `wacid.HBg…`.
pub(crate) fn wacid() -> String {
    wacid_of(Uuid::new_v4(), Uuid::new_v4())
}

/// The call identifier made from two numbers; seeded rows need the same one
/// every time.
pub(crate) fn wacid_of(first: Uuid, second: Uuid) -> String {
    let mut id = String::from("wacid.HBgM");
    id.push_str(&base64(&first.into_bytes(), 20).replace(['+', '/'], "A"));
    id.push_str(&base64(&second.into_bytes(), 20).replace(['+', '/'], "B"));
    id
}

/// An ICE user fragment: 16 characters, as in captured offers.
pub(crate) fn ice_ufrag() -> String {
    base64(&Uuid::new_v4().into_bytes(), 16)
}

/// An ICE password: 24 characters that end with Base64 padding, as in captured
/// offers. The 22 characters before it carry 122 random bits.
pub(crate) fn ice_password() -> String {
    let mut password = base64(&Uuid::new_v4().into_bytes(), 22);
    password.push_str("==");
    password
}

/// A media stream's name.
pub(crate) fn stream_name() -> String {
    Uuid::new_v4().to_string()
}

/// The session number of an `o=` line (RFC 8866 asks for one that is unlikely
/// to be met again; it must fit 63 bits).
pub(crate) fn session_number() -> u64 {
    Uuid::new_v4().as_u64_pair().0 >> 1
}

fn base64(bytes: &[u8], length: usize) -> String {
    let mut text = String::with_capacity(length);
    let (mut bits, mut held) = (0_u32, 0_u32);
    let mut input = bytes.iter();
    while text.len() < length {
        if held < 6 {
            bits = (bits << 8) | u32::from(input.next().copied().unwrap_or(0));
            held += 8;
        }
        held -= 6;
        let index = (bits >> held) & 63;
        text.push(char::from(BASE64[index as usize]));
        bits &= (1 << held) - 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_base64() {
        assert_eq!(base64(b"Man", 4), "TWFu");
        assert_eq!(base64(b"softphone", 12), "c29mdHBob25l");
    }

    #[test]
    fn shapes_are_as_captured() {
        assert_eq!(ice_ufrag().len(), 16);
        let password = ice_password();
        assert_eq!(password.len(), 24);
        assert!(password.ends_with("=="));
        assert!(wacid().starts_with("wacid.HBgM"));
        assert_ne!(wacid(), wacid());
    }
}
