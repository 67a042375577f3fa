//! Digits from telephone events (RFC 4733).
//!
//! A sender repeats the report of one key press in several packets, the last
//! one three times, all with the same RTP timestamp. Browsers' durations are
//! unreliable beside Opus, so a press is told apart by event and timestamp
//! alone.

use std::collections::VecDeque;

/// How many presses are remembered to recognise a repeat that comes late.
const REMEMBERED_PRESSES: usize = 16;

/// How many digits a handset keeps; a menu never needs more, and a sender
/// that floods digits must not grow the simulator.
const MAX_DIGITS: usize = 256;

/// The keys in the order of their event codes (RFC 4733, section 3.2).
const KEYS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];

/// Collects the digits that the other side pressed, one for each press.
#[derive(Debug, Default)]
pub(crate) struct DigitCollector {
    digits: String,
    seen: VecDeque<(u8, u64)>,
}

impl DigitCollector {
    /// Takes one report: the event code and the RTP timestamp of its packet.
    pub(crate) fn report(&mut self, event: u8, timestamp: u64) {
        let press = (event, timestamp);
        if self.seen.contains(&press) {
            return;
        }
        if self.seen.len() == REMEMBERED_PRESSES {
            self.seen.pop_front();
        }
        self.seen.push_back(press);
        if let Some(key) = KEYS.get(usize::from(event))
            && self.digits.len() < MAX_DIGITS
        {
            self.digits.push(*key);
        }
    }

    /// The digits in the order they were pressed.
    pub(crate) fn digits(&self) -> &str {
        &self.digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_of_a_press_count_once() {
        let mut collector = DigitCollector::default();
        for _ in 0..6 {
            collector.report(1, 1_000);
        }
        collector.report(2, 3_000);
        collector.report(1, 1_000);
        assert_eq!(collector.digits(), "12");
    }

    #[test]
    fn the_same_key_twice_is_two_presses() {
        let mut collector = DigitCollector::default();
        collector.report(11, 800);
        collector.report(11, 2_400);
        assert_eq!(collector.digits(), "##");
    }

    #[test]
    fn unknown_events_are_not_digits_and_floods_are_bounded() {
        let mut collector = DigitCollector::default();
        collector.report(200, 1);
        assert_eq!(collector.digits(), "");
        for n in 0..10_000 {
            collector.report(5, n);
        }
        assert_eq!(collector.digits().len(), MAX_DIGITS);
    }
}
