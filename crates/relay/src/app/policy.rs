//! The content security policy of one build.
//!
//! Scripts come from files of this origin or are the loader that Trunk writes into
//! `index.html`, which is allowed by its hash. WebAssembly may be compiled; text may
//! not be turned into code. <https://www.w3.org/TR/CSP3/>

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// The policy for a page with this start file. `websocket`: the socket's origin, for
/// browsers in which `'self'` does not cover it.
pub(super) fn content_security_policy(index: &str, websocket: &str) -> String {
    let scripts = hashes(index, "script");
    let styles = hashes(index, "style");
    format!(
        "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
         script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'{styles}; \
         connect-src 'self' {websocket}; img-src 'self' data:; font-src 'self'; \
         media-src 'self' blob: data:; manifest-src 'self'; worker-src 'self'"
    )
}

/// The hash sources of all inline elements of a name, each after a space.
fn hashes(html: &str, element: &str) -> String {
    inline(html, element)
        .into_iter()
        .map(|text| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(text))))
        .collect()
}

/// The texts of the elements of a name that have one: a script with `src` has none
/// that would run.
fn inline<'a>(html: &'a str, element: &str) -> Vec<&'a str> {
    let lower = html.to_ascii_lowercase();
    let (open, close) = (format!("<{element}"), format!("</{element}"));
    let mut texts = Vec::new();
    let mut at = 0;
    while let Some(found) = lower.get(at..).and_then(|rest| rest.find(&open)) {
        let tag = at + found + open.len();
        let Some(tag_end) = lower.get(tag..).and_then(|rest| rest.find('>')).map(|end| tag + end) else {
            break;
        };
        let attributes = lower.get(tag..tag_end).unwrap_or_default();
        let begin = tag_end + 1;
        let Some(end) = lower.get(begin..).and_then(|rest| rest.find(&close)).map(|end| begin + end) else {
            break;
        };
        let is_this_element =
            attributes.is_empty() || attributes.starts_with(|c: char| c.is_ascii_whitespace());
        let has_source = attributes.split_ascii_whitespace().any(|attribute| attribute.starts_with("src="));
        if is_this_element
            && !has_source
            && let Some(text) = html.get(begin..end)
        {
            texts.push(text);
        }
        at = end;
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::{content_security_policy, inline};

    #[test]
    fn finds_inline_scripts_and_no_others() {
        let html = "<!doctype html><script>a()</script><SCRIPT type=\"module\">\nb < c\n</SCRIPT>\
                    <script src=\"/x.js\"></script><scripty>no</scripty><style>i{}</style>";
        assert_eq!(inline(html, "script"), ["a()", "\nb < c\n"]);
        assert_eq!(inline(html, "style"), ["i{}"]);
        assert!(inline("<script>never closed", "script").is_empty());
        assert!(inline("<script", "script").is_empty());
    }

    /// The hash is the one of the specification's own example, section 8.4.
    #[test]
    fn allows_the_loader_by_its_hash() {
        let policy =
            content_security_policy("<script>alert('Hello, world.');</script>", "ws://localhost:8080");
        assert!(policy.contains("'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"), "{policy}");
        assert!(!policy.contains("unsafe-inline"));
        assert!(!policy.contains("'unsafe-eval'"));
    }
}
