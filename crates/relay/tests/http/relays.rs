//! Two real executables on one NATS server.

#[path = "../../../testkit/src/nats.rs"]
mod server;

use std::{
    collections::HashMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    process::{Killed, deliver, login_as, ready, start},
    support::{FakeUpstream, Socket, answer, connect, free_address, variables},
};
use server::Nats;

/// How long work of a killed relay may wait: until it is missed, and a little.
const MISSED_WITHIN: Duration = Duration::from_secs(20);

/// What a relay of a pair is started with.
struct Place {
    variables: HashMap<String, String>,
    address: SocketAddr,
}

impl Place {
    fn new(nats: &Nats, upstream: &FakeUpstream, folder: &TempDir) -> Self {
        let address = free_address();
        let mut variables = variables(folder.path(), &upstream.base_url());
        for (name, value) in [
            ("RELAY_LISTEN", address.to_string()),
            ("RELAY_JOURNAL", nats.address()),
            ("RELAY_SESSION_KEY", "0123456789abcdef0123456789abcdef".to_owned()),
        ] {
            variables.insert(name.to_owned(), value);
        }
        Self { variables, address }
    }

    async fn start(&self) -> Killed {
        let relay = Killed(start(&self.variables, &[]));
        ready(self.address).await;
        relay
    }

    /// A page of an agent who takes calls.
    async fn page(&self, cookie: &str) -> Socket {
        let mut socket = Socket::open(self.address, cookie, "").await;
        assert_eq!(socket.next().await["type"], "snapshot");
        socket.say(&json!({ "available": { "available": true } })).await;
        assert_eq!(socket.next().await["type"], "presence");
        socket
    }

    async fn act(&self, cookie: &str, call: &str, action: &str) -> (u16, Value) {
        let sdp = (action == "accept").then(answer);
        let request = reqwest::Client::new()
            .post(format!("http://{}/api/calls/whatsapp/action", self.address))
            .header("Cookie", cookie)
            .header("Origin", format!("http://{}", self.address))
            .json(&json!({ "call_id": call, "action": action, "sdp": sdp }));
        let reply = request.send().await.unwrap();
        (reply.status().as_u16(), reply.json().await.unwrap_or_default())
    }
}

async fn signed_out_here_is_signed_out_there(a: &Place, b: &Place) {
    let client = reqwest::Client::new();
    let cookie = login_as(a.address, 0).await;
    let status = async || {
        let request = client.get(format!("http://{}/api/session", b.address)).header("Cookie", &cookie);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(status().await, 200);
    let logout = client.post(format!("http://{}/api/logout", a.address));
    let logout = logout.header("Cookie", &cookie).header("Origin", format!("http://{}", a.address));
    assert!(logout.send().await.unwrap().status().is_success());
    let begun = Instant::now();
    while status().await != 401 {
        assert!(begun.elapsed() < Duration::from_secs(10), "the other relay does not hear of it");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The next event of a kind.
async fn event(socket: &mut Socket, kind: &str) -> Value {
    loop {
        let frame = socket.next().await;
        if frame["event"]["kind"] == kind {
            return frame;
        }
    }
}

#[tokio::test]
async fn two_relays_are_one_switchboard_and_one_may_die() {
    let (nats, upstream, folder) =
        (Nats::start().unwrap(), FakeUpstream::start().await, TempDir::new().unwrap());
    let (a, mut b) = (Place::new(&nats, &upstream, &folder), Place::new(&nats, &upstream, &folder));
    // With a session key of their own, other secrets do not matter to sessions.
    b.variables.insert("VOBIZ_AUTH_TOKEN".to_owned(), "another-token".to_owned());
    let (relay_a, relay_b) = tokio::join!(a.start(), b.start());
    // Signed in at one relay is signed in at the other.
    let (asha, ben) = (login_as(a.address, 0).await, login_as(b.address, 1).await);
    let (mut asha_at_b, mut ben_at_a) = (b.page(&asha).await, a.page(&ben).await);

    signed_out_here_is_signed_out_there(&a, &b).await;

    deliver(a.address, &connect("event-1", "wacid.A")).await;
    for page in [&mut asha_at_b, &mut ben_at_a] {
        assert_eq!(event(page, "ringing").await["call"], "wacid.A");
    }
    let (one, other) = tokio::join!(b.act(&asha, "wacid.A", "accept"), a.act(&ben, "wacid.A", "accept"));
    let mut statuses = [one.0, other.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{one:?} {other:?}");
    let (owner, lost) = if one.0 == 200 { (&asha, &other.1) } else { (&ben, &one.1) };
    let winner = if one.0 == 200 { "Asha" } else { "Ben" };
    assert_eq!(lost["winner"], winner, "{lost}");

    // One relay dies in mid-call. Whoever talks goes on, and hangs up at the other one.
    let seen = event(&mut ben_at_a, if one.0 == 200 { "answered_elsewhere" } else { "claimed" }).await;
    drop((relay_a, ben_at_a));
    let resume = format!("?after={}", seen["seq"]);
    let mut ben_at_b = Socket::open(b.address, &ben, &resume).await;
    assert_eq!(ben_at_b.next().await["type"], "resumed", "a page goes on at the other relay");
    let (status, body) = b.act(owner, "wacid.A", "terminate").await;
    assert_eq!(status, 200, "{body}");

    // The next call rings for both, at the only relay left.
    deliver(b.address, &connect("event-2", "wacid.B")).await;
    for page in [&mut asha_at_b, &mut ben_at_b] {
        while event(page, "ringing").await["call"] != "wacid.B" {}
    }
    // One that starts again knows all of it, and whoever was first is still first.
    assert_eq!(b.act(&asha, "wacid.B", "accept").await.0, 200);
    let _relay_a = a.start().await;
    let (status, body) = a.act(&ben, "wacid.B", "accept").await;
    assert_eq!((status, &body["winner"]), (409, &json!("Asha")), "{body}");
    drop(relay_b);
    // The other dies, too: the first one ends the call. The work is its own.
    let killed = Instant::now();
    assert_eq!(a.act(&asha, "wacid.B", "terminate").await.0, 200);
    assert!(killed.elapsed() < MISSED_WITHIN);
    let ended = upstream.seen().into_iter().filter(|(_, _, body)| body["action"] == "terminate").count();
    assert_eq!(ended, 2, "each call once");
}
