//! `GET /api/openapi.json`: the relay's doors for programs.
//!
//! Kept by hand and checked against the router and against real replies by tests:
//! handlers read their bodies field by field, so that a wrong one is named, and there are
//! no types of requests that a document could be derived from.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

/// OpenAPI 3.1.
const DOCUMENT: &str = include_str!("openapi.json");

/// The document.
pub(super) async fn document() -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], DOCUMENT).into_response()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::{
        super::{calls, open, own_origin, signed_in, supervisors},
        DOCUMENT,
    };

    #[test]
    fn every_door_is_in_it_and_nothing_else() {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let documented: BTreeSet<&str> =
            document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        let doors: Vec<&str> = [calls(), supervisors(), signed_in(), own_origin(), open()]
            .into_iter()
            .flatten()
            .map(|(path, _)| path)
            .collect();
        assert_eq!(documented, doors.into_iter().collect());
    }
}
