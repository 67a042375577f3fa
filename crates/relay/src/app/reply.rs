//! Answers a request for a file or a page of the app.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{Bundle, asset::Asset, asset::Variant, negotiate};
use crate::http::ApiError;

/// Kept for a year, the longest that RFC 9111 knows a use for, and never asked for again.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Asked for each time, and answered with 304 while it has not changed.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// What a visitor reads before the page was built.
const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Softphone</title>\n\
    <h1>The page is not built yet</h1>\n\
    <p>The relay is running, but there is no page to show. In the project's folder run\n\
    <code>cargo xtask start</code>, which builds it and starts everything; or <code>trunk build</code>,\n\
    then load this address again. <code>RELAY_APP</code> names another folder.</p>\n";

/// The file of a path; the start file for a path that is a page's. Else 404.
pub(crate) fn reply(bundle: &Bundle, method: &Method, path: &str, headers: &HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return ApiError::read_only().into_response();
    }
    let path = path.trim_start_matches('/');
    if let Some(asset) = bundle.file(path) {
        return send(asset, headers);
    }
    if !is_page(path) {
        return ApiError::not_found("There is no such file").into_response();
    }
    match bundle.index() {
        Some(index) => send(index, headers),
        None => {
            let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            (StatusCode::SERVICE_UNAVAILABLE, kind, NOT_BUILT).into_response()
        }
    }
}

/// Whether a path is one of the page's own routes: their last part has no dot, a
/// file's has one.
fn is_page(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    !last.contains('.') || path == "index.html"
}

fn send(asset: &Asset, headers: &HeaderMap) -> Response {
    let chosen = negotiate::acceptable(headers)
        .into_iter()
        .find_map(|wanted| asset.compressed.iter().find(|(encoding, _)| *encoding == wanted));
    let (encoding, variant) = match chosen {
        Some((encoding, variant)) => (Some(encoding.token()), variant),
        None => (None, &asset.plain),
    };
    let is_known = is_known(headers, variant);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(variant.body.clone()))
    };
    let out = response.headers_mut();
    out.insert(header::ETAG, variant.etag.clone());
    out.insert(header::CACHE_CONTROL, if asset.is_hashed { FOREVER } else { ASK_AGAIN });
    if !asset.compressed.is_empty() {
        out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    if !is_known {
        out.insert(header::CONTENT_TYPE, asset.content_type.clone());
        if let Some(encoding) = encoding {
            out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
    }
    response
}

/// `If-None-Match`, RFC 9110 section 13.1.2: compared weakly.
fn is_known(headers: &HeaderMap, variant: &Variant) -> bool {
    let Ok(etag) = variant.etag.to_str() else { return false };
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|value| value.trim().trim_start_matches("W/"))
        .any(|value| value == etag || value == "*")
}
