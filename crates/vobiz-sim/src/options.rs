//! How a simulator is set up.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::time::Duration;

use uuid::{Uuid, uuid};

use crate::people::{Person, usual_people};
use crate::settings::Settings;

/// The port that guides and the start command name.
pub const DEFAULT_PORT: u16 = 8090;

/// Rows of history that a log starts with.
pub const DEFAULT_SEED_ROWS: u32 = 5_000;

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
    /// What can be changed later on.
    pub settings: Settings,
    /// Rows of history in the log.
    pub seed_rows: u32,
    /// Addresses registered from the start.
    pub webhooks: Vec<InitialWebhook>,
    /// A folder of scenarios whose far end can be played from the console.
    pub scenarios: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            media_ip: media_ip(),
            credentials: Credentials::default(),
            businesses: vec![Business::default()],
            people: usual_people(),
            settings: Settings::default(),
            seed_rows: DEFAULT_SEED_ROWS,
            webhooks: Vec::new(),
            scenarios: None,
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
