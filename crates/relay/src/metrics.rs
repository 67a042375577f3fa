//! Counters for `/metrics`. Every label has a fixed set of values, so that memory and
//! the text stay bounded whatever is requested.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
};

/// How a login went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Login {
    /// Signed in.
    Right,
    /// Name or password were wrong.
    Wrong,
    /// Not even checked.
    Throttled,
}

/// How a webhook's delivery went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Webhook {
    /// What it told is kept, or was known.
    Taken,
    /// Not about a call.
    NotOurs,
    /// No valid signature.
    Unsigned,
    /// Signed, but not an event.
    Malformed,
    /// It could not be kept; it will be delivered again.
    Failed,
}

/// All counters since the start.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    requests: BTreeMap<(String, u16), u64>,
    logins: BTreeMap<Login, u64>,
    webhooks: BTreeMap<Webhook, u64>,
}

impl Metrics {
    /// Counts a request by its route's pattern.
    pub(crate) fn request(&self, route: &str, status: u16) {
        self.with(|counts| *counts.requests.entry((route.to_owned(), status)).or_default() += 1);
    }

    /// Counts a login.
    pub(crate) fn login(&self, outcome: Login) {
        self.with(|counts| *counts.logins.entry(outcome).or_default() += 1);
    }

    /// Counts a webhook.
    pub(crate) fn webhook(&self, outcome: Webhook) {
        self.with(|counts| *counts.webhooks.entry(outcome).or_default() += 1);
    }

    /// Everything in Prometheus' text format, version 0.0.4.
    pub(crate) fn text(&self, sockets: usize) -> String {
        let mut out = String::new();
        self.with(|counts| write(&mut out, counts, sockets));
        out
    }

    fn with(&self, act: impl FnOnce(&mut Counts)) {
        act(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn write(out: &mut String, counts: &Counts, sockets: usize) {
    // Writing to a String cannot fail.
    header(out, "relay_requests_total", "counter", "HTTP requests by route and status.");
    for ((route, status), count) in &counts.requests {
        let _ = writeln!(out, "relay_requests_total{{route=\"{route}\",status=\"{status}\"}} {count}");
    }
    header(out, "relay_logins_total", "counter", "Attempts to sign in by outcome.");
    for outcome in [Login::Right, Login::Wrong, Login::Throttled] {
        let count = counts.logins.get(&outcome).copied().unwrap_or(0);
        let _ = writeln!(out, "relay_logins_total{{outcome=\"{}\"}} {count}", outcome.label());
    }
    header(out, "relay_webhooks_total", "counter", "Webhook deliveries by outcome.");
    for outcome in Webhook::ALL {
        let count = counts.webhooks.get(&outcome).copied().unwrap_or(0);
        let _ = writeln!(out, "relay_webhooks_total{{outcome=\"{}\"}} {count}", outcome.label());
    }
    header(out, "relay_sockets", "gauge", "Open event sockets.");
    let _ = writeln!(out, "relay_sockets {sockets}");
}

fn header(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

impl Login {
    fn label(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Throttled => "throttled",
        }
    }
}

impl Webhook {
    const ALL: [Self; 5] = [Self::Taken, Self::NotOurs, Self::Unsigned, Self::Malformed, Self::Failed];

    fn label(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::NotOurs => "not_ours",
            Self::Unsigned => "unsigned",
            Self::Malformed => "malformed",
            Self::Failed => "failed",
        }
    }
}
