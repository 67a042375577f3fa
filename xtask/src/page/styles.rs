//! The style sheets as one: one request, and one text to compress.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};

/// Joins the style sheets of a built page, in the document's order.
pub(super) fn join(page: &Path) -> Result<()> {
    let index = page.join("index.html");
    let document = fs::read_to_string(&index).context("the built page has no index.html")?;
    let (document, names) = with_one_link(&document);
    if names.is_empty() {
        bail!("The built page names no style sheet.");
    }
    let mut joined = String::new();
    for name in &names {
        let sheet = page.join(name);
        joined += &fs::read_to_string(&sheet).with_context(|| format!("can't read {}", sheet.display()))?;
        fs::remove_file(&sheet)?;
    }
    fs::write(page.join(JOINED), joined)?;
    fs::write(index, document).context("can't write index.html")
}

/// The joined sheet's name, before it is named after its content.
const JOINED: &str = "style-0.css";

/// The document with a link to the joined sheet for all its own, and their names.
fn with_one_link(document: &str) -> (String, Vec<String>) {
    let mut out = String::new();
    let mut names = Vec::new();
    let mut rest = document;
    while let Some(start) = rest.find("<link ") {
        let (before, from) = rest.split_at(start);
        let (tag, after) = from.split_at(from.find('>').map_or(from.len(), |end| end + 1));
        out += before;
        match sheet(tag) {
            Some(name) => {
                if names.is_empty() {
                    out += &format!("<link rel=stylesheet href=/{JOINED}>");
                }
                names.push(name);
            }
            None => out += tag,
        }
        rest = after;
    }
    (out + rest, names)
}

/// The file that a link to a style sheet names.
fn sheet(tag: &str) -> Option<String> {
    let mut words = tag.trim_end_matches('>').split_ascii_whitespace();
    let is_sheet = words.clone().any(|word| matches!(word, "rel=stylesheet" | "rel=\"stylesheet\""));
    let address = words.find_map(|word| word.strip_prefix("href="))?.trim_matches('"');
    is_sheet.then(|| address.trim_start_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_link_stands_for_all_sheets_and_other_links_stay() {
        let document = "<link href=/icon.svg rel=icon><link href=/a-1.css rel=stylesheet> <link rel=\"stylesheet\" href=\"/b-2.css\"><p>";
        let (out, names) = with_one_link(document);
        assert_eq!(out, "<link href=/icon.svg rel=icon><link rel=stylesheet href=/style-0.css> <p>");
        assert_eq!(names, ["a-1.css", "b-2.css"]);
    }
}
