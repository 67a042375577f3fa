//! The business channels: which are configured, and what upstream tells of them.
//!
//! Webhooks name a number by Meta's `phone_number_id`; only upstream's channel list
//! says which channel that is. It is asked for in the background from the start on.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::time;
use vobiz::{Uuid, channel::Channel};
use wire::ChannelInfo;

use crate::{
    desk::Desk,
    upstream::{Upstream, UpstreamError},
};

/// The first pause after a failure; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause between two tries while upstream can't be asked: until it can, every
/// webhook is refused, and upstream gives the first call up within half a minute.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// The same when it was asked and has no such channel: somebody has to change something.
const LONGEST_IF_MISSING: Duration = Duration::from_mins(1);

/// What is known of the configured channels.
#[derive(Debug)]
pub(crate) struct Channels {
    configured: Vec<Uuid>,
    told: RwLock<Told>,
}

#[derive(Debug)]
struct Told {
    channels: HashMap<Uuid, Channel>,
    standing: Standing,
}

/// Whether upstream told of the channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It was not asked yet.
    Asking,
    /// It told of all.
    Known,
    /// It told of others than this one.
    Missing(Uuid),
    /// It could not be asked.
    Failing(String),
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asking => f.write_str("not asked yet"),
            Self::Known => f.write_str("ok"),
            Self::Missing(channel) => {
                write!(f, "the account has no channel {channel}: check VOBIZ_CHANNEL_ID")
            }
            Self::Failing(problem) => f.write_str(problem),
        }
    }
}

impl Channels {
    /// Channels of which only the identifier is known.
    pub(crate) fn new(configured: Vec<Uuid>) -> Self {
        Self { configured, told: RwLock::new(Told { channels: HashMap::new(), standing: Standing::Asking }) }
    }

    /// The channel of a request: the one it names, the first one when it names none.
    /// `None` when the named one is not configured.
    pub(crate) fn pick(&self, named: Option<Uuid>) -> Option<Uuid> {
        match named {
            Some(channel) => self.configured.contains(&channel).then_some(channel),
            None => self.configured.first().copied(),
        }
    }

    /// The configured channels as the page shows them, in their order.
    pub(crate) fn shown(&self) -> Vec<ChannelInfo> {
        let told = self.told.read().unwrap_or_else(PoisonError::into_inner);
        let info = |id: &Uuid| {
            let channel = told.channels.get(id);
            ChannelInfo {
                id: id.to_string(),
                phone_number: channel.and_then(|channel| channel.phone_number.clone()),
                display_name: channel.and_then(|channel| channel.display_name.clone()),
            }
        };
        self.configured.iter().map(info).collect()
    }

    /// Whether upstream told of them.
    pub(crate) fn standing(&self) -> Standing {
        self.told.read().unwrap_or_else(PoisonError::into_inner).standing.clone()
    }

    /// Asks upstream until it has told of every channel, and tells the desk each time.
    pub(crate) async fn learn(self: Arc<Self>, upstream: Arc<dyn Upstream>, desk: Desk) {
        let mut pause = FIRST_PAUSE;
        loop {
            let standing = match upstream.channels().await {
                Ok(list) => {
                    let ours = self.ours(list.items);
                    if desk.learn_channels(ours.clone()).await.is_err() {
                        // The desk has ended, and so will this.
                        return;
                    }
                    self.take(ours)
                }
                Err(error) => Standing::Failing(words(&error)),
            };
            let is_known = standing == Standing::Known;
            let is_news = self.set(standing.clone());
            if is_known {
                tracing::info!("upstream told of every channel");
                return;
            }
            if is_news {
                tracing::warn!(%standing, "upstream did not tell of every channel; asking again");
            }
            time::sleep(pause).await;
            let longest =
                if let Standing::Missing(_) = standing { LONGEST_IF_MISSING } else { LONGEST_PAUSE };
            pause = (pause * 2).min(longest);
        }
    }

    fn ours(&self, items: Vec<Channel>) -> Vec<Channel> {
        items.into_iter().filter(|item| self.configured.contains(&item.id)).collect()
    }

    fn take(&self, ours: Vec<Channel>) -> Standing {
        let mut told = self.told.write().unwrap_or_else(PoisonError::into_inner);
        told.channels = ours.into_iter().map(|channel| (channel.id, channel)).collect();
        let missing = self.configured.iter().find(|id| !told.channels.contains_key(id));
        missing.map_or(Standing::Known, |id| Standing::Missing(*id))
    }

    fn set(&self, standing: Standing) -> bool {
        let mut told = self.told.write().unwrap_or_else(PoisonError::into_inner);
        let is_news = told.standing != standing;
        told.standing = standing;
        is_news
    }
}

/// The error without anything that upstream itself said.
fn words(error: &UpstreamError) -> String {
    match error {
        UpstreamError::Refused { status: 401 | 403, .. } => {
            "upstream refused the credentials: check VOBIZ_AUTH_ID and VOBIZ_AUTH_TOKEN".to_owned()
        }
        UpstreamError::Refused { .. }
        | UpstreamError::Unknown(_)
        | UpstreamError::Unreachable
        | UpstreamError::NotConfigured => error.to_string(),
    }
}
