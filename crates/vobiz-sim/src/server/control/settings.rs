//! Switches, times, limits and disturbances while the simulator runs.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use super::super::problem::Problem;
use super::Shared;
use crate::settings::{MediaChaos, Settings, Switches};

/// The settings and what each switch can be.
#[derive(Serialize)]
pub(super) struct SettingsView {
    #[serde(flatten)]
    settings: Settings,
    choices: BTreeMap<&'static str, &'static [&'static str]>,
}

impl SettingsView {
    fn new(settings: &Settings) -> Self {
        Self { settings: settings.clone(), choices: Switches::ALL.into_iter().collect() }
    }
}

/// The settings that hold now.
pub(super) async fn get(State(exchange): Shared) -> Json<SettingsView> {
    Json(SettingsView::new(&exchange.settings()))
}

/// Changes what the body names, all of it or nothing.
pub(super) async fn patch(State(exchange): Shared, body: Bytes) -> Result<Json<SettingsView>, Problem> {
    let patch: Value = serde_json::from_slice(&body).map_err(|error| Problem::field("body", error))?;
    let settings =
        exchange.change(&patch).map_err(|error| Problem::field(&error.path.clone(), error.what))?;
    Ok(Json(SettingsView::new(&settings)))
}

/// Settings and people as at the start.
pub(super) async fn reset(State(exchange): Shared) -> Json<SettingsView> {
    Json(SettingsView::new(&exchange.reset()))
}

/// Disturbs the media of one call; what the body leaves out is undisturbed.
pub(super) async fn disturb(
    State(exchange): Shared,
    Path(wacid): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let chaos: MediaChaos = serde_json::from_slice(&body).map_err(|error| Problem::field("body", error))?;
    chaos.check().map_err(|error| Problem::field(&error.path.clone(), error.what))?;
    exchange.disturb(&wacid, chaos)?;
    Ok(StatusCode::NO_CONTENT)
}
