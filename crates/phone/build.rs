//! Checks the locale files against each other, and makes the list that `t!` holds every
//! text against.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Where the locale files are.
const FOLDER: &str = "../../locales";
/// The file of all texts, in English. Each of the others has a translation for each.
const ENGLISH: &str = "en.json";

fn main() -> Outcome<()> {
    println!("cargo::rerun-if-changed={FOLDER}");
    println!("cargo::rerun-if-changed=build.rs");
    let texts: Vec<String> = serde_json::from_str(&fs::read_to_string(Path::new(FOLDER).join(ENGLISH))?)?;
    if let Some(pair) = texts.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(format!("locales/{ENGLISH}: “{}” is not before “{}”", pair[0], pair[1]).into());
    }
    for entry in fs::read_dir(FOLDER)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name != ENGLISH) {
            check(&path, &texts).map_err(|problem| format!("{}: {problem}", path.display()))?;
        }
    }
    let list = format!("pub(super) const TEXTS: [&str; {}] = {texts:?};", texts.len());
    fs::write(Path::new(&std::env::var("OUT_DIR")?).join("texts.rs"), list)?;
    Ok(())
}

/// Every text has a translation with the same gaps, in the order in which the page searches.
fn check(path: &Path, texts: &[String]) -> Outcome<()> {
    let file = fs::read_to_string(path)?;
    let translations: BTreeMap<String, String> = serde_json::from_str(&file)?;
    let mut at = 0;
    for text in texts {
        let translation = translations.get(text).ok_or_else(|| format!("no translation of “{text}”"))?;
        if translation.trim().is_empty() || gaps(translation) != gaps(text) {
            return Err(format!("“{translation}” has other gaps than “{text}”").into());
        }
        let key = serde_json::to_string(text)? + ":";
        at += file[at..].find(&key).ok_or_else(|| format!("“{text}” is not in the order of {ENGLISH}"))?;
    }
    match translations.keys().find(|key| texts.binary_search(key).is_err()) {
        Some(unknown) => Err(format!("“{unknown}” is no text of the page").into()),
        None => Ok(()),
    }
}

/// Which of `{0}` to `{9}` a text has.
fn gaps(text: &str) -> Vec<char> {
    let after = text.split('{').skip(1).filter(|part| part.chars().nth(1) == Some('}'));
    let mut gaps: Vec<char> = after.filter_map(|part| part.chars().next()).collect();
    gaps.sort_unstable();
    gaps
}
