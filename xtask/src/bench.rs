//! `cargo xtask bench [NAME…]`: what is measured and not tested, because its figures depend
//! on the machine. Where it can, a measurement compares with something in the same run.

use std::{process::ExitCode, time::Duration};

use anyhow::{Result, bail};

use crate::{
    process::{Group, command},
    progress,
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
    package: &'static str,
    /// The program that measures it, a bench target of the package.
    target: &'static str,
    about: &'static str,
}

/// All there are, in the order in which they run.
const ALL: [Measurement; 2] = [
    Measurement {
        name: "sim-load",
        package: "vobiz-sim",
        target: "sim_load",
        about: "what 200 calls with real sound cost one simulator: CPU, memory, packets that arrive",
    },
    Measurement {
        name: "sim-log",
        package: "vobiz-sim",
        target: "sim_log",
        about: "how long a page of a million rows takes: first, middle and last, under every filter",
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
    build(workspace, &chosen)?;
    let mut failed = Vec::new();
    for measurement in chosen {
        progress::say(&format!("\n{}: {}", measurement.name, measurement.about));
        let mut cargo = command("cargo");
        cargo.args(["bench", "--quiet", "--profile", PROFILE, "--package", measurement.package]);
        cargo.args(["--bench", measurement.target]).current_dir(&workspace.root);
        if !Group::spawn(cargo)?.wait(LIMIT)?.success() {
            failed.push(measurement.name);
        }
    }
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    progress::say(&format!("\nNot as it should be: {}", failed.join(", ")));
    Ok(ExitCode::FAILURE)
}

/// Builds everything in one call for each package, before anything is measured.
fn build(workspace: &Workspace, chosen: &[&Measurement]) -> Result<()> {
    progress::say("Building with optimisation; the first time takes some minutes.");
    let mut cargo = command("cargo");
    cargo.args(["bench", "--quiet", "--no-run", "--profile", PROFILE]).current_dir(&workspace.root);
    for measurement in chosen {
        cargo.args(["--package", measurement.package, "--bench", measurement.target]);
    }
    if Group::spawn(cargo)?.wait(LIMIT)?.success() {
        Ok(())
    } else {
        bail!("The measurements could not be built.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measurement_is_a_bench_target_and_in_the_help() {
        for measurement in &ALL {
            let folder = format!("{}/../crates/{}", env!("CARGO_MANIFEST_DIR"), measurement.package);
            let manifest = std::fs::read_to_string(format!("{folder}/Cargo.toml")).unwrap();
            assert!(manifest.contains(&format!("name = \"{}\"", measurement.target)), "{measurement:?}");
            assert!(help().contains(measurement.name));
        }
    }

    #[test]
    fn an_unknown_one_is_told_what_there_is() {
        let problem = Measurement::named("sim-speed").unwrap_err().to_string();
        assert!(problem.contains("sim-load, sim-log"), "{problem}");
    }
}
