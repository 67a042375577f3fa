//! `GET /api/calls/whatsapp/logs`: the upstream's log, less what a page needs not.

use axum::{
    Json,
    extract::{RawQuery, State},
};
use vobiz::log::{DEFAULT_LIMIT, Direction, LogPage, Status};
use wire::Problem;

use super::{ApiError, Shared, query};
use crate::upstream::{self, LogQuery, UpstreamError};

/// Most rows of a page. The upstream documents no maximum; this is ours, so that one
/// request stays small.
const MAX_LIMIT: u32 = 100;

/// Passes the question on.
pub(super) async fn logs(
    State(state): State<Shared>,
    RawQuery(raw): RawQuery,
) -> Result<Json<LogPage>, ApiError> {
    let wanted = read(raw.as_deref().unwrap_or_default())?;
    match upstream::read_log(state.upstream.as_ref(), &wanted).await {
        Ok(page) => Ok(Json(without_sdp(page))),
        Err(error) if error.is_unknown() => {
            tracing::warn!(%error, "the log could not be read");
            Err(unreadable(&error).into())
        }
        Err(error) => Err(super::upstream(&error)),
    }
}

/// What an agent reads: nothing was asked for that could be half done.
fn unreadable(error: &UpstreamError) -> Problem {
    let known = Problem::from(error);
    let title = "The call log can't be read at the moment";
    Problem::new(known.kind, known.status, title, "Vobiz gave no usable answer. Try again in a moment.")
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
