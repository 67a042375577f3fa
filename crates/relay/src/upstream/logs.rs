//! Reading the upstream's log, and finding one call in it.

use std::time::Duration;

use tokio::time::sleep;
use vobiz::Number;
use vobiz::log::{CallLog, Direction, LogPage, Status};

use super::{LogQuery, Uncertainty, Upstream, UpstreamError};

/// Rows of the first look: a recent call is among them when the log begins with the
/// newest.
const RECENT_ROWS: u32 = 50;

/// How far a call has come that is not over. The log's order is not documented; asking
/// for these alone finds a live call in any order, because few calls are live at once.
const LIVE: [Status; 4] = [Status::Ringing, Status::Initiated, Status::PreAccepted, Status::Accepted];

/// How often one question is asked while the answers can't be used. Reading changes
/// nothing, so it may be repeated before anything follows from it.
const TRIES: u32 = 3;

/// Pause before the question is asked again: short beside a person's patience.
const PAUSE: Duration = Duration::from_millis(250);

/// One page of the log, asked for again where an answer is of no use.
///
/// # Errors
///
/// As [`Upstream::logs`], the last of them.
pub async fn read_log(upstream: &dyn Upstream, query: &LogQuery) -> Result<LogPage, UpstreamError> {
    for _ in 1..TRIES {
        match upstream.logs(query).await {
            Err(error) if may_pass(&error) => sleep(PAUSE).await,
            settled => return settled,
        }
    }
    upstream.logs(query).await
}

fn may_pass(error: &UpstreamError) -> bool {
    match error {
        // Whoever waited for a reply in vain has waited long enough.
        UpstreamError::Unknown(why) => *why != Uncertainty::Timeout,
        UpstreamError::Unreachable => true,
        UpstreamError::Refused { .. } | UpstreamError::NotConfigured => false,
    }
}

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
        if let Some(row) = read_log(upstream, &query).await?.items.into_iter().find(|row| wanted(row)) {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::upstream::fake::{Asked, FakeUpstream, refused, row, timed_out};

    async fn look(errors: &[UpstreamError]) -> (Result<Option<CallLog>, UpstreamError>, usize) {
        let upstream = FakeUpstream::new();
        upstream.log_row(row("log-1", "wacid.in", "inbound", "accepted"));
        for error in errors {
            upstream.next_log_fails(error.clone());
        }
        let found = find_by_meta_id(&upstream, "wacid.in", Direction::Inbound).await;
        assert!(upstream.asked().iter().all(|asked| *asked == Asked::Logs));
        (found, upstream.asked().len())
    }

    #[tokio::test]
    async fn an_answer_of_no_use_is_asked_for_again() {
        let broken = UpstreamError::Unknown(Uncertainty::Nonsense);
        let (found, asked) = look(&[UpstreamError::Unreachable, broken]).await;
        assert_eq!((found.unwrap().unwrap().id.as_str(), asked), ("log-1", 3));
        let (found, asked) = look(&[const { UpstreamError::Unreachable }; 5]).await;
        assert_eq!((found, asked), (Err(UpstreamError::Unreachable), 3));
    }

    #[tokio::test]
    async fn what_will_not_pass_is_asked_once() {
        for error in [timed_out(), refused(403, "{}"), UpstreamError::NotConfigured] {
            assert_eq!(look(std::slice::from_ref(&error)).await, (Err(error), 1));
        }
    }
}
