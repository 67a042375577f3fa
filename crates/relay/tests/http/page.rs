//! The app's files and the headers on everything.

use std::fs;

use insta::assert_snapshot;
use relay::config::SessionLife;

use crate::support::{Reply, TestRelay, TestSource, relay};

const INDEX: &str =
    "<!doctype html><title>Softphone</title><script type=\"module\">import '/app.js'</script>";
const SCRIPT: &str = "softphone-page-0123456789abcdef.js";

#[tokio::test]
async fn before_it_is_built_there_is_a_word_about_how() {
    let relay = relay().await;
    let reply = relay.get("/").await;
    assert_eq!((reply.status, reply.header("content-type")), (503, "text/html; charset=utf-8"));
    assert!(reply.text().contains("cargo xtask start"));
    // Built while the relay runs, it is there on the next load.
    build(&relay);
    assert_eq!(relay.get("/").await.text(), INDEX);
}

#[tokio::test]
async fn every_page_is_the_app_and_every_file_is_itself() {
    let relay = relay().await;
    build(&relay);
    let mut told = String::new();
    for path in [
        "/",
        "/log",
        "/log?page=2",
        "/settings",
        "/index.html",
        "/deep/er",
        &format!("/{SCRIPT}"),
        "/sounds/ring.ogg",
    ] {
        let reply = relay.get(path).await;
        told += &format!(
            "{path}: {} {}, {}, {}\n",
            reply.status,
            reply.header("content-type"),
            reply.header("cache-control"),
            reply.header("vary")
        );
    }
    for path in [
        "/missing.js",
        "/softphone-page-0123456789abcdef.js.map",
        "/../Cargo.toml",
        "/%2e%2e/journal.db",
        "/.hidden/x.y",
    ] {
        told += &format!("{path}: {}\n", relay.get(path).await.problem());
    }
    assert_snapshot!(told, @"
    /: 200 text/html; charset=utf-8, no-cache, Accept-Encoding
    /log: 200 text/html; charset=utf-8, no-cache, Accept-Encoding
    /log?page=2: 200 text/html; charset=utf-8, no-cache, Accept-Encoding
    /settings: 200 text/html; charset=utf-8, no-cache, Accept-Encoding
    /index.html: 200 text/html; charset=utf-8, no-cache, Accept-Encoding
    /deep/er: 200 text/html; charset=utf-8, no-cache, Accept-Encoding
    /softphone-page-0123456789abcdef.js: 200 text/javascript; charset=utf-8, public, max-age=31536000, immutable, Accept-Encoding
    /sounds/ring.ogg: 200 audio/ogg, no-cache, 
    /missing.js: 404 -: There is no such file
    /softphone-page-0123456789abcdef.js.map: 404 -: There is no such file
    /../Cargo.toml: 404 -: There is no such file
    /%2e%2e/journal.db: 404 -: There is no such file
    /.hidden/x.y: 404 -: There is no such file
    ");
}

#[tokio::test]
async fn the_smallest_copy_that_the_browser_takes() {
    let relay = relay().await;
    build(&relay);
    let mut told = String::new();
    for wish in ["gzip, deflate, br, zstd", "gzip", "br;q=0, gzip;q=0.5", "identity", "*", ""] {
        let request = relay.request("GET", &format!("/{SCRIPT}")).header("Accept-Encoding", wish);
        let reply = relay.send(request).await;
        told += &format!("{wish:?}: [{}] {}\n", reply.header("content-encoding"), reply.text());
    }
    assert_snapshot!(told, @r#"
    "gzip, deflate, br, zstd": [br] its brotli
    "gzip": [gzip] its gzip
    "br;q=0, gzip;q=0.5": [gzip] its gzip
    "identity": [] a script, as it is written
    "*": [br] its brotli
    "": [] a script, as it is written
    "#);
}

#[tokio::test]
async fn what_the_browser_has_is_not_sent_again() {
    let relay = relay().await;
    build(&relay);
    let first = relay.get("/").await;
    let etag = first.header("etag").to_owned();
    assert!(!etag.is_empty());
    let again = relay.send(relay.request("GET", "/").header("If-None-Match", &etag)).await;
    assert_eq!((again.status, again.text().as_str(), again.header("etag")), (304, "", etag.as_str()));
    let packed =
        relay.send(relay.request("GET", "/").header("Accept-Encoding", "br").header("If-None-Match", &etag));
    assert_eq!(packed.await.status, 200, "another encoding is another thing");
    let head = relay.send(relay.request("HEAD", "/")).await;
    assert_eq!((head.status, head.text().as_str()), (200, ""));
    assert_eq!(head.header("content-length"), INDEX.len().to_string());
}

#[tokio::test]
async fn the_policy_allows_the_loader_and_no_other_inline_script() {
    let relay = TestRelay::start(
        |source| {
            source.variables.insert("RELAY_ORIGIN".to_owned(), "https://phone.example.com".to_owned());
        },
        SessionLife::default(),
    )
    .await;
    build(&relay);
    let reply = relay.get("/").await;
    assert_snapshot!(secure(&reply), @"
    content-security-policy: default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-UsTsVGfWbSJOOctPCZTwD2mwAOUMeiEe6tnBKw2p7MQ='; style-src 'self'; connect-src 'self' wss://phone.example.com; img-src 'self' data:; font-src 'self'; media-src 'self' blob: data:; manifest-src 'self'; worker-src 'self'
    x-content-type-options: nosniff
    referrer-policy: same-origin
    x-frame-options: DENY
    permissions-policy: microphone=(self), speaker-selection=(self), camera=(), geolocation=(), display-capture=()
    cross-origin-opener-policy: same-origin
    cross-origin-resource-policy: same-origin
    ");
    for path in ["/api/session", "/healthz", "/missing.js"] {
        assert_eq!(secure(&relay.get(path).await), secure(&reply), "{path}");
    }
}

#[tokio::test]
async fn operators_see_how_it_is() {
    let relay = relay().await;
    assert_eq!(relay.get("/healthz").await.text(), "ok\n");
    assert_snapshot!(relay.get("/readyz").await, @r#"200 {"ready":true,"journal":"ok","upstream":"ok"}"#);
    let metrics = relay.get("/metrics").await;
    assert_eq!(metrics.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert!(
        metrics.text().contains("relay_requests_total{route=\"/healthz\",status=\"200\"} 1"),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_relay_that_cannot_work_says_why() {
    let other = "00000000-0000-4000-8000-00000000000f";
    let set = |source: &mut TestSource| {
        source.variables.insert("VOBIZ_CHANNEL_ID".to_owned(), other.to_owned());
    };
    let relay = TestRelay::start(set, SessionLife::default()).await;
    assert_snapshot!(relay.get("/readyz").await, @r#"503 {"ready":false,"journal":"ok","upstream":"the account has no channel 00000000-0000-4000-8000-00000000000f: check VOBIZ_CHANNEL_ID"}"#);
    // It is alive all the same: a restart would not help.
    assert_eq!(relay.get("/healthz").await.status, 200);
}

fn build(relay: &TestRelay) {
    let dist = relay.folder.path().join("dist");
    fs::create_dir_all(dist.join("sounds")).unwrap();
    fs::create_dir_all(dist.join(".hidden")).unwrap();
    for (name, content) in [
        (SCRIPT, "a script, as it is written"),
        ("softphone-page-0123456789abcdef.js.br", "its brotli"),
        ("softphone-page-0123456789abcdef.js.gz", "its gzip"),
        ("sounds/ring.ogg", "ding"),
        (".hidden/x.y", "nobody sees this"),
        ("index.html.br", "brotli"),
        ("index.html", INDEX),
    ] {
        fs::write(dist.join(name), content).unwrap();
    }
}

fn secure(reply: &Reply) -> String {
    [
        "content-security-policy",
        "x-content-type-options",
        "referrer-policy",
        "x-frame-options",
        "permissions-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
    ]
    .map(|name| format!("{name}: {}", reply.header(name)))
    .join("\n")
}
