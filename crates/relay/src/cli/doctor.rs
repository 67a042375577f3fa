//! `softphone-relay doctor`.

use anyhow::{Result, bail};
use relay::{
    config::ProcessEnvironment,
    doctor::{self, Verdict},
};

/// Says everything that was found; an error when something is wrong.
pub(crate) async fn doctor() -> Result<()> {
    let findings = doctor::examine(&ProcessEnvironment).await;
    findings.iter().try_for_each(|finding| super::say(&finding.to_string()))?;
    let wrong = findings.iter().filter(|finding| finding.verdict == Verdict::Wrong).count();
    match wrong {
        0 => super::say("Nothing is wrong."),
        1 => bail!("one thing is wrong"),
        _ => bail!("{wrong} things are wrong"),
    }
}
