//! Every door of the relay.
//!
//! From the outside in: security headers → request id, log and count → origin →
//! session → budget → handler. A handler checks every field before anything else
//! learns of the request.

mod board;
mod body;
mod budget;
mod calls;
mod guard;
mod headers;
mod health;
mod login;
mod logs;
mod observe;
mod oidc;
mod openapi;
mod problem;
pub(crate) mod query;
mod sessions;
mod webhook;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, get, post},
};
use wire::{BOARD_PATH, IceServer, PAGE_ACTION_PATH, PAGE_CALLS_PATH, PAGE_LOGS_PATH, Problem};

use crate::{
    Secret, app,
    app::App,
    auth::{CALLBACK_PATH, Hasher, Provider, SessionKeeper, Throttle},
    channels::Channels,
    config::{Agents, Origin},
    desk::Desk,
    events::{self, Ahead, Sockets},
    metrics::Metrics,
    stop::Stopping,
    upstream::{Upstream, UpstreamError},
};
pub(crate) use budget::{Bucket, Budgets};
pub(crate) use guard::Signed;
pub(crate) use problem::ApiError;

/// What all handlers share.
pub(crate) struct Parts {
    pub(crate) origin: Origin,
    pub(crate) agents: Agents,
    pub(crate) sessions: SessionKeeper,
    pub(crate) hasher: Hasher,
    /// A provider that agents may sign in by.
    pub(crate) provider: Option<Provider>,
    pub(crate) throttle: Throttle,
    pub(crate) budgets: Budgets,
    pub(crate) ice_servers: Vec<IceServer>,
    pub(crate) channels: Arc<Channels>,
    pub(crate) webhook_secret: Option<Secret>,
    pub(crate) desk: Desk,
    pub(crate) upstream: Arc<dyn Upstream>,
    pub(crate) sockets: Arc<Sockets>,
    pub(crate) ahead: Ahead,
    pub(crate) app: Arc<App>,
    pub(crate) metrics: Arc<Metrics>,
    /// Becomes true when the relay stops.
    pub(crate) stopping: Stopping,
}

/// [`Parts`], as handlers get them.
pub(crate) type Shared = Arc<Parts>;

/// A path and what it takes.
type Door = (&'static str, MethodRouter<Shared>);

/// For who is signed in, within their budget.
fn calls() -> Vec<Door> {
    vec![
        (PAGE_CALLS_PATH, post(calls::initiate)),
        (PAGE_ACTION_PATH, post(calls::action)),
        (PAGE_LOGS_PATH, get(logs::logs)),
    ]
}

/// For supervisors.
fn supervisors() -> Vec<Door> {
    vec![(BOARD_PATH, get(board::board))]
}

/// For who is signed in.
fn signed_in() -> Vec<Door> {
    vec![
        ("/api/session", get(login::current)),
        (wire::SESSIONS_PATH, get(sessions::list).delete(sessions::end_all)),
        ("/api/sessions/{id}", delete(sessions::end_one)),
        ("/api/events", get(events::open)),
    ]
}

/// For pages of the own origin.
fn own_origin() -> Vec<Door> {
    vec![("/api/login", post(login::login)), ("/api/logout", post(login::logout))]
}

/// For everybody.
fn open() -> Vec<Door> {
    vec![
        ("/webhooks/vobiz", post(webhook::receive)),
        ("/healthz", get(health::live)),
        ("/readyz", get(health::ready)),
        ("/metrics", get(health::metrics)),
        ("/api/openapi.json", get(openapi::document)),
        (wire::SIGN_IN_PATH, get(oidc::ways)),
        (oidc::START_PATH, get(oidc::start)),
        (CALLBACK_PATH, get(oidc::callback)),
    ]
}

fn routed(doors: Vec<Door>) -> Router<Shared> {
    doors.into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods))
}

/// All routes.
pub(crate) fn router(state: Shared) -> Router {
    let calls = routed(calls()).route_layer(from_fn_with_state(state.clone(), guard::within_budget));
    let supervisors = routed(supervisors()).route_layer(from_fn(guard::supervises));
    let signed_in = routed(signed_in())
        .merge(calls)
        .merge(supervisors)
        .route_layer(from_fn_with_state(state.clone(), guard::signed_in));
    let own_origin = routed(own_origin())
        .merge(signed_in)
        .route_layer(from_fn_with_state(state.clone(), guard::own_origin));
    routed(open())
        .merge(own_origin)
        .fallback(everything_else)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(state.clone(), observe::observe))
        .layer(from_fn_with_state(state.clone(), headers::secure))
        .with_state(state)
}

/// The app, or nothing where only machines look.
async fn everything_else(State(state): State<Shared>, request: Request) -> Response {
    const NO_PAGES: [&str; 2] = ["/api", "/webhooks"];
    let path = request.uri().path();
    let is_page = !NO_PAGES.iter().any(|prefix| path == *prefix || path.starts_with(&format!("{prefix}/")));
    if !is_page {
        return ApiError::not_found("There is no such address").into_response();
    }
    let bundle = state.app.current().await;
    app::reply(&bundle, request.method(), path, request.headers())
}

/// The router itself adds `Allow`.
async fn wrong_method() -> ApiError {
    ApiError::wrong_method()
}

/// A problem that reaches the page from the upstream.
pub(crate) fn upstream(error: &UpstreamError) -> ApiError {
    tracing::warn!(%error, "upstream");
    Problem::from(error).into()
}
