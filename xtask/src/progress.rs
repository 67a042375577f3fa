//! What a person sees while long steps run: what, how long it usually takes, how long it has been.

use std::{
    io::{IsTerminal as _, Write as _},
    sync::{Mutex, MutexGuard, Once, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// How often the line on a terminal is drawn anew.
const TICK: Duration = Duration::from_secs(1);
/// How often a step that still runs is named where output is not a terminal (CI).
const HEARTBEAT: Duration = Duration::from_mins(1);

/// The width of a terminal that does not tell.
const USUAL_COLUMNS: usize = 79;

static RUNNING: Mutex<Vec<Running>> = Mutex::new(Vec::new());
static TICKER: Once = Once::new();

#[derive(Debug)]
struct Running {
    title: String,
    usual: Duration,
    begun: Instant,
    named: Instant,
}

/// A step that runs; dropping it without [`Shown::done`] says nothing more about it.
#[derive(Debug)]
pub(crate) struct Shown {
    title: String,
    begun: Instant,
}

/// Says that a step begins.
pub(crate) fn begin(title: &str, usual: Duration) -> Shown {
    TICKER.call_once(|| {
        thread::spawn(|| {
            loop {
                thread::sleep(TICK);
                draw(&mut running());
            }
        });
    });
    let begun = Instant::now();
    let mut steps = running();
    if !std::io::stdout().is_terminal() {
        println!("… {title} (usually {})", length(usual));
    }
    steps.push(Running { title: title.to_owned(), usual, begun, named: begun });
    draw(&mut steps);
    Shown { title: title.to_owned(), begun }
}

impl Shown {
    /// Says that the step succeeded.
    pub(crate) fn done(self) {
        say(&format!("✓ {} ({})", self.title, length(self.begun.elapsed())));
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        let mut steps = running();
        if let Some(index) =
            steps.iter().position(|step| step.title == self.title && step.begun == self.begun)
        {
            steps.remove(index);
        }
        wipe();
        draw(&mut steps);
    }
}

/// Prints a line, above the line that shows what runs.
pub(crate) fn say(line: &str) {
    let mut steps = running();
    wipe();
    println!("{line}");
    draw(&mut steps);
}

/// Wipes the line that shows what runs.
pub(crate) fn clear() {
    let _steps = running();
    wipe();
}

/// A length of time in words.
pub(crate) fn length(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{:.1} s", time.as_secs_f32()),
        seconds @ 1..60 => format!("{seconds} s"),
        seconds => format!("{}:{:02} min", seconds / 60, seconds % 60),
    }
}

fn draw(steps: &mut [Running]) {
    if !std::io::stdout().is_terminal() {
        for step in steps.iter_mut().filter(|step| step.named.elapsed() >= HEARTBEAT) {
            step.named = Instant::now();
            println!(
                "… {} for {} (usually {})",
                step.title,
                length(step.begun.elapsed()),
                length(step.usual)
            );
        }
    } else if !steps.is_empty() {
        let shown: Vec<String> = steps
            .iter()
            .map(|step| {
                format!("{} {} (usually {})", step.title, length(step.begun.elapsed()), length(step.usual))
            })
            .collect();
        // A line that wraps could not be wiped.
        let line: String = format!("… {}", shown.join("  ·  ")).chars().take(columns()).collect();
        print!("\r\x1b[2K{line}");
    }
    // Nobody reads a closed terminal.
    let _ = std::io::stdout().flush();
}

/// How many characters fit on a line with none to spare for wrapping.
fn columns() -> usize {
    let known = rustix::termios::tcgetwinsize(std::io::stdout()).map(|size| usize::from(size.ws_col));
    known.ok().filter(|columns| *columns > 1).map_or(USUAL_COLUMNS, |columns| columns - 1)
}

fn wipe() {
    if std::io::stdout().is_terminal() {
        print!("\r\x1b[2K");
        let _ = std::io::stdout().flush();
    }
}

fn running() -> MutexGuard<'static, Vec<Running>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_naturally() {
        assert_eq!(length(Duration::from_millis(340)), "0.3 s");
        assert_eq!(length(Duration::from_secs(59)), "59 s");
        assert_eq!(length(Duration::from_secs(135)), "2:15 min");
    }
}
