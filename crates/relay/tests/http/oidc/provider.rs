//! A provider in a test's hands: does discovery, PKCE and signatures for real, and errs on
//! request.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use axum::{
    Form, Json, Router,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use openidconnect::{
    Audience, EmptyAdditionalClaims, EndUserEmail, IssuerUrl, JsonWebKeyId, Nonce, PrivateSigningKey as _,
    StandardClaims, SubjectIdentifier,
    core::{
        CoreEdDsaPrivateSigningKey, CoreIdToken, CoreIdTokenClaims, CoreJsonWebKeySet,
        CoreJwsSigningAlgorithm,
    },
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

pub const CLIENT: &str = "softphone";
pub const CLIENT_SECRET: &str = "the-clients-secret-f00d";

/// What is wrong with the next token, if anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    None,
    Nonce,
    Audience,
    Issuer,
    Expired,
    Key,
    Unsigned,
    UnverifiedEmail,
    Stranger,
    NoToken,
}

struct Asked {
    challenge: String,
    nonce: String,
}

pub struct Inner {
    issuer: String,
    flaw: Mutex<Flaw>,
    asked: Mutex<HashMap<String, Asked>>,
    /// Seed of the key that signs; changes when keys are rotated.
    seed: Mutex<u8>,
    /// How often it was asked for its keys.
    pub keys_asked: Mutex<u32>,
}

pub struct Provider {
    pub inner: Arc<Inner>,
}

impl Provider {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let inner = Arc::new(Inner {
            issuer: format!("http://{address}"),
            flaw: Mutex::new(Flaw::None),
            asked: Mutex::default(),
            seed: Mutex::new(7),
            keys_asked: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { inner }
    }

    pub fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    pub fn err_with(&self, flaw: Flaw) {
        *self.inner.flaw.lock().unwrap() = flaw;
    }

    pub fn rotate_keys(&self) {
        *self.inner.seed.lock().unwrap() += 1;
    }
}

/// An Ed25519 key of a seed, as PKCS#8 (RFC 8410, section 7).
fn key(seed: u8) -> CoreEdDsaPrivateSigningKey {
    const PREFIX: [u8; 16] =
        [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    let der = [&PREFIX[..], &[seed; 32]].concat();
    let label = ["PRIVATE", "KEY"].join(" ");
    let pem = format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der));
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new(format!("key-{seed}"))))
        .unwrap()
}

async fn discovery(State(inner): State<Arc<Inner>>) -> Json<Value> {
    let issuer = &inner.issuer;
    Json(json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "EdDSA"],
    }))
}

async fn keys(State(inner): State<Arc<Inner>>) -> Json<CoreJsonWebKeySet> {
    *inner.keys_asked.lock().unwrap() += 1;
    Json(CoreJsonWebKeySet::new(vec![key(*inner.seed.lock().unwrap()).as_verification_key()]))
}

/// Somebody who is signed in here already is sent back at once.
async fn authorize(
    State(inner): State<Arc<Inner>>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let part = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let is_right = part("client_id") == CLIENT
        && part("response_type") == "code"
        && part("code_challenge_method") == "S256"
        && part("scope").split(' ').any(|scope| scope == "openid");
    if !is_right {
        return (StatusCode::BAD_REQUEST, format!("{asked:?}")).into_response();
    }
    let code = format!("code-{}", inner.asked.lock().unwrap().len());
    let kept = Asked { challenge: part("code_challenge"), nonce: part("nonce") };
    inner.asked.lock().unwrap().insert(code.clone(), kept);
    Redirect::to(&format!("{}?code={code}&state={}", part("redirect_uri"), part("state"))).into_response()
}

async fn token(
    State(inner): State<Arc<Inner>>,
    headers: axum::http::HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{CLIENT_SECRET}")));
    let is_client = headers.get("authorization").is_some_and(|value| value == basic.as_str());
    let part = |name: &str| form.get(name).cloned().unwrap_or_default();
    // A code is good once.
    let asked = inner
        .asked
        .lock()
        .unwrap()
        .insert(part("code"), Asked { challenge: String::new(), nonce: String::new() });
    let proven = URL_SAFE_NO_PAD.encode(Sha256::digest(part("code_verifier")));
    let asked = match asked {
        Some(asked) if is_client && asked.challenge == proven => asked,
        _ => return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response(),
    };
    let flaw = *inner.flaw.lock().unwrap();
    let mut reply = json!({ "access_token": "access-token-cafe", "token_type": "Bearer", "expires_in": 60 });
    if flaw != Flaw::NoToken {
        reply["id_token"] = id_token(&inner, flaw, &asked.nonce).into();
    }
    Json(reply).into_response()
}

fn id_token(inner: &Inner, flaw: Flaw, nonce: &str) -> String {
    let issuer = if flaw == Flaw::Issuer { "https://other.example" } else { &inner.issuer };
    let audience = if flaw == Flaw::Audience { "another-client" } else { CLIENT };
    let nonce = if flaw == Flaw::Nonce { "another-nonce" } else { nonce };
    let email = if flaw == Flaw::Stranger { "stranger@example.com" } else { "Asha@example.com" };
    let now = SystemTime::now();
    let expires =
        if flaw == Flaw::Expired { now - Duration::from_secs(600) } else { now + Duration::from_secs(60) };
    let claims = CoreIdTokenClaims::new(
        IssuerUrl::new(issuer.to_owned()).unwrap(),
        vec![Audience::new(audience.to_owned())],
        expires.into(),
        (now - Duration::from_secs(900)).into(),
        StandardClaims::new(SubjectIdentifier::new("subject-1".to_owned()))
            .set_email(Some(EndUserEmail::new(email.to_owned())))
            .set_email_verified(Some(flaw != Flaw::UnverifiedEmail)),
        EmptyAdditionalClaims {},
    )
    .set_nonce(Some(Nonce::new(nonce.to_owned())));
    let seed = *inner.seed.lock().unwrap();
    // The same name on another key.
    let signer = if flaw == Flaw::Key { key(99) } else { key(seed) };
    let token =
        CoreIdToken::new(claims, &signer, CoreJwsSigningAlgorithm::EdDsa, None, None).unwrap().to_string();
    let parts: Vec<&str> = token.split('.').collect();
    match flaw {
        Flaw::Unsigned => {
            format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), parts[1])
        }
        Flaw::Key => {
            let head = json!({ "alg": "EdDSA", "kid": format!("key-{seed}") }).to_string();
            format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(head), parts[1], parts[2])
        }
        Flaw::None
        | Flaw::Nonce
        | Flaw::Audience
        | Flaw::Issuer
        | Flaw::Expired
        | Flaw::UnverifiedEmail
        | Flaw::Stranger
        | Flaw::NoToken => token,
    }
}
