//! Whatever is thrown at a door: an answer, and never one that says that we broke.

use std::io::Read as _;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use relay::config::SessionLife;
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use vobiz::signature::sign;

use crate::{
    process::{Killed, ready, start},
    support::{
        Closed, FakeUpstream, Socket, TestRelay, WEBHOOK_SECRET, answer, connect, free_address, offer, relay,
        terminate, variables,
    },
};

/// Tries at each door, unless `HOSTILE_TRIES` says otherwise. With 10,000 all of this takes
/// about a minute and a half on two cores.
const USUAL_TRIES: usize = 150;

fn tries() -> usize {
    let told = std::env::var("HOSTILE_TRIES").ok();
    told.map_or(USUAL_TRIES, |told| told.parse().expect("HOSTILE_TRIES is a number"))
}

/// A relay that looks at every request, and a seed's dice.
async fn hostile(seed: u64) -> (TestRelay, Dice) {
    let relay = TestRelay::start(|source| source.is_unbounded = true, SessionLife::default()).await;
    (relay, Dice(seed))
}

/// Numbers that are the same on every run (xorshift64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    /// Something that was right once.
    fn spoil(&mut self, good: &str) -> Vec<u8> {
        let mut bytes = good.as_bytes().to_vec();
        for _ in 0..=self.roll(4) {
            let at = self.roll(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match self.roll(5) {
                0 => bytes.truncate(at),
                1 if !bytes.is_empty() => bytes[at] = u8::try_from(self.roll(256)).unwrap(),
                2 => drop(bytes.splice(at..at, b"{\"a\":[".repeat(self.roll(200)))),
                3 if !bytes.is_empty() => bytes.swap(at, 0),
                _ => bytes.extend_from_slice(
                    ["null", "\u{0}", "\u{202e}", "1e999", "\"}"].map(str::as_bytes)[self.roll(5)],
                ),
            }
        }
        bytes
    }
}

#[tokio::test]
async fn spoilt_bodies_get_an_answer() {
    let (relay, mut dice) = hostile(0x5eed).await;
    let cookie = relay.cookie().await;
    let call = json!({ "to": "+919800000001", "sdp_offer": offer() }).to_string();
    let action = json!({ "call_id": "wacid.A", "action": "accept", "sdp": answer() }).to_string();
    let login = json!({ "username": "asha", "password": "guess" }).to_string();
    for (path, good) in
        [("/api/login", &login), ("/api/calls/whatsapp", &call), ("/api/calls/whatsapp/action", &action)]
    {
        for _ in 0..tries() {
            let body = dice.spoil(good);
            let request = relay
                .request("POST", path)
                .header("Cookie", &cookie)
                .header("Content-Type", "application/json");
            let reply = relay.send(request.body(body.clone())).await;
            assert!(reply.status < 500, "{path} {} → {reply}", String::from_utf8_lossy(&body));
        }
    }
}

#[tokio::test]
async fn spoilt_events_get_an_answer() {
    let (relay, mut dice) = hostile(0xca11).await;
    for round in 0..tries() {
        let good = if round % 2 == 0 { connect("event", "wacid.A") } else { terminate("event", "wacid.A") };
        let body = dice.spoil(&good.to_string());
        let signature = sign(WEBHOOK_SECRET.as_bytes(), &body);
        let request = relay.request("POST", "/webhooks/vobiz").header("X-Webhook-Signature", signature);
        let reply = relay.send(request.body(body.clone())).await;
        assert!(reply.status < 500, "{} → {reply}", String::from_utf8_lossy(&body));
    }
}

#[tokio::test]
async fn spoilt_cookies_and_queries_get_an_answer() {
    let (relay, mut dice) = hostile(0x00c0_0c1e).await;
    let good = relay.cookie().await;
    for _ in 0..tries() {
        let spoilt: Vec<u8> = dice.spoil(&good).into_iter().filter(|byte| (32..127).contains(byte)).collect();
        let reply = relay.send(relay.request("GET", "/api/session").header("Cookie", spoilt)).await;
        assert!(matches!(reply.status, 200 | 401 | 431), "{reply}");
        let query: String = dice
            .spoil("page=1&limit=25&direction=inbound&status=missed")
            .iter()
            .map(|byte| format!("%{byte:02x}"))
            .collect();
        let path = format!("/api/calls/whatsapp/logs?{query}");
        let reply = relay.send(relay.request("GET", &path).header("Cookie", &good)).await;
        assert!(reply.status < 500, "{path} → {reply}");
    }
}

#[tokio::test]
async fn a_flood_of_nonsense_leaves_the_process_small_and_whole() {
    /// Growth that is no leak: allocators keep what they had to get once.
    const MAY_GROW_KB: u64 = 32 * 1024;
    let folder = TempDir::new().unwrap();
    let upstream = FakeUpstream::start().await;
    let mut variables = variables(folder.path(), &upstream.base_url());
    let address = free_address();
    variables.insert("RELAY_LISTEN".to_owned(), address.to_string());
    // Nobody reads what it says before its end.
    variables.insert("RUST_LOG".to_owned(), "error".to_owned());
    let mut process = Killed(start(&variables, &[]));
    ready(address).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut dice = Dice(0x00f1_00d5);
    let good = connect("event", "wacid.A").to_string();
    let mut settled = 0;
    for round in 0..tries() {
        let body = dice.spoil(&good);
        let signature = sign(WEBHOOK_SECRET.as_bytes(), &body);
        let cookie: String = (0..dice.roll(3_000)).map(|_| char::from(b'!' + dice.roll(90) as u8)).collect();
        for request in [
            http.post(format!("http://{address}/webhooks/vobiz")).header("X-Webhook-Signature", signature),
            http.post(format!("http://{address}/webhooks/vobiz")).header("X-Webhook-Signature", "00"),
            http.post(format!("http://{address}/api/login")).header("Content-Type", "application/json"),
            http.post(format!("http://{address}/api/calls/whatsapp")).header("Cookie", cookie),
        ] {
            let status = request.body(body.clone()).send().await.unwrap().status().as_u16();
            assert!(status < 500, "{status} {}", String::from_utf8_lossy(&body));
        }
        if round == tries() / 10 {
            settled = memory_kb(&process);
        }
    }
    let grown = memory_kb(&process).saturating_sub(settled);
    assert!(grown < MAY_GROW_KB, "{settled} kB and then {grown} kB more");
    process.0.kill().unwrap();
    let mut said = String::new();
    process.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "", "an error or a panic");
}

/// What a process holds in memory (proc_pid_status(5), `VmRSS`).
fn memory_kb(process: &Killed) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.0.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Between two looks at the socket that is watched: oftener than the ten seconds after which a
/// silent page is let go, seldomer than a page may speak.
const LOOK_EVERY: Duration = Duration::from_secs(1);

#[tokio::test]
async fn spoilt_frames_end_a_socket_and_nothing_else() {
    let (relay, mut dice) = hostile(0x50c_2e7).await;
    let cookie = relay.cookie().await;
    let mut watched = relay.socket(&relay.cookie_of(1).await, "").await;
    assert_eq!(watched.next().await["type"], "snapshot");
    let good = [
        json!({ "pong": { "nonce": 7 } }),
        json!({ "available": { "available": true } }),
        json!({ "ring_ack": { "call": "wacid.A", "audible": true } }),
    ];
    let mut looked = Instant::now();
    for round in 0..tries() {
        let mut socket = relay.socket(&cookie, "").await;
        let bytes = dice.spoil(&good[round % good.len()].to_string());
        match String::from_utf8(bytes) {
            Ok(text) => socket.say_text(&text).await,
            Err(binary) => socket.say_bytes(binary.into_bytes()).await,
        }
        // What was left whole is taken, anything else ends the socket.
        let ended = socket.ends_soon().await;
        assert!(matches!(ended, None | Some(Closed(0 | 1007 | 1008 | 1009))), "{ended:?}");
        if looked.elapsed() > LOOK_EVERY {
            looked = Instant::now();
            // The other agent's socket is none the wiser; it has to be heard of now and then.
            let ended = watched.ends_soon().await;
            assert!(ended.is_none(), "{ended:?} in round {round}");
        }
    }
    assert_eq!(relay.deliver(&connect("event", "wacid.Z")).await.status, 200);
    assert!(watched.ends_soon().await.is_none());
}

#[tokio::test]
async fn what_is_no_http_is_turned_away() {
    let relay = relay().await;
    let mut told = String::new();
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01"[..],
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /api/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\nzz\r\n",
    ] {
        told += &format!("{}\n", raw(&relay, bytes).await);
    }
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(100_000));
    told += &raw(&relay, long.as_bytes()).await;
    assert_snapshot!(told, @"
    HTTP/1.1 400 Bad Request
    HTTP/1.1 400 Bad Request
    HTTP/1.1 400 Bad Request
    HTTP/1.1 400 Bad Request
    HTTP/1.1 431 Request Header Fields Too Large
    ");
    assert_eq!(relay.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn a_page_that_does_not_read_is_let_go() {
    let relay = relay().await;
    let cookie = relay.cookie().await;
    let mut socket = relay.socket(&cookie, "").await;
    assert_eq!(socket.next().await["type"], "snapshot");
    socket.say(&json!({ "available": { "available": true } })).await;
    assert_eq!(socket.next().await["type"], "presence");
    // More than the system keeps for a connection that nobody reads.
    for number in 0..400 {
        let call = format!("wacid.{number}");
        let mut event = connect(&format!("event-{number}"), &call);
        event["payload"]["calls"][0]["from"] = json!(format!("9198{number:08}"));
        let long = format!("{}a=x:{}\r\n", offer(), "x".repeat(40_000));
        event["payload"]["calls"][0]["session"]["sdp"] = json!(long);
        assert_eq!(relay.deliver(&event).await.status, 200);
    }
    let begun = std::time::Instant::now();
    while !relay.get("/metrics").await.text().contains("relay_sockets 0") {
        // Well before its silence alone would end it, counted from its last word.
        assert!(begun.elapsed().as_secs() < 9, "it is still held");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // Others are served meanwhile and afterwards.
    let mut other = Socket::open(relay.address, &relay.cookie_of(1).await, "").await;
    assert_eq!(other.next().await["type"], "snapshot");
}

/// The first line of what comes back.
async fn raw(relay: &TestRelay, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(relay.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut reply = vec![0; 4_096];
    let read = tokio::time::timeout(std::time::Duration::from_secs(5), stream.read(&mut reply)).await;
    let read = read.map_or(0, |read| read.unwrap_or(0));
    String::from_utf8_lossy(&reply[..read]).lines().next().unwrap_or("(closed)").to_owned()
}
