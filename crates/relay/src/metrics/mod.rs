//! What `/metrics` tells. Every label has a fixed set of values, so that memory and the
//! text stay bounded whatever is requested.
//!
//! Numbers about calls are derived from the facts that the desk appends ([`journal`]),
//! and numbers about the upstream where its requests pass ([`upstream`]); nothing else
//! in the relay counts calls.

mod calls;
mod journal;
mod upstream;

use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
    core::Collector,
};

use calls::CallMetrics;
pub(crate) use journal::MeteredJournal;
pub(crate) use upstream::MeteredUpstream;

/// A metric can't be made.
pub(crate) type Error = prometheus::Error;

/// How a login went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Login {
    /// Signed in.
    Right,
    /// Name or password were wrong.
    Wrong,
    /// Not even checked.
    Throttled,
}

/// How a webhook's delivery went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// All numbers since the start.
pub(crate) struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    logins: IntCounterVec,
    webhooks: IntCounterVec,
    sockets: IntGauge,
    journal_lag: IntGauge,
    claims_lost: IntCounter,
    calls: CallMetrics,
    journal: journal::JournalMetrics,
    upstream: HistogramVec,
}

impl Metrics {
    /// Everything at zero.
    pub(crate) fn new() -> Result<Self, Error> {
        let registry = Registry::new();
        let made = Maker(&registry);
        let metrics = Self {
            requests: made.counters(
                "relay_requests_total",
                "HTTP requests by route and status.",
                &["route", "status"],
            )?,
            logins: made.counters("relay_logins_total", "Attempts to sign in by outcome.", &["outcome"])?,
            webhooks: made.counters(
                "relay_webhooks_total",
                "Webhook deliveries by outcome.",
                &["outcome"],
            )?,
            sockets: made.gauge("relay_sockets", "Open event sockets.")?,
            journal_lag: made.gauge(
                "relay_journal_lag_records",
                "Records that the journal has and this relay has not taken in.",
            )?,
            claims_lost: made.counter(
                "relay_claims_lost_total",
                "Accepts that came second: another agent had the call already.",
            )?,
            calls: CallMetrics::new(&made)?,
            journal: journal::JournalMetrics::new(&made)?,
            upstream: upstream::histogram(&made)?,
            registry: registry.clone(),
        };
        // What has not happened yet reads 0, so that rates can be taken from the start.
        for outcome in [Login::Right, Login::Wrong, Login::Throttled] {
            metrics.logins.with_label_values(&[outcome.label()]).inc_by(0);
        }
        for outcome in Webhook::ALL {
            metrics.webhooks.with_label_values(&[outcome.label()]).inc_by(0);
        }
        Ok(metrics)
    }

    /// Counts a request by its route's pattern.
    pub(crate) fn request(&self, route: &str, status: u16) {
        self.requests.with_label_values(&[route, &status.to_string()]).inc();
    }

    /// Counts a login.
    pub(crate) fn login(&self, outcome: Login) {
        self.logins.with_label_values(&[outcome.label()]).inc();
    }

    /// Counts a webhook.
    pub(crate) fn webhook(&self, outcome: Webhook) {
        self.webhooks.with_label_values(&[outcome.label()]).inc();
    }

    /// Counts an accept that came second.
    pub(crate) fn claim_lost(&self) {
        self.claims_lost.inc();
    }

    /// Everything in Prometheus' text format, version 0.0.4.
    pub(crate) fn text(&self, sockets: usize, journal_lag: u64) -> Result<String, Error> {
        self.sockets.set(i64::try_from(sockets).unwrap_or(i64::MAX));
        self.journal_lag.set(i64::try_from(journal_lag).unwrap_or(i64::MAX));
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// Makes metrics that are in the registry already.
struct Maker<'a>(&'a Registry);

impl Maker<'_> {
    fn counter(&self, name: &str, help: &str) -> Result<IntCounter, Error> {
        self.registered(IntCounter::new(name, help)?)
    }

    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, Error> {
        self.registered(IntCounterVec::new(Opts::new(name, help), labels)?)
    }

    fn gauge(&self, name: &str, help: &str) -> Result<IntGauge, Error> {
        self.registered(IntGauge::new(name, help)?)
    }

    /// Times in seconds.
    fn times(&self, name: &str, help: &str, labels: &[&str], buckets: &[f64]) -> Result<HistogramVec, Error> {
        let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        self.registered(HistogramVec::new(options, labels)?)
    }

    fn registered<T: Collector + Clone + 'static>(&self, metric: T) -> Result<T, Error> {
        self.0.register(Box::new(metric.clone()))?;
        Ok(metric)
    }
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
