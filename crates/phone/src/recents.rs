//! Numbers lately called or answered.

use crate::list::List as _;
use std::sync::Arc;

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
        text.lines()
            .filter_map(|line| {
                let (number, name) = line.split_once('\t')?;
                let name = (!name.is_empty()).then(|| name.to_owned());
                number.starts_with('+').then(|| Recent { number: number.to_owned(), name })
            })
            .take(MOST)
            .list()
            .into()
    }

    /// The text that [`Recents::read`] reads.
    pub fn print(&self) -> String {
        self.0
            .iter()
            .map(|recent| {
                let name = recent.name.as_deref().unwrap_or_default().replace(['\t', '\n', '\r'], " ");
                [&recent.number, "\t", &name, "\n"].concat()
            })
            .collect()
    }

    /// All of them, newest first.
    pub fn list(&self) -> Arc<[Recent]> {
        Arc::clone(&self.0)
    }

    /// Puts a number on top. A name once known is kept.
    pub(crate) fn add(&mut self, number: &str, name: Option<&str>) {
        let known = self.0.iter().find(|recent| recent.number == number);
        let name = name.map(str::to_owned).or_else(|| known.and_then(|recent| recent.name.clone()));
        let first = Recent { number: number.to_owned(), name };
        let rest = self.0.iter().filter(|recent| recent.number != number).cloned();
        *self = std::iter::once(first).chain(rest).take(MOST).list().into();
    }
}

impl From<Vec<Recent>> for Recents {
    fn from(list: Vec<Recent>) -> Self {
        Self(list.into())
    }
}
