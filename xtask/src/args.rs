//! The command line: which command, with which options.

use anyhow::{Context as _, Result, bail};

use crate::{bench::Measurement, test::Stage};

/// Shown for `help` and after a mistake.
pub(crate) const USAGE: &str = "\
Usage: cargo xtask COMMAND

  start [--port 8080] [--sim-port 8090] [--open]
                 set up, build and run simulator, relay and app; Ctrl-C ends all of it
  dev [--port 8081] [--sim-port 8090] [--open]
                 simulator and relay (port 8080) behind `trunk serve`, which rebuilds the page on every change
  test [lint] [native] [relay] [scenario] [wasm] [page] [e2e] [-- WORD…]
                 set up and run every test, or the named ones; what follows `--` goes to the
                 end-to-end tests: parts of names, `--list`, `--repeat N`, `--set NAME`
  scenario PATH… play scenarios (files, or folders of them) without a browser and say what was
                 true; scenarios/README.md describes them
  bench [NAME…]  measure what tests can't, such as what 200 calls cost; `bench --help` lists it
  dist           leave target/dist/softphone-relay and target/dist/vobiz-sim
  setup          only the set-up that all of these need
  tidy           the rules about dependencies and files that no compiler checks";

/// What the person asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Print [`USAGE`].
    Help,
    /// Install what every other command needs.
    Setup,
    /// Run the product with the simulator.
    Start(ServeOptions),
    /// The same with live reload of the page.
    Dev(ServeOptions),
    /// Run the named test stages, all when none is named.
    Test {
        /// In the order a person named them.
        stages: Vec<Stage>,
        /// Passed on to the end-to-end tests.
        end_to_end: Vec<String>,
    },
    /// Play the named scenarios.
    Scenario(Vec<String>),
    /// Run the named measurements, all when none is named.
    Bench(Vec<&'static Measurement>),
    /// Print what can be measured.
    BenchHelp,
    /// Build the two executables for release.
    Dist,
    /// Check the house rules.
    Tidy,
}

/// Options of `start` and `dev`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ServeOptions {
    /// TCP port of the address a person opens.
    pub(crate) port: u16,
    /// TCP port of the simulator: its REST surface and its console.
    pub(crate) sim_port: u16,
    /// Whether to open the browser.
    pub(crate) open: bool,
}

/// Where `start` serves the app, and where `Trunk.toml` expects a relay.
pub(crate) const RELAY_PORT: u16 = 8080;
/// Where `trunk serve` serves the page; the same number is in `Trunk.toml`.
const TRUNK_PORT: u16 = 8081;
const SIM_PORT: u16 = 8090;

/// Reads the arguments after the program's name.
pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Command> {
    let mut arguments = arguments;
    let Some(command) = arguments.next() else { return Ok(Command::Help) };
    let rest: Vec<String> = arguments.collect();
    let command = match command.as_str() {
        "help" | "--help" | "-h" => Command::Help,
        "start" => return Ok(Command::Start(serve_options(&rest, RELAY_PORT)?)),
        "dev" => {
            let options = serve_options(&rest, TRUNK_PORT)?;
            if options.port == RELAY_PORT {
                bail!(
                    "--port {RELAY_PORT} is where `dev` runs the relay; choose another for the page, for example --port {TRUNK_PORT}."
                );
            }
            return Ok(Command::Dev(options));
        }
        "test" => {
            let mut parts = rest.splitn(2, |word| word == "--");
            let stages = parts.next().unwrap_or_default().iter().map(|name| Stage::named(name));
            let stages = stages.collect::<Result<_>>()?;
            let end_to_end = parts.next().unwrap_or_default().to_vec();
            return Ok(Command::Test { stages, end_to_end });
        }
        "scenario" if rest.is_empty() => {
            bail!("`scenario` needs a file or a folder, for example scenarios/.")
        }
        "scenario" => return Ok(Command::Scenario(rest)),
        "bench" if rest.iter().any(|word| matches!(word.as_str(), "--help" | "-h" | "help")) => {
            return Ok(Command::BenchHelp);
        }
        "bench" => {
            let named = rest.iter().map(|name| Measurement::named(name)).collect::<Result<_>>()?;
            return Ok(Command::Bench(named));
        }
        "setup" => Command::Setup,
        "dist" => Command::Dist,
        "tidy" => Command::Tidy,
        other => bail!("There is no command `{other}`."),
    };
    match rest.first() {
        Some(extra) => bail!("`{extra}` is not understood here."),
        None => Ok(command),
    }
}

fn serve_options(arguments: &[String], default_port: u16) -> Result<ServeOptions> {
    let mut options = ServeOptions { port: default_port, sim_port: SIM_PORT, open: false };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let (name, inline) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (argument.as_str(), None),
        };
        let mut port = || {
            let value = inline.or_else(|| arguments.next().map(String::as_str));
            port_number(name, value)
        };
        match name {
            "--port" => options.port = port()?,
            "--sim-port" => options.sim_port = port()?,
            "--open" if inline.is_none() => options.open = true,
            _ => bail!("`{argument}` is not understood here."),
        }
    }
    if options.port == options.sim_port {
        bail!("--port and --sim-port must differ, both are {}.", options.port);
    }
    Ok(options)
}

fn port_number(name: &str, value: Option<&str>) -> Result<u16> {
    let value = value.with_context(|| format!("{name} needs a port, for example {name} 9000."))?;
    match value.parse() {
        Ok(0) | Err(_) => bail!("{name} takes a port from 1 to 65535, not `{value}`."),
        Ok(port) => Ok(port),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn start_has_the_documented_defaults() {
        let expected = ServeOptions { port: 8080, sim_port: 8090, open: false };
        assert_eq!(parsed("start").unwrap(), Command::Start(expected));
    }

    #[test]
    fn ports_are_read_in_both_spellings() {
        let expected = ServeOptions { port: 9000, sim_port: 9001, open: true };
        assert_eq!(parsed("start --port 9000 --sim-port=9001 --open").unwrap(), Command::Start(expected));
    }

    #[test]
    fn what_follows_two_dashes_goes_to_the_end_to_end_tests() {
        let Command::Test { stages, end_to_end } = parsed("test e2e -- mute --repeat 10").unwrap() else {
            panic!("not a test")
        };
        assert_eq!(stages, [Stage::EndToEnd]);
        assert_eq!(end_to_end, ["mute", "--repeat", "10"]);
    }

    #[test]
    fn scenarios_are_named_by_their_files() {
        let expected = ["scenarios/a.toml", "more"].map(str::to_owned).to_vec();
        assert_eq!(parsed("scenario scenarios/a.toml more").unwrap(), Command::Scenario(expected));
    }

    #[test]
    fn measurements_are_named_or_listed() {
        assert_eq!(parsed("bench").unwrap(), Command::Bench(Vec::new()));
        let Command::Bench(named) = parsed("bench sim-log").unwrap() else { panic!("no measurement") };
        assert_eq!(named.iter().map(|one| one.name).collect::<Vec<_>>(), ["sim-log"]);
        assert_eq!(parsed("bench --help").unwrap(), Command::BenchHelp);
    }

    #[test]
    fn mistakes_are_named() {
        for (line, word) in [
            ("fly", "fly"),
            ("start --port", "--port"),
            ("start --port x", "`x`"),
            ("start --port 0", "`0`"),
            ("start --port 8090", "differ"),
            ("dev --port 8080", "8080"),
            ("test nonsense", "nonsense"),
            ("scenario", "folder"),
            ("bench sim-speed", "sim-log"),
            ("tidy up", "up"),
        ] {
            let problem = parsed(line).expect_err(line).to_string();
            assert!(problem.contains(word), "{line}: {problem}");
        }
    }
}
