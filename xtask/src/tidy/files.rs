//! Which files the repository holds, their kinds and their lengths.

use std::fs;

use anyhow::{Context as _, Result, bail};

use super::Finding;
use crate::{process::command, workspace::Workspace};

/// A file of the repository that is, or will be, under version control.
#[derive(Debug)]
pub(super) struct Source {
    /// Relative to the root, with `/`.
    pub(super) path: String,
    /// The content, when it is text.
    pub(super) text: Option<String>,
}

/// Kinds of file that belong here.
const KINDS: [&str; 22] = [
    "css",
    "example",
    "ftl",
    "html",
    "ico",
    "js",
    "json",
    "lock",
    "md",
    "mjs",
    "ogg",
    "opus",
    "opus20",
    "png",
    "rs",
    "snap",
    "svg",
    "toml",
    "txt",
    "wav",
    "webmanifest",
    "yml",
];
/// Files without a kind that belong here.
const NAMES: [&str; 6] =
    [".ci/run", ".gitattributes", ".gitignore", "LICENSE-APACHE", "LICENSE-MIT", "Dockerfile"];
/// Kinds with a limit of length: what people write and read as code.
const CODE: [&str; 4] = ["css", "html", "js", "rs"];
const MOST_LINES: usize = 500;
const MOST_LINES_OF_TESTS: usize = 800;
/// A larger file is a build's output or a recording, not a source.
const MOST_BYTES: usize = 1_000_000;

/// Every file that git knows or would add.
pub(super) fn sources(workspace: &Workspace) -> Result<Vec<Source>> {
    let output = command("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&workspace.root)
        .output()
        .context("`git` can't be started; tidy asks it which files belong to the repository")?;
    if !output.status.success() {
        bail!("`git ls-files` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let names = String::from_utf8(output.stdout).context("a file's name is not UTF-8")?;
    let mut sources = Vec::new();
    for path in names.split_terminator('\0') {
        // A file that is deleted but not yet committed is listed too.
        if let Ok(content) = fs::read(workspace.root.join(path)) {
            sources.push(Source { path: path.to_owned(), text: String::from_utf8(content).ok() });
        }
    }
    Ok(sources)
}

/// Checks kind and length.
pub(super) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = source.path.rsplit('/').next().unwrap_or(&source.path);
    let kind = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, kind)| kind);
    let belongs = NAMES.contains(&source.path.as_str()) || kind.is_some_and(|kind| KINDS.contains(&kind));
    if !belongs {
        findings.push(Finding::new(
            &source.path,
            "this kind of file is not expected here; if it belongs, add it to tidy's list",
        ));
    }
    let Some(text) = &source.text else { return findings };
    let most = if is_test(&source.path) { MOST_LINES_OF_TESTS } else { MOST_LINES };
    let lines = text.lines().count();
    if kind.is_some_and(|kind| CODE.contains(&kind)) && lines > most {
        findings.push(Finding::new(
            &source.path,
            format!("has {lines} lines, more than {most}; split it by what its parts are for"),
        ));
    }
    if text.len() > MOST_BYTES {
        findings.push(Finding::new(
            &source.path,
            format!("is larger than {MOST_BYTES} bytes; is it made by a build?"),
        ));
    }
    findings
}

/// Whether a file holds tests only.
pub(super) fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.starts_with("tests/")
        || path.contains("/tests/")
        || name == "tests.rs"
        || name.ends_with("_tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: String) -> Vec<Finding> {
        check(&Source { path: path.to_owned(), text: Some(text) })
    }

    #[test]
    fn ordinary_files_pass() {
        for path in ["src/app.rs", "style/tokens.css", ".ci/run", "LICENSE-MIT", "README.md", ".gitignore"] {
            assert_eq!(findings(path, "one line\n".to_owned()), [], "{path}");
        }
    }

    #[test]
    fn a_long_file_is_found_and_tests_may_be_longer() {
        let text = "line\n".repeat(501);
        assert!(findings("src/app.rs", text.clone())[0].message.contains("501"));
        assert_eq!(findings("crates/phone/tests/script.rs", text.clone()), []);
        assert_eq!(findings("crates/phone/src/call/tests.rs", text), []);
        assert!(!findings("tests/e2e.rs", "line\n".repeat(801)).is_empty());
    }

    #[test]
    fn unexpected_kinds_and_large_files_are_found() {
        assert!(findings("dump.bin", String::new())[0].message.contains("kind of file"));
        assert!(findings("notes", String::new())[0].message.contains("kind of file"));
        assert!(findings("data.json", "x".repeat(MOST_BYTES + 1))[0].message.contains("larger"));
    }
}
