//! A relay on a free port, and how to talk to it.

mod reply;
mod samples;
mod socket;
mod upstream;

use std::{
    collections::HashMap,
    ffi::OsString,
    fs, io,
    net::SocketAddr,
    path::Path,
    sync::OnceLock,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Params, Version, password_hash::PasswordHasher};
use relay::{
    Config,
    config::{Rate, SessionLife, Source},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub use reply::Reply;
pub use samples::{CHANNEL, answer, connect, event, offer, terminate};
pub use socket::{Closed, Socket};
pub use upstream::FakeUpstream;

/// What must never be seen outside.
pub const TOKEN: &str = "upstream-token-c0ffee";
/// Signs the webhooks.
pub const WEBHOOK_SECRET: &str = "webhook-secret-deadbeef";
/// The only agents; the second one is a supervisor.
pub const AGENTS: [(&str, &str); 2] = [("asha", "asha's password"), ("ben", "ben's password")];

/// Variables and files of a test.
#[derive(Clone, Default)]
pub struct TestSource {
    pub variables: HashMap<String, String>,
    /// Calling requests are not counted, so that each is looked at.
    pub is_unbounded: bool,
}

impl Source for TestSource {
    fn variable(&self, name: &str) -> Option<OsString> {
        self.variables.get(name).map(OsString::from)
    }

    fn file(&self, path: &Path) -> io::Result<String> {
        fs::read_to_string(path)
    }
}

/// A running relay.
pub struct TestRelay {
    pub address: SocketAddr,
    pub upstream: FakeUpstream,
    pub folder: TempDir,
    http: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

/// A relay with the usual configuration.
pub async fn relay() -> TestRelay {
    TestRelay::start(|_| {}, SessionLife::default()).await
}

impl TestRelay {
    /// A relay whose configuration is changed first.
    pub async fn start(change: impl FnOnce(&mut TestSource), sessions: SessionLife) -> Self {
        Self::start_in(TempDir::new().unwrap(), change, sessions).await
    }

    /// A relay whose files are in a folder, perhaps of one before it.
    pub async fn start_in(
        folder: TempDir,
        change: impl FnOnce(&mut TestSource),
        sessions: SessionLife,
    ) -> Self {
        capture_log();
        let upstream = FakeUpstream::start().await;
        let mut source =
            TestSource { variables: variables(folder.path(), &upstream.base_url()), is_unbounded: false };
        change(&mut source);
        let mut config = Config::read(&source).unwrap();
        config.sessions = sessions;
        if source.is_unbounded {
            config.call_requests = Rate { burst: f64::MAX, per_second: f64::MAX };
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(async move {
            relay::serve(config, listener, async move { drop(stopped.await) }).await.unwrap();
        });
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let relay = Self { address, upstream, folder, http, stop: Some(stop), running };
        relay.wait_until_ready().await;
        relay
    }

    async fn wait_until_ready(&self) {
        let begun = Instant::now();
        loop {
            let reply = self.get("/readyz").await;
            // One that can't become ready says what to check.
            if reply.status == 200 || reply.text().contains("check VOBIZ") {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "{reply}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Its own origin.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A request, not sent yet.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method.parse().unwrap(), format!("{}{path}", self.origin()))
    }

    /// Sends a request; what comes back was searched for secrets.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let reply = Reply::read(request.send().await.unwrap()).await;
        reply.assert_harmless(&[TOKEN, WEBHOOK_SECRET, &self.upstream.address.to_string()]);
        reply
    }

    /// Gets a path as nobody.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request("GET", path)).await
    }

    /// Signs in.
    pub async fn login(&self, username: &str, password: &str) -> Reply {
        let body = serde_json::json!({ "username": username, "password": password });
        self.send(self.request("POST", "/api/login").header("Origin", self.origin()).json(&body)).await
    }

    /// Signs in as the first agent and gives the cookie.
    pub async fn cookie(&self) -> String {
        self.cookie_of(0).await
    }

    /// Signs in as an agent and gives the cookie.
    pub async fn cookie_of(&self, agent: usize) -> String {
        let (username, password) = AGENTS[agent];
        let reply = self.login(username, password).await;
        assert_eq!(reply.status, 200, "{reply}");
        reply.cookie()
    }

    /// Posts JSON with a cookie.
    pub async fn post(&self, cookie: &str, path: &str, body: &serde_json::Value) -> Reply {
        let request = self.request("POST", path).header("Cookie", cookie).header("Origin", self.origin());
        self.send(request.json(body)).await
    }

    /// Gets a path with a cookie.
    pub async fn get_as(&self, cookie: &str, path: &str) -> Reply {
        self.send(self.request("GET", path).header("Cookie", cookie)).await
    }

    /// Deletes with a cookie.
    pub async fn delete(&self, cookie: &str, path: &str) -> Reply {
        let request = self.request("DELETE", path).header("Cookie", cookie);
        self.send(request.header("Origin", self.origin())).await
    }

    /// Delivers a webhook as the upstream does.
    pub async fn deliver(&self, event: &serde_json::Value) -> Reply {
        let body = event.to_string();
        let signature = vobiz::signature::sign(WEBHOOK_SECRET.as_bytes(), body.as_bytes());
        let request = self
            .request("POST", "/webhooks/vobiz")
            .header("Content-Type", "application/json")
            .header("X-Webhook-Signature", signature)
            .header("X-Webhook-Event", event["event_type"].as_str().unwrap_or_default());
        self.send(request.body(body)).await
    }

    /// Opens a socket and takes its first frame.
    pub async fn socket(&self, cookie: &str, query: &str) -> Socket {
        Socket::open(self.address, cookie, query).await
    }

    /// Stops it in good order.
    pub async fn stop(mut self) -> TempDir {
        drop(self.stop.take());
        tokio::time::timeout(Duration::from_secs(10), &mut self.running).await.unwrap().unwrap();
        self.folder
    }
}

/// The usual configuration.
pub fn variables(folder: &Path, base_url: &str) -> HashMap<String, String> {
    let agents = folder.join("agents.toml");
    fs::write(&agents, agents_file()).unwrap();
    let journal = format!("sqlite:{}", folder.join("journal.db").display());
    [
        ("RELAY_LISTEN", "127.0.0.1:8080"),
        ("RELAY_AGENTS", agents.to_str().unwrap()),
        ("RELAY_JOURNAL", &journal),
        ("RELAY_APP", folder.join("dist").to_str().unwrap()),
        ("VOBIZ_BASE_URL", base_url),
        ("VOBIZ_AUTH_ID", "MA_TEST"),
        ("VOBIZ_AUTH_TOKEN", TOKEN),
        ("VOBIZ_CHANNEL_ID", CHANNEL),
        ("VOBIZ_WEBHOOK_SECRET", WEBHOOK_SECRET),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn agents_file() -> &'static str {
    static FILE: OnceLock<String> = OnceLock::new();
    FILE.get_or_init(|| {
        AGENTS
            .map(|(username, password)| {
                let name = format!("{}{}", username[..1].to_uppercase(), &username[1..]);
                let hash = weak_hash(password);
                let role = if username == AGENTS[1].0 { "supervisor" } else { "agent" };
                format!(
                    "[[agent]]\nusername = \"{username}\"\nname = \"{name}\"\npassword_hash = \"{hash}\"\nrole = \"{role}\"\n"
                )
            })
            .join("\n")
    })
}

/// argon2id with the least work there is: tests sign in often.
fn weak_hash(password: &str) -> String {
    let params = Params::new(Params::MIN_M_COST, Params::MIN_T_COST, Params::MIN_P_COST, None).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password(password.as_bytes()).unwrap().to_string()
}

/// Everything that any relay of this process logged.
pub fn log() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned()
}

static LOG: std::sync::Mutex<Vec<u8>> = std::sync::Mutex::new(Vec::new());

fn capture_log() {
    struct Capture;
    impl io::Write for Capture {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            LOG.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let filter = relay::log_filter("trace");
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(|| Capture).init();
    });
}

/// An address that nobody uses at the moment.
pub fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
