//! `cargo xtask test`: every test, or the named stages. All stages run even when one fails; the
//! last lines say which did.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use crate::{
    progress,
    setup::{self, Needs, Tools},
    signals,
    workspace::Workspace,
};

mod stages;

/// One part of the tests, in the order they run: the quickest to fail first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Formatting, the house rules, clippy for both targets.
    Lint,
    /// The crates without I/O, and xtask itself.
    Native,
    /// Relay, simulator and test kit.
    Relay,
    /// Every file in `scenarios/`: the servers with real media, without a browser.
    Scenario,
    /// The page's adapters, in both browsers.
    Wasm,
    /// The built page: that it builds, and what it weighs.
    Page,
    /// The whole system, in both browsers.
    EndToEnd,
}

impl Stage {
    const ALL: [Self; 7] =
        [Self::Lint, Self::Native, Self::Relay, Self::Scenario, Self::Wasm, Self::Page, Self::EndToEnd];

    /// The stage a person names on the command line.
    pub(crate) fn named(name: &str) -> Result<Self> {
        match Self::ALL.into_iter().find(|stage| stage.name() == name) {
            Some(stage) => Ok(stage),
            None => bail!(
                "There are no tests named `{name}`; there are {}.",
                Self::ALL.map(Self::name).join(", ")
            ),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Lint => "lint",
            Self::Native => "native",
            Self::Relay => "relay",
            Self::Scenario => "scenario",
            Self::Wasm => "wasm",
            Self::Page => "page",
            Self::EndToEnd => "e2e",
        }
    }

    fn needs(self) -> Needs {
        match self {
            Self::Lint => Needs { page: true, ..Needs::default() },
            Self::Native | Self::Scenario => Needs::default(),
            Self::Relay => Needs { provider: true, nats: true, ..Needs::default() },
            Self::Wasm => Needs { wasm_tests: true, ..Needs::default() },
            Self::Page => Needs { page: true, ..Needs::default() },
            Self::EndToEnd => Needs { page: true, browsers: true, ..Needs::default() },
        }
    }

    fn run(self, workspace: &Workspace, tools: &Tools, end_to_end: &[String]) -> Result<()> {
        match self {
            Self::Lint => stages::lint(workspace, tools),
            Self::Native => stages::native(workspace),
            Self::Relay => stages::relay(workspace),
            Self::Scenario => stages::scenarios(workspace),
            Self::Wasm => stages::wasm(workspace, tools),
            Self::Page => stages::page(workspace, tools),
            Self::EndToEnd => stages::end_to_end(workspace, tools, end_to_end),
        }
    }
}

/// How a stage went.
#[derive(Debug)]
struct Outcome {
    stage: Stage,
    took: Duration,
    problem: Option<String>,
}

/// Runs the named stages, or all of them. `end_to_end` goes to the end-to-end tests' own harness.
pub(crate) fn run(workspace: &Workspace, named: &[Stage], end_to_end: &[String]) -> Result<ExitCode> {
    let stages: Vec<Stage> =
        Stage::ALL.into_iter().filter(|stage| named.is_empty() || named.contains(stage)).collect();
    let tools = setup::run(workspace, needs_of(&stages))?;
    let mut outcomes = Vec::new();
    for stage in stages {
        progress::say(&format!("\n── {} ──", stage.name()));
        let begun = Instant::now();
        let result = stage.run(workspace, &tools, end_to_end);
        if signals::stopped() {
            bail!("Stopped.");
        }
        let problem = result.err().map(|problem| format!("{problem:#}"));
        if let Some(problem) = &problem {
            progress::say(problem);
        }
        outcomes.push(Outcome { stage, took: begun.elapsed(), problem });
    }
    Ok(report(&outcomes))
}

fn needs_of(stages: &[Stage]) -> Needs {
    let all = stages.iter().map(|stage| stage.needs());
    all.fold(Needs::default(), |sum, needs| Needs {
        page: sum.page || needs.page,
        wasm_tests: sum.wasm_tests || needs.wasm_tests,
        browsers: sum.browsers || needs.browsers,
        provider: sum.provider || needs.provider,
        nats: sum.nats || needs.nats,
    })
}

fn report(outcomes: &[Outcome]) -> ExitCode {
    progress::say("\n── results by stage ──");
    for outcome in outcomes {
        let time = progress::length(outcome.took);
        let name = outcome.stage.name();
        progress::say(&match &outcome.problem {
            None => format!("✓ {name:<8} {time}"),
            Some(problem) => format!("✗ {name:<8} {time}   {}", problem.lines().next().unwrap_or_default()),
        });
    }
    let failed = outcomes.iter().filter(|outcome| outcome.problem.is_some()).count();
    progress::say(&format!("{} passed, {failed} failed", outcomes.len() - failed));
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_can_be_named() {
        for stage in Stage::ALL {
            assert_eq!(Stage::named(stage.name()).unwrap(), stage);
        }
    }

    #[test]
    fn pure_tests_need_no_set_up_and_the_whole_system_needs_browsers_and_the_page() {
        let none = needs_of(&[Stage::Native, Stage::Relay]);
        assert!(!none.page && !none.browsers && !none.wasm_tests);
        let whole = needs_of(&[Stage::Native, Stage::EndToEnd]);
        assert!(whole.page && whole.browsers);
    }
}
