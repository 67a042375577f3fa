//! All files of one build.

use std::collections::HashMap;

use axum::http::HeaderValue;
use bytes::Bytes;

use super::{
    File,
    asset::{self, Asset, Variant},
    negotiate::Encoding,
    policy::content_security_policy,
};

/// The files of one build, by path without a leading slash.
#[derive(Debug)]
pub(crate) struct Bundle {
    assets: HashMap<String, Asset>,
    policy: HeaderValue,
}

/// The start file.
const INDEX: &str = "index.html";

impl Default for Bundle {
    fn default() -> Self {
        Self::new(Vec::new(), "")
    }
}

impl Bundle {
    /// Puts files and their compressed copies together.
    pub(crate) fn new(files: Vec<File>, websocket: &str) -> Self {
        let files: HashMap<String, Bytes> = files.into_iter().collect();
        let is_copy = |path: &str| {
            Encoding::ALL.iter().any(|encoding| {
                path.strip_suffix(encoding.suffix()).is_some_and(|plain| files.contains_key(plain))
            })
        };
        let assets: HashMap<String, Asset> = files
            .iter()
            .filter(|(path, _)| !is_copy(path))
            .map(|(path, body)| (path.clone(), asset(&files, path, body)))
            .collect();
        let index = files.get(INDEX).map(|body| String::from_utf8_lossy(body)).unwrap_or_default();
        let policy = HeaderValue::from_str(&content_security_policy(&index, websocket))
            .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
        Self { assets, policy }
    }

    /// How many files there are, without compressed copies.
    pub(crate) fn len(&self) -> usize {
        self.assets.len()
    }

    /// The content security policy that fits these files.
    pub(crate) fn policy(&self) -> HeaderValue {
        self.policy.clone()
    }

    /// The file of a path, without its leading slash.
    pub(super) fn file(&self, path: &str) -> Option<&Asset> {
        self.assets.get(path)
    }

    /// The start file.
    pub(super) fn index(&self) -> Option<&Asset> {
        self.file(INDEX)
    }
}

fn asset(files: &HashMap<String, Bytes>, path: &str, body: &Bytes) -> Asset {
    let compressed = Encoding::ALL
        .into_iter()
        .filter_map(|encoding| {
            let copy = files.get(&format!("{path}{}", encoding.suffix()))?;
            // A copy that is no smaller only costs the client work.
            (copy.len() < body.len()).then(|| (encoding, Variant::new(copy.clone())))
        })
        .collect();
    Asset {
        content_type: asset::content_type(path),
        is_hashed: asset::is_hashed(path),
        plain: Variant::new(body.clone()),
        compressed,
    }
}
