//! What must not be written, and where: line by line.

use super::{
    Finding,
    dependencies::PURE,
    files::{Source, is_test},
};

/// A word that is wrong in some files.
struct Rule {
    words: &'static [&'static str],
    applies: fn(path: &str) -> bool,
    /// Whether a comment may hold the word.
    comments_may: bool,
    message: &'static str,
}

const RULES: [Rule; 7] = [
    Rule {
        words: &["web_sys", "js_sys", "wasm_bindgen::closure", "gloo_net", "gloo_timers"],
        applies: |path| in_page(path) && !path.starts_with("src/platform"),
        comments_may: true,
        message: "only src/platform may name the browser's own interfaces; put an adapter there",
    },
    Rule {
        words: &["platform::", "crate::platform", "use platform"],
        applies: |path| {
            in_page(path) && !path.starts_with("src/platform") && !path.starts_with("src/runtime")
        },
        comments_may: true,
        message: "only src/runtime may use the platform; dispatch an event instead",
    },
    Rule {
        words: &[".forget()", "Closure::once_into_js"],
        applies: in_page,
        comments_may: true,
        message: "leaks the closure; keep its owner and drop it",
    },
    Rule {
        words: &["leptos"],
        applies: |path| path.starts_with("crates/") && path.ends_with(".rs"),
        comments_may: true,
        message: "only the page (src/) may name leptos",
    },
    Rule {
        words: &[
            "Instant::now",
            "SystemTime::now",
            "std::fs",
            "std::net",
            "std::env",
            "std::thread",
            "Uuid::new_v4",
            "rand::",
        ],
        applies: |path| {
            PURE.iter().any(|name| path.starts_with(&format!("crates/{name}/src/"))) && !is_test(path)
        },
        comments_may: true,
        message: "this crate has no clock, no randomness and no I/O; let the caller pass it in",
    },
    Rule {
        words: &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")],
        applies: |path| !path.ends_with(".lock"),
        comments_may: false,
        message: "do it or file an issue",
    },
    Rule {
        words: &[
            concat!("/ho", "me/"),
            concat!("/ro", "ot/"),
            concat!("/Us", "ers/"),
            concat!("/wo", "rk/"),
            concat!("/t", "mp/"),
            concat!("C:", "\\Users"),
            concat!("artif", "actory"),
        ],
        applies: |_| true,
        comments_may: false,
        message: "is a place on one machine or network; find it at run time or leave it out",
    },
];

/// Checks every line against every rule.
pub(super) fn check(source: &Source) -> Vec<Finding> {
    let Some(text) = &source.text else { return Vec::new() };
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| (rule.applies)(&source.path)).collect();
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let is_comment = line.trim_start().starts_with("//");
        for rule in &rules {
            if is_comment && rule.comments_may {
                continue;
            }
            if let Some(word) = rule.words.iter().find(|word| line.contains(**word)) {
                findings.push(Finding::new(
                    format!("{}:{}", source.path, index + 1),
                    format!("`{word}`: {}", rule.message),
                ));
            }
        }
    }
    findings
}

fn in_page(path: &str) -> bool {
    path.starts_with("src/") && path.ends_with(".rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, line: &str) -> Vec<String> {
        let source = Source { path: path.to_owned(), text: Some(format!("first line\n{line}\n")) };
        check(&source).into_iter().map(|finding| format!("{}: {}", finding.place, finding.message)).collect()
    }

    #[test]
    fn the_place_is_named() {
        let found = found("src/pages/log.rs", "use web_sys::Window;");
        assert!(found[0].starts_with("src/pages/log.rs:2: `web_sys`"), "{found:?}");
    }

    #[test]
    fn each_rule_finds_its_breach() {
        for (path, line) in [
            ("src/components/dial.rs", "use js_sys::Array;"),
            ("src/app.rs", "use crate::platform::peer::Peer;"),
            ("src/platform/peer.rs", "closure.forget();"),
            ("crates/phone/src/lib.rs", "use leptos::prelude::*;"),
            ("crates/phone/src/call.rs", "let now = Instant::now();"),
            ("crates/relay/src/config.rs", concat!("// TO", "DO: later")),
            ("README.md", concat!("Run it in /ho", "me/me/softphone.")),
        ] {
            assert_eq!(found(path, line).len(), 1, "{path}: {line}");
        }
    }

    #[test]
    fn the_same_words_pass_where_they_belong() {
        for (path, line) in [
            ("src/platform/peer.rs", "use web_sys::RtcPeerConnection;"),
            ("src/runtime.rs", "use crate::platform::peer::Peer;"),
            ("src/lib.rs", "mod platform;"),
            ("src/app.rs", "/// Never names `web_sys` itself."),
            ("crates/relay/src/clock.rs", "let now = Instant::now();"),
            ("crates/phone/tests/script.rs", "let now = Instant::now();"),
        ] {
            assert_eq!(found(path, line), Vec::<String>::new(), "{path}: {line}");
        }
    }
}
