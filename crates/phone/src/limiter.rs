//! Holds the volume of the far end below what hurts in a headset.
//!
//! Levels are peaks, read some times a second. What is too loud is turned down with the next
//! reading, by as much as it is too loud; when it has been quiet for a second it comes back
//! little by little, so that speech does not pump.

/// The loudest peak that is let through as it is, 0 to [`crate::line::FULL`]: -9 dBFS, where
/// speech at its nominal level of -26 dBov (ITU-T P.56) has its highest peaks.
pub const LOUDEST: u8 = 85;

/// Decibels of one step of a level.
pub const STEP_DB: f64 = 0.6;

/// Readings without anything too loud before the volume comes back: a second, at five readings
/// a second.
const CALM: u8 = 5;

/// What is taken off the far end's volume.
#[derive(Debug, Default)]
pub struct Limiter {
    /// In steps of a level.
    off: u8,
    /// Readings in a row that were less loud than what is taken off allows for.
    calm: u8,
}

impl Limiter {
    /// The far end is this loud. How many steps to take off from now on, if that changes.
    pub fn heard(&mut self, them: u8) -> Option<u8> {
        let needed = them.saturating_sub(LOUDEST);
        let before = self.off;
        if needed >= self.off {
            (self.off, self.calm) = (needed, 0);
        } else if self.calm < CALM {
            self.calm += 1;
        } else {
            // 0.6 dB five times a second: full volume is back within five seconds.
            self.off -= 1;
        }
        (self.off != before).then_some(self.off)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::FULL;

    #[test]
    fn too_loud_is_turned_down_at_once_by_as_much() {
        let mut limiter = Limiter::default();
        assert_eq!(limiter.heard(LOUDEST), None);
        assert_eq!(limiter.heard(90), Some(5));
        assert_eq!(limiter.heard(FULL), Some(15));
        assert_eq!(limiter.heard(FULL), None);
    }

    #[test]
    fn it_comes_back_after_a_calm_second_step_by_step() {
        let mut limiter = Limiter::default();
        limiter.heard(87);
        for _ in 0..CALM {
            assert_eq!(limiter.heard(40), None);
        }
        assert_eq!(limiter.heard(40), Some(1));
        assert_eq!(limiter.heard(40), Some(0));
        assert_eq!(limiter.heard(40), None);
    }

    #[test]
    fn who_is_loud_again_and_again_is_not_heard_pumping() {
        let mut limiter = Limiter::default();
        limiter.heard(95);
        for _ in 0..20 {
            for _ in 0..CALM {
                assert_eq!(limiter.heard(30), None);
            }
            assert_eq!(limiter.heard(95), None);
        }
    }
}
