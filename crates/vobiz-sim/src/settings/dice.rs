//! Chance that can be repeated: the same seed, key and fault always fall the same.

/// FNV-1a, 64 bits: <https://datatracker.ietf.org/doc/html/rfc9923>.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// Bits of a random number that a `f64` holds exactly.
const EXACT_BITS: u32 = 53;

/// Dice for one thing that may be disturbed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dice(u64);

impl Dice {
    /// For what `key` names.
    pub(crate) fn new(seed: u64, key: &str) -> Self {
        Self(hash(FNV_OFFSET ^ seed, key))
    }

    /// Whether a fault of this rate strikes.
    pub(crate) fn strikes(self, fault: &str, rate: f64) -> bool {
        // Most rates are 0: that must never strike, and 1 always.
        self.share(fault) < rate
    }

    /// A number from 0 up to, but not including, 1.
    #[expect(clippy::cast_precision_loss, reason = "the number has as many bits as fit")]
    pub(crate) fn share(self, what: &str) -> f64 {
        let bits = mixed(hash(self.0, what)) >> (u64::BITS - EXACT_BITS);
        bits as f64 / (1_u64 << EXACT_BITS) as f64
    }
}

fn hash(start: u64, text: &str) -> u64 {
    text.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME))
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom
/// number generators, 2014), which spreads a hash over all bits.
fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_falls_the_same_and_rates_hold() {
        let struck = |seed: u64, rate: f64| {
            (0..10_000).filter(|call| Dice::new(seed, &call.to_string()).strikes("loss", rate)).count()
        };
        assert_eq!(struck(7, 0.1), struck(7, 0.1));
        assert_eq!((struck(7, 0.0), struck(7, 1.0)), (0, 10_000));
        for seed in 0..5 {
            assert!((850..1_150).contains(&struck(seed, 0.1)), "{}", struck(seed, 0.1));
        }
        let (one, other) = (Dice::new(1, "a"), Dice::new(2, "a"));
        assert!((one.share("x") - other.share("x")).abs() > f64::EPSILON);
    }
}
