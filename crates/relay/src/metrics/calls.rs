//! What the facts say about calls: how many, how they end, how long they ring.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use prometheus::{HistogramVec, IntCounter, IntCounterVec};
use switchboard::state::{Call, Origin, Stage};
use switchboard::{CallFact, Fact, State};
use wire::{CallId, EndReason, UnixMillis};

use super::{Error, Maker};

/// Borders of ringing, in seconds. An inbound caller is gone after 60 s at the latest.
const RINGING: [f64; 9] = [1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0];
/// Borders of what an agent waits for after the click, in seconds.
const ANSWERING: [f64; 9] = [0.1, 0.25, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0, 30.0];
/// Borders of talking, in seconds.
const TALKING: [f64; 8] = [5.0, 15.0, 30.0, 60.0, 180.0, 600.0, 1_800.0, 3_600.0];
/// Calls that are followed at once: far more than an account can have open. Further ones
/// are counted, but not timed.
const MAX_FOLLOWED: usize = 20_000;

/// The metrics, and what is known of calls that are not over.
pub(super) struct CallMetrics {
    begun: IntCounterVec,
    ended: IntCounterVec,
    claims: IntCounter,
    ringing: HistogramVec,
    answering: HistogramVec,
    talking: HistogramVec,
    open: Mutex<HashMap<CallId, Open>>,
}

/// A call that is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Open {
    direction: &'static str,
    began: UnixMillis,
    claimed: Option<UnixMillis>,
    answered: Option<UnixMillis>,
}

impl CallMetrics {
    pub(super) fn new(made: &Maker<'_>) -> Result<Self, Error> {
        let metrics = Self {
            begun: made.counters("relay_calls_begun_total", "Calls that began.", &["direction"])?,
            ended: made.counters(
                "relay_calls_total",
                "Calls that are over, by how they ended.",
                &["direction", "outcome"],
            )?,
            claims: made.counter("relay_claims_total", "Inbound calls that an agent got.")?,
            ringing: made.times(
                "relay_ring_seconds",
                "How long an inbound call rang before an agent had it, or it was over.",
                &["outcome"],
                &RINGING,
            )?,
            answering: made.times(
                "relay_answer_seconds",
                "Inbound: from an agent's click to the upstream's yes. Outbound: from dialling to the pick-up.",
                &["direction"],
                &ANSWERING,
            )?,
            talking: made.times("relay_talk_seconds", "How long was talked.", &["direction"], &TALKING)?,
            open: Mutex::default(),
        };
        for direction in [INBOUND, OUTBOUND] {
            metrics.begun.with_label_values(&[direction]).inc_by(0);
            for outcome in OUTCOMES {
                metrics.ended.with_label_values(&[direction, outcome]).inc_by(0);
            }
        }
        Ok(metrics)
    }

    /// Takes a fact in. Those that this relay appended are counted; those that it only
    /// read, being another relay's or from before its start, are what later ones are
    /// timed by.
    pub(super) fn note(&self, fact: &Fact, at: UnixMillis, is_own: bool) {
        let Fact::Call { call, what } = fact else { return };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match what {
            CallFact::Offered { .. } => self.begin(&mut open, call, INBOUND, at, is_own),
            CallFact::Dialed { .. } => self.begin(&mut open, call, OUTBOUND, at, is_own),
            CallFact::Claimed { .. } => {
                if is_own {
                    self.claims.inc();
                }
                if let Some(known) = open.get_mut(call) {
                    known.claimed = Some(at);
                    observe(&self.ringing, "claimed", known.began, at, is_own);
                }
            }
            CallFact::UpstreamAccepted | CallFact::Answered => {
                if let Some(known) = open.get_mut(call) {
                    known.answered = Some(at);
                    let since = known.claimed.unwrap_or(known.began);
                    observe(&self.answering, known.direction, since, at, is_own);
                }
            }
            CallFact::Ended { reason, .. } => {
                let known = open.remove(call);
                if is_own {
                    let direction = known.map_or(UNHEARD, |known| known.direction);
                    self.ended.with_label_values(&[direction, outcome(reason)]).inc();
                }
                if let Some(known) = known {
                    self.end(known, at, is_own);
                }
            }
            CallFact::Heard { .. }
            | CallFact::Rang { .. }
            | CallFact::RingShown { .. }
            | CallFact::Silenced { .. }
            | CallFact::Passed { .. }
            | CallFact::Prepared { .. }
            | CallFact::PrepareFailed
            | CallFact::TakenUp { .. }
            | CallFact::AcceptRefused { .. }
            | CallFact::Declined { .. }
            | CallFact::AnswerDelivered
            | CallFact::Initiated { .. }
            | CallFact::InitiateUncertain
            | CallFact::InitiateRefused
            | CallFact::InitiateGivenUp
            | CallFact::Linked { .. }
            | CallFact::AnswerReceived { .. }
            | CallFact::LookedUp
            | CallFact::FoundLive
            | CallFact::FarEndRang
            | CallFact::EndExplained { .. }
            | CallFact::Reported { .. }
            | CallFact::Settled { .. } => {}
        }
    }

    /// Takes over the calls of a state whose facts are not read again: later ones are timed
    /// by them.
    pub(super) fn begin_with(&self, state: &State) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let known = state.open_calls().filter_map(|call| Some((call.id.clone(), Open::of(call)?)));
        open.extend(known.take(MAX_FOLLOWED));
    }

    fn begin(
        &self,
        open: &mut HashMap<CallId, Open>,
        call: &CallId,
        direction: &'static str,
        at: UnixMillis,
        is_own: bool,
    ) {
        if is_own {
            self.begun.with_label_values(&[direction]).inc();
        }
        if open.len() < MAX_FOLLOWED {
            open.insert(call.clone(), Open { direction, began: at, claimed: None, answered: None });
        }
    }

    fn end(&self, known: Open, at: UnixMillis, is_own: bool) {
        if let Some(answered) = known.answered {
            observe(&self.talking, known.direction, answered, at, is_own);
        }
        if known.direction == INBOUND && known.claimed.is_none() {
            observe(&self.ringing, "not_claimed", known.began, at, is_own);
        }
    }
}

impl Open {
    /// The same as its facts would have made.
    fn of(call: &Call) -> Option<Self> {
        let direction = match call.origin {
            Origin::Inbound => INBOUND,
            Origin::Outbound { .. } => OUTBOUND,
            Origin::Unheard => return None,
        };
        let (claimed, answered) = match call.stage {
            Stage::Ringing(_) | Stage::Dialing(_) | Stage::Ended { .. } => (None, None),
            Stage::Answering { since, .. } => (Some(since), None),
            Stage::Talking { since, claimed, .. } => (Some(claimed), Some(since)),
        };
        Some(Self { direction, began: call.since, claimed, answered })
    }
}

const INBOUND: &str = "inbound";
const OUTBOUND: &str = "outbound";
/// Of such a call only the end was heard.
const UNHEARD: &str = "unknown";

const OUTCOMES: [&str; 8] =
    ["hung_up", "far_end_hung_up", "missed", "declined", "rejected", "unanswered", "cancelled", "failed"];

fn outcome(reason: &EndReason) -> &'static str {
    match reason {
        EndReason::HungUp => "hung_up",
        EndReason::FarEndHungUp => "far_end_hung_up",
        EndReason::Missed => "missed",
        EndReason::Declined => "declined",
        EndReason::Rejected => "rejected",
        EndReason::Unanswered => "unanswered",
        EndReason::Cancelled => "cancelled",
        EndReason::Failed { .. } => "failed",
    }
}

fn observe(times: &HistogramVec, label: &str, from: UnixMillis, to: UnixMillis, is_own: bool) {
    if is_own {
        // Milliseconds of a call's length are exact in an f64.
        times.with_label_values(&[label]).observe(to.saturating_sub(from) as f64 / 1_000.0);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use insta::assert_snapshot;
    use prometheus::{Registry, TextEncoder};
    use switchboard::{CallFact, Fact, Settings, State, fold};
    use wire::{EndReason, Party};

    use super::{super::Maker, CallMetrics};

    fn fact(call: &str, what: CallFact) -> Fact {
        Fact::Call { call: call.into(), what }
    }

    fn offered(call: &str) -> Fact {
        fact(
            call,
            CallFact::Offered {
                channel: vobiz::Uuid::from_u128(1),
                party: Party::default(),
                user_id: None,
                business: None,
                offer: String::new(),
                expires: 60_000,
            },
        )
    }

    fn ended(call: &str, reason: EndReason) -> Fact {
        fact(call, CallFact::Ended { reason, due: None })
    }

    #[test]
    fn facts_become_numbers_and_only_own_ones_count() {
        let registry = Registry::new();
        let metrics = CallMetrics::new(&Maker(&registry)).unwrap();
        let claimed = |call| fact(call, CallFact::Claimed { agent: "asha".into(), sdp: String::new() });
        // Ours throughout: rings for 4 s, connects in 300 ms, talks for 60 s.
        metrics.note(&offered("a"), 1_000, true);
        metrics.note(&claimed("a"), 5_000, true);
        metrics.note(&fact("a", CallFact::UpstreamAccepted), 5_300, true);
        metrics.note(&ended("a", EndReason::HungUp), 65_300, true);
        // Began at another relay, ended here.
        metrics.note(&offered("b"), 1_000, false);
        metrics.note(&ended("b", EndReason::Missed), 41_000, true);
        // Another relay's altogether.
        metrics.note(&offered("c"), 1_000, false);
        metrics.note(&claimed("c"), 2_000, false);
        metrics.note(&ended("c", EndReason::HungUp), 3_000, false);
        // Only its end was heard.
        metrics.note(&ended("d", EndReason::Missed), 3_000, true);
        assert!(metrics.open.lock().unwrap().is_empty(), "what is over is forgotten");

        let text = TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
        let told: Vec<&str> = text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.contains("_bucket") && !line.ends_with(" 0"))
            .collect();
        assert_snapshot!(told.join("\n"), @r#"
        relay_answer_seconds_sum{direction="inbound"} 0.3
        relay_answer_seconds_count{direction="inbound"} 1
        relay_calls_begun_total{direction="inbound"} 1
        relay_calls_total{direction="inbound",outcome="hung_up"} 1
        relay_calls_total{direction="inbound",outcome="missed"} 1
        relay_calls_total{direction="unknown",outcome="missed"} 1
        relay_claims_total 1
        relay_ring_seconds_sum{outcome="claimed"} 4
        relay_ring_seconds_count{outcome="claimed"} 1
        relay_ring_seconds_sum{outcome="not_claimed"} 40
        relay_ring_seconds_count{outcome="not_claimed"} 1
        relay_talk_seconds_sum{direction="inbound"} 60
        relay_talk_seconds_count{direction="inbound"} 1
        "#);
    }

    #[test]
    fn a_state_says_of_open_calls_what_their_facts_do() {
        let dialed = CallFact::Dialed {
            agent: "asha".into(),
            channel: vobiz::Uuid::from_u128(1),
            to: vobiz::Number::parse("+919800000002").unwrap(),
            business: None,
        };
        let claimed = CallFact::Claimed { agent: "asha".into(), sdp: String::new() };
        let facts = [
            (1, offered("rings")),
            (2, offered("answers")),
            (3, fact("answers", claimed.clone())),
            (4, offered("talks")),
            (5, fact("talks", claimed)),
            (6, fact("talks", CallFact::UpstreamAccepted)),
            (7, fact("dials", dialed)),
            (8, offered("over")),
            (9, ended("over", EndReason::Missed)),
        ];
        let metrics = || CallMetrics::new(&Maker(&Registry::new())).unwrap();
        let (by_facts, by_state) = (metrics(), metrics());
        let mut state = State::new(Settings::default());
        for (at, fact) in &facts {
            by_facts.note(fact, *at, false);
            fold(&mut state, fact, *at);
        }
        by_state.begin_with(&state);
        let open = |metrics: &CallMetrics| metrics.open.lock().unwrap().clone();
        assert_eq!(open(&by_state), open(&by_facts));
        assert_eq!(open(&by_state).len(), 4);
    }
}
