//! The calls that this tab holds, kept over a reload: so that the page can say what
//! became of them, and end those that the relay still takes for live.

use wire::CallId;

use crate::list::List as _;
use crate::view::Who;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) call: CallId,
    pub(crate) who: Who,
}

impl Held {
    /// As stored: one a line, call, tab, number, tab, name.
    pub(crate) fn read(text: &str) -> Vec<Self> {
        text.lines()
            .filter_map(|line| {
                let mut parts = line.split('\t');
                let call = parts.next().filter(|call| !call.is_empty())?;
                let mut part = || parts.next().filter(|part| !part.is_empty()).map(str::to_owned);
                let number = part();
                let name = part();
                Some(Self { call: CallId::from(call), who: Who { name, number } })
            })
            .list()
    }

    /// The text that [`Held::read`] reads.
    pub(crate) fn print(list: &[Self]) -> String {
        let plain =
            |text: &Option<String>| text.as_deref().unwrap_or_default().replace(['\t', '\n', '\r'], " ");
        list.iter()
            .map(|held| {
                [held.call.as_str(), "\t", &plain(&held.who.number), "\t", &plain(&held.who.name), "\n"]
                    .concat()
            })
            .collect()
    }
}
