//! The webhook signature: lowercase hex HMAC-SHA256 over the exact raw body.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Header that carries the signature.
pub const SIGNATURE_HEADER: &str = "X-Webhook-Signature";
/// Header that repeats the envelope's `event_type`.
pub const EVENT_HEADER: &str = "X-Webhook-Event";

/// Signs a body as the upstream does.
pub fn sign(secret: &[u8], body: &[u8]) -> String {
    tag(secret, body).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Whether `signature` is the one of `body`, compared in constant time.
pub fn verify(secret: &[u8], body: &[u8], signature: &str) -> bool {
    sign(secret, body).as_bytes().ct_eq(signature.as_bytes()).into()
}

fn tag(secret: &[u8], body: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new(&block_key(secret).into());
    mac.update(body);
    mac.finalize().into_bytes().into()
}

/// Block length of SHA-256 in bytes, FIPS 180-4 section 1.
const BLOCK: usize = 64;

/// Brings a secret of any length to one block, RFC 2104 section 2: longer ones are
/// hashed first, shorter ones padded with zeros. Unlike a fallible constructor this
/// leaves no error path on which an unsigned body could pass.
fn block_key(secret: &[u8]) -> [u8; BLOCK] {
    let mut key = [0; BLOCK];
    if secret.len() > BLOCK {
        let digest = Sha256::digest(secret);
        key[..digest.len()].copy_from_slice(&digest);
    } else {
        key[..secret.len()].copy_from_slice(secret);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::{sign, verify};

    /// RFC 4231, test cases 2 (short key) and 6 (key longer than a block).
    #[test]
    fn agrees_with_rfc_4231() {
        assert_eq!(
            sign(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            sign(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn one_changed_byte_is_refused() {
        let signature = sign(b"secret", b"{\"event_id\":1}");
        assert!(verify(b"secret", b"{\"event_id\":1}", &signature));
        assert!(!verify(b"secret", b"{\"event_id\":2}", &signature));
        assert!(!verify(b"Secret", b"{\"event_id\":1}", &signature));
        assert!(!verify(b"secret", b"{\"event_id\":1}", &signature.to_uppercase()));
        assert!(!verify(b"secret", b"{\"event_id\":1}", ""));
        assert!(!verify(b"secret", b"{\"event_id\":1}", &signature[..63]));
    }
}
