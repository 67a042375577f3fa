//! What came out, in words.

use std::fmt;
use std::time::Duration;

use testkit::percentile;

/// What was measured.
pub(crate) struct Figures {
    pub(crate) sockets: usize,
    pub(crate) ringing: usize,
    /// How long it took to open all sockets.
    pub(crate) opened: Duration,
    /// The relay's resident memory without any socket, in bytes.
    pub(crate) before: u64,
    /// With all of them, while nothing happened.
    pub(crate) after: u64,
    pub(crate) times: Times,
}

/// Of each ring, since its webhook was sent.
#[derive(Default)]
pub(crate) struct Times {
    /// Until the relay had answered 200.
    pub(crate) accepted: Vec<Duration>,
    /// Until the last page had the frame.
    pub(crate) everywhere: Vec<Duration>,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sockets, ringing, opened, before, after, times } = self;
        let each = after.saturating_sub(*before) / (*sockets as u64).max(1);
        writeln!(f, "{sockets} sockets, opened in {:.1} s", opened.as_secs_f32())?;
        writeln!(
            f,
            "memory: {:.1} MB without, {:.1} MB with them idle: {:.1} kB for each (VmRSS)",
            in_thousands(*before) / 1e3,
            in_thousands(*after) / 1e3,
            in_thousands(each),
        )?;
        writeln!(
            f,
            "{} rings, each to {ringing} agents, since the webhook was sent:",
            times.everywhere.len()
        )?;
        writeln!(f, "  answered with 200:    {}", spread(&times.accepted))?;
        write!(f, "  last page has it:     {}", spread(&times.everywhere))
    }
}

/// Bytes in thousands; exact up to far more than a machine has.
fn in_thousands(bytes: u64) -> f64 {
    bytes as f64 / 1e3
}

fn spread(times: &[Duration]) -> String {
    let times: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
    let at = |percent| percentile(&times, percent);
    format!("p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms", at(50), at(99), at(100))
}
