//! What goes wrong, how often, and from which seed: the same seed disturbs the
//! same events of the same calls.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{SettingError, millis};

/// Longest delay of a webhook.
const MAX_DELAY: Duration = Duration::from_secs(10);

/// Longest latency or hang of a request, jitter or delay of media: longer than
/// any client waits.
const MAX_WAIT: Duration = Duration::from_secs(120);

/// Most requests that fail in a row, and most repeats of a delivery.
const MAX_BURST: u32 = 1_000;
const MAX_REPEATS: usize = 16;

/// Everything that goes wrong.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Chaos {
    /// Events on their way to the product.
    pub webhooks: WebhookChaos,
    /// Requests of the product.
    pub rest: RestChaos,
    /// Sound of calls that have no figures of their own.
    pub media: MediaChaos,
}

/// What happens to events; rates are from 0 to 1 and hold for each event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookChaos {
    /// Decides which events are disturbed.
    pub seed: u64,
    /// Delivered twice, half of the time with an `event_id` of its own.
    pub duplicate: f64,
    /// A connect is held back for up to `hold_ms`; a terminate that comes in
    /// that time goes first.
    pub terminate_first: f64,
    /// How long a connect is held back.
    #[serde(rename = "hold_ms", with = "millis")]
    pub hold: Duration,
    /// The connect comes again after the terminate.
    pub connect_again: f64,
    /// Delivered late, by up to `delay_max_ms`.
    pub delay: f64,
    /// Longest delay.
    #[serde(rename = "delay_max_ms", with = "millis")]
    pub delay_max: Duration,
    /// The first delivery is lost; it comes by the schedule of repeats.
    pub loss: f64,
    /// Never delivered.
    pub vanish: f64,
    /// Delivered before the reply to the request that caused it.
    pub early: f64,
    /// In the other of the two shapes.
    pub inner_value: f64,
    /// Without numbers.
    pub numbers_missing: f64,
    /// Status in any letter case.
    pub any_case: f64,
    /// Preceded by an event of an unknown type.
    pub unknown_type: f64,
    /// With fields that nobody knows.
    pub unknown_field: f64,
    /// First with a wrong signature, then right by the schedule of repeats.
    pub wrong_signature: f64,
    /// Pauses before the repeats of a delivery that failed, in milliseconds.
    pub retry_ms: Vec<u64>,
}

impl Default for WebhookChaos {
    fn default() -> Self {
        Self {
            seed: 1,
            duplicate: 0.0,
            terminate_first: 0.0,
            hold: Duration::from_millis(1_500),
            connect_again: 0.0,
            delay: 0.0,
            delay_max: Duration::from_secs(2),
            loss: 0.0,
            vanish: 0.0,
            early: 0.0,
            inner_value: 0.0,
            numbers_missing: 0.0,
            any_case: 0.0,
            unknown_type: 0.0,
            unknown_field: 0.0,
            wrong_signature: 0.0,
            // With the last of them a receiver may be away for about eight seconds.
            retry_ms: vec![250, 500, 1_000, 2_000, 4_000],
        }
    }
}

/// What happens to requests; rates are from 0 to 1 and hold for each request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RestChaos {
    /// Decides which requests are disturbed.
    pub seed: u64,
    /// Takes longer, by up to `latency_max_ms`.
    pub latency: f64,
    /// Longest latency.
    #[serde(rename = "latency_max_ms", with = "millis")]
    pub latency_max: Duration,
    /// Carried out, but not answered for `hang_ms`.
    pub hang: f64,
    /// How long a hang takes.
    #[serde(rename = "hang_ms", with = "millis")]
    pub hang_time: Duration,
    /// Carried out, but the connection breaks in the middle of the reply.
    pub reset: f64,
    /// Answered with 5xx, and so are the `burst` requests that follow; half of
    /// them are carried out all the same.
    pub error: f64,
    /// Further requests that fail after one did.
    pub burst: u32,
}

impl Default for RestChaos {
    fn default() -> Self {
        Self {
            seed: 1,
            latency: 0.0,
            latency_max: Duration::from_secs(2),
            hang: 0.0,
            hang_time: Duration::from_secs(60),
            reset: 0.0,
            error: 0.0,
            burst: 2,
        }
    }
}

/// Which way media gets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Both ways.
    #[default]
    Both,
    /// Only from the person to the agent.
    ToAgent,
    /// Only from the agent to the person.
    ToPerson,
}

/// What happens to datagrams of a call.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MediaChaos {
    /// Decides which datagrams are lost and how late they are.
    pub seed: u64,
    /// Share of media that is lost, each way, from 0 to 1.
    pub loss: f64,
    /// Each datagram is late by up to this much more.
    #[serde(rename = "jitter_ms", with = "millis")]
    pub jitter: Duration,
    /// Each datagram is late by this much.
    #[serde(rename = "delay_ms", with = "millis")]
    pub delay: Duration,
    /// Which way media gets through.
    pub flow: Flow,
    /// Nothing gets through, not even connectivity checks.
    pub paused: bool,
}

impl Default for MediaChaos {
    fn default() -> Self {
        Self {
            seed: 1,
            loss: 0.0,
            jitter: Duration::ZERO,
            delay: Duration::ZERO,
            flow: Flow::Both,
            paused: false,
        }
    }
}

impl Chaos {
    /// Refuses rates that are none and times that are too long.
    pub(crate) fn check(&self) -> Result<(), SettingError> {
        let Self { webhooks, rest, media } = self;
        rates(
            "webhooks",
            &[
                ("duplicate", webhooks.duplicate),
                ("terminate_first", webhooks.terminate_first),
                ("connect_again", webhooks.connect_again),
                ("delay", webhooks.delay),
                ("loss", webhooks.loss),
                ("vanish", webhooks.vanish),
                ("early", webhooks.early),
                ("inner_value", webhooks.inner_value),
                ("numbers_missing", webhooks.numbers_missing),
                ("any_case", webhooks.any_case),
                ("unknown_type", webhooks.unknown_type),
                ("unknown_field", webhooks.unknown_field),
                ("wrong_signature", webhooks.wrong_signature),
            ],
        )?;
        rates(
            "rest",
            &[("latency", rest.latency), ("hang", rest.hang), ("reset", rest.reset), ("error", rest.error)],
        )?;
        at_most("webhooks.hold_ms", webhooks.hold, MAX_DELAY)?;
        at_most("webhooks.delay_max_ms", webhooks.delay_max, MAX_DELAY)?;
        at_most("rest.latency_max_ms", rest.latency_max, MAX_WAIT)?;
        at_most("rest.hang_ms", rest.hang_time, MAX_WAIT)?;
        if rest.burst > MAX_BURST {
            return fault("rest.burst", format!("must be at most {MAX_BURST}"));
        }
        if webhooks.retry_ms.len() > MAX_REPEATS {
            return fault("webhooks.retry_ms", format!("must have at most {MAX_REPEATS} pauses"));
        }
        if webhooks.retry_ms.iter().any(|pause| Duration::from_millis(*pause) > MAX_WAIT) {
            return fault("webhooks.retry_ms", format!("must have pauses up to {}", MAX_WAIT.as_millis()));
        }
        media.check()
    }
}

impl MediaChaos {
    /// Refuses a rate that is none and times that are too long.
    pub(crate) fn check(&self) -> Result<(), SettingError> {
        rates("media", &[("loss", self.loss)])?;
        at_most("media.jitter_ms", self.jitter, MAX_DELAY)?;
        at_most("media.delay_ms", self.delay, MAX_DELAY)
    }

    /// Whether nothing is disturbed.
    pub(crate) fn is_calm(&self) -> bool {
        let Self { seed: _, loss, jitter, delay, flow, paused } = *self;
        loss <= 0.0 && jitter.is_zero() && delay.is_zero() && flow == Flow::Both && !paused
    }
}

fn rates(group: &str, rates: &[(&str, f64)]) -> Result<(), SettingError> {
    match rates.iter().find(|(_, rate)| !(0.0..=1.0).contains(rate)) {
        Some((name, _)) => fault(&format!("{group}.{name}"), "must be from 0 to 1".into()),
        None => Ok(()),
    }
}

fn at_most(place: &str, time: Duration, most: Duration) -> Result<(), SettingError> {
    if time <= most { Ok(()) } else { fault(place, format!("must be at most {}", most.as_millis())) }
}

fn fault(place: &str, what: String) -> Result<(), SettingError> {
    Err(SettingError { path: format!("chaos.{place}"), what })
}
