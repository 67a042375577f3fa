//! A connection to upstream that stands when an answer needs one.
//!
//! Servers close connections that nobody uses, after a minute or so. To make a new one takes
//! several round trips, TLS among them; the caller would hear silence for as long after the
//! click. So it is made while it rings.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::upstream::Upstream;

/// How long a connection is trusted to stay open: half of what servers usually allow.
const STAYS: Duration = Duration::from_secs(30);

/// When upstream was last asked something for its connection's sake.
#[derive(Debug, Default)]
pub(super) struct Warm {
    asked: Option<Instant>,
}

impl Warm {
    /// It rings here: asks upstream for the least that it can be asked for, unless it was
    /// just asked.
    pub(super) fn up(&mut self, upstream: &Arc<dyn Upstream>, now: Instant) {
        if self.asked.is_some_and(|asked| now.duration_since(asked) < STAYS) {
            return;
        }
        self.asked = Some(now);
        let upstream = upstream.clone();
        tokio::spawn(async move {
            // What is wrong with upstream shows where it matters.
            if let Err(error) = upstream.channels().await {
                tracing::debug!(%error, "no connection to upstream ahead of an answer");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::task::yield_now;
    use tokio::time::{Instant, advance};

    use super::{STAYS, Warm};
    use crate::upstream::Upstream;
    use crate::upstream::fake::FakeUpstream;

    #[tokio::test(start_paused = true)]
    async fn upstream_is_asked_ahead_of_an_answer_and_not_for_each() {
        let fake = Arc::new(FakeUpstream::new());
        let upstream: Arc<dyn Upstream> = fake.clone();
        let mut warm = Warm::default();
        for (later, asked) in [(STAYS, 1), (STAYS / 2, 1), (STAYS / 2, 2)] {
            advance(later).await;
            warm.up(&upstream, Instant::now());
            yield_now().await;
            assert_eq!(fake.channel_lists(), asked);
        }
    }
}
