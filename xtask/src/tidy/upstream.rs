//! `docs/upstream.md`: every fact about the upstream names what holds it, and every name is real.

use super::{Finding, files::Source};

const TABLE: &str = "docs/upstream.md";
const SCENARIOS: &str = "scenarios/";
/// How certain a fact is: documented, captured, inferred, not known.
const MARKS: [&str; 4] = ["D", "C", "I", "?"];
/// How a fact begins its last cell when nothing can hold it.
pub(super) const NONE: &str = "none: ";

/// Checks the table against the files that there are.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let Some(text) = text_of(sources, TABLE) else { return Vec::new() };
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut find = |message: String| {
            findings.push(Finding::new(format!("{TABLE}:{}", index + 1), message));
        };
        if let Some(row) = row(line) {
            match row {
                Ok((mark, held)) => {
                    if !MARKS.contains(&mark) {
                        find(format!("`{mark}` is no mark; there are {}", MARKS.join(", ")));
                    }
                    if names(held).next().is_none() && !held.starts_with(NONE) {
                        find(format!("name a test or a scenario, or say why there is none: `{NONE}…`"));
                    }
                    names(held).filter(|name| !exists(sources, name)).for_each(|name| {
                        find(format!("there is no `{name}`"));
                    });
                }
                Err(cells) => find(format!("a fact has 3 cells: fact, mark, what holds it; not {cells}")),
            }
        }
    }
    for source in sources.iter().filter(|source| is_scenario(&source.path)) {
        if !text.contains(&format!("`{}`", source.path)) {
            findings.push(Finding::new(&source.path, format!("no fact in {TABLE} names this scenario")));
        }
    }
    findings
}

/// Mark and last cell of a row; `None` for what is no fact. A row that is none gives its cells.
fn row(line: &str) -> Option<Result<(&str, &str), usize>> {
    let cells: Vec<&str> = line.strip_prefix('|')?.trim_end().trim_end_matches('|').split(" | ").collect();
    let first = cells.first().map(|cell| cell.trim()).unwrap_or_default();
    if first == "fact" || first.starts_with("---") {
        return None;
    }
    Some(match cells[..] {
        [_, mark, held] => Ok((mark.trim(), held.trim())),
        _ => Err(cells.len()),
    })
}

/// What stands between backticks.
pub(super) fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

pub(super) fn exists(sources: &[Source], name: &str) -> bool {
    match name.split_once("::") {
        Some((file, test)) => {
            let text = text_of(sources, file).or_else(|| text_of(sources, &format!("crates/{file}")));
            text.is_some_and(|text| text.contains(&format!("fn {test}(")))
        }
        None => is_scenario(name) && text_of(sources, name).is_some(),
    }
}

fn is_scenario(path: &str) -> bool {
    path.starts_with(SCENARIOS) && path.ends_with(".toml")
}

pub(super) fn text_of<'a>(sources: &'a [Source], path: &str) -> Option<&'a str> {
    sources.iter().find(|source| source.path == path)?.text.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(row: &str) -> Vec<String> {
        let source = |path: &str, text: &str| Source { path: path.to_owned(), text: Some(text.to_owned()) };
        let table = format!(
            "| fact | mark | held by |\n| --- | --- | --- |\n{row}\n| last | D | `scenarios/a.toml` |\n"
        );
        let sources = [
            source(TABLE, &table),
            source("crates/vobiz/tests/it.rs", "#[test]\nfn it_is_so() {}"),
            source("scenarios/a.toml", ""),
        ];
        check(&sources).into_iter().map(|finding| format!("{}: {}", finding.place, finding.message)).collect()
    }

    #[test]
    fn facts_with_real_tests_or_a_reason_pass() {
        for row in [
            "| a fact | D | `vobiz/tests/it.rs::it_is_so` |",
            "| a fact | ? | `scenarios/a.toml`, `crates/vobiz/tests/it.rs::it_is_so` |",
            "| a fact | I | none: nobody can see it |",
        ] {
            assert_eq!(found(row), Vec::<String>::new(), "{row}");
        }
    }

    #[test]
    fn a_name_that_is_not_there_is_found() {
        for (row, word) in [
            ("| a fact | D | `vobiz/tests/it.rs::it_was_so` |", "it_was_so"),
            ("| a fact | D | `scenarios/b.toml` |", "scenarios/b.toml"),
            ("| a fact | X | `scenarios/a.toml` |", "no mark"),
            ("| a fact | D | it just is |", "say why"),
            ("| a fact | `scenarios/a.toml` |", "3 cells"),
        ] {
            let found = found(row);
            assert!(
                found.len() == 1 && found[0].contains(word) && found[0].contains(":3"),
                "{row}: {found:?}"
            );
        }
    }

    #[test]
    fn a_scenario_that_holds_nothing_is_found() {
        let source = |path: &str| Source { path: path.to_owned(), text: Some(String::new()) };
        let found = check(&[source(TABLE), source("scenarios/lonely.toml")]);
        assert!(found[0].place.contains("lonely"), "{found:?}");
    }
}
