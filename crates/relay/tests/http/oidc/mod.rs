//! Sign-in by an OpenID Connect provider.

mod provider;
mod real;

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use insta::assert_snapshot;
use relay::config::SessionLife;
use serde_json::json;

use crate::support::{Reply, TestRelay, TestSource, log, relay};
use provider::{CLIENT, CLIENT_SECRET, Flaw, Provider};

/// Agents who sign in by the provider, one of them by password, too.
const AGENTS: &str = "[[agent]]\nusername = \"asha@example.com\"\nname = \"Asha\"\n\n[[agent]]\nusername = \"ben\"\nname = \"Ben\"\npassword_hash = \"$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$QJUgJ1iBLfMQBSZrEyj0fGZRXkTRaaChUcEgqmrxVs4\"\n";

fn by(issuer: &str) -> impl FnOnce(&mut TestSource) {
    let issuer = issuer.to_owned();
    move |source| {
        let agents = PathBuf::from(&source.variables["RELAY_AGENTS"]);
        fs::write(agents, AGENTS).unwrap();
        for (name, value) in [
            ("RELAY_OIDC_ISSUER", issuer.as_str()),
            ("RELAY_OIDC_CLIENT_ID", CLIENT),
            ("RELAY_OIDC_CLIENT_SECRET", CLIENT_SECRET),
            ("RELAY_OIDC_NAME", "Example login"),
        ] {
            source.variables.insert(name.to_owned(), value.to_owned());
        }
    }
}

async fn relay_by(issuer: &str) -> TestRelay {
    TestRelay::start(by(issuer), SessionLife::default()).await
}

/// A browser that follows nothing by itself.
fn browser() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn get(url: &str, cookie: &str) -> Reply {
    Reply::read(browser().get(url).header("Cookie", cookie).send().await.unwrap()).await
}

/// Goes to the provider and comes back as far as the address of the callback, at this
/// relay's own port.
async fn to_callback(relay: &TestRelay) -> (String, String) {
    let start = get(&format!("{}/api/oidc/start", relay.origin()), "").await;
    assert_eq!(start.status, 303, "{start}");
    let back = get(start.header("location"), "").await;
    assert_eq!(back.status, 303, "{back}");
    (here(relay, back.header("location")), start.cookie())
}

/// An address of the configured origin at the port that a test relay really has.
fn here(relay: &TestRelay, url: &str) -> String {
    let path = url.strip_prefix("http://localhost:8080").unwrap_or_else(|| panic!("{url}"));
    format!("{}{path}", relay.origin())
}

/// The cookie of a name that a reply sets.
fn set_cookie(reply: &Reply, name: &str) -> Option<String> {
    let all = reply.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    all.filter(|cookie| !cookie.contains("Max-Age=0"))
        .find(|cookie| cookie.starts_with(&format!("{name}=")))
        .map(|cookie| cookie.split(';').next().unwrap().to_owned())
}

#[tokio::test]
async fn who_the_provider_knows_and_the_agents_file_names_is_in() {
    let provider = Provider::start().await;
    let relay = relay_by(provider.issuer()).await;
    let ways = relay.get("/api/sign-in").await.json();
    assert_snapshot!(ways, @r#"{"password":true,"provider":{"name":"Example login","url":"/api/oidc/start"}}"#);

    let (callback, pending) = to_callback(&relay).await;
    let back = get(&callback, &pending).await;
    assert_eq!((back.status, back.header("location")), (303, "/"), "{back}");
    let cookie = set_cookie(&back, "softphone").unwrap();
    let session = relay.get_as(&cookie, "/api/session").await.json();
    // The provider writes the address with a capital.
    assert_eq!(session["username"], "asha@example.com", "{session}");
    let sessions = relay.get_as(&cookie, "/api/sessions").await.json();
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 1);

    // The code is spent, and so is the sign-in.
    let again = get(&callback, &pending).await;
    assert_eq!(again.header("location"), "/?sign_in_problem=failed");
    assert_eq!(set_cookie(&again, "softphone"), None);
    let log = log();
    for secret in [CLIENT_SECRET, "access-token-cafe", "code_verifier"] {
        assert!(!log.lines().any(|line| line.contains("relay::") && line.contains(secret)), "{secret}");
    }
}

#[tokio::test]
async fn the_browser_is_sent_off_with_everything_that_binds_the_answer_to_it() {
    let provider = Provider::start().await;
    let relay = relay_by(provider.issuer()).await;
    let start = get(&format!("{}/api/oidc/start", relay.origin()), "").await;
    let url = reqwest::Url::parse(start.header("location")).unwrap();
    let mut told: Vec<String> = url
        .query_pairs()
        .map(|(name, value)| match &*name {
            "state" | "nonce" | "code_challenge" => {
                assert!(value.len() >= 22, "128 bits in base64: {value}");
                format!("{name}=…")
            }
            _ => format!("{name}={value}"),
        })
        .collect();
    told.sort();
    assert_snapshot!(told.join("\n"), @"
    client_id=softphone
    code_challenge=…
    code_challenge_method=S256
    nonce=…
    redirect_uri=http://localhost:8080/api/oidc/callback
    response_type=code
    scope=openid email
    state=…
    ");
    let cookie = start.header("set-cookie");
    let (name, rest) = cookie.split_once('=').unwrap();
    assert_snapshot!(format!("{name}; {}", rest.split_once("; ").unwrap().1), @"softphone-oidc; HttpOnly; SameSite=Lax; Path=/; Max-Age=600");
    assert!(!cookie.contains(&url.query_pairs().find(|(name, _)| name == "state").unwrap().1.to_string()));
}

#[tokio::test]
async fn no_flawed_token_lets_anybody_in() {
    let provider = Provider::start().await;
    let relay = relay_by(provider.issuer()).await;
    let mut told = String::new();
    for flaw in [
        Flaw::Nonce,
        Flaw::Audience,
        Flaw::Issuer,
        Flaw::Expired,
        Flaw::Key,
        Flaw::Unsigned,
        Flaw::UnverifiedEmail,
        Flaw::Stranger,
        Flaw::NoToken,
        Flaw::None,
    ] {
        provider.err_with(flaw);
        let (callback, pending) = to_callback(&relay).await;
        let back = get(&callback, &pending).await;
        let is_in = set_cookie(&back, "softphone").is_some();
        told += &format!("{flaw:?}: {} {is_in}\n", back.header("location"));
    }
    assert_snapshot!(told, @"
    Nonce: /?sign_in_problem=failed false
    Audience: /?sign_in_problem=failed false
    Issuer: /?sign_in_problem=failed false
    Expired: /?sign_in_problem=failed false
    Key: /?sign_in_problem=failed false
    Unsigned: /?sign_in_problem=failed false
    UnverifiedEmail: /?sign_in_problem=failed false
    Stranger: /?sign_in_problem=no_agent false
    NoToken: /?sign_in_problem=failed false
    None: / true
    ");
}

#[tokio::test]
async fn what_did_not_begin_in_this_browser_is_not_believed() {
    let provider = Provider::start().await;
    let relay = relay_by(provider.issuer()).await;
    let (callback, pending) = to_callback(&relay).await;
    let (other_callback, _) = to_callback(&relay).await;
    let denied = callback.split_once("code=").unwrap().0.to_owned()
        + "error=access_denied&"
        + callback.split_once('&').unwrap().1;
    let bare = format!("{}/api/oidc/callback", relay.origin());
    let session = pending.replace("softphone-oidc=", "softphone=");
    let mut told = String::new();
    for (what, url, cookie) in [
        ("no cookie", callback.as_str(), ""),
        ("another's answer", &other_callback, pending.as_str()),
        ("nothing told", &bare, &pending),
        ("denied there", &denied, &pending),
        ("forged", &callback, "softphone-oidc=AAAA"),
    ] {
        let back = get(url, cookie).await;
        assert_eq!(set_cookie(&back, "softphone"), None, "{what}");
        told += &format!("{what}: {}\n", back.header("location"));
    }
    assert_snapshot!(told, @"
    no cookie: /?sign_in_problem=expired
    another's answer: /?sign_in_problem=expired
    nothing told: /?sign_in_problem=expired
    denied there: /?sign_in_problem=denied
    forged: /?sign_in_problem=expired
    ");
    // What is sealed as one cookie can't be opened as another.
    assert_eq!(relay.get_as(&session, "/api/session").await.status, 401);
    let back = get(&callback, &pending).await;
    assert_eq!(back.header("location"), "/", "it is still good for whom it was made");
}

#[tokio::test]
async fn keys_may_change_and_a_provider_may_be_down() {
    let provider = Provider::start().await;
    let relay = relay_by(provider.issuer()).await;
    for _ in 0..3 {
        let (callback, pending) = to_callback(&relay).await;
        assert_eq!(get(&callback, &pending).await.header("location"), "/");
    }
    assert_eq!(*provider.inner.keys_asked.lock().unwrap(), 1, "what is known is not asked again");

    // Tokens by new keys are taken as soon as the keys may be asked for again.
    provider.rotate_keys();
    let begun = Instant::now();
    loop {
        let (callback, pending) = to_callback(&relay).await;
        if get(&callback, &pending).await.header("location") == "/" {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "the new keys are not asked for");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(*provider.inner.keys_asked.lock().unwrap(), 2);

    let lonely = relay_by("http://127.0.0.1:9").await;
    let start = get(&format!("{}/api/oidc/start", lonely.origin()), "").await;
    assert_eq!(start.header("location"), "/?sign_in_problem=failed");
    assert_eq!(lonely.login("ben", "x").await.status, 401, "passwords are still looked at");
}

#[tokio::test]
async fn an_agent_without_a_password_can_not_sign_in_by_one() {
    let provider = Provider::start().await;
    let relay = relay_by(provider.issuer()).await;
    for password in ["", " ", "asha@example.com", "null"] {
        let status = relay.login("asha@example.com", password).await.status;
        assert!(matches!(status, 401 | 422), "{status}");
    }
}

#[tokio::test]
async fn without_a_provider_there_is_none() {
    let relay = relay().await;
    assert_eq!(relay.get("/api/sign-in").await.json(), json!({ "password": true }));
    for path in ["/api/oidc/start", "/api/oidc/callback?code=1&state=2"] {
        assert_eq!(relay.get(path).await.problem(), "404 -: Nobody signs in by a provider here");
    }
}
