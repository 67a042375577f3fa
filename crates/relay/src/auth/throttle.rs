//! Slows guessing down: after a few wrong passwords each further try has to wait
//! longer, for the name and for the address. Time is passed in.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Wrong tries for a name before it has to wait.
const FREE_FOR_NAME: u32 = 4;
/// Wrong tries from an address before it has to wait: a whole office may share one.
const FREE_FOR_ADDRESS: u32 = 20;
/// The first wait; it doubles with each further wrong try.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait. Not longer, or a stranger could lock an agent out for good.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Wrong tries are forgotten after this time without another.
const FORGET_AFTER: Duration = Duration::from_mins(15);
/// Names and addresses that are remembered; the longest quiet are dropped first.
const MAX_ENTRIES: usize = 10_000;

/// Counts wrong tries.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    entries: Mutex<HashMap<Key, Entry>>,
    /// Names are kept as hashes: they are of any length, and may be passwords typed
    /// into the wrong field.
    hash: RandomState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Name(u64),
    Address(IpAddr),
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    tries: u32,
    last: Instant,
}

impl Throttle {
    /// Asks to try, and counts the try as wrong until [`Throttle::succeeded`] says
    /// otherwise: tries at the same moment can't all slip through.
    ///
    /// # Errors
    ///
    /// How long to wait before the next try.
    pub(crate) fn begin(&self, now: Instant, username: &str, address: IpAddr) -> Result<(), Duration> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = self.keys(username, address);
        let wait = keys.iter().filter_map(|key| entries.get(key)?.wait(now, *key)).max();
        if let Some(wait) = wait {
            return Err(wait);
        }
        for key in keys {
            make_room(&mut entries, now, &key);
            let entry = entries.entry(key).or_insert(Entry { tries: 0, last: now });
            if now.saturating_duration_since(entry.last) > FORGET_AFTER {
                entry.tries = 0;
            }
            entry.tries = entry.tries.saturating_add(1);
            entry.last = now;
        }
        Ok(())
    }

    /// The password was right: name and address start afresh.
    pub(crate) fn succeeded(&self, username: &str, address: IpAddr) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        for key in self.keys(username, address) {
            entries.remove(&key);
        }
    }

    fn keys(&self, username: &str, address: IpAddr) -> [Key; 2] {
        [Key::Name(self.hash.hash_one(username)), Key::Address(network(address))]
    }
}

impl Entry {
    fn wait(self, now: Instant, key: Key) -> Option<Duration> {
        let quiet = now.saturating_duration_since(self.last);
        if quiet > FORGET_AFTER {
            return None;
        }
        let free = match key {
            Key::Name(_) => FREE_FOR_NAME,
            Key::Address(_) => FREE_FOR_ADDRESS,
        };
        let doublings = self.tries.checked_sub(free)?;
        let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST_WAIT);
        wait.checked_sub(quiet).filter(|left| !left.is_zero())
    }
}

/// One network for a whole IPv6 /64, which is what one customer gets (RFC 6177).
fn network(address: IpAddr) -> IpAddr {
    const PREFIX_64: u128 = !0 << 64;
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => std::net::Ipv6Addr::from_bits(address.to_bits() & PREFIX_64).into(),
    }
}

/// Keeps the memory bounded, whatever is tried.
fn make_room(entries: &mut HashMap<Key, Entry>, now: Instant, key: &Key) {
    if entries.len() < MAX_ENTRIES || entries.contains_key(key) {
        return;
    }
    entries.retain(|_, entry| now.saturating_duration_since(entry.last) <= FORGET_AFTER);
    while entries.len() >= MAX_ENTRIES {
        let Some(quietest) = entries.iter().min_by_key(|(_, entry)| entry.last).map(|(key, _)| *key) else {
            return;
        };
        entries.remove(&quietest);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::{IpAddr, Ipv4Addr},
        time::{Duration, Instant},
    };

    use super::{FREE_FOR_ADDRESS, FREE_FOR_NAME, LONGEST_WAIT, MAX_ENTRIES, Throttle};

    const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn the_wait_doubles_and_has_an_end() {
        let throttle = Throttle::default();
        let mut now = Instant::now();
        for _ in 0..FREE_FOR_NAME {
            assert_eq!(throttle.begin(now, "asha", HOME), Ok(()));
        }
        let mut waits = Vec::new();
        for _ in 0..8 {
            let Err(wait) = throttle.begin(now, "asha", HOME) else { continue };
            waits.push(wait.as_secs());
            now += wait;
            assert_eq!(throttle.begin(now, "asha", HOME), Ok(()));
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(throttle.begin(now, "ben", HOME), Ok(()), "another name does not wait");
        assert_eq!(throttle.begin(now + LONGEST_WAIT, "asha", HOME), Ok(()));
    }

    #[test]
    fn success_and_time_forgive() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..FREE_FOR_NAME {
            assert_eq!(throttle.begin(now, "asha", HOME), Ok(()));
        }
        throttle.succeeded("asha", HOME);
        for _ in 0..FREE_FOR_NAME {
            assert_eq!(throttle.begin(now, "asha", HOME), Ok(()));
        }
        assert!(throttle.begin(now, "asha", HOME).is_err());
        let later = now + Duration::from_mins(16);
        for _ in 0..FREE_FOR_NAME {
            assert_eq!(throttle.begin(later, "asha", HOME), Ok(()));
        }
    }

    #[test]
    fn an_address_that_tries_many_names_has_to_wait() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for n in 0..FREE_FOR_ADDRESS {
            assert_eq!(throttle.begin(now, &format!("name{n}"), HOME), Ok(()));
        }
        assert!(throttle.begin(now, "yet another", HOME).is_err());
        assert_eq!(throttle.begin(now, "yet another", IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2))), Ok(()));
    }

    #[test]
    fn one_ipv6_customer_is_one_address() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for n in 0..FREE_FOR_ADDRESS {
            let address = IpAddr::V6(std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, n as u16));
            assert_eq!(throttle.begin(now, &format!("name{n}"), address), Ok(()));
        }
        let next = IpAddr::V6(std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 9, 9, 9, 9));
        assert!(throttle.begin(now, "one more", next).is_err());
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for n in 0..MAX_ENTRIES as u32 + 100 {
            let _ = throttle.begin(now, &n.to_string(), IpAddr::V4(Ipv4Addr::from_bits(n)));
        }
        assert!(throttle.entries.lock().is_ok_and(|entries| entries.len() <= MAX_ENTRIES));
    }
}
