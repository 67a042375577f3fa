//! Keeps everybody but the person at this machine from control and console.
//!
//! They have no password, so three doors are closed: connections from other
//! machines, names that resolve to this machine for the sake of an attack, and
//! other sites that are open in the same browser.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// Refuses what does not come from this machine's own pages or tools.
pub(super) async fn local_only(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    if !peer.ip().to_canonical().is_loopback() {
        return refuse("control and console can be used only on this machine");
    }
    let headers = request.headers();
    let host = text(headers, HOST.as_str()).unwrap_or_default();
    if !is_loopback_authority(host) {
        return refuse("use localhost or 127.0.0.1 as the address");
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && is_cross_site(headers, host) {
        return refuse("requests from other sites are refused");
    }
    next.run(request).await
}

fn is_cross_site(headers: &HeaderMap, host: &str) -> bool {
    if let Some(origin) = text(headers, ORIGIN.as_str()) {
        let same = origin
            .parse::<Uri>()
            .ok()
            .is_some_and(|origin| origin.authority().is_some_and(|authority| authority.as_str() == host));
        if !same {
            return true;
        }
    }
    // Tools send none of these; browsers send them always.
    text(headers, "sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"))
}

fn is_loopback_authority(host: &str) -> bool {
    let Ok(uri) = host.parse::<Uri>() else {
        return false;
    };
    uri.host().is_some_and(|name| {
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        name.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn refuse(why: &'static str) -> Response {
    Problem::plain(StatusCode::FORBIDDEN, "forbidden", why).into_response()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn only_names_of_this_machine_pass() {
        for host in ["localhost:8090", "127.0.0.1", "127.0.0.1:8090", "[::1]:8090"] {
            assert!(is_loopback_authority(host), "{host}");
        }
        for host in ["", "evil.example:8090", "localhost.evil.example", "192.0.2.1"] {
            assert!(!is_loopback_authority(host), "{host}");
        }
    }

    #[test]
    fn other_sites_are_told_apart() {
        let headers = |pairs: &[(&'static str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in pairs {
                map.insert(*name, value.parse().unwrap());
            }
            map
        };
        let host = "127.0.0.1:8090";
        assert!(!is_cross_site(&headers(&[]), host));
        assert!(!is_cross_site(&headers(&[("origin", "http://127.0.0.1:8090")]), host));
        assert!(is_cross_site(&headers(&[("origin", "http://127.0.0.1:8080")]), host));
        assert!(is_cross_site(&headers(&[("origin", "null")]), host));
        assert!(is_cross_site(&headers(&[("sec-fetch-site", "same-site")]), host));
    }
}
