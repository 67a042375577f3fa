//! How a simulator is set up.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use uuid::{Uuid, uuid};

use crate::people::{Person, usual_people};

/// The port that guides and the start command name.
pub const DEFAULT_PORT: u16 = 8090;

/// Rows of history that a log starts with.
pub const DEFAULT_SEED_ROWS: u32 = 5_000;

/// How long the business may take to accept; Meta gives about 30 to 60 s.
pub const DEFAULT_ACCEPT_WINDOW: Duration = Duration::from_secs(45);

/// How long a called person's phone rings before WhatsApp gives up.
pub const DEFAULT_RING_WINDOW: Duration = Duration::from_secs(45);

/// How long after an initiate the far end's answer is reported, and that it rings.
const USUAL_ANSWER_DELAY: Duration = Duration::from_millis(150);
const USUAL_RINGING_DELAY: Duration = Duration::from_millis(250);

/// Without media for this long from the pick-up on a call ends (138021).
pub const FIRST_MEDIA_LIMIT: Duration = Duration::from_secs(20);

/// Without media for this long later on a call ends (138022).
pub const MEDIA_GAP_LIMIT: Duration = Duration::from_secs(30);

/// Concurrent calls of a business number (138002).
const MAX_CALLS: usize = 1_000;

/// What a caller of the REST endpoints must show.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Value of `X-Auth-ID`, which is also the account.
    pub auth_id: String,
    /// Value of `X-Auth-Token`.
    pub auth_token: String,
    /// The token that is taken instead, as `Authorization: Bearer`.
    pub bearer: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("auth_id", &self.auth_id).finish_non_exhaustive()
    }
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            auth_id: "MA_SIMDEMO".into(),
            auth_token: "sim-demo-token".into(),
            bearer: "sim-demo-bearer".into(),
        }
    }
}

/// A business number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Business {
    /// Vobiz's channel.
    pub channel_id: Uuid,
    /// WhatsApp Business account.
    pub waba_id: String,
    /// Meta's identifier of the number, as webhooks carry it.
    pub phone_number_id: String,
    /// The number, E.164.
    pub phone_number: String,
    /// The name that people see.
    pub display_name: String,
}

impl Default for Business {
    fn default() -> Self {
        Self {
            channel_id: uuid!("3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f"),
            waba_id: "102290129340398".into(),
            phone_number_id: "109876543210987".into(),
            phone_number: "+911140001234".into(),
            display_name: "Demo Traders".into(),
        }
    }
}

/// Which identifier of a call `/action` takes; the reference leaves it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ActionId {
    /// Only Vobiz's own, from the initiate's answer or the log.
    Uuid,
    /// Only Meta's, from the webhook.
    Wacid,
    /// Either.
    #[default]
    Both,
}

/// Which of the two documented shapes a webhook's payload has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PayloadShape {
    /// Meta's whole object, `object/entry[]/changes[]/value`.
    #[default]
    WholeObject,
    /// The inner `value` alone.
    InnerValue,
}

/// Timing of WhatsApp's side of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long the business may take to accept.
    pub accept_window: Duration,
    /// How long a called person's phone rings.
    pub ring_window: Duration,
    /// From an initiate to the answer's webhook.
    pub answer_delay: Duration,
    /// From an initiate to the ringing webhook.
    pub ringing_delay: Duration,
    /// Without media from the pick-up on.
    pub first_media_limit: Duration,
    /// Without media later on.
    pub media_gap_limit: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            accept_window: DEFAULT_ACCEPT_WINDOW,
            ring_window: DEFAULT_RING_WINDOW,
            answer_delay: USUAL_ANSWER_DELAY,
            ringing_delay: USUAL_RINGING_DELAY,
            first_media_limit: FIRST_MEDIA_LIMIT,
            media_gap_limit: MEDIA_GAP_LIMIT,
        }
    }
}

/// An address that is registered from the start.
#[derive(Clone, PartialEq, Eq)]
pub struct InitialWebhook {
    /// Where to deliver.
    pub url: String,
    /// Key of the signature.
    pub secret: String,
}

impl std::fmt::Debug for InitialWebhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InitialWebhook").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Everything that a simulator is started with. [`Options::default`] listens on
/// a free loopback port.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where REST, control API and console are served; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where handsets listen. Not loopback if Firefox is to call: it sends
    /// nothing to loopback candidates.
    pub media_ip: IpAddr,
    /// What callers of the REST endpoints must show.
    pub credentials: Credentials,
    /// The business numbers; the first is the one that is rung by default.
    pub businesses: Vec<Business>,
    /// The people.
    pub people: Vec<Person>,
    /// Timing of WhatsApp's side.
    pub timing: Timing,
    /// Rows of history in the log.
    pub seed_rows: u32,
    /// Addresses registered from the start.
    pub webhooks: Vec<InitialWebhook>,
    /// Which identifiers `/action` takes.
    pub action_id: ActionId,
    /// The shape of webhook payloads.
    pub payload_shape: PayloadShape,
    /// Concurrent calls of the account (138002).
    pub max_calls: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            media_ip: media_ip(),
            credentials: Credentials::default(),
            businesses: vec![Business::default()],
            people: usual_people(),
            timing: Timing::default(),
            seed_rows: DEFAULT_SEED_ROWS,
            webhooks: Vec::new(),
            action_id: ActionId::default(),
            payload_shape: PayloadShape::default(),
            max_calls: MAX_CALLS,
        }
    }
}

impl Options {
    /// Lets every person react after the same time.
    #[must_use]
    pub fn with_reaction(mut self, reaction: Duration) -> Self {
        for person in &mut self.people {
            person.reaction = reaction;
        }
        self
    }

    /// Registers an address from the start.
    #[must_use]
    pub fn with_webhook(mut self, url: impl Into<String>, secret: impl Into<String>) -> Self {
        self.webhooks.push(InitialWebhook { url: url.into(), secret: secret.into() });
        self
    }
}

/// The address of the interface that leads out of this machine, else loopback.
pub fn media_ip() -> IpAddr {
    // Connecting a UDP socket sends nothing; it only asks the routing table
    // which interface would be used. The target is a documentation address.
    let outward = || -> std::io::Result<IpAddr> {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.connect((Ipv4Addr::new(198, 51, 100, 1), 9))?;
        Ok(socket.local_addr()?.ip())
    };
    outward().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}
