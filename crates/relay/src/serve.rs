//! Puts the parts together, accepts connections, and stops in good order.

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use switchboard::RelayId;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task, time,
};
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::{
    app::App,
    auth::{
        Hasher, NatsSessions, Provider, SessionKeeper, SessionStore, SqliteSessions, StoreError, Throttle,
    },
    channels::Channels,
    clock,
    config::{Config, Journal},
    desk::{Desk, DeskError, DeskSettings, Names},
    events::{Ahead, Sockets},
    http::{self, Budgets, Parts},
    journal::{self, JournalError, NatsJournal, SqliteJournal},
    metrics::{self, MeteredJournal, MeteredUpstream, Metrics},
    stop::{Stop, Stopping},
    upstream::{ClientError, Upstream, VobizClient},
};

/// Longest time for a request's line and headers, waiting for it to begin included:
/// how long a connection may idle between requests.
const HEADERS_WITHIN: Duration = Duration::from_secs(30);
/// Largest request line and headers, in bytes: far more than a browser with our one
/// cookie sends.
const MAX_HEADERS: usize = 32 * 1024;
/// Most connections at once; further ones wait to be accepted.
const MAX_CONNECTIONS: u32 = 20_000;
/// How long requests in flight may take once the relay stops.
const STOPS_WITHIN: Duration = Duration::from_secs(5);
/// How long a session that was ended at another relay may go on at this one.
const SESSIONS_EVERY: Duration = Duration::from_secs(2);
/// Pause after the system could not give a connection, such as for want of files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why the relay can't run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The journal can't be opened.
    #[error(
        "RELAY_JOURNAL: {0}. Example: RELAY_JOURNAL=sqlite:softphone.db, or RELAY_JOURNAL=nats://127.0.0.1:4222"
    )]
    Journal(#[from] JournalError),
    /// What is in the journal can't be taken up.
    #[error("RELAY_JOURNAL: {0}. Example: RELAY_JOURNAL=sqlite:softphone.db")]
    Desk(#[from] DeskError),
    /// It can't be read which sessions were ended.
    #[error("RELAY_JOURNAL: {0}. Example: RELAY_JOURNAL=sqlite:softphone.db")]
    Sessions(#[from] StoreError),
    /// A metric can't be made.
    #[error("the metrics can't be set up: {0}")]
    Metrics(#[from] metrics::Error),
    /// The provider can't be asked.
    #[error("RELAY_OIDC_ISSUER: {0}")]
    Provider(String),
    /// The upstream client can't be made.
    #[error("VOBIZ_BASE_URL: {0}")]
    Upstream(#[from] ClientError),
}

/// Runs the relay until `shutdown` ends, then lets requests in flight finish.
///
/// # Errors
///
/// When it can't begin.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let stop = Stop::default();
    let parts = assemble(&config, stop.listener()).await?;
    let learning = task::spawn(parts.channels.clone().learn(parts.upstream.clone(), parts.desk.clone()));
    let refreshing = task::spawn(refresh(parts.clone()));
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, origin = %config.origin, "listening");
    }
    accept(http::router(parts.clone()), listener, shutdown, stop, &parts.sockets).await;
    learning.abort();
    refreshing.abort();
    parts.desk.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Takes in again and again which sessions were ended at other relays.
async fn refresh(parts: Arc<Parts>) {
    loop {
        time::sleep(SESSIONS_EVERY).await;
        if let Err(error) = parts.sessions.refresh(clock::now()).await {
            tracing::debug!(%error, "the sessions of other relays could not be read");
        }
        // Their pages at this relay learn of it, too.
        parts.sockets.sign_out_where(|agent, id, since| parts.sessions.was_ended(agent, id, since));
    }
}

async fn assemble(config: &Config, stopping: Stopping) -> Result<Arc<Parts>, ServeError> {
    let metrics = Arc::new(Metrics::new()?);
    let client = VobizClient::new(&config.upstream.base_url, Some(&config.upstream.credentials))?;
    let upstream: Arc<dyn Upstream> = Arc::new(MeteredUpstream::new(Arc::new(client), metrics.clone()));
    let (journal, store): (Arc<dyn journal::Journal>, Arc<dyn SessionStore>) = match &config.journal {
        Journal::Sqlite(path) => {
            let store = SqliteSessions::open(SqliteSessions::beside(path)).await?;
            (Arc::new(SqliteJournal::open(path.clone()).await?), Arc::new(store))
        }
        Journal::Nats { servers, replicas } => {
            let journal = NatsJournal::open(servers, *replicas).await?;
            let store = NatsSessions::open(&journal, config.sessions.longest).await?;
            (Arc::new(journal), Arc::new(store))
        }
    };
    let journal: Arc<dyn journal::Journal> = Arc::new(MeteredJournal::new(journal, metrics.clone()));
    let sessions = SessionKeeper::open(config, store, clock::now()).await?;
    let agents = config.agents.clone();
    let names = Names::new(move |username| agents.find(username.as_str()).map(|agent| agent.name.clone()));
    let settings = DeskSettings {
        routing: config.routing,
        when_nobody: config.when_nobody,
        wrap_up_ms: u64::try_from(config.wrap_up.as_millis()).unwrap_or(u64::MAX),
        keep: config.journal_keep,
        relay: journal.is_shared().then(|| RelayId(Uuid::new_v4().to_string())),
        ..DeskSettings::new(config.channels.clone(), names)
    };
    let desk = Desk::open(journal, upstream.clone(), settings).await?;
    Ok(Arc::new(Parts {
        origin: config.origin.clone(),
        agents: config.agents.clone(),
        sessions,
        hasher: Hasher::default(),
        provider: provider(config)?,
        throttle: Throttle::default(),
        budgets: Budgets::new(config.call_requests),
        ice_servers: config.ice_servers.clone(),
        channels: Arc::new(Channels::new(config.channels.clone())),
        webhook_secret: config.webhook_secret.clone(),
        desk,
        upstream,
        sockets: Arc::default(),
        ahead: Ahead::default(),
        app: Arc::new(App::load(config)),
        metrics,
        stopping,
    }))
}

#[cfg(feature = "oidc")]
fn provider(config: &Config) -> Result<Option<Provider>, ServeError> {
    let made = config.oidc.clone().map(|provider| Provider::new(provider, &config.origin)).transpose();
    made.map_err(|error| ServeError::Provider(error.to_string()))
}

/// The configuration refuses a provider that can't be asked.
#[cfg(not(feature = "oidc"))]
fn provider(_: &Config) -> Result<Option<Provider>, ServeError> {
    Ok(None)
}

async fn accept(
    router: Router,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
    stop: Stop,
    sockets: &Sockets,
) {
    let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS as usize));
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let place = tokio::select! {
            place = connections.clone().acquire_owned() => place,
            () = &mut shutdown => break,
        };
        // The semaphore is never closed.
        let Ok(place) = place else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, address)) => connect(&router, stream, address, place, stop.listener()),
            Err(error) => rest(&error).await,
        }
    }
    drop(listener);
    tracing::info!("stopping");
    // Sockets say goodbye, so that pages come back at once to whoever is next.
    stop.say();
    if time::timeout(STOPS_WITHIN, all_gone(&connections, sockets)).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

async fn all_gone(connections: &Semaphore, sockets: &Sockets) {
    /// How often it is looked whether the sockets have gone.
    const LOOK: Duration = Duration::from_millis(10);
    // All places are free when no connection has one.
    let _ = connections.acquire_many(MAX_CONNECTIONS).await;
    while sockets.count() > 0 {
        time::sleep(LOOK).await;
    }
}

fn connect(
    router: &Router,
    stream: TcpStream,
    address: SocketAddr,
    place: OwnedSemaphorePermit,
    mut stopping: Stopping,
) {
    // Events are small and must not wait for more of them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let router = router.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(address));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(MAX_HEADERS)
        // A page that is being closed sends its hang-up and is gone: what it asked for is
        // done all the same.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    task::spawn(async move {
        let _place = place;
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stopping.heard() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        // A client that goes away is no failure of ours.
        if let Err(error) = ended {
            tracing::debug!(%error, "connection");
        }
    });
}

/// A client that was gone before it was accepted is nothing; anything else may need time.
async fn rest(error: &io::Error) {
    let is_clients = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    );
    if !is_clients {
        tracing::warn!(%error, "no connection could be accepted");
        time::sleep(ACCEPT_PAUSE).await;
    }
}
