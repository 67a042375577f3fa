//! `cargo xtask start`: the product with the simulator, on one machine, by one command.

use std::process::{Command, Stdio};

use anyhow::Result;

use crate::{
    args::ServeOptions,
    demo::{self, AGENTS, Demo},
    http, page, progress,
    setup::{self, Needs},
    workspace::{Workspace, on_path},
};

/// Sets up, builds, runs, and ends everything when asked.
pub(crate) fn run(workspace: &Workspace, options: &ServeOptions) -> Result<()> {
    check_ports(options)?;
    let tools = setup::run(workspace, Needs { page: true, ..Needs::default() })?;
    page::build(workspace, &tools)?;
    demo::build(workspace)?;
    // The builds may have taken minutes.
    check_ports(options)?;
    let demo = Demo::start(workspace, options.port, options.sim_port)?;
    announce(workspace, options.port, options.sim_port);
    if options.open {
        open(&format!("http://localhost:{}", options.port));
    }
    demo.run()
}

fn check_ports(options: &ServeOptions) -> Result<()> {
    http::check_free(options.port, "--port")?;
    http::check_free(options.sim_port, "--sim-port")
}

/// Prints what a newcomer needs: where, as whom, and who can be called.
pub(crate) fn announce(workspace: &Workspace, port: u16, sim_port: u16) {
    let agents: Vec<String> =
        AGENTS.iter().map(|agent| format!("{} / {}", agent.username, agent.password)).collect();
    progress::say(&format!(
        "\n  The softphone         http://localhost:{port}\n  \
           Sign in as            {}\n  \
           People to call, and   http://localhost:{sim_port}\n  \
           to be called by       (the simulator's console)\n\n  \
           Logs are in {}. Ctrl-C ends everything.\n",
        agents.join("   or   "),
        workspace.shown(&workspace.demo()),
    ));
}

/// Opens the person's browser; where that can't be done the address is on the screen anyway.
pub(crate) fn open(address: &str) {
    let Some(opener) = ["xdg-open", "open"].into_iter().find(|name| on_path(name).is_some()) else {
        progress::say("No browser could be opened: neither `xdg-open` nor `open` is there.");
        return;
    };
    let opened = Command::new(opener)
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Err(problem) = opened {
        progress::say(&format!("No browser could be opened: {problem}."));
    }
}
