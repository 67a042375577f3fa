//! Bodies: bounded in size and time, JSON, and every field checked by name.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderMap, Request, header},
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use serde_json::{Map, Value};
use tokio::time;

use super::ApiError;

/// Longest time a body may take to arrive. The largest takes two seconds on a line of
/// half a megabit.
const ARRIVES_WITHIN: Duration = Duration::from_secs(10);

/// The fields of a JSON object.
#[derive(Debug)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a request's body of at most `limit` bytes.
    pub(crate) async fn read(request: Request<Body>, limit: usize) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::not_json());
        }
        Self::parse(&read(request, limit).await?)
    }

    fn parse(body: &[u8]) -> Result<Self, ApiError> {
        const WANTED: &str = "Send a JSON object.";
        if body.trim_ascii().is_empty() {
            return Err(ApiError::unreadable("The body is empty", WANTED));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(ApiError::unreadable("The body is not a JSON object", WANTED)),
            // Serde's own words could repeat what was sent, a password for one.
            Err(error) => Err(ApiError::unreadable(
                format!("The body is not JSON: line {}, column {}", error.line(), error.column()),
                WANTED,
            )),
        }
    }

    /// A text that has to be there.
    pub(crate) fn text(&mut self, name: &str) -> Result<String, ApiError> {
        self.optional_text(name)?.ok_or_else(|| ApiError::invalid(name, "is missing."))
    }

    /// A text that may be left out or null.
    pub(crate) fn optional_text(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                Err(ApiError::invalid(name, "must be text."))
            }
        }
    }
}

/// Reads a body of at most `limit` bytes, exactly as it came.
pub(crate) async fn read(request: Request<Body>, limit: usize) -> Result<Bytes, ApiError> {
    // Who says beforehand that it is too much need not send it.
    let told = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|told| told > limit as u64) {
        return Err(ApiError::too_large(limit));
    }
    time::timeout(ARRIVES_WITHIN, collect(request.into_body(), limit))
        .await
        .map_err(|_| ApiError::too_slow())?
}

async fn collect(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let mut chunks = body.into_data_stream();
    let mut all = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk =
            chunk.map_err(|_| ApiError::unreadable("The body broke off", "Send the request again."))?;
        if all.len() + chunk.len() > limit {
            return Err(ApiError::too_large(limit));
        }
        all.extend_from_slice(&chunk);
    }
    Ok(all.freeze())
}

/// `application/json`, whatever its parameters.
fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}
