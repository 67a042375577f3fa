//! Tells every task that the relay stops.

use tokio::sync::watch;

/// Says it.
#[derive(Debug)]
pub(crate) struct Stop(watch::Sender<bool>);

/// Hears it.
#[derive(Debug, Clone)]
pub(crate) struct Stopping(watch::Receiver<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// Somebody who hears it, now or later.
    pub(crate) fn listener(&self) -> Stopping {
        Stopping(self.0.subscribe())
    }

    /// The relay stops.
    pub(crate) fn say(&self) {
        self.0.send_replace(true);
    }
}

impl Stopping {
    /// Waits until the relay stops, or is gone altogether.
    pub(crate) async fn heard(&mut self) {
        // An error means that nobody is left to say it.
        let _ = self.0.wait_for(|stops| *stops).await;
    }
}
