//! `GET /api/calls/whatsapp/logs`: the upstream's log, less what a page needs not.

use axum::{
    Json,
    extract::{RawQuery, State},
};
use vobiz::log::{DEFAULT_LIMIT, Direction, LogPage, Status};

use super::{ApiError, Shared, query};
use crate::upstream::LogQuery;

/// Most rows of a page. The upstream documents no maximum; this is ours, so that one
/// request stays small.
const MAX_LIMIT: u32 = 100;

/// Passes the question on.
pub(super) async fn logs(
    State(state): State<Shared>,
    RawQuery(raw): RawQuery,
) -> Result<Json<LogPage>, ApiError> {
    let wanted = read(raw.as_deref().unwrap_or_default())?;
    let page = state.upstream.logs(&wanted).await.map_err(|error| super::upstream(&error))?;
    Ok(Json(without_sdp(page)))
}

fn read(raw: &str) -> Result<LogQuery, ApiError> {
    let mut pairs = query::Pairs::parse(raw)?;
    let wanted = LogQuery {
        page: pairs.number("page", 1, u32::MAX)?.unwrap_or(1),
        limit: pairs.number("limit", 1, MAX_LIMIT)?.unwrap_or(DEFAULT_LIMIT),
        direction: pairs.one_of("direction", Direction::KNOWN, Direction::as_str)?,
        status: pairs.one_of("status", Status::KNOWN, Status::as_str)?,
    };
    pairs.done()?;
    Ok(wanted)
}

/// Session descriptions carry addresses of people and keys, and are most of a row's
/// weight. What the reference does not name may hold more of them.
fn without_sdp(mut page: LogPage) -> LogPage {
    for row in &mut page.items {
        row.offer_sdp = None;
        row.answer_sdp = None;
        row.ice_candidates = None;
        row.extra.clear();
    }
    page
}
