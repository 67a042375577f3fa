//! Token buckets: a burst, then a steady rate.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use wire::AgentName;

use crate::config::Rate;

/// What is left of a rate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    /// A full one.
    pub(crate) fn new(rate: Rate, now: Instant) -> Self {
        Self { tokens: rate.burst, filled: now }
    }

    /// Takes one.
    ///
    /// # Errors
    ///
    /// How long it takes until there is one again.
    pub(crate) fn take(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + passed * rate.per_second).min(rate.burst);
        self.filled = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            Ok(())
        } else {
            Err(Duration::from_secs_f64((1.0 - self.tokens) / rate.per_second))
        }
    }
}

/// A bucket for each agent: as many as the agents file has.
#[derive(Debug)]
pub(crate) struct Budgets {
    rate: Rate,
    buckets: Mutex<HashMap<AgentName, Bucket>>,
}

impl Budgets {
    /// Full ones.
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, buckets: Mutex::default() }
    }

    /// Takes one request from an agent's budget.
    ///
    /// # Errors
    ///
    /// How long to wait.
    pub(crate) fn take(&self, agent: &AgentName, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.entry(agent.clone()).or_insert_with(|| Bucket::new(self.rate, now)).take(self.rate, now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Bucket;
    use crate::config::Rate;

    #[test]
    fn a_burst_then_the_rate() {
        let rate = Rate { burst: 2.0, per_second: 4.0 };
        let now = Instant::now();
        let mut bucket = Bucket::new(rate, now);
        assert_eq!(bucket.take(rate, now), Ok(()));
        assert_eq!(bucket.take(rate, now), Ok(()));
        assert_eq!(bucket.take(rate, now), Err(Duration::from_millis(250)));
        assert_eq!(bucket.take(rate, now + Duration::from_millis(250)), Ok(()));
        let later = now + Duration::from_secs(100);
        assert_eq!(bucket.take(rate, later), Ok(()));
        assert_eq!(bucket.take(rate, later), Ok(()));
        assert!(bucket.take(rate, later).is_err());
    }
}
