//! The listener: Vobiz's REST endpoints for the relay, control API and console
//! for the person at this machine.

mod auth;
mod chaos;
mod console;
mod control;
mod guard;
mod note;
mod problem;
mod rest;

pub(crate) use chaos::Disturbance;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::{Router, middleware};
use tokio::net::TcpListener;

use crate::exchange::Exchange;
use crate::tasks::Tasks;

/// Base path of the REST endpoints.
pub(crate) const BASE_PATH: &str = "/api/v1/messaging";

/// Largest request body: a description of the longest accepted size as JSON.
const MAX_BODY: usize = 64 * 1_024;

/// Everything that is served.
fn router(exchange: Arc<Exchange>) -> Router {
    let local = Router::new()
        .merge(console::routes())
        .nest("/control", control::routes())
        .layer(middleware::from_fn(guard::local_only));
    Router::new()
        .nest(BASE_PATH, rest::routes(&exchange))
        .merge(local)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(exchange)
}

/// Serves until the simulator stops.
pub(crate) async fn serve(listener: TcpListener, exchange: Arc<Exchange>, tasks: Tasks) {
    let service = router(exchange).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(tasks.stopped()).await;
    if let Err(error) = served {
        tracing::error!(%error, "the listener failed");
    }
}
