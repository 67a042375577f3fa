//! `cargo xtask`: set-up, start, tests and release, on a machine with nothing but `cargo`.

use std::process::ExitCode;

use anyhow::Result;

mod args;
mod bench;
mod demo;
mod dev;
mod dist;
mod http;
mod page;
mod process;
mod progress;
mod scenario;
mod setup;
mod signals;
mod start;
mod test;
mod tidy;
mod workspace;

use args::Command;
use workspace::Workspace;

fn main() -> ExitCode {
    let command = match args::parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(problem) => {
            eprintln!("{problem:#}\n\n{}", args::USAGE);
            return ExitCode::from(2);
        }
    };
    let outcome = signals::install().and_then(|()| run(command));
    progress::clear();
    if signals::stopped() {
        // 128 + SIGINT, what a shell reports for a program ended by Ctrl-C.
        return ExitCode::from(130);
    }
    match outcome {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("\n{problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    match command {
        Command::Help => println!("{}", args::USAGE),
        Command::Setup => setup::everything(&workspace)?,
        Command::Start(options) => start::run(&workspace, &options)?,
        Command::Dev(options) => dev::run(&workspace, &options)?,
        Command::Test { stages, end_to_end } => return test::run(&workspace, &stages, &end_to_end),
        Command::Scenario(paths) => return scenario::run(&workspace, &paths),
        Command::Bench(named) => return bench::run(&workspace, &named),
        Command::BenchHelp => println!("{}", bench::help()),
        Command::Dist => dist::run(&workspace)?,
        Command::Tidy => tidy::run(&workspace)?,
    }
    Ok(ExitCode::SUCCESS)
}
