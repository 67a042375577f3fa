//! The folder of scenarios that the console has buttons for. It is read anew each time,
//! so that whoever writes one sees it at once.

use std::path::PathBuf;

use serde::Serialize;

use super::file::{Scenario, ScenarioError};
use super::script::Script;

/// Files that are looked at; a folder with more is not one of scenarios.
const MOST_FILES: usize = 500;

/// Where scenarios are.
#[derive(Debug, Clone)]
pub(crate) struct Folder(pub(crate) PathBuf);

/// A scenario in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Listed {
    /// The file's name without its end.
    pub(crate) name: String,
    /// What must be true.
    pub(crate) title: String,
    /// The fact or the pitfall behind it.
    pub(crate) holds: String,
    /// How many pages it needs.
    pub(crate) pages: usize,
    /// Why the far end's half can't be played alone.
    pub(crate) refusal: Option<String>,
}

impl Folder {
    /// Every scenario, in the order of their names; one that can't be read says so.
    pub(crate) fn list(&self) -> Result<Vec<Listed>, ScenarioError> {
        Ok(self.files()?.into_iter().map(|(name, path)| listed(name, Scenario::read(&path))).collect())
    }

    /// The scenario of a name; `None` when there is none.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Scenario>, ScenarioError> {
        // Only names that the folder has: what a request names is never a path.
        match self.files()?.into_iter().find(|(known, _)| known == name) {
            Some((_, path)) => Scenario::read(&path).map(Some),
            None => Ok(None),
        }
    }

    fn files(&self) -> Result<Vec<(String, PathBuf)>, ScenarioError> {
        let fault = |error: std::io::Error| ScenarioError::new(self.0.display().to_string(), error);
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.0).map_err(fault)?.take(MOST_FILES) {
            let path = entry.map_err(fault)?.path();
            let is_scenario = path.extension().is_some_and(|kind| kind == "toml");
            if let (true, Some(name)) = (is_scenario, path.file_stem().and_then(|name| name.to_str())) {
                files.push((name.to_owned(), path));
            }
        }
        files.sort();
        Ok(files)
    }
}

fn listed(name: String, read: Result<Scenario, ScenarioError>) -> Listed {
    match read {
        Ok(scenario) => Listed {
            refusal: Script::write(&scenario).err(),
            pages: scenario.agents.len(),
            title: scenario.title,
            holds: scenario.holds,
            name,
        },
        Err(error) => Listed {
            title: name.clone(),
            name,
            holds: String::new(),
            pages: 0,
            refusal: Some(error.to_string()),
        },
    }
}
