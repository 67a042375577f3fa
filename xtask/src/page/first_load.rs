//! How much an agent's browser downloads before the page is there.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};

use super::compress::sibling;
use crate::{progress, workspace::Workspace};

/// What the first load may weigh at most, in bytes of brotli, with everything in it: the
/// project's own measure. It is under a second on a phone's slow network (1.5 Mbit/s).
const LIMIT: u64 = 130_000;

/// Weighs the built page, and fails if it is too heavy.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let parts = weigh(&workspace.page())?;
    let total: u64 = parts.iter().map(|(_, size)| size).sum();
    for (name, size) in &parts {
        progress::say(&format!("{size:>9} {name}"));
    }
    progress::say(&format!("{total:>9} bytes of brotli at first load (at most {LIMIT})"));
    if total > LIMIT {
        bail!("The first load is {total} bytes of brotli, {} more than it may be.", total - LIMIT);
    }
    Ok(())
}

/// The document, everything it names, and what the code's own glue imports, largest first.
fn weigh(page: &Path) -> Result<Vec<(String, u64)>> {
    let document =
        fs::read_to_string(page.join("index.html")).context("the page is not built (dist/index.html)")?;
    let mut parts = Vec::new();
    walk(page, page, &document, &mut parts)?;
    parts.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    Ok(parts)
}

fn walk(page: &Path, folder: &Path, document: &str, parts: &mut Vec<(String, u64)>) -> Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("can't read the folder {}", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            walk(page, &path, document, parts)?;
            continue;
        }
        let name = path.strip_prefix(page).unwrap_or(&path).to_string_lossy().into_owned();
        // wasm-bindgen's snippets are imported by its glue, whose name the document has.
        let is_loaded = name == "index.html" || name.starts_with("snippets/") || document.contains(&name);
        if is_loaded && !name.ends_with(".br") && !name.ends_with(".gz") {
            let compressed = sibling(&path, "br");
            let downloaded = if compressed.is_file() { compressed } else { path };
            parts.push((name, fs::metadata(downloaded)?.len()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_document_names_counts_compressed_and_nothing_else_does() {
        let page = std::env::temp_dir().join(format!("xtask-first-load-{}", std::process::id()));
        fs::create_dir_all(page.join("snippets")).unwrap();
        for (name, size) in [
            ("index.html.br", 10),
            ("app-1.wasm", 999),
            ("app-1.wasm.br", 200),
            ("app-1.wasm.gz", 300),
            ("icon.png", 7),
            ("later.css", 50),
            ("snippets/inline.js", 3),
        ] {
            fs::write(page.join(name), vec![b'x'; size]).unwrap();
        }
        fs::write(page.join("index.html"), "<link href=/icon.png><script>init('/app-1.wasm')</script>")
            .unwrap();
        let parts = weigh(&page).unwrap();
        fs::remove_dir_all(&page).unwrap();
        let sizes: Vec<(&str, u64)> = parts.iter().map(|(name, size)| (name.as_str(), *size)).collect();
        assert_eq!(
            sizes,
            [("app-1.wasm", 200), ("index.html", 10), ("icon.png", 7), ("snippets/inline.js", 3)]
        );
    }
}
