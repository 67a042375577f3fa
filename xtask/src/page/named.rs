//! Files named after what is in them, so that a browser may keep them for ever.
//!
//! Trunk names them so, but before they were made smaller: the same source built by
//! a newer set-up would change them under a name that browsers already hold.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::Path,
};

use anyhow::{Context as _, Result};

/// Names code, glue and style of a built page after their content, and says so in the document.
pub(super) fn by_content(page: &Path) -> Result<()> {
    let index = page.join("index.html");
    let mut document = fs::read_to_string(&index).context("the built page has no index.html")?;
    for kind in ["_bg.wasm", ".js", ".css"] {
        let file = super::only_file(page, kind)?;
        let old = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut hasher = DefaultHasher::new();
        fs::read(&file).with_context(|| format!("can't read {}", file.display()))?.hash(&mut hasher);
        let new = renamed(&old, kind, hasher.finish());
        fs::rename(&file, page.join(&new)).with_context(|| format!("can't rename {}", file.display()))?;
        document = document.replace(&old, &new);
    }
    fs::write(index, document).context("can't write index.html")
}

/// `app-1234.js` and a number become `app-<number>.js`.
fn renamed(old: &str, kind: &str, content: u64) -> String {
    let stem = old.strip_suffix(kind).unwrap_or(old);
    let stem = stem.rsplit_once('-').map_or(stem, |(stem, _)| stem);
    format!("{stem}-{content:016x}{kind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_stem_and_kind() {
        assert_eq!(
            renamed("softphone-page-ab_bg.wasm", "_bg.wasm", 1),
            "softphone-page-0000000000000001_bg.wasm"
        );
        assert_eq!(renamed("style-0.css", ".css", 255), "style-00000000000000ff.css");
    }
}
