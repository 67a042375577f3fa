//! What was between the business and each person: who may still be called.

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;
use vobiz::Number;

use super::refusal::Refusal;
use crate::settings::Limits;

const DAY: u64 = 86_400;
const MINUTE: u64 = 60;

/// A channel and a person.
type Pair = (Uuid, Number);

/// Counts calls against the limits. Times are unix seconds.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    known: HashMap<Pair, Past>,
    /// Outbound calls of the last minute.
    initiated: VecDeque<u64>,
}

#[derive(Debug, Default)]
struct Past {
    /// Outbound calls in a row that the person refused or let ring.
    unanswered: u32,
    /// Outbound calls of the last day that were picked up.
    connected: VecDeque<u64>,
}

impl Pairs {
    /// Whether the person may be called now.
    pub(super) fn check(&mut self, pair: &Pair, limits: Limits, now: u64) -> Result<(), Refusal> {
        forget(&mut self.initiated, now.saturating_sub(MINUTE));
        if let Some(past) = self.known.get_mut(pair) {
            if limits.unanswered_in_a_row > 0 && past.unanswered >= limits.unanswered_in_a_row {
                return Err(Refusal::PermissionRevoked);
            }
            forget(&mut past.connected, now.saturating_sub(DAY));
            if let Some(first) = past.connected.front()
                && past.connected.len() >= limits.connected_per_day as usize
            {
                return Err(Refusal::DailyLimit { next: first + DAY });
            }
        }
        match self.initiated.front() {
            Some(first)
                if limits.calls_per_minute > 0
                    && self.initiated.len() >= limits.calls_per_minute as usize =>
            {
                Err(Refusal::TooFast { wait: (first + MINUTE).saturating_sub(now).max(1) })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// An outbound call was made.
    pub(super) fn initiated(&mut self, now: u64) {
        self.initiated.push_back(now);
    }

    /// An outbound call was picked up.
    pub(super) fn connected(&mut self, pair: Pair, now: u64) {
        let past = self.known.entry(pair).or_default();
        past.unanswered = 0;
        past.connected.push_back(now);
    }

    /// An outbound call was refused or not picked up.
    pub(super) fn unanswered(&mut self, pair: Pair) {
        self.known.entry(pair).or_default().unanswered += 1;
    }

    /// The person may be called again, whatever was.
    pub(super) fn forgive(&mut self, number: &Number) {
        self.known.retain(|(_, known), _| known != number);
    }
}

fn forget(times: &mut VecDeque<u64>, before: u64) {
    while times.front().is_some_and(|time| *time <= before) {
        times.pop_front();
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn pair() -> Pair {
        (Uuid::nil(), Number::parse("+919800000001").unwrap())
    }

    #[test]
    fn four_in_a_row_revoke_the_permission_and_an_answer_restores_the_count() {
        let (mut pairs, limits) = (Pairs::default(), Limits::default());
        for _ in 0..3 {
            pairs.unanswered(pair());
        }
        assert_eq!(pairs.check(&pair(), limits, 10), Ok(()));
        pairs.connected(pair(), 10);
        pairs.unanswered(pair());
        assert_eq!(pairs.check(&pair(), limits, 11), Ok(()));
        for _ in 0..3 {
            pairs.unanswered(pair());
        }
        assert_eq!(pairs.check(&pair(), limits, 12), Err(Refusal::PermissionRevoked));
        pairs.forgive(&pair().1);
        assert_eq!(pairs.check(&pair(), limits, 12), Ok(()));
    }

    #[test]
    fn a_hundred_in_a_day_and_so_many_in_a_minute() {
        let mut pairs = Pairs::default();
        for second in 0..100 {
            pairs.connected(pair(), 1_000 + second);
        }
        let limits = Limits::default();
        assert_eq!(pairs.check(&pair(), limits, 2_000), Err(Refusal::DailyLimit { next: 1_000 + DAY }));
        assert_eq!(pairs.check(&pair(), limits, 1_000 + DAY), Ok(()));

        let limits = Limits { calls_per_minute: 2, ..Limits::default() };
        let mut pairs = Pairs::default();
        pairs.initiated(100);
        assert_eq!(pairs.check(&pair(), limits, 101), Ok(()));
        pairs.initiated(101);
        assert_eq!(pairs.check(&pair(), limits, 110), Err(Refusal::TooFast { wait: 50 }));
        assert_eq!(pairs.check(&pair(), limits, 160), Ok(()));
    }
}
