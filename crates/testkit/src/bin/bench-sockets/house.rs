//! The relay that is measured, and an upstream for it.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{agents_file, eventually};
use vobiz::signature::{SIGNATURE_HEADER, sign};
use vobiz_sim::{Business, Credentials, Options, Running, Simulator};

const WEBHOOK_SECRET: &str = "bench-webhook-secret";
const PASSWORD: &str = "bench-password";
/// How long the relay may take to be ready.
const READY: Duration = Duration::from_secs(30);
/// How long one request may take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);

/// Relay and simulator. Dropping it ends both.
pub(crate) struct House {
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
    relay: Child,
    /// Meta's name of the business number, which webhooks carry.
    phone_number_id: String,
    client: reqwest::Client,
    _simulator: Running,
    _folder: TempDir,
}

impl House {
    /// Starts both, with so many agents who may sign in.
    pub(crate) async fn start(executable: &str, agents: usize) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let simulator = Simulator::start(Options { seed_rows: 0, ..Options::default() }).await?;
        let client = reqwest::Client::builder().no_proxy().timeout(ANSWERS_WITHIN).build()?;
        let credentials = Credentials::default();
        let Business { channel_id, phone_number_id, .. } = Business::default();
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let file = folder.path().join("agents.toml");
        let names: Vec<String> = (0..agents).map(username).collect();
        let people = names.iter().map(|name| (name.as_str(), name.as_str(), PASSWORD));
        std::fs::write(&file, agents_file(people)?)?;
        let relay = Command::new(executable)
            .env_clear()
            .env("RELAY_LISTEN", &address)
            .env("RELAY_ORIGIN", format!("http://{address}"))
            .env("RELAY_AGENTS", &file)
            .env("RELAY_JOURNAL", format!("sqlite:{}", folder.path().join("journal.db").display()))
            .env("RELAY_APP", folder.path().join("no-page"))
            .env("VOBIZ_BASE_URL", &simulator.base_url)
            .env("VOBIZ_AUTH_ID", &credentials.auth_id)
            .env("VOBIZ_AUTH_TOKEN", &credentials.auth_token)
            .env("VOBIZ_CHANNEL_ID", channel_id.to_string())
            .env("VOBIZ_WEBHOOK_SECRET", WEBHOOK_SECRET)
            .env("RUST_LOG", "warn")
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("{executable} can't be started"))?;
        let house = Self { address, relay, phone_number_id, client, _simulator: simulator, _folder: folder };
        eventually("the relay is ready", READY, async || {
            let reply = house.client.get(format!("http://{}/readyz", house.address)).send().await?;
            ensure!(reply.status() == 200, "{}", reply.status());
            Ok(())
        })
        .await?;
        Ok(house)
    }

    /// An agent signs in; what the browser would send from then on.
    pub(crate) async fn sign_in(&self, agent: usize) -> Result<String> {
        let request = self.client.post(format!("http://{}/api/login", self.address));
        let body = json!({ "username": username(agent), "password": PASSWORD });
        let reply = request.header("Origin", format!("http://{}", self.address)).json(&body).send().await?;
        ensure!(reply.status() == 200, "signing in was answered with {}", reply.status());
        let cookie = reply.headers().get("set-cookie").and_then(|value| value.to_str().ok());
        let cookie = cookie.and_then(|text| text.split(';').next()).context("signing in gave no cookie")?;
        Ok(cookie.to_owned())
    }

    /// Somebody calls: the webhook is answered with 200.
    pub(crate) async fn calls(&self, call: &str, person: usize) -> Result<()> {
        let session = json!({ "sdp_type": "offer", "sdp": OFFER });
        let event = json!({ "event": "connect", "session": session });
        self.tell("call.connect", call, person, event).await
    }

    /// The caller is gone.
    pub(crate) async fn hangs_up(&self, call: &str, person: usize) -> Result<()> {
        self.tell("call.terminate", call, person, json!({ "event": "terminate", "status": "COMPLETED" }))
            .await
    }

    async fn tell(&self, kind: &str, call: &str, person: usize, mut event: Value) -> Result<()> {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs().to_string();
        let number = format!("9199{person:08}");
        event["id"] = call.into();
        event["from"] = number.clone().into();
        event["timestamp"] = seconds.into();
        event["direction"] = "USER_INITIATED".into();
        let body = json!({
            "event_id": format!("{kind}-{call}"), "event_type": kind, "account_id": "MA_BENCH",
            "occurred_at": "2026-03-25T14:00:00Z",
            "payload": {
                "messaging_product": "whatsapp",
                "metadata": { "phone_number_id": self.phone_number_id },
                "contacts": [{ "profile": { "name": "Bench" }, "wa_id": number }],
                "calls": [event],
            },
        })
        .to_string();
        let request = self.client.post(format!("http://{}/webhooks/vobiz", self.address));
        let request = request.header(SIGNATURE_HEADER, sign(WEBHOOK_SECRET.as_bytes(), body.as_bytes()));
        let reply = request.header("Content-Type", "application/json").body(body).send().await?;
        ensure!(reply.status() == 200, "a webhook was answered with {}", reply.status());
        Ok(())
    }

    /// The relay's resident memory, in bytes.
    pub(crate) fn resident(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.relay.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let thousands = line.and_then(|line| line.split_whitespace().next()).context("no VmRSS")?;
        // The kernel's kB are 1,024 bytes (proc(5)).
        Ok(thousands.parse::<u64>()? * 1_024)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.relay.kill();
        let _ = self.relay.wait();
    }
}

fn username(agent: usize) -> String {
    format!("agent{agent}")
}

/// As long as a real one.
const OFFER: &str = "v=0\r\no=- 1700000000000 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE audio\r\na=msid-semantic: WMS bench\r\na=ice-lite\r\nm=audio 3484 UDP/TLS/RTP/SAVPF 111 126\r\nc=IN IP4 192.0.2.35\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=candidate:1 1 udp 2122260223 192.0.2.35 3484 typ host generation 0 network-cost 50\r\na=ice-ufrag:ufragufragufrag1\r\na=ice-pwd:icepasswordicepassword==\r\na=fingerprint:sha-256 AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB\r\na=setup:actpass\r\na=mid:audio\r\na=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=20;useinbandfec=1\r\na=rtpmap:126 telephone-event/8000\r\na=ptime:20\r\n";
