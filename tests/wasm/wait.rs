//! Waiting, always with a bound, and writing down what an adapter tells.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;

/// How often a condition is looked at, in milliseconds.
const STEP_MS: u32 = 10;

/// Longest wait for anything, in milliseconds: a loaded machine with a cold browser.
const LONGEST_MS: u32 = 15_000;

/// Waits until something is true.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    let mut waited = 0;
    while !condition() {
        assert!(waited < LONGEST_MS, "in vain: {what}");
        TimeoutFuture::new(STEP_MS).await;
        waited += STEP_MS;
    }
}

/// Lets time pass.
pub(crate) async fn pass(ms: u32) {
    TimeoutFuture::new(ms).await;
}

/// What an adapter told, in order.
pub(crate) struct Heard<T>(Rc<RefCell<Vec<T>>>);

impl<T> Clone for Heard<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T: Clone + PartialEq + 'static> Heard<T> {
    pub(crate) fn nothing() -> Self {
        Self(Rc::new(RefCell::new(Vec::new())))
    }

    /// The closure that writes it down.
    pub(crate) fn ear(&self) -> impl Fn(T) + Clone + 'static {
        let heard = Rc::clone(&self.0);
        move |told| heard.borrow_mut().push(told)
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.0.borrow().clone()
    }

    pub(crate) fn has(&self, told: &T) -> bool {
        self.0.borrow().contains(told)
    }

    /// The first that is of a kind.
    pub(crate) fn first<U>(&self, kind: impl Fn(&T) -> Option<U>) -> Option<U> {
        self.0.borrow().iter().find_map(kind)
    }
}
