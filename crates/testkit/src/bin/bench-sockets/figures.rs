//! What came out, in words.

use std::fmt;
use std::time::Duration;

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
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = |percent: usize| {
        // The nearest rank: the smallest time that so many percent do not exceed.
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    format!("p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms", at(50), at(99), at(100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_nearest_rank() {
        let times: Vec<Duration> = (1..=200).rev().map(Duration::from_millis).collect();
        assert_eq!(spread(&times), "p50 100.0 ms, p99 198.0 ms, slowest 200.0 ms");
        assert_eq!(spread(&times[199..]), "p50 1.0 ms, p99 1.0 ms, slowest 1.0 ms");
    }
}
