//! `cargo xtask tidy`: the house rules that no compiler checks.

use anyhow::{Result, bail};

use crate::{progress, workspace::Workspace};

mod dependencies;
mod files;
mod locales;
mod promises;
mod text;
mod upstream;

/// A broken rule: where, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    place: String,
    message: String,
}

impl Finding {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

/// Checks everything and lists what is wrong.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let sources = files::sources(workspace)?;
    let mut findings = dependencies::check(workspace)?;
    for source in &sources {
        findings.extend(files::check(source));
        findings.extend(text::check(source));
    }
    findings.extend(upstream::check(&sources));
    findings.extend(promises::check(&sources));
    findings.extend(locales::check(&sources));
    for finding in &findings {
        progress::say(&format!("{}: {}", finding.place, finding.message));
    }
    if !findings.is_empty() {
        bail!("tidy found {} things in {} files", findings.len(), sources.len());
    }
    progress::say(&format!("✓ {} files are tidy", sources.len()));
    Ok(())
}
