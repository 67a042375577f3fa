//! One file of the page in up to three encodings.

use axum::http::HeaderValue;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::negotiate::Encoding;

/// A file with its compressed copies.
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    /// Media type.
    pub(super) content_type: HeaderValue,
    /// Whether the name changes with the content, so that it can be kept forever.
    pub(super) is_hashed: bool,
    /// As it is.
    pub(super) plain: Variant,
    /// Compressed copies.
    pub(super) compressed: Vec<(Encoding, Variant)>,
}

/// One encoding of a file.
#[derive(Debug, Clone)]
pub(super) struct Variant {
    pub(super) body: Bytes,
    /// Strong: the hash of just these bytes.
    pub(super) etag: HeaderValue,
}

impl Variant {
    pub(super) fn new(body: Bytes) -> Self {
        /// Enough that two builds never share one: 64 bits.
        const ETAG_BYTES: usize = 8;
        let digest = Sha256::digest(&body);
        let hex: String = digest.iter().take(ETAG_BYTES).map(|byte| format!("{byte:02x}")).collect();
        let etag =
            HeaderValue::from_str(&format!("\"{hex}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
        Self { body, etag }
    }
}

/// Media type of a file name.
pub(super) fn content_type(path: &str) -> HeaderValue {
    let kind = path.rsplit_once('.').map_or("", |(_, kind)| kind);
    HeaderValue::from_static(match kind {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "txt" => "text/plain; charset=utf-8",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "ogg" | "opus" => "audio/ogg",
        "wav" => "audio/wav",
        "webm" => "audio/webm",
        _ => "application/octet-stream",
    })
}

/// Whether Trunk put the content's hash into a name: `name-0123456789abcdef.js`,
/// `name-0123456789abcdef_bg.wasm`.
pub(super) fn is_hashed(path: &str) -> bool {
    /// Most hex digits: 64 bits.
    const MOST: usize = 16;
    /// Fewest: Trunk leaves leading zeros out, so one hash in sixteen has a digit less,
    /// and one in 4,294,967,296 has fewer than this. No word is taken for one.
    const FEWEST: usize = 9;
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('-').skip(1).any(|part| {
        let hash = part.split(['.', '_']).next().unwrap_or_default();
        (FEWEST..=MOST).contains(&hash.len())
            && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[cfg(test)]
mod tests {
    use super::is_hashed;

    #[test]
    fn knows_trunks_names() {
        for name in [
            "softphone-page-0123456789abcdef.js",
            "softphone-page-0123456789abcdef_bg.wasm",
            "base-fedcba9876543210.css",
            "snippets/x/inline-0123456789abcdef.js",
            "softphone-page-4b7e24decef8cff.js",
        ] {
            assert!(is_hashed(name), "{name}");
        }
        for name in
            ["index.html", "ring-tone.ogg", "a-01234567.js", "a-0123456789ABCDEF.js", "0123456789abcdef.js"]
        {
            assert!(!is_hashed(name), "{name}");
        }
    }
}
