//! Fresh names: <https://www.w3.org/TR/webcrypto/#Crypto-method-randomUUID>.

use super::window;

/// A random UUID, version 4.
pub fn fresh() -> String {
    let crypto = window().and_then(|window| window.crypto().ok());
    crypto.map(|crypto| crypto.random_uuid()).unwrap_or_default()
}
