//! How a scenario went, for a person to read.

use std::fmt::{self, Display};
use std::time::Duration;

/// One thing that had to be true.
#[derive(Debug)]
pub(super) struct Line {
    /// As it stands in the file.
    pub(super) text: String,
    /// What was the case instead.
    pub(super) fault: Option<String>,
}

/// How a scenario went.
#[derive(Debug)]
pub struct Report {
    pub(super) title: String,
    pub(super) took: Duration,
    pub(super) story: Vec<(Duration, String)>,
    pub(super) lines: Vec<Line>,
    /// What kept it from being played to its end.
    pub(super) stopped: Option<String>,
    pub(super) log: Vec<String>,
}

impl Report {
    /// Whether every line is true.
    pub fn is_ok(&self) -> bool {
        self.stopped.is_none() && self.lines.iter().all(|line| line.fault.is_none())
    }

    /// One line for a list of many.
    pub fn summary(&self) -> String {
        let sign = if self.is_ok() { "ok    " } else { "FAILED" };
        format!("{sign} {:>5.1} s  {}", self.took.as_secs_f32(), self.title)
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        for (at, what) in &self.story {
            writeln!(f, "  {:>7.3}  {what}", at.as_secs_f64())?;
        }
        for Line { text, fault } in &self.lines {
            match fault {
                None => writeln!(f, "  ok       {text}")?,
                Some(fault) => writeln!(f, "  FAILED   {text}\n           {fault}")?,
            }
        }
        if let Some(stopped) = &self.stopped {
            writeln!(f, "  FAILED   {stopped}")?;
        }
        if !self.is_ok() && !self.log.is_empty() {
            writeln!(f, "  The relay's log ends with:")?;
            self.log.iter().try_for_each(|line| writeln!(f, "    {line}"))?;
        }
        write!(f, "  {} in {:.1} s", if self.is_ok() { "ok" } else { "FAILED" }, self.took.as_secs_f32())
    }
}
