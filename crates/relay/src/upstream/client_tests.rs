//! The client against a server that answers as it is told.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use tokio::net::TcpListener;
use vobiz::Uuid;
use vobiz::log::{Direction, Status};
use vobiz::rest::{Action, ActionRequest, InitiateRequest};

use super::{LogQuery, Uncertainty, Upstream, UpstreamError, VobizClient};
use crate::config::Credentials;
use crate::secret::Secret;

/// A request as it came in.
struct Seen {
    line: String,
    headers: Vec<(String, String)>,
    body: String,
}

struct Server {
    base: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// A server that answers everything with the same response.
async fn server(status: u16, headers: &'static [(&'static str, &'static str)], body: String) -> Server {
    let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
    let noted = seen.clone();
    let answer = move |request: Request<Body>| {
        let (noted, body) = (noted.clone(), body.clone());
        async move {
            let (parts, sent) = request.into_parts();
            let sent = to_bytes(sent, 1 << 20).await.unwrap();
            let headers_seen = parts
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect();
            noted.lock().unwrap().push(Seen {
                line: format!("{} {}", parts.method, parts.uri),
                headers: headers_seen,
                body: String::from_utf8(sent.to_vec()).unwrap(),
            });
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(*name, *value);
            }
            response.body(Body::from(body)).unwrap()
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/api/v1/messaging", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    Server { base, seen }
}

impl Server {
    fn client(&self) -> VobizClient {
        let account = Credentials::Account { id: "MA_TEST".to_owned(), token: Secret::new("hush") };
        VobizClient::new(&self.base, Some(&account)).unwrap()
    }

    fn lines(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|seen| seen.line.clone()).collect()
    }

    fn header(&self, name: &str) -> Option<String> {
        let seen = self.seen.lock().unwrap();
        let headers = &seen.last().unwrap().headers;
        headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone())
    }
}

fn initiate() -> InitiateRequest {
    InitiateRequest {
        channel_id: "3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f".parse().unwrap(),
        to: vobiz::Number::parse("+919876543210").unwrap(),
        sdp_offer: "v=0\r\n".to_owned(),
    }
}

async fn error_of(
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: &str,
) -> UpstreamError {
    let server = server(status, headers, body.to_owned()).await;
    let error = server.client().initiate(&initiate()).await.unwrap_err();
    assert_eq!(server.lines().len(), 1, "an initiate is sent once");
    error
}

#[tokio::test]
async fn requests_are_the_references_own() {
    let body = r#"{"call_id":"d5e6","from":"+911140001234","to":"+919876543210","status":"initiated","direction":"outbound"}"#;
    let server = server(201, &[], body.to_owned()).await;
    let response = server.client().initiate(&initiate()).await.unwrap();
    assert_eq!(response.call_id, "d5e6");
    assert_eq!(server.lines(), ["POST /api/v1/messaging/calls/whatsapp"]);
    assert_eq!(server.header("x-auth-id").as_deref(), Some("MA_TEST"));
    assert_eq!(server.header("x-auth-token").as_deref(), Some("hush"));
    assert_eq!(server.header("content-type").as_deref(), Some("application/json"));
    assert_eq!(
        server.seen.lock().unwrap()[0].body,
        r#"{"channel_id":"3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f","to":"+919876543210","sdp_offer":"v=0\r\n"}"#
    );
}

#[tokio::test]
async fn a_bearer_token_goes_alone() {
    let server = server(200, &[], r#"{"items":[]}"#.to_owned()).await;
    let bearer = Credentials::Bearer(Secret::new("hush"));
    VobizClient::new(&server.base, Some(&bearer)).unwrap().channels().await.unwrap();
    assert_eq!(server.header("authorization").as_deref(), Some("Bearer hush"));
    assert_eq!(server.header("x-auth-id"), None);
    assert_eq!(server.lines(), ["GET /api/v1/messaging/channels/whatsapp"]);
}

#[tokio::test]
async fn filters_go_into_the_query() {
    let server = server(200, &[], r#"{"items":[],"total":0,"page":2,"limit":50}"#.to_owned()).await;
    let query = LogQuery {
        page: 2,
        limit: 50,
        direction: Some(Direction::Inbound),
        status: Some(Status::PreAccepted),
    };
    server.client().logs(&query).await.unwrap();
    assert_eq!(
        server.lines(),
        ["GET /api/v1/messaging/calls/whatsapp/logs?page=2&limit=50&direction=inbound&status=pre_accepted"]
    );
}

#[tokio::test]
async fn an_action_says_what_and_with_what() {
    let server = server(200, &[], r#"{"call_id":"x","action":"reject","success":true}"#.to_owned()).await;
    let channel_id = Uuid::nil();
    let request = ActionRequest { channel_id, call_id: "x".to_owned(), action: Action::Reject, sdp: None };
    assert!(server.client().action(&request).await.unwrap().success);
    assert_eq!(server.lines(), ["POST /api/v1/messaging/calls/whatsapp/action"]);
}

#[tokio::test]
async fn webhooks_are_registered_and_removed() {
    let server = server(201, &[], r#"{"id":"w1","url":"https://example.test/w"}"#.to_owned()).await;
    let client = server.client();
    let request = vobiz::subscription::SubscribeRequest {
        url: "https://example.test/w".to_owned(),
        secret: "s".to_owned(),
    };
    assert_eq!(client.subscribe(&request).await.unwrap().id, "w1");
    client.unsubscribe("w1").await.unwrap();
    assert!(client.unsubscribe("../channels").await.unwrap_err().says_not_found());
    assert_eq!(server.lines(), ["POST /api/v1/messaging/webhooks", "DELETE /api/v1/messaging/webhooks/w1"]);
}

#[tokio::test]
async fn refusals_are_read_whatever_their_shape() {
    let error = error_of(400, &[], r#"{"error":{"code":138006,"message":"m"}}"#).await;
    let UpstreamError::Refused { status: 400, fault, .. } = error else { panic!("{error:?}") };
    assert_eq!(fault.code, Some(138_006));
    let error = error_of(429, &[("retry-after", "7")], "slow down").await;
    let UpstreamError::Refused { status: 429, retry_after: Some(wait), .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(wait.as_secs(), 7);
    let error = error_of(502, &[], r#"{"error":"meta: code 138001"}"#).await;
    assert!(matches!(error, UpstreamError::Refused { status: 502, .. }), "{error:?}");
    // A redirect is not followed: it would carry the credentials away.
    let error = error_of(307, &[("location", "http://127.0.0.1:1/")], "").await;
    assert!(matches!(error, UpstreamError::Refused { status: 307, .. }), "{error:?}");
}

#[tokio::test]
async fn what_leaves_the_outcome_open_says_so() {
    let unknown = UpstreamError::Unknown;
    assert_eq!(error_of(503, &[], "<html>busy</html>").await, unknown(Uncertainty::ServerError(503)));
    assert_eq!(error_of(408, &[], "").await, unknown(Uncertainty::Timeout));
    assert_eq!(error_of(201, &[], "<html>ok</html>").await, unknown(Uncertainty::Nonsense));
    assert_eq!(
        error_of(201, &[], &"x".repeat(super::client::MAX_BODY + 1)).await,
        unknown(Uncertainty::TooLarge)
    );
}

#[tokio::test]
async fn what_was_never_sent_says_so_and_names_no_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client =
        VobizClient::new(&format!("http://{address}/x"), Some(&Credentials::Bearer(Secret::new("h"))))
            .unwrap();
    let error = client.initiate(&initiate()).await.unwrap_err();
    assert_eq!(error, UpstreamError::Unreachable);
    let shown = format!("{error} {error:?} {:?}", wire::Problem::from(&error));
    assert!(!shown.contains(&address.port().to_string()), "{shown}");
    let nobody = VobizClient::new("https://api.example.test", None).unwrap();
    assert_eq!(nobody.channels().await.unwrap_err(), UpstreamError::NotConfigured);
    for wrong in ["", "api.example.test", "ftp://example.test"] {
        assert!(VobizClient::new(wrong, None).is_err(), "{wrong}");
    }
}
