//! What to look for in the page, and what was seen of it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An element by its role and accessible name.
#[derive(Debug, Clone, Serialize)]
pub struct Query {
    role: &'static str,
    name: Option<String>,
    text: Option<String>,
    inside: Option<Box<Query>>,
}

impl Query {
    /// Every element of a role.
    pub fn role(role: &'static str) -> Self {
        Self { role, name: None, text: None, inside: None }
    }

    /// The element of a role with this name.
    pub fn named(role: &'static str, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::role(role) }
    }

    /// Only those that show this text.
    #[must_use]
    pub fn showing(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Only those within another element.
    #[must_use]
    pub fn inside(mut self, outer: Query) -> Self {
        self.inside = Some(Box::new(outer));
        self
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.role)?;
        if let Some(name) = &self.name {
            write!(f, " {name:?}")?;
        }
        if let Some(text) = &self.text {
            write!(f, " that shows {text:?}")?;
        }
        if let Some(outer) = &self.inside {
            write!(f, " in the {outer}")?;
        }
        Ok(())
    }
}

/// What there is to see of an element.
#[derive(Debug, Clone, Deserialize)]
pub struct Seen {
    /// Its accessible name.
    pub name: String,
    /// Its text, as it is read out.
    pub text: String,
    /// `aria-pressed`.
    pub pressed: Option<bool>,
    /// Checked, for switches and boxes.
    pub checked: Option<bool>,
    /// Can't be used.
    pub disabled: bool,
    /// The value of a field.
    pub value: Option<String>,
    /// The choices of a combobox.
    pub options: Vec<String>,
}

/// A table: the texts of its cells.
#[derive(Debug, Clone, Deserialize)]
pub struct LogTable {
    /// Texts of the column headers.
    pub headers: Vec<String>,
    /// Texts of the cells, row by row.
    pub rows: Vec<Vec<String>>,
}

impl LogTable {
    /// The texts of one column; empty when there is no such column.
    pub fn column(&self, header: &str) -> Vec<&str> {
        let Some(at) = self.headers.iter().position(|found| found == header) else { return Vec::new() };
        self.rows.iter().filter_map(|row| row.get(at)).map(String::as_str).collect()
    }
}
