//! `docs/phone.md`: every promise to an agent names a test, and every name is real.

use super::upstream::{NONE, exists, names, text_of};
use super::{Finding, files::Source};

const TABLE: &str = "docs/phone.md";
/// How its tables begin.
const HEAD: [&str; 2] = ["| promise |", "| ---"];

/// Checks the tables against the files that there are.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let Some(text) = text_of(sources, TABLE) else { return Vec::new() };
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if !line.starts_with('|') || HEAD.iter().any(|head| line.starts_with(head)) {
            continue;
        }
        let held = line.trim_end().trim_end_matches('|').rsplit(" | ").next().unwrap_or_default();
        let mut find = |message: String| {
            findings.push(Finding::new(format!("{TABLE}:{}", index + 1), message));
        };
        let tests = || names(held).filter(|name| name.contains("::"));
        if tests().next().is_none() && !held.starts_with(NONE) {
            find(format!("name a test, or say why there is none: `{NONE}…`"));
        }
        tests().filter(|name| !exists(sources, name)).for_each(|name| find(format!("there is no `{name}`")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(row: &str) -> Vec<String> {
        let source = |path: &str, text: String| Source { path: path.to_owned(), text: Some(text) };
        let table = format!("# Title\n\n| promise | held by |\n| --- | --- |\n{row}\n");
        let sources =
            [source(TABLE, table), source("tests/e2e/a.rs", "pub(crate) async fn it_is_so() {}".to_owned())];
        check(&sources).into_iter().map(|finding| format!("{}: {}", finding.place, finding.message)).collect()
    }

    #[test]
    fn promises_with_real_tests_or_a_reason_pass() {
        for row in ["| a | `tests/e2e/a.rs::it_is_so`; by `cargo xtask bench` |", "| a | none: nobody can |"]
        {
            assert_eq!(found(row), Vec::<String>::new(), "{row}");
        }
    }

    #[test]
    fn a_promise_without_a_test_and_a_name_that_is_not_there_are_found() {
        for (row, word) in [
            ("| a | it just is |", "say why"),
            ("| a | `cargo xtask bench` |", "say why"),
            ("| a | `tests/e2e/a.rs::it_was_so` |", "it_was_so"),
        ] {
            let found = found(row);
            assert!(
                found.len() == 1 && found[0].contains(word) && found[0].contains(":5"),
                "{row}: {found:?}"
            );
        }
    }
}
