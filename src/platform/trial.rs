//! A short look at whether the microphone hears something.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use phone::devices::Step;
use phone::settings::Processing;

use super::ear::Ear;
use super::microphone::{self, Microphone};
use super::timer::Interval;
use super::tones::Tones;

/// How often the level is looked at, in milliseconds.
const TICK_MS: i32 = 100;

/// Longest trial, in ticks: time to say a sentence.
const LONGEST: u32 = 80;

/// How long it goes on after something was heard, in ticks: to see the level move.
const AFTER: u32 = 30;

/// From this level on something was heard: about -50 dBFS.
const HEARD: u8 = 17;

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// How loud it is, 0 to [`phone::line::FULL`].
    Level(u8),
    /// How far it is.
    Step(Step),
    /// It is over; the microphone may be closed.
    Over,
}

/// A trial; the microphone is closed when it is dropped.
pub struct Trial {
    microphone: RefCell<Option<Microphone>>,
    tones: Rc<Tones>,
    tell: Rc<dyn Fn(Told)>,
    ticks: RefCell<Option<Interval>>,
}

impl Trial {
    /// Opens a microphone by its id and listens.
    pub fn new(
        processing: Processing,
        device: &str,
        tones: Rc<Tones>,
        tell: impl Fn(Told) + 'static,
    ) -> Rc<Self> {
        let trial = Rc::new(Self {
            microphone: RefCell::new(None),
            tones,
            tell: Rc::new(tell),
            ticks: RefCell::new(None),
        });
        let weak = Rc::downgrade(&trial);
        let microphone = Microphone::open(processing, device, move |told| {
            let Some(trial) = weak.upgrade() else { return };
            match told {
                microphone::Told::Ready => trial.listen(),
                microphone::Told::Failed(fault) => {
                    trial.say(Told::Step(Step::Refused(fault)));
                    trial.say(Told::Over);
                }
                microphone::Told::Ended | microphone::Told::Switched | microphone::Told::SwitchFailed(_) => {
                    trial.say(Told::Over);
                }
            }
        });
        trial.microphone.replace(Some(microphone));
        trial
    }

    /// What is told may drop the trial: nothing of it is borrowed meanwhile.
    fn say(&self, told: Told) {
        let tell = Rc::clone(&self.tell);
        tell(told);
    }

    fn listen(&self) {
        let track = self.microphone.borrow().as_ref().and_then(Microphone::track);
        let ear = track.and_then(|track| self.tones.ear(&track));
        let tell = Rc::clone(&self.tell);
        let (past, left) = (Cell::new(0), Cell::new(LONGEST));
        let (heard, measured) = (Cell::new(false), Cell::new(false));
        let ticks = Interval::new(TICK_MS, move || {
            past.set(past.get() + 1);
            if let Some(level) = ear.as_ref().and_then(Ear::level) {
                measured.set(true);
                tell(Told::Level(level));
                if level >= HEARD && !heard.replace(true) {
                    left.set(past.get() + AFTER);
                    tell(Told::Step(Step::Good));
                }
            }
            if past.get() >= left.get() {
                if !measured.get() {
                    tell(Told::Step(Step::Opened));
                }
                tell(Told::Level(0));
                tell(Told::Over);
            }
        });
        self.ticks.replace(Some(ticks));
        self.say(Told::Step(Step::Doing));
    }
}
