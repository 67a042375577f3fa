//! Bounded waits.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use tokio::time::{Instant, sleep, timeout_at};

/// How long to pause between two looks: short beside anything a person notices,
/// long beside a look at a page (5 to 20 ms).
const PAUSE: Duration = Duration::from_millis(50);

/// By how much everything may take longer, in percent: for an upstream that is slow or
/// unruly. One for the whole process, as is what it waits for.
static PATIENCE: AtomicU32 = AtomicU32::new(100);

/// Whether something goes wrong on purpose.
static TROUBLE: AtomicBool = AtomicBool::new(false);

/// Says what to expect of the upstream from now on: how long every wait of this process may
/// take, in percent, and whether something goes wrong on purpose.
pub(crate) fn expect(percent: u32, trouble: bool) {
    PATIENCE.store(percent, Ordering::Relaxed);
    TROUBLE.store(trouble, Ordering::Relaxed);
}

/// Whether what is waited for may fail on purpose, and be asked for again.
pub(crate) fn expects_trouble() -> bool {
    TROUBLE.load(Ordering::Relaxed)
}

/// A bound as it holds where the upstream may take longer than usual.
pub fn patient(usual: Duration) -> Duration {
    usual * PATIENCE.load(Ordering::Relaxed) / 100
}

/// Looks until `probe` succeeds.
///
/// # Errors
///
/// After `within`, or as much longer as [`patient`] says, with what the last look said.
pub async fn eventually<T>(
    what: &str,
    within: Duration,
    mut probe: impl AsyncFnMut() -> Result<T>,
) -> Result<T> {
    let within = patient(within);
    let deadline = Instant::now() + within;
    let mut last = anyhow!("the first look did not come back");
    loop {
        match timeout_at(deadline, probe()).await {
            Ok(Ok(found)) => return Ok(found),
            Ok(Err(error)) => last = error,
            Err(_) => {}
        }
        if Instant::now() + PAUSE >= deadline {
            return Err(last.context(format!("{what}: not within {within:?}; the last look says")));
        }
        sleep(PAUSE).await;
    }
}

/// Looks again and again and wants every look to succeed.
///
/// # Errors
///
/// The first look that fails.
pub async fn holds(what: &str, during: Duration, mut probe: impl AsyncFnMut() -> Result<()>) -> Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < during {
        probe().await.with_context(|| format!("{what}: no longer so after {:?}", begun.elapsed()))?;
        sleep(PAUSE).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use anyhow::{bail, ensure};

    use super::*;

    #[tokio::test]
    async fn a_wait_ends_when_it_is_so() {
        let mut looks = 0;
        let found = eventually("the third look", Duration::from_secs(5), async || {
            looks += 1;
            ensure!(looks == 3, "look {looks}");
            Ok(looks)
        })
        .await;
        assert!(matches!(found, Ok(3)));
    }

    #[tokio::test]
    async fn a_wait_in_vain_says_what_it_last_saw() {
        let outcome: Result<()> =
            eventually("a blue moon", Duration::from_millis(120), async || bail!("it is white")).await;
        let text = format!("{:#}", outcome.err().unwrap_or_else(|| anyhow!("it was so")));
        assert!(
            text.contains("a blue moon") && text.contains("120ms") && text.contains("it is white"),
            "{text}"
        );
    }

    #[tokio::test]
    async fn a_look_that_hangs_is_cut_off() {
        let begun = Instant::now();
        let outcome: Result<()> = eventually("an answer", Duration::from_millis(150), async || {
            std::future::pending::<()>().await;
            Ok(())
        })
        .await;
        assert!(outcome.is_err() && begun.elapsed() < Duration::from_secs(2));
    }

    #[tokio::test]
    async fn what_must_hold_is_looked_at_more_than_once() {
        let mut looks = 0;
        let outcome = holds("patience", Duration::from_secs(1), async || {
            looks += 1;
            ensure!(looks < 3, "look {looks}");
            Ok(())
        })
        .await;
        assert!(outcome.is_err());
    }
}
