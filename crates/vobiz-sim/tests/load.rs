//! How much one simulator holds. Run by hand, alone on the machine:
//! `cargo test -p vobiz-sim --test load -- --ignored --nocapture`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests, and figures for whoever runs them")]

mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::browser::{Browser, Order};
use support::{CHANNEL, client, read, until};

const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Calls at once.
const CALLS: usize = 200;

/// How long they are measured.
const MEASURED: Duration = Duration::from_secs(20);

/// The share of packets that has to arrive for a call to count as held.
const ENOUGH: f64 = 0.95;

/// Kernel ticks in a second of CPU time.
const TICKS: f64 = 100.0;

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    /// Seconds of CPU so far and resident megabytes (proc(5)).
    fn cost(&self) -> (f64, f64) {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{}/{name}", self.0.id())).unwrap();
        let stat = read("stat");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
        let status = read("status");
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let kilobytes: f64 = resident.split_whitespace().next().unwrap().parse().unwrap();
        (ticks / TICKS, kilobytes / 1_024.0)
    }
}

/// One simulator as a program of its own, so that its cost can be told from that
/// of the callers, and as many callers in this one.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn two_hundred_calls_with_sound() {
    let free = std::net::TcpListener::bind((IP, 0)).unwrap().local_addr().unwrap().port();
    let program = Program(
        Command::new(env!("CARGO_BIN_EXE_vobiz-sim"))
            .args(["--port", &free.to_string(), "--media-ip", "127.0.0.1", "--pickup-ms", "100"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let (client, url) = (client(), format!("http://127.0.0.1:{free}"));
    until(|| async { client.get(format!("{url}/control/state")).send().await.is_ok() }, |up| *up).await;
    let idle = program.cost();

    let mut browsers = Vec::new();
    for number in 0..CALLS {
        let person = format!("+9197{number:08}");
        let put = client.put(format!("{url}/control/people/%2B{}", &person[1..]));
        let (status, reply) =
            read(put.json(&json!({ "behaviour": "tone", "reaction_ms": 100 })).send().await.unwrap()).await;
        assert_eq!(status, 200, "{reply}");
        let browser = Browser::calling(IP, 300.0 + number as f64).await;
        let body = json!({ "channel_id": CHANNEL, "to": person, "sdp_offer": browser.sdp });
        let post = client.post(format!("{url}/api/v1/messaging/calls/whatsapp"));
        let (status, reply) =
            read(post.bearer_auth("sim-demo-bearer").json(&body).send().await.unwrap()).await;
        assert_eq!(status, 201, "{reply}");
        // The log has the answer, so that no receiver of webhooks is needed.
        let patch = client.patch(format!("{url}/control/settings"));
        patch.json(&json!({ "switches": { "log_sdp": "present" } })).send().await.unwrap();
        let logs = client.get(format!("{url}/api/v1/messaging/calls/whatsapp/logs?limit=1"));
        let (_, page) = read(logs.bearer_auth("sim-demo-bearer").send().await.unwrap()).await;
        let answer = page["items"][0]["answer_sdp"].as_str().unwrap().to_owned();
        browser.order(Order::Answer(answer)).await;
        browser.order(Order::Speak(true)).await;
        browsers.push(browser);
    }
    let all_hear = || async { browsers.iter().filter(|browser| browser.heard().packets > 0).count() };
    until(all_hear, |count| *count == CALLS).await;

    let calls = || async {
        let (_, state) = read(client.get(format!("{url}/control/state")).send().await.unwrap()).await;
        state["calls"].as_array().unwrap().clone()
    };
    let packets = |calls: &[Value], field: &str| -> u64 {
        calls.iter().map(|call| call["media"][field].as_u64().unwrap()).sum()
    };
    let (before, cost, started) = (calls().await, program.cost(), Instant::now());
    tokio::time::sleep(MEASURED).await;
    let (spent, resident) = program.cost();
    let seconds = started.elapsed().as_secs_f64();
    let after = calls().await;
    let rate = |field| (packets(&after, field) - packets(&before, field)) as f64 / seconds / CALLS as f64;
    println!(
        "{CALLS} calls: {:.0} % of one core, {resident:.0} MB ({:.0} MB without calls); \
         {:.1} packets/s in and {:.1} out for each call",
        (spent - cost.0) / seconds * 100.0,
        idle.1,
        rate("packets_in"),
        rate("packets_out"),
    );
    assert_eq!(after.iter().filter(|call| call["state"] == "accepted").count(), CALLS);
    // Fifty packets a second each way.
    assert!(rate("packets_in") > 50.0 * ENOUGH && rate("packets_out") > 50.0 * ENOUGH);
}
