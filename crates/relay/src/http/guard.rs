//! What stands before every handler: origin, session, budget.

use std::{net::IpAddr, net::SocketAddr, time::Instant};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{Extensions, HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use wire::{AgentName, Role};

use super::{ApiError, Shared};
use crate::{
    auth::{Claims, Standing},
    clock,
    config::{Agent, Origin},
};

/// Who makes a request.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    pub(crate) agent: Agent,
    /// Renewed already, where that was due.
    pub(crate) claims: Claims,
}

/// Lets through what the app's own pages send: everything that only reads, and state
/// changes and sockets that come from this origin.
pub(super) async fn own_origin(State(state): State<Shared>, request: Request, next: Next) -> Response {
    let is_socket = request.headers().contains_key(header::UPGRADE);
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) && !is_socket;
    if is_read || is_own(&state.origin, request.headers()) {
        next.run(request).await
    } else {
        ApiError::foreign_origin().into_response()
    }
}

/// Whether a request comes from a page of this origin, or from no page at all: a
/// browser always says where a state change comes from, in `Origin` or in
/// `Sec-Fetch-Site` (<https://www.w3.org/TR/fetch-metadata/>). A program that sends
/// neither is nobody's browser, so nobody's cookie can be abused through it.
fn is_own(origin: &Origin, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("(not text)"));
    let mut origins = headers.get_all(header::ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (Some(only), None) => {
            only.to_str().is_ok_and(|only| origin.allows(only))
                && text("sec-fetch-site") != Some("cross-site")
        }
        (Some(_), Some(_)) => false,
        (None, _) => matches!(text("sec-fetch-site"), None | Some("same-origin" | "none")),
    }
}

/// Lets through who is signed in, and renews the session when that is due.
pub(super) async fn signed_in(State(state): State<Shared>, mut request: Request, next: Next) -> Response {
    let now = clock::now();
    let Some((mut signed, standing)) = who(&state, request.headers(), now) else {
        return ApiError::signed_out().into_response();
    };
    let cookie = match standing {
        Standing::Over => return ApiError::signed_out().into_response(),
        Standing::Fresh => None,
        Standing::Renewable => {
            state.sessions.renew(&mut signed.claims, &signed.agent.username, now).await;
            state.sessions.seal(&signed.claims, now)
        }
    };
    request.extensions_mut().insert(signed);
    let response = next.run(request).await;
    match cookie {
        Some(cookie) => (cookie, response).into_response(),
        None => response,
    }
}

/// Lets through supervisors only.
pub(super) async fn supervises(request: Request, next: Next) -> Response {
    match request.extensions().get::<Signed>().map(|signed| signed.agent.role) {
        Some(Role::Supervisor) => next.run(request).await,
        Some(Role::Agent) | None => ApiError::not_allowed().into_response(),
    }
}

/// Bounds what one agent can ask for.
pub(super) async fn within_budget(State(state): State<Shared>, request: Request, next: Next) -> Response {
    let name = request.extensions().get::<Signed>().map(|signed| signed.agent.username.clone());
    match name.map_or(Ok(()), |name: AgentName| state.budgets.take(&name, Instant::now())) {
        Ok(()) => next.run(request).await,
        Err(wait) => ApiError::too_many("Too many requests", wait).into_response(),
    }
}

/// The session of a request and how it stands.
pub(super) fn who(state: &Shared, headers: &HeaderMap, now: wire::UnixMillis) -> Option<(Signed, Standing)> {
    let claims = state.sessions.unseal(headers)?;
    let agent = state.agents.find(&claims.username)?.clone();
    let is_watched = state.sockets.has(&claims.id);
    let standing = state.sessions.standing(&claims, &agent, now, is_watched);
    Some((Signed { agent, claims }, standing))
}

/// Where a request comes from. A proxy on this machine is believed when it names the
/// client; a proxy elsewhere is one address for everybody behind it.
pub(super) fn client_address(extensions: &Extensions, headers: &HeaderMap) -> IpAddr {
    let peer = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    if !peer.is_loopback() {
        return peer;
    }
    // The last entry is the one that the proxy itself wrote.
    headers
        .get_all("x-forwarded-for")
        .iter()
        .next_back()
        .and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok())
        .unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::is_own;
    use crate::config::Origin;

    #[test]
    fn only_own_pages_and_programs_pass() {
        let Ok(origin) = Origin::parse("https://phone.example.com") else { return };
        for (from, site, expected) in [
            (Some("https://phone.example.com"), None, true),
            (Some("https://phone.example.com"), Some("same-origin"), true),
            (Some("https://phone.example.com"), Some("cross-site"), false),
            (Some("https://evil.example"), None, false),
            (Some("https://evil.example"), Some("same-origin"), false),
            (Some("null"), Some("cross-site"), false),
            (Some("http://localhost:8080"), None, false),
            (None, Some("same-origin"), true),
            (None, Some("same-site"), false),
            (None, Some("cross-site"), false),
            (None, None, true),
        ] {
            let mut headers = HeaderMap::new();
            from.map(|from| headers.insert("origin", HeaderValue::from_static(from)));
            site.map(|site| headers.insert("sec-fetch-site", HeaderValue::from_static(site)));
            assert_eq!(is_own(&origin, &headers), expected, "{from:?} {site:?}");
        }
    }
}
