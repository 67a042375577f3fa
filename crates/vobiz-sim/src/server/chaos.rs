//! Requests that take long, hang, break off or fail, as the settings say.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt as _, stream};
use tokio::time::sleep;

use super::problem::Problem;
use crate::exchange::Exchange;
use crate::settings::{Dice, RestChaos};

/// Over how long requests are counted for the rate limit.
const MINUTE: Duration = Duration::from_secs(60);

/// Largest reply that can break off in the middle: a page of the log.
const LARGEST_REPLY: usize = 1_024 * 1_024;

/// What is remembered from request to request.
#[derive(Debug, Default)]
pub(crate) struct Disturbance {
    /// Requests so far; each has dice of its own.
    count: AtomicU64,
    /// Requests that still fail after one did.
    burst: AtomicU32,
    /// When the minute began, and the requests in it.
    minute: Mutex<Option<(Instant, u32)>>,
}

impl Disturbance {
    /// For how many seconds no further request is within the limit; 0 limits nothing.
    fn wait(&self, limit: u32) -> Option<u64> {
        if limit == 0 {
            return None;
        }
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let (began, count) = minute.filter(|(began, _)| now - *began < MINUTE).unwrap_or((now, 0));
        *minute = Some((began, count.saturating_add(1)));
        // Whoever comes back at the full second before the end would be refused again.
        (count >= limit).then(|| (began + MINUTE - now).as_secs() + 1)
    }

    /// Whether a request fails: by its own dice, or in the burst after one that did.
    fn fails(&self, dice: Dice, chaos: &RestChaos) -> bool {
        let take = |left: u32| left.checked_sub(1);
        if self.burst.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
            return true;
        }
        let fails = dice.strikes("error", chaos.error);
        if fails {
            self.burst.store(chaos.burst, Ordering::Relaxed);
        }
        fails
    }
}

/// Lets a request through, disturbed.
pub(super) async fn disturbed(
    State(exchange): State<Arc<Exchange>>,
    request: Request,
    next: Next,
) -> Response {
    let settings = exchange.settings();
    let disturbance = exchange.disturbance();
    if let Some(wait) = disturbance.wait(settings.limits.requests_per_minute) {
        return Problem::too_many(wait).into_response();
    }
    let chaos = &settings.chaos.rest;
    let number = disturbance.count.fetch_add(1, Ordering::Relaxed);
    let dice = Dice::new(chaos.seed, &number.to_string());
    if dice.strikes("latency", chaos.latency) {
        sleep(chaos.latency_max.mul_f64(dice.share("how late"))).await;
    }
    if disturbance.fails(dice, chaos) {
        if dice.strikes("carried out", CARRIED_OUT) {
            drop(next.run(request).await);
        }
        let (status, words) = failure(dice);
        return Problem::plain(status, "upstream", words).into_response();
    }
    let reply = next.run(request).await;
    if dice.strikes("hang", chaos.hang) {
        sleep(chaos.hang_time).await;
    }
    if dice.strikes("reset", chaos.reset) { broken_off(reply).await } else { reply }
}

/// How many of the requests that are answered with 5xx are carried out all the same.
const CARRIED_OUT: f64 = 0.5;

fn failure(dice: Dice) -> (StatusCode, &'static str) {
    match dice.share("which") {
        ..0.34 => (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong"),
        ..0.67 => (StatusCode::BAD_GATEWAY, "Meta did not answer"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "Try again later"),
    }
}

/// Until the first half of a reply has left.
const ON_THE_WIRE: Duration = Duration::from_millis(50);

/// The reply with its second half missing: the connection breaks there.
async fn broken_off(reply: Response) -> Response {
    let (mut parts, body) = reply.into_parts();
    let Ok(whole) = to_bytes(body, LARGEST_REPLY).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    parts.headers.insert(CONTENT_LENGTH, whole.len().into());
    let half: Bytes = whole.slice(..whole.len() / 2);
    let broken = stream::once(async {
        sleep(ON_THE_WIRE).await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    Response::from_parts(parts, Body::from_stream(stream::iter([Ok(half)]).chain(broken)))
}
