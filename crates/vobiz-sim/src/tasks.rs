//! All tasks of one simulator, so that a shutdown leaves none behind.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long a shutdown waits for tasks to end by themselves.
const GRACE: Duration = Duration::from_secs(2);

/// Spawns tasks that end when the simulator does.
#[derive(Clone)]
pub(crate) struct Tasks {
    stop: Arc<watch::Sender<bool>>,
    set: Arc<Mutex<JoinSet<()>>>,
}

impl Tasks {
    pub(crate) fn new() -> Self {
        Self { stop: Arc::new(watch::Sender::new(false)), set: Arc::default() }
    }

    /// Runs a task until it ends or the simulator stops. After the stop nothing
    /// is started any more.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if *self.stop.borrow() {
            return;
        }
        let stopped = self.stopped();
        let mut set = self.set.lock().unwrap_or_else(PoisonError::into_inner);
        // Ended tasks are let go here, so that the set does not grow with the
        // number of calls ever made.
        while set.try_join_next().is_some() {}
        set.spawn(async move {
            tokio::select! {
                () = task => {}
                () = stopped => {}
            }
        });
    }

    /// Resolves when the simulator stops.
    pub(crate) fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut stop = self.stop.subscribe();
        async move {
            // The sender lives as long as any holder of the tasks; without one
            // there is nothing left to run for either.
            let _ = stop.wait_for(|stopped| *stopped).await;
        }
    }

    /// Tells every task to end.
    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Stops and waits until every task is gone.
    pub(crate) async fn shut_down(&self) {
        self.stop();
        let mut set = std::mem::take(&mut *self.set.lock().unwrap_or_else(PoisonError::into_inner));
        let ended = timeout(GRACE, async { while set.join_next().await.is_some() {} }).await;
        if ended.is_err() {
            set.shutdown().await;
        }
    }
}
