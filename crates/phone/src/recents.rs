//! Numbers lately called or answered.

use std::sync::Arc;

use crate::find::on_one_line;

/// Most numbers that are kept: what fits below the number field without scrolling.
const MOST: usize = 6;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    /// E.164 with its `+`.
    pub number: String,
    /// The person's name, where a call told it.
    pub name: Option<String>,
}

/// The list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recents(Arc<[Recent]>);

impl Recents {
    /// As stored: one a line, number, tab, name. Lines that do not fit are left out.
    pub fn read(text: &str) -> Self {
        let mut recents = Vec::new();
        for line in text.lines() {
            let Some((number, name)) = line.split_once('\t') else { continue };
            if number.starts_with('+') && recents.len() < MOST {
                let name = (!name.is_empty()).then(|| name.to_owned());
                recents.push(Recent { number: number.to_owned(), name });
            }
        }
        Self(recents.into())
    }

    /// The text that [`Recents::read`] reads.
    pub fn print(&self) -> String {
        let mut lines = String::new();
        for recent in &*self.0 {
            let name = on_one_line(recent.name.as_deref().unwrap_or_default());
            lines += &[&recent.number, "\t", &name, "\n"].concat();
        }
        lines
    }

    /// All of them, newest first.
    pub fn list(&self) -> Arc<[Recent]> {
        Arc::clone(&self.0)
    }

    /// Puts a number on top. A name once known is kept.
    pub(crate) fn add(&mut self, number: &str, name: Option<&str>) {
        let known = self.0.iter().find(|recent| recent.number == number);
        let name = name.map(str::to_owned).or_else(|| known.and_then(|recent| recent.name.clone()));
        let mut recents = self.0.to_vec();
        recents.retain(|recent| recent.number != number);
        recents.insert(0, Recent { number: number.to_owned(), name });
        recents.truncate(MOST);
        *self = Self(recents.into());
    }
}

impl From<Vec<Recent>> for Recents {
    fn from(list: Vec<Recent>) -> Self {
        Self(list.into())
    }
}
