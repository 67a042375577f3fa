//! Finding one call in the upstream's log.

use vobiz::Number;
use vobiz::log::{CallLog, Direction, Status};

use super::{LogQuery, Upstream, UpstreamError};

/// Rows of the first look: a recent call is among them when the log begins with the
/// newest.
const RECENT_ROWS: u32 = 50;

/// How far a call has come that is not over. The log's order is not documented; asking
/// for these alone finds a live call in any order, because few calls are live at once.
const LIVE: [Status; 4] = [Status::Ringing, Status::Initiated, Status::PreAccepted, Status::Accepted];

/// The row of the call that Meta calls `wacid`, whatever its state.
///
/// # Errors
///
/// As [`Upstream::logs`].
pub async fn find_by_meta_id(
    upstream: &dyn Upstream,
    wacid: &str,
    direction: Direction,
) -> Result<Option<CallLog>, UpstreamError> {
    find(upstream, direction, |row| row.meta_call_id.as_deref() == Some(wacid)).await
}

/// The row of the call that goes by this `id` in the log, whatever its state.
///
/// # Errors
///
/// As [`Upstream::logs`].
pub async fn find_by_id(
    upstream: &dyn Upstream,
    id: &str,
    direction: Direction,
) -> Result<Option<CallLog>, UpstreamError> {
    find(upstream, direction, |row| row.id == id).await
}

/// The row of a call to `to` that is not over. There is at most one, because the
/// upstream allows one call for each pair (error 138003).
///
/// # Errors
///
/// As [`Upstream::logs`].
pub async fn find_live_outbound(
    upstream: &dyn Upstream,
    channel: vobiz::Uuid,
    to: &Number,
) -> Result<Option<CallLog>, UpstreamError> {
    find(upstream, Direction::Outbound, |row| {
        row.channel_id.is_none_or(|own| own == channel)
            && row.to_number.as_deref() == Some(to.as_str())
            && row.status.as_ref().is_some_and(|status| LIVE.contains(status))
            // One reading of the log leaves a finished call `accepted`.
            && !row.is_over()
    })
    .await
}

async fn find(
    upstream: &dyn Upstream,
    direction: Direction,
    wanted: impl Fn(&CallLog) -> bool,
) -> Result<Option<CallLog>, UpstreamError> {
    for status in std::iter::once(None).chain(LIVE.map(Some)) {
        let query = LogQuery { page: 1, limit: RECENT_ROWS, direction: Some(direction.clone()), status };
        if let Some(row) = upstream.logs(&query).await?.items.into_iter().find(|row| wanted(row)) {
            return Ok(Some(row));
        }
    }
    Ok(None)
}
