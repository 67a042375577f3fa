//! Where configuration comes from: the environment, or a map in tests.

use std::{env, ffi::OsString, fs, io, path::Path};

use super::ConfigError;

/// Something that has variables and files.
pub trait Source {
    /// The variable's value, if it is set.
    fn variable(&self, name: &str) -> Option<OsString>;

    /// The whole text of a file.
    ///
    /// # Errors
    ///
    /// When it can't be read or is not UTF-8.
    fn file(&self, path: &Path) -> io::Result<String>;
}

/// The process' own environment and disk.
#[derive(Debug, Clone, Copy)]
pub struct ProcessEnvironment;

impl Source for ProcessEnvironment {
    fn variable(&self, name: &str) -> Option<OsString> {
        env::var_os(name)
    }

    fn file(&self, path: &Path) -> io::Result<String> {
        fs::read_to_string(path)
    }
}

/// A value as it was found.
pub(super) struct Found {
    /// Its text, without white space around it.
    pub(super) text: String,
    /// The variable that it came from: `NAME` or `NAME_FILE`.
    pub(super) variable: String,
}

/// Reads `NAME`, or the file that `NAME_FILE` names. An empty value counts as none,
/// as container tools pass an unset one on.
pub(super) fn find(source: &dyn Source, name: &str, example: &str) -> Result<Option<Found>, ConfigError> {
    let file_name = format!("{name}_FILE");
    let plain = variable(source, name, example)?;
    let file = variable(source, &file_name, "/run/secrets/value")?;
    match (plain, file) {
        (None, None) => Ok(None),
        (Some(text), None) => Ok(Some(Found { text, variable: name.to_owned() })),
        (None, Some(path)) => {
            let text = source.file(Path::new(&path)).map_err(|error| ConfigError {
                variable: file_name.clone(),
                problem: format!("the file {path} can't be read: {error}"),
                example: format!("{file_name}=/run/secrets/value"),
            })?;
            let text = text.trim().to_owned();
            if text.is_empty() {
                return Err(ConfigError {
                    variable: file_name.clone(),
                    problem: format!("the file {path} is empty"),
                    example: format!("a file that holds {example}"),
                });
            }
            Ok(Some(Found { text, variable: file_name }))
        }
        (Some(_), Some(_)) => Err(ConfigError {
            variable: name.to_owned(),
            problem: format!("is set beside {file_name}; set only one of them"),
            example: format!("{name}={example}"),
        }),
    }
}

fn variable(source: &dyn Source, name: &str, example: &str) -> Result<Option<String>, ConfigError> {
    let Some(value) = source.variable(name) else {
        return Ok(None);
    };
    let text = value.into_string().map_err(|_| ConfigError {
        variable: name.to_owned(),
        problem: "is not UTF-8 text".to_owned(),
        example: format!("{name}={example}"),
    })?;
    let text = text.trim().to_owned();
    Ok((!text.is_empty()).then_some(text))
}
