//! `cargo xtask dev`: simulator and relay behind `trunk serve`, which rebuilds the page on change.

use anyhow::{Result, bail};

use crate::{
    args::{RELAY_PORT, ServeOptions},
    demo::{self, Demo},
    http, progress,
    setup::{self, Needs},
    start,
    workspace::Workspace,
};

/// Sets up, builds the servers, runs them and Trunk, and ends everything when asked.
pub(crate) fn run(workspace: &Workspace, options: &ServeOptions) -> Result<()> {
    check_ports(options)?;
    let tools = setup::run(workspace, Needs { page: true, ..Needs::default() })?;
    demo::build(workspace)?;
    check_ports(options)?;
    let mut demo = Demo::start(workspace, RELAY_PORT, options.sim_port)?;
    start::announce(workspace, options.port, options.sim_port);
    progress::say("The page's first build takes about 3 minutes; Trunk shows it below.\n");

    let mut trunk = tools.page_rust()?.command(workspace, "trunk")?;
    trunk
        .args(["serve", "--offline", "true", "--port", &options.port.to_string(), "--dist"])
        // Not where the relay looks for the release build.
        .arg(workspace.page_target().join("serve"))
        .env_remove("NO_COLOR");
    if options.open {
        trunk.arg("--open");
    }
    demo.add_in_sight("trunk serve", trunk)?;
    demo.run()
}

fn check_ports(options: &ServeOptions) -> Result<()> {
    http::check_free(options.port, "--port")?;
    http::check_free(options.sim_port, "--sim-port")?;
    if http::check_free(RELAY_PORT, "--port").is_err() {
        // `Trunk.toml` names the relay's port, so no flag moves it.
        bail!(
            "Port {RELAY_PORT} is in use, and `dev` runs its relay there, where Trunk.toml looks for it. \
             End what uses it; if that is a relay, run only `trunk serve` beside it."
        );
    }
    Ok(())
}
