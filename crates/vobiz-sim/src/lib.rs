//! A stand-in for the Vobiz API, for development and tests: the same REST
//! endpoints and signed webhooks, and behind them people whose handsets are
//! real WebRTC peers.
//!
//! [`Simulator::start`] runs one inside any tokio program; the binary of the
//! same name is a thin shell around it. The pieces, from the outside in:
//! `server` (REST, control API, console), `exchange` (the life of a call: a
//! pure book that decides, a shell that carries out), `webhooks`, `store` (the
//! call log) and `handset` (a sans-I/O peer and the task that drives it).

mod clock;
mod exchange;
mod handset;
mod ids;
mod journal;
mod options;
mod people;
pub mod scenario;
mod server;
mod settings;
mod stage;
mod store;
mod tasks;
mod webhooks;

use std::net::SocketAddr;
use std::sync::Arc;

use thiserror::Error;
use tokio::net::TcpListener;

pub use options::{
    Business, Credentials, DEFAULT_PORT, DEFAULT_SEED_ROWS, InitialWebhook, Options, media_ip,
};
pub use people::{Behaviour, Person, usual_people};
pub use settings::{
    Access, ActionId, AnswerSetup, Chaos, ConnectionLoss, CredentialKinds, DEFAULT_ACCEPT_WINDOW,
    DEFAULT_RING_WINDOW, Delays, ErrorBody, FIRST_MEDIA_LIMIT, FinishedStatus, Flow, Limits, LogSdp,
    MEDIA_GAP_LIMIT, MediaChaos, Numbers, PayloadShape, RestChaos, SettingError, Settings, SilenceCodes,
    StatusCase, Switches, Timing, WebhookChaos,
};
pub use webhooks::WebhookError;

use exchange::Exchange;
use tasks::Tasks;
use webhooks::Webhooks;

/// Why a simulator did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address can't be listened on.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// A webhook that was to be registered from the start is refused.
    #[error("the webhook {url} can't be registered: {source}")]
    Webhook {
        /// Its address.
        url: String,
        /// What is wrong with it.
        source: WebhookError,
    },
    /// Webhooks can't be delivered at all.
    #[error(transparent)]
    Client(WebhookError),
}

/// Starts simulators.
#[derive(Debug)]
pub struct Simulator;

impl Simulator {
    /// Starts a simulator in tasks of the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When the address is taken or an initial webhook is refused.
    pub async fn start(options: Options) -> Result<Running, StartError> {
        let address = options.listen;
        let fault = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(fault)?;
        let address = listener.local_addr().map_err(fault)?;

        let tasks = Tasks::new();
        let webhooks =
            Webhooks::new(options.credentials.auth_id.clone(), tasks.clone()).map_err(StartError::Client)?;
        for webhook in &options.webhooks {
            webhooks
                .register(&webhook.url, &webhook.secret)
                .map_err(|source| StartError::Webhook { url: webhook.url.clone(), source })?;
        }
        let exchange = Exchange::open(options, Arc::new(webhooks), tasks.clone());
        tasks.spawn(server::serve(listener, exchange, tasks.clone()));
        Ok(Running {
            address,
            base_url: format!("http://{address}{}", server::BASE_PATH),
            control_url: format!("http://{address}"),
            tasks,
        })
    }
}

/// A simulator at work. Dropping it stops it; [`Running::shutdown`] also waits
/// until nothing of it is left.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Base of the REST endpoints, `http://HOST:PORT/api/v1/messaging`.
    pub base_url: String,
    /// The console page's address; the control API is below it at `/control`.
    pub control_url: String,
    tasks: Tasks,
}

impl Running {
    /// Stops the simulator and waits until its tasks are gone.
    pub async fn shutdown(self) {
        self.tasks.shut_down().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tasks.stop();
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("address", &self.address).finish_non_exhaustive()
    }
}
