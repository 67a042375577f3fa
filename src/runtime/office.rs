//! What is looked up beside the phone: ways to sign in, sessions, the team's board.
//!
//! None of it is about a call of this page, so the phone knows nothing of it. What was
//! told is kept as it came, and read where it is shown.

use leptos::prelude::Read as _;
use leptos::prelude::*;
use phone::text;
use wire::{Json, Problem, Read, SIGN_IN_PROBLEM, SignInProblem};

use super::toggle::Toggle;
use crate::platform::http::Ask;
use crate::platform::json;
use crate::platform::links;
use crate::platform::task::spawn;
use crate::platform::timer::Interval;

/// Something of the relay's that is shown. It lives as long as the part of the page that
/// asked for it.
#[derive(Clone, Copy)]
pub struct LookUp {
    path: &'static str,
    /// Nothing while the first answer is awaited.
    told: RwSignal<Option<Result<Json, Problem>>>,
    /// An answer is awaited.
    asks: Toggle,
}

impl LookUp {
    /// Asks for what is at a path.
    pub fn new(path: &'static str) -> Self {
        let look_up = Self { path, told: RwSignal::new(None), asks: Toggle::off() };
        look_up.again();
        look_up
    }

    /// Asks, and goes on asking for as long as it is shown. Never before the last answer: a
    /// late one must not take the place of a newer one.
    pub fn every(path: &'static str, every_ms: u64) -> Self {
        let look_up = Self::new(path);
        let interval =
            StoredValue::new_local(Interval::new(i32::try_from(every_ms).unwrap_or(i32::MAX), move || {
                if !untrack(|| look_up.asks.is_on()) {
                    look_up.again();
                }
            }));
        on_cleanup(move || interval.dispose());
        look_up
    }

    /// Asks again. What was told stays until there is something newer.
    pub fn again(self) {
        self.asks.turn(true);
        spawn(async move {
            let reply = Ask::get(self.path).text().await;
            self.asks.turn(false);
            self.tell(reply.and_then(|body| json::parse(&body).ok_or_else(text::not_understood)));
        });
    }

    /// Takes something at a path away, then asks again.
    pub fn end(self, path: String) {
        spawn(async move {
            match Ask::delete(path).text().await {
                Ok(_) => self.again(),
                Err(problem) => self.tell(Err(problem)),
            }
        });
    }

    /// What was told.
    pub fn read<T: Read>(self) -> Option<Result<T, Problem>> {
        match &*self.told.read() {
            Some(Ok(json)) => Some(T::read(json).ok_or_else(text::not_understood)),
            Some(Err(problem)) => Some(Err(problem.clone())),
            None => None,
        }
    }

    fn tell(self, told: Result<Json, Problem>) {
        // Nobody is told any more once that part of the page is gone.
        let _ = self.told.try_set(Some(told));
    }
}

/// Why the browser came back from the provider with nobody signed in; told once.
pub fn sign_in_problem() -> Option<SignInProblem> {
    let told = links::take(SIGN_IN_PROBLEM)?;
    SignInProblem::ALL.into_iter().find(|problem| problem.as_str() == told)
}
