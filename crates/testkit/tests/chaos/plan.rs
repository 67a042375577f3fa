//! How long and how hard a run is.

use std::time::Duration;

/// Which journal the relays keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file, and one relay.
    Sqlite,
    /// One `nats-server`, and several relays.
    Nats,
}

/// A run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Calls in all.
    pub calls: usize,
    /// Agents who are signed in.
    pub agents: usize,
    /// Calls at a time.
    pub at_once: usize,
    /// Relays behind the balancer.
    pub relays: usize,
    /// How often one of them is killed and started again.
    pub kill_every: Duration,
    /// Which journal they keep; always a new one.
    pub engine: Engine,
    /// `RELAY_ROUTING`.
    pub routing: String,
    /// Where the randomness begins.
    pub seed: u64,
}

impl Plan {
    /// A short run, or the one that the environment asks for: `CHAOS_CALLS`,
    /// `CHAOS_AGENTS`, `CHAOS_AT_ONCE`, `CHAOS_RELAYS` (with NATS), `CHAOS_KILL_EVERY_MS`,
    /// `CHAOS_ROUTING`, `CHAOS_SEED`.
    pub fn read(engine: Engine, seed: u64) -> Self {
        let number = |name, usual: u64| {
            let told = std::env::var(name).ok();
            told.map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
        };
        let count = |name, usual| usize::try_from(number(name, usual)).unwrap();
        Self {
            calls: count("CHAOS_CALLS", 60),
            agents: count("CHAOS_AGENTS", 10),
            at_once: count("CHAOS_AT_ONCE", 8),
            relays: match engine {
                Engine::Sqlite => 1,
                Engine::Nats => count("CHAOS_RELAYS", 2),
            },
            kill_every: Duration::from_millis(number("CHAOS_KILL_EVERY_MS", 2_500)),
            engine,
            routing: std::env::var("CHAOS_ROUTING").unwrap_or_else(|_| "ring-all".to_owned()),
            seed: number("CHAOS_SEED", seed),
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Dice of its own for somebody.
    pub fn of(seed: u64, who: u64) -> Self {
        let mut dice = Self(seed ^ who.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        dice.roll();
        dice
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % bound as u64).unwrap()
    }

    /// So many times in a hundred.
    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub fn between(&mut self, from_ms: usize, to_ms: usize) -> Duration {
        Duration::from_millis((from_ms + self.below(to_ms - from_ms)) as u64)
    }
}
