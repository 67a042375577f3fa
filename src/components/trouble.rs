//! What went wrong with something that was looked up.

use phone::text;
use wire::Problem;

use super::el::{El, el};
use super::notices::said;
use super::part::{keyed, none};

/// The problem, while there is one, said at once.
pub(crate) fn trouble(problem: impl Fn() -> Option<Problem> + 'static) -> El {
    let said = keyed(problem, |problem| match problem {
        Some(problem) => {
            let words = text::problem(problem);
            said(words.title, words.advice).into()
        }
        None => none(),
    });
    el("div").set("role", "alert").kid(said)
}
