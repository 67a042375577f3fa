//! CPU time of processes.

use anyhow::{Context as _, Result};

/// Kernel ticks in a second of CPU time: fixed for what the kernel shows to programs.
const TICKS: f64 = 100.0;
/// Places of user and system time behind the program's name (proc(5)).
const USER: usize = 11;
const SYSTEM: usize = 12;

/// CPU time of a process so far, in seconds.
pub(crate) fn cpu(process: u32) -> Result<f64> {
    let path = format!("/proc/{process}/stat");
    let stat = std::fs::read_to_string(&path).with_context(|| path.clone())?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|ticks| ticks.parse::<f64>().ok());
    let (user, system) =
        ticks(USER).zip(ticks(SYSTEM)).with_context(|| format!("{path} has another form"))?;
    Ok((user + system) / TICKS)
}
