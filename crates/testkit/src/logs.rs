//! What relay and simulator log while a case runs, kept for the case that fails.

use std::io::Write;
use std::sync::{Mutex, OnceLock, PoisonError};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Most that is kept of one case; what is older goes first.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// What is logged when the environment (`RUST_LOG`) says nothing else.
const USUAL_FILTER: &str = "info,relay=debug,vobiz_sim=debug,str0m=warn";

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static STARTED: OnceLock<()> = OnceLock::new();

/// Collects everything that this process logs, from now on.
pub(crate) fn collect() {
    STARTED.get_or_init(|| {
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(USUAL_FILTER));
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .with_writer(Collector)
            .finish();
        // Fails only when a test has set one of its own; then that one is used.
        let _ = tracing_subscriber::util::SubscriberInitExt::try_init(subscriber);
    });
}

/// Takes what was collected since the last time.
pub(crate) fn take() -> Vec<u8> {
    std::mem::take(&mut *LOG.lock().unwrap_or_else(PoisonError::into_inner))
}

struct Collector;

impl Write for Collector {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let mut log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() + line.len() > MOST_BYTES {
            let half = log.len() / 2;
            log.drain(..half);
        }
        log.extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Collector {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}
