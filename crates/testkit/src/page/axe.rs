//! axe-core: what keeps people from using what is shown now.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::agent::Agent;

/// Runs in the page: lets what moves come to rest, then looks in one theme.
const LOOK: &str = include_str!("axe.js");

/// A rule that is broken, and where.
#[derive(Debug, Deserialize)]
struct Violation {
    #[expect(dead_code, reason = "for the message of a failure")]
    id: String,
    #[expect(dead_code, reason = "for the message of a failure")]
    help: String,
    #[expect(dead_code, reason = "for the message of a failure")]
    nodes: Vec<String>,
}

impl Agent {
    /// Wants what is shown now to break no rule of axe-core, in both themes. `state` names
    /// it in a failure.
    pub async fn is_accessible(&self, state: &str) -> Result<()> {
        let is_there: bool = self.web().execute("return Boolean(window.axe)", vec![]).await?.convert()?;
        if !is_there {
            self.web().execute(script()?, vec![]).await?;
        }
        for theme in ["light", "dark"] {
            let found = self.web().execute_async(LOOK, vec![theme.into()]).await?;
            let found: Vec<Violation> = found.convert()?;
            ensure!(found.is_empty(), "{state}, {theme}: {found:#?}");
        }
        Ok(())
    }
}

/// axe-core's script: named by `AXE`, else where the set-up puts it.
fn script() -> Result<String> {
    let usual =
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/axe/node_modules/axe-core/axe.min.js");
    let file = env::var_os("AXE").map_or_else(usual, PathBuf::from);
    fs::read_to_string(&file).with_context(|| {
        format!("{} is missing: `cargo xtask setup` fetches it, or AXE names it", file.display())
    })
}
