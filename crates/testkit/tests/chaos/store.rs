//! The journal that the relays of a run keep, and what stands in it at the end.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use relay::Secret;
use relay::journal::{NatsJournal, SqliteJournal};
use serde_json::Value;
use testkit::Nats;
use tokio::time::sleep;

use crate::check;
use crate::plan::Engine;
use crate::relays::Relays;

/// How long what is due upstream may take to be settled, when nothing disturbs any more.
const REST: Duration = Duration::from_secs(90);
/// How long that takes usually: an initiate is looked up for seven seconds.
const SETTLES_WITHIN: Duration = Duration::from_secs(8);
/// Between two looks at a journal that others keep meanwhile.
const LOOK: Duration = Duration::from_millis(500);

/// A new journal.
pub enum Store {
    /// In a file.
    File(PathBuf),
    /// On a server, which ends with this.
    Server(Nats),
}

impl Store {
    pub fn new(engine: Engine, folder: &Path) -> Self {
        match engine {
            Engine::Sqlite => Self::File(folder.join("journal.db")),
            Engine::Nats => Self::Server(Nats::start().unwrap()),
        }
    }

    /// As `RELAY_JOURNAL` takes it.
    pub fn address(&self) -> String {
        match self {
            Self::File(path) => format!("sqlite:{}", path.display()),
            Self::Server(nats) => nats.address(),
        }
    }

    /// The facts, once nothing is due upstream any more: what is, relays are given time for.
    pub async fn settled(&self, relays: &Relays) -> Vec<Value> {
        let begun = Instant::now();
        loop {
            let facts = self.facts(relays).await;
            if check::due(&facts).is_empty() || begun.elapsed() > REST {
                return facts;
            }
            match self {
                // Its file is one relay's alone.
                Self::File(_) => {
                    relays.start(0).await;
                    sleep(SETTLES_WITHIN).await;
                }
                Self::Server(_) => sleep(LOOK).await,
            }
        }
    }

    async fn facts(&self, relays: &Relays) -> Vec<Value> {
        match self {
            Self::File(path) => {
                relays.stop(0);
                check::facts(&SqliteJournal::open(path.clone()).await.unwrap()).await
            }
            Self::Server(nats) => {
                let servers = [Secret::new(nats.address())];
                check::facts(&NatsJournal::open(&servers, 1).await.unwrap()).await
            }
        }
    }
}
