//! Ctrl-C and its kin end every process this one started, then this one.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

static STOPPED: AtomicBool = AtomicBool::new(false);
static GROUPS: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// Starts listening. The first signal asks every registered group to end; a second one kills them.
pub(crate) fn install() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("can't listen for Ctrl-C")?;
    thread::spawn(move || {
        for _ in signals.forever() {
            let again = STOPPED.swap(true, Ordering::SeqCst);
            let signal = if again { Signal::KILL } else { Signal::TERM };
            for group in groups().iter() {
                // A group that has just ended is what we want.
                let _ = kill_process_group(*group, signal);
            }
        }
    });
    Ok(())
}

/// Whether a signal has asked this program to end.
pub(crate) fn stopped() -> bool {
    STOPPED.load(Ordering::SeqCst)
}

/// Adds a process group that must not outlive this program.
pub(crate) fn register(group: Pid) {
    groups().push(group);
    if stopped() {
        let _ = kill_process_group(group, Signal::TERM);
    }
}

/// Takes back [`register`], once the group's leader has been waited for.
pub(crate) fn unregister(group: Pid) {
    groups().retain(|other| *other != group);
}

fn groups() -> std::sync::MutexGuard<'static, Vec<Pid>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}
