//! `cargo xtask bench [NAME…]`: what is measured and not tested, because its figures depend
//! on the machine. Where it can, a measurement compares with something in the same run.

use std::{
    process::{Command, ExitCode},
    time::Duration,
};

use anyhow::{Result, bail};

use crate::{
    page,
    process::{Group, command},
    progress,
    setup::{self, Needs, Tools},
    workspace::Workspace,
};

/// Optimised, and quick to build: one profile for all of them, so that they share what
/// they are built from.
const PROFILE: &str = "measure";
/// The first build takes the most of it.
const LIMIT: Duration = Duration::from_mins(30);

/// Something that can be measured.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Measurement {
    /// What a person calls it.
    pub(crate) name: &'static str,
    program: Program,
    about: &'static str,
}

/// What measures it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Program {
    /// A bench target of the simulator.
    Simulator(&'static str),
    /// A program of the test kit that is given the relay's executable.
    Relay(&'static str),
    /// A program of the test kit that drives browsers.
    Browsers(&'static str),
}

/// All there are, in the order in which they run.
const ALL: [Measurement; 4] = [
    Measurement {
        name: "sim-load",
        program: Program::Simulator("sim_load"),
        about: "what 200 calls with real sound cost one simulator: CPU, memory, packets that arrive",
    },
    Measurement {
        name: "sim-log",
        program: Program::Simulator("sim_log"),
        about: "how long a page of a million rows takes: first, middle and last, under every filter",
    },
    Measurement {
        name: "sockets",
        program: Program::Relay("bench-sockets"),
        about: "5,000 pages at one relay: how soon a ring is at 50 of them, memory of an idle one",
    },
    Measurement {
        name: "answer",
        program: Program::Browsers("bench-answer"),
        about: "from the click on Accept to being heard, beside a plain page, in both browsers",
    },
];

impl Measurement {
    /// The measurement of a name.
    ///
    /// # Errors
    ///
    /// Names those that there are.
    pub(crate) fn named(name: &str) -> Result<&'static Self> {
        match ALL.iter().find(|measurement| measurement.name == name) {
            Some(measurement) => Ok(measurement),
            None => {
                let names: Vec<&str> = ALL.iter().map(|measurement| measurement.name).collect();
                bail!("There is no measurement `{name}`; there are {}.", names.join(", "))
            }
        }
    }
}

/// What `--help` prints.
pub(crate) fn help() -> String {
    let mut text =
        "Usage: cargo xtask bench [NAME…]\n\nMeasures what is named, or everything:\n\n".to_owned();
    for measurement in &ALL {
        text.push_str(&format!("  {:<10} {}\n", measurement.name, measurement.about));
    }
    text.push_str(
        "\nFigures mean something only while nothing else runs on the machine; each measurement\n\
         says the machine's load before it begins.",
    );
    text
}

/// Builds and runs the named measurements, all when none is named, one after the other.
pub(crate) fn run(workspace: &Workspace, named: &[&'static Measurement]) -> Result<ExitCode> {
    let chosen: Vec<&Measurement> = if named.is_empty() { ALL.iter().collect() } else { named.to_vec() };
    let drives = chosen.iter().any(|measurement| matches!(measurement.program, Program::Browsers(_)));
    let tools = setup::run(workspace, Needs { page: drives, browsers: drives, ..Needs::default() })?;
    progress::say("Building with optimisation; the first time takes some minutes.");
    for measurement in &chosen {
        measurement.program.build(workspace, &tools)?;
    }
    let mut failed = Vec::new();
    for measurement in chosen {
        progress::say(&format!("\n{}: {}", measurement.name, measurement.about));
        let program = measurement.program.command(workspace, &tools)?;
        if !Group::spawn(program)?.wait(LIMIT)?.success() {
            failed.push(measurement.name);
        }
    }
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    progress::say(&format!("\nNot as it should be: {}", failed.join(", ")));
    Ok(ExitCode::FAILURE)
}

impl Program {
    /// Builds it, and what it starts, so that nothing is built while something is measured.
    fn build(self, workspace: &Workspace, tools: &Tools) -> Result<()> {
        if let Self::Browsers(_) = self {
            page::build(workspace, tools)?;
        }
        let mut cargo = match self {
            Self::Simulator(target) => {
                let mut cargo = cargo(workspace, "bench");
                cargo.args(["--no-run", "--package", "vobiz-sim", "--bench", target]);
                cargo
            }
            Self::Relay(bin) | Self::Browsers(bin) => {
                let mut cargo = cargo(workspace, "build");
                cargo.args(["--package", "testkit", "--bin", bin]);
                cargo.args(["--package", "relay", "--bin", "softphone-relay"]);
                cargo
            }
        };
        cargo.args(["--profile", PROFILE]);
        if Group::spawn(cargo)?.wait(LIMIT)?.success() {
            Ok(())
        } else {
            bail!("The measurements could not be built.")
        }
    }

    fn command(self, workspace: &Workspace, tools: &Tools) -> Result<Command> {
        let built = workspace.target().join(PROFILE);
        Ok(match self {
            Self::Simulator(target) => {
                let mut cargo = cargo(workspace, "bench");
                cargo.args(["--profile", PROFILE, "--package", "vobiz-sim", "--bench", target]);
                cargo
            }
            Self::Relay(bin) => {
                let mut program = command(built.join(bin));
                program.arg(built.join("softphone-relay"));
                program
            }
            Self::Browsers(bin) => {
                let mut program = command(built.join(bin));
                program.env("RELAY_APP", workspace.page());
                tools.browsers()?.name_in(&mut program);
                program
            }
        })
    }
}

fn cargo(workspace: &Workspace, task: &str) -> Command {
    let mut cargo = command("cargo");
    cargo.args([task, "--quiet"]).current_dir(&workspace.root);
    cargo
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_measurement_has_its_program_and_is_in_the_help() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
        for measurement in &ALL {
            let is_there = match measurement.program {
                Program::Simulator(target) => {
                    let manifest = std::fs::read_to_string(crates.join("vobiz-sim/Cargo.toml")).unwrap();
                    manifest.contains(&format!("name = \"{target}\""))
                }
                Program::Relay(bin) | Program::Browsers(bin) => {
                    let bins = crates.join("testkit/src/bin");
                    bins.join(bin).join("main.rs").exists() || bins.join(format!("{bin}.rs")).exists()
                }
            };
            assert!(is_there, "{measurement:?}");
            assert!(help().contains(measurement.name));
        }
    }

    #[test]
    fn an_unknown_one_is_told_what_there_is() {
        let problem = Measurement::named("sim-speed").unwrap_err().to_string();
        assert!(problem.contains("sim-load, sim-log"), "{problem}");
    }
}
