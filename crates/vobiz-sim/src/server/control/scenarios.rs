//! Scenarios whose far end is played from the console.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use tokio::task::spawn_blocking;

use super::super::problem::Problem;
use super::Shared;
use crate::exchange::Exchange;
use crate::scenario::{Folder, Listed, ScenarioError};
use crate::stage::{self, StageView};

/// Every scenario there is.
#[derive(Serialize)]
pub(super) struct Scenarios {
    scenarios: Vec<Listed>,
}

/// Every scenario; none where no folder was named.
pub(super) async fn list(State(exchange): Shared) -> Result<Json<Scenarios>, Problem> {
    let Some(folder) = folder(&exchange) else { return Ok(Json(Scenarios { scenarios: Vec::new() })) };
    let scenarios = read(move || folder.list()).await?;
    Ok(Json(Scenarios { scenarios }))
}

/// Plays the far end of one, from a fresh start.
pub(super) async fn play(
    State(exchange): Shared,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<StageView>), Problem> {
    let unknown = |what: &str| Problem::plain(StatusCode::NOT_FOUND, "not_found", what);
    let folder =
        folder(&exchange).ok_or_else(|| unknown("the simulator was started without --scenarios FOLDER"))?;
    let asked = name.clone();
    let scenario = read(move || folder.read(&asked))
        .await?
        .ok_or_else(|| unknown(&format!("there is no scenario {name:?} in the folder")))?;
    let refused = |why: String| Problem::plain(StatusCode::CONFLICT, "not_playable", &why);
    Ok((StatusCode::ACCEPTED, Json(stage::play(&exchange, &name, &scenario).map_err(refused)?)))
}

fn folder(exchange: &Arc<Exchange>) -> Option<Folder> {
    exchange.options().scenarios.clone().map(Folder)
}

/// Reads files where that holds up no request.
async fn read<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ScenarioError> + Send + 'static,
) -> Result<T, Problem> {
    let fault = |words: String| Problem::plain(StatusCode::CONFLICT, "not_readable", &words);
    spawn_blocking(work)
        .await
        .map_err(|error| fault(error.to_string()))?
        .map_err(|error| fault(error.to_string()))
}
