//! The calls that this tab holds, kept over a reload: so that the page can say what
//! became of them, and end those that the relay still takes for live.

use wire::CallId;

use crate::find::on_one_line;
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
        let mut held = Vec::new();
        for line in text.lines() {
            let mut parts = line.split('\t');
            let mut part = || parts.next().filter(|part| !part.is_empty());
            let Some(call) = part() else { continue };
            let (number, name) = (part().map(str::to_owned), part().map(str::to_owned));
            held.push(Self { call: call.into(), who: Who { name, number } });
        }
        held
    }

    /// The text that [`Held::read`] reads.
    pub(crate) fn print(list: &[Self]) -> String {
        let plain = |text: &Option<String>| on_one_line(text.as_deref().unwrap_or_default());
        let mut lines = String::new();
        for Self { call, who } in list {
            lines += &[call.as_str(), "\t", &plain(&who.number), "\t", &plain(&who.name), "\n"].concat();
        }
        lines
    }
}
