//! `softphone-relay doctor` at a whole deployment: simulator, relay, and what can be wrong
//! between them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    collections::HashMap,
    ffi::OsString,
    io,
    path::Path,
    time::{Duration, Instant},
};

use relay::{
    Config,
    config::{Source, UpstreamConfig},
    doctor::{Verdict, examine},
    upstream::{Upstream as _, VobizClient},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use vobiz::subscription::SubscribeRequest;
use vobiz_sim::{Options, Running, Simulator};

const SECRET: &str = "a-secret-of-the-webhook-that-is-long";
/// `x` as argon2id with the least work there is.
const HASH: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$QJUgJ1iBLfMQBSZrEyj0fGZRXkTRaaChUcEgqmrxVs4";

#[derive(Clone)]
struct Variables(HashMap<&'static str, String>);

impl Variables {
    fn with(&self, name: &'static str, value: &str) -> Self {
        let mut changed = self.clone();
        changed.0.insert(name, value.to_owned());
        changed
    }
}

impl Source for Variables {
    fn variable(&self, name: &str) -> Option<OsString> {
        self.0.get(name).map(OsString::from)
    }

    fn file(&self, path: &Path) -> io::Result<String> {
        std::fs::read_to_string(path)
    }
}

struct Deployment {
    variables: Variables,
    simulator: Running,
    relay: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    _folder: TempDir,
}

impl Deployment {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let options = Options { seed_rows: 0, ..Options::default() };
        let (channel, credentials) = (options.businesses[0].channel_id, options.credentials.clone());
        let simulator = Simulator::start(options).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let agents = folder.path().join("agents.toml");
        std::fs::write(
            &agents,
            format!("[[agent]]\nusername = \"asha\"\nname = \"Asha\"\npassword_hash = \"{HASH}\"\n"),
        )
        .unwrap();
        let variables = Variables(HashMap::from([
            ("RELAY_LISTEN", address.to_string()),
            ("RELAY_ORIGIN", format!("http://{address}")),
            ("RELAY_AGENTS", agents.display().to_string()),
            ("RELAY_JOURNAL", format!("sqlite:{}", folder.path().join("softphone.db").display())),
            ("RELAY_APP", folder.path().display().to_string()),
            ("VOBIZ_BASE_URL", simulator.base_url.clone()),
            ("VOBIZ_AUTH_ID", credentials.auth_id),
            ("VOBIZ_AUTH_TOKEN", credentials.auth_token),
            ("VOBIZ_CHANNEL_ID", channel.to_string()),
            ("VOBIZ_WEBHOOK_SECRET", SECRET.to_owned()),
        ]));
        let config = Config::read(&variables).unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            relay::serve(config, listener, async { drop(stopped.await) }).await.unwrap();
        });
        let deployment = Self { variables, simulator, relay: Some((stop, running)), _folder: folder };
        deployment.wait_until_ready().await;
        deployment
    }

    async fn wait_until_ready(&self) {
        let begun = Instant::now();
        let url = format!("{}/readyz", self.variables.0["RELAY_ORIGIN"]);
        while !reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success()) {
            assert!(begun.elapsed() < Duration::from_secs(10), "the relay is not ready");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn register(&self) {
        let upstream = UpstreamConfig::read(&self.variables).unwrap();
        let client = VobizClient::new(&upstream.base_url, Some(&upstream.credentials)).unwrap();
        let url = format!("{}/webhooks/vobiz", self.variables.0["RELAY_ORIGIN"]);
        client.subscribe(&SubscribeRequest { url, secret: SECRET.to_owned() }).await.unwrap();
    }

    async fn stop_relay(&mut self) {
        let (stop, running) = self.relay.take().unwrap();
        drop(stop);
        running.await.unwrap();
    }
}

/// What is wrong, by check, with the words before the first that vary.
async fn wrong(variables: &Variables) -> Vec<String> {
    let findings = examine(variables).await;
    for finding in &findings {
        let told = finding.to_string();
        assert!(!told.contains(SECRET), "{told}");
        assert!(!told.contains(&variables.0["VOBIZ_AUTH_TOKEN"]), "{told}");
        assert!(finding.verdict == Verdict::Fine || finding.advice.is_some(), "{told}");
    }
    let wrong = findings.into_iter().filter(|finding| finding.verdict == Verdict::Wrong);
    wrong.map(|finding| finding.to_string()).collect()
}

fn assert_only(wrong: &[String], check: &str, words: &str) {
    let [only] = wrong else { panic!("{wrong:#?}") };
    assert!(only.starts_with(&format!("WRONG  {check}: ")) && only.contains(words), "{only}");
}

#[tokio::test]
async fn a_whole_deployment_is_fine_once_the_webhook_is_registered() {
    let deployment = Deployment::start().await;
    let variables = &deployment.variables;
    assert_only(
        &wrong(variables).await,
        "webhook registration",
        "softphone-relay webhook add http://127.0.0.1:",
    );
    deployment.register().await;
    assert_eq!(wrong(variables).await, Vec::<String>::new());
    let findings = examine(variables).await;
    let fine: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Fine)
        .map(|finding| finding.check)
        .collect();
    assert_eq!(
        fine,
        [
            "configuration",
            "clock",
            "credentials",
            "channel",
            "webhook registration",
            "relay",
            "readiness",
            "origin",
            "WebSockets",
            "webhook signature",
        ]
    );
    // What can't be known is said to be unknown.
    assert!(findings.iter().any(|finding| finding.check == "media" && finding.verdict == Verdict::Note));
    deployment.simulator.shutdown().await;
}

#[tokio::test]
async fn each_thing_that_is_wrong_is_named() {
    let mut deployment = Deployment::start().await;
    deployment.register().await;
    let variables = deployment.variables.clone();
    let nobody = "http://127.0.0.1:9";
    for (name, value, check, words) in [
        ("VOBIZ_AUTH_TOKEN", "another", "credentials", "VOBIZ_AUTH_TOKEN"),
        ("VOBIZ_CHANNEL_ID", "00000000-0000-4000-8000-000000000009", "channel", "VOBIZ_CHANNEL_ID"),
        ("VOBIZ_BASE_URL", nobody, "upstream", "VOBIZ_BASE_URL"),
        (
            "VOBIZ_WEBHOOK_SECRET",
            "another-secret-of-the-webhook",
            "webhook signature",
            "VOBIZ_WEBHOOK_SECRET",
        ),
        ("RELAY_ROUTING", "round-robin", "configuration", "RELAY_ROUTING"),
    ] {
        assert_only(&wrong(&variables.with(name, value)).await, check, words);
    }
    let elsewhere = wrong(&variables.with("RELAY_ORIGIN", nobody)).await;
    assert!(
        elsewhere.iter().any(|told| told.contains("relay: http://127.0.0.1:9 can't be reached")),
        "{elsewhere:#?}"
    );
    deployment.stop_relay().await;
    assert_only(&wrong(&variables).await, "relay", "Start the relay");
    deployment.simulator.shutdown().await;
}

#[tokio::test]
async fn a_proxy_that_takes_upgrades_away_is_found() {
    let deployment = Deployment::start().await;
    deployment.register().await;
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = proxy.local_addr().unwrap();
    let target = deployment.variables.0["RELAY_LISTEN"].clone();
    let passing = tokio::spawn(pass(proxy, target));
    let told = wrong(&deployment.variables.with("RELAY_ORIGIN", &format!("http://{address}"))).await;
    assert!(told.iter().any(|told| told.contains("WebSockets: something before the relay")), "{told:#?}");
    passing.abort();
    deployment.simulator.shutdown().await;
}

/// A reverse proxy as people set it up first: one request for each connection, and the
/// header `Upgrade` does not get through.
async fn pass(proxy: TcpListener, target: String) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    loop {
        let (mut front, _) = proxy.accept().await.unwrap();
        let target = target.clone();
        tokio::spawn(async move {
            let mut request = vec![0; 64 * 1024];
            let length = front.read(&mut request).await.unwrap_or(0);
            let text = String::from_utf8_lossy(&request[..length]).into_owned();
            let mut kept: Vec<&str> = text
                .split("\r\n")
                .filter(|line| {
                    let line = line.to_ascii_lowercase();
                    !line.starts_with("upgrade:") && !line.starts_with("connection:")
                })
                .collect();
            // The relay closes after its answer, so that the next request comes by here, too.
            kept.insert(1, "connection: close");
            let mut back = tokio::net::TcpStream::connect(target).await.unwrap();
            back.write_all(kept.join("\r\n").as_bytes()).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut front, &mut back).await;
        });
    }
}
