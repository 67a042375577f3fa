//! The way of datagrams between a handset and the business: what is lost, late or
//! held up on it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::settings::{Dice, Flow, MediaChaos};

/// Datagrams that are late at once; further ones are lost. Ten seconds of sound
/// both ways and what goes with it.
const MOST_HELD: usize = 2_048;

/// Which way a datagram goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From the business to the person.
    In,
    /// From the person to the business.
    Out,
}

/// A datagram on its way.
#[derive(Debug)]
pub(super) struct Held {
    due: Instant,
    pub(super) way: Way,
    /// Where it comes from or goes to.
    pub(super) other: SocketAddr,
    pub(super) datagram: Vec<u8>,
}

/// The way itself.
#[derive(Debug, Default)]
pub(super) struct MediaPath {
    chaos: MediaChaos,
    count: u64,
    held: Vec<Held>,
}

impl MediaPath {
    pub(super) fn new(chaos: MediaChaos) -> Self {
        Self { chaos, ..Self::default() }
    }

    /// Other figures hold from here on.
    pub(super) fn disturb(&mut self, chaos: MediaChaos) {
        self.chaos = chaos;
    }

    /// Whether a datagram gets through at once. One that is late comes out of
    /// [`MediaPath::due`].
    pub(super) fn passes(&mut self, now: Instant, way: Way, other: SocketAddr, datagram: &[u8]) -> bool {
        if self.chaos.is_calm() {
            return true;
        }
        self.count += 1;
        let dice = Dice::new(self.chaos.seed, &self.count.to_string());
        let is_blocked = match (self.chaos.flow, way) {
            (Flow::Both, _) | (Flow::ToAgent, Way::Out) | (Flow::ToPerson, Way::In) => false,
            (Flow::ToAgent, Way::In) | (Flow::ToPerson, Way::Out) => true,
        };
        let is_lost = is_media(datagram) && (is_blocked || dice.strikes("loss", self.chaos.loss));
        if self.chaos.paused || is_lost {
            return false;
        }
        let late = self.chaos.delay + self.chaos.jitter.mul_f64(dice.share("jitter"));
        if late == Duration::ZERO {
            return true;
        }
        if self.held.len() < MOST_HELD {
            self.held.push(Held { due: now + late, way, other, datagram: datagram.to_vec() });
        }
        false
    }

    /// When the next late datagram gets through.
    pub(super) fn next(&self) -> Option<Instant> {
        self.held.iter().map(|held| held.due).min()
    }

    /// A datagram that gets through now; the longest due first.
    pub(super) fn due(&mut self, now: Instant) -> Option<Held> {
        let (index, held) = self.held.iter().enumerate().min_by_key(|(_, held)| held.due)?;
        (held.due <= now).then(|| self.held.remove(index))
    }
}

/// Whether a datagram is SRTP or SRTCP, not ICE or DTLS (RFC 7983, section 7).
pub(super) fn is_media(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|first| (128..192).contains(first))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const MEDIA: [u8; 2] = [128, 0];
    const CHECK: [u8; 2] = [0, 1];

    fn passed(chaos: MediaChaos, way: Way, datagram: &[u8]) -> usize {
        let mut path = MediaPath::new(chaos);
        let other = "192.0.2.1:9".parse().unwrap();
        (0..1_000).filter(|_| path.passes(Instant::now(), way, other, datagram)).count()
    }

    #[test]
    fn what_is_lost_is_media_in_the_way_that_is_closed() {
        let calm = MediaChaos::default();
        assert_eq!(passed(calm, Way::In, &MEDIA), 1_000);
        let lossy = MediaChaos { loss: 0.2, ..calm };
        assert!((730..870).contains(&passed(lossy, Way::In, &MEDIA)));
        assert_eq!(passed(lossy, Way::In, &CHECK), 1_000);
        let one_way = MediaChaos { flow: Flow::ToAgent, ..calm };
        assert_eq!((passed(one_way, Way::In, &MEDIA), passed(one_way, Way::Out, &MEDIA)), (0, 1_000));
        let paused = MediaChaos { paused: true, ..calm };
        assert_eq!(passed(paused, Way::Out, &CHECK), 0);
    }

    #[test]
    fn what_is_late_comes_later_in_the_order_of_its_time() {
        let chaos = MediaChaos {
            delay: Duration::from_millis(100),
            jitter: Duration::from_millis(50),
            ..MediaChaos::default()
        };
        let mut path = MediaPath::new(chaos);
        let now = Instant::now();
        for number in 0..10 {
            assert!(!path.passes(now, Way::Out, "192.0.2.1:9".parse().unwrap(), &[128, number]));
        }
        assert!(path.due(now + Duration::from_millis(99)).is_none());
        assert!(path.next().unwrap() >= now + Duration::from_millis(100));
        let mut dues = Vec::new();
        while let Some(held) = path.due(now + Duration::from_millis(151)) {
            dues.push(held.due);
        }
        assert_eq!(dues.len(), 10);
        assert!(dues.is_sorted());
        assert!(dues.first() < dues.last());
    }
}
