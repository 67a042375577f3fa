//! Everything the other commands need, installed once.
//!
//! The ordinary way comes first: what is on `PATH` in the right version, and rustup. Where that
//! does not do, the project's own `.tools/` folder and Debian's packages stand in.

use std::{path::PathBuf, thread};

use anyhow::{Context as _, Result};

use crate::{progress, workspace::Workspace};

mod apt;
mod axe;
mod browsers;
mod cargo_tools;
mod debian_rust;
mod esbuild;
mod nats;
mod npm;
mod oidc_provider;
mod std_source;
mod versions;
mod wasm_opt;
mod wasm_target;

pub(crate) use axe::script as axe_script;
pub(crate) use browsers::{Browser, Browsers};
pub(crate) use wasm_target::{PageRust, sysroot};

use cargo_tools::CargoTool;

/// What a command needs beside cargo itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Needs {
    /// Building the page: the wasm target, Trunk, wasm-bindgen, wasm-opt, esbuild.
    pub(crate) page: bool,
    /// Running tests inside a browser: the wasm target, wasm-bindgen's test runner, browsers.
    pub(crate) wasm_tests: bool,
    /// Driving browsers: Chromium, Firefox, and the driver of each.
    pub(crate) browsers: bool,
    /// Testing the relay: a provider to sign in by.
    pub(crate) provider: bool,
    /// Testing relays that share a journal: a NATS server.
    pub(crate) nats: bool,
}

/// What the set-up found or made.
#[derive(Debug)]
pub(crate) struct Tools {
    /// The compiler for the page; there when the page or its tests were asked for.
    page_rust: Option<PageRust>,
    /// There when browsers were asked for.
    browsers: Option<Browsers>,
}

impl Tools {
    /// The compiler for the page.
    pub(crate) fn page_rust(&self) -> Result<&PageRust> {
        self.page_rust.as_ref().context("the set-up was not asked for the page's compiler")
    }

    /// The browsers and their drivers.
    pub(crate) fn browsers(&self) -> Result<&Browsers> {
        self.browsers.as_ref().context("the set-up was not asked for browsers")
    }
}

/// `cargo xtask setup`: what any command may need.
pub(crate) fn everything(workspace: &Workspace) -> Result<()> {
    let all = Needs { page: true, wasm_tests: true, browsers: true, provider: true, nats: true };
    let tools = run(workspace, all)?;
    progress::say(&format!("Rust for the page: {}", tools.page_rust()?));
    for browser in [Browser::Chromium, Browser::Firefox] {
        let driven = tools.browsers()?.of(browser);
        progress::say(&format!("{browser}: {} by {}", driven.binary.display(), driven.driver.display()));
    }
    progress::say("Everything is set up.");
    Ok(())
}

/// Installs what is needed and missing.
pub(crate) fn run(workspace: &Workspace, needs: Needs) -> Result<Tools> {
    let browsers_needed = needs.browsers || needs.wasm_tests;
    let mut wanted = Vec::new();
    if needs.page || needs.wasm_tests {
        wanted.push(CargoTool::wasm_bindgen(workspace)?);
    }
    if needs.page {
        wanted.push(CargoTool::trunk());
    }
    if browsers_needed && browsers::driver_by_environment(Browser::Firefox)?.is_none() {
        wanted.push(CargoTool::geckodriver());
    }
    // Compiling uses the processor, everything else mostly waits for the network.
    thread::scope(|scope| {
        let compiled = scope.spawn(|| cargo_tools::install(workspace, &wanted));
        let others = install_others(workspace, needs);
        let compiled = compiled.join().map_err(|_| anyhow::anyhow!("a set-up thread panicked"))?;
        let page_rust = others?;
        compiled?;
        let browsers = browsers_needed.then(|| browsers::find(workspace)).transpose()?;
        Ok(Tools { page_rust, browsers })
    })
}

fn install_others(workspace: &Workspace, needs: Needs) -> Result<Option<PageRust>> {
    if needs.browsers || needs.wasm_tests {
        browsers::install(workspace)?;
    }
    if needs.nats {
        nats::install(workspace)?;
    }
    if needs.browsers {
        axe::install(workspace)?;
    }
    if needs.page {
        wasm_opt::install(workspace)?;
        esbuild::install(workspace)?;
    }
    if needs.provider {
        oidc_provider::install(workspace)?;
    }
    if !(needs.page || needs.wasm_tests) {
        return Ok(None);
    }
    let rust = wasm_target::install(workspace)?;
    if needs.page {
        std_source::install(workspace, &rust)?;
    }
    Ok(Some(rust))
}

/// Where a set-up step writes its output.
fn log(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.setup_logs().join(format!("{name}.log"))
}
