//! Child processes that never outlive this one, and steps whose output goes to a log.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{Read as _, Seek as _, SeekFrom},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use crate::{progress, signals};

/// How often a running child is looked at. Short beside every step, long beside a look's cost.
const POLL: Duration = Duration::from_millis(50);
/// How long a child may take to end when asked, before it is killed.
const GRACE: Duration = Duration::from_secs(5);
/// How long its descendants may take after it. Nothing waits for their answers any more.
const REST_GRACE: Duration = Duration::from_millis(500);
/// How much of a failed step's output is shown.
const TAIL_LINES: usize = 25;
/// As much of a log as can hold [`TAIL_LINES`].
const TAIL_BYTES: u64 = 16 * 1024;

/// Ends the group named by its first argument as soon as its standard input closes, which happens
/// when this program ends, however it ends: also by `kill -9`, where no handler runs.
const WATCHDOG: &str =
    r#"read -r _; kill -TERM "-$1" 2>/dev/null; sleep 5; kill -KILL "-$1" 2>/dev/null; exit 0"#;

/// What cargo tells the program it runs. A cargo started by that program must not see it: it would
/// count as a change of its own environment, or name the wrong toolchain.
const CARGOS_OWN: [&str; 6] = [
    "CARGO",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "LD_LIBRARY_PATH",
    "RUST_RECURSION_COUNT",
    "RUSTUP_TOOLCHAIN_SOURCE",
];

/// A command with an environment as a person's shell would give it.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for name in CARGOS_OWN {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_")) {
            command.env_remove(name);
        }
    }
    command
}

/// A child, its descendants, and the promise that they end with this value and this program.
#[derive(Debug)]
pub(crate) struct Group {
    leader: Child,
    pid: Pid,
    watchdog: Child,
}

impl Group {
    /// Starts the command as the leader of a process group of its own.
    pub(crate) fn spawn(mut command: Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let leader = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("`{name}` can't be started"))?;
        let pid = Pid::from_child(&leader);
        signals::register(pid);
        let watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "watchdog", &pid.as_raw_nonzero().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("`sh` can't be started")?;
        Ok(Self { leader, pid, watchdog })
    }

    /// The status, once the leader has ended.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.leader.try_wait().context("a child process can't be waited for")
    }

    /// Waits for the leader, at most this long.
    pub(crate) fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            if start.elapsed() > limit {
                bail!("it did not end within {}", progress::length(limit));
            }
            thread::sleep(POLL);
        }
    }
}

impl Drop for Group {
    /// Asks the whole group to end, waits a little, and kills what is left.
    fn drop(&mut self) {
        let _ = kill_process_group(self.pid, Signal::TERM);
        let leader = &mut self.leader;
        within(GRACE, || matches!(leader.try_wait(), Ok(Some(_)) | Err(_)));
        within(REST_GRACE, || test_kill_process_group(self.pid).is_err());
        let _ = kill_process_group(self.pid, Signal::KILL);
        let _ = self.leader.wait();
        signals::unregister(self.pid);
        let _ = self.watchdog.kill();
        let _ = self.watchdog.wait();
    }
}

/// Waits until it is so, at most this long.
fn within(limit: Duration, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() && begun.elapsed() < limit {
        thread::sleep(POLL);
    }
}

/// A long job: what a person reads while it runs, and how long it usually takes.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    /// What it does, as a noun phrase: "Trunk 0.21".
    pub(crate) title: &'a str,
    /// How long that usually takes on two cores.
    pub(crate) usual: Duration,
    /// Where its output goes.
    pub(crate) log: PathBuf,
}

impl Step<'_> {
    /// Runs the command to its end with its output in the log.
    pub(crate) fn run(&self, command: Command) -> Result<()> {
        self.run_all([command])
    }

    /// Runs the commands one after the other with their output in one log.
    pub(crate) fn run_all(&self, commands: impl IntoIterator<Item = Command>) -> Result<()> {
        let shown = progress::begin(self.title, self.usual);
        let file = create_log(&self.log)?;
        for mut command in commands {
            let name = Path::new(command.get_program()).file_name().unwrap_or_default().to_owned();
            command.stdout(file.try_clone()?).stderr(file.try_clone()?);
            let outcome = Group::spawn(command).and_then(|mut group| group.wait(self.limit()));
            let what = match outcome {
                Ok(status) if status.success() => continue,
                Ok(status) => format!("`{}` ended with {status}", name.display()),
                Err(problem) => format!("`{}`: {problem:#}", name.display()),
            };
            drop(shown);
            if signals::stopped() {
                bail!("Stopped.");
            }
            bail!("{} failed: {what}.\n{}", self.title, tail(&self.log));
        }
        shown.done();
        Ok(())
    }

    /// A machine may be much slower than ours, but nothing runs for ever.
    fn limit(&self) -> Duration {
        self.usual * 10 + Duration::from_mins(5)
    }
}

/// A command's output, when it ends well within ten seconds: for asking a tool its version.
pub(crate) fn answer(command: Command) -> Option<String> {
    answer_within(command, Duration::from_secs(10))
}

/// A command's output, when it ends well in time: for a tool that also works for it.
pub(crate) fn answer_within(mut command: Command, limit: Duration) -> Option<String> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let asked = Instant::now();
    while child.try_wait().ok()?.is_none() {
        if asked.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        thread::sleep(Duration::from_millis(5));
    }
    let status = child.wait().ok()?;
    let mut output = String::new();
    child.stdout.take()?.read_to_string(&mut output).ok()?;
    status.success().then(|| output.trim().to_owned())
}

/// Makes an empty log and the folder it is in.
pub(crate) fn create_log(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("can't make the folder {}", folder.display()))?;
    }
    File::create(path).with_context(|| format!("can't write {}", path.display()))
}

/// The last lines of a log, and where the rest is.
pub(crate) fn tail(log: &Path) -> String {
    let mut text = Vec::new();
    let read = File::open(log).and_then(|mut file| {
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        file.read_to_end(&mut text)
    });
    if read.is_err() {
        return format!("Its log {} can't be read.", log.display());
    }
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(TAIL_LINES)..];
    format!("{}\nAll of its output: {}", last.join("\n"), log.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = command("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failed_step_shows_the_end_of_its_output_and_its_log() {
        let log = std::env::temp_dir().join(format!("xtask-step-{}.log", std::process::id()));
        let step = Step { title: "A doomed step", usual: Duration::from_secs(1), log: log.clone() };
        let problem = step.run(shell("echo the reason; exit 3")).unwrap_err().to_string();
        fs::remove_file(&log).unwrap();
        for word in ["A doomed step", "the reason", "3", "xtask-step-"] {
            assert!(problem.contains(word), "{problem}");
        }
    }

    #[test]
    fn dropping_a_group_ends_its_grandchildren() {
        let mut shell = shell("sleep 60 & echo $!; wait");
        shell.stdout(Stdio::piped());
        let mut group = Group::spawn(shell).unwrap();
        let mut first = [0; 16];
        let length = group.leader.stdout.as_mut().unwrap().read(&mut first).unwrap();
        let sleeper: i32 = std::str::from_utf8(&first[..length]).unwrap().trim().parse().unwrap();
        let sleeper = Pid::from_raw(sleeper).unwrap();
        assert!(rustix::process::test_kill_process(sleeper).is_ok());
        drop(group);
        // Its new parent reaps it when it gets to it.
        let gone = (0..100).any(|_| {
            thread::sleep(POLL);
            rustix::process::test_kill_process(sleeper).is_err()
        });
        assert!(gone, "the grandchild still runs");
    }

    #[test]
    fn the_watchdog_ends_the_group_when_nobody_is_left_to() {
        let mut group = Group::spawn(shell("sleep 60")).unwrap();
        // What happens to the pipe when this process dies.
        drop(group.watchdog.stdin.take());
        let status = group.wait(Duration::from_secs(5)).unwrap();
        assert!(!status.success(), "{status}");
    }

    #[test]
    fn a_tool_that_is_missing_or_fails_has_no_answer() {
        assert_eq!(answer(shell("echo 1.2")), Some("1.2".to_owned()));
        assert_eq!(answer(shell("echo 1.2; exit 1")), None);
        assert_eq!(answer(command("a-tool-that-nobody-has")), None);
    }
}
