//! What is shown until it is known who is signed in: the same as the document's first
//! paint, so that nothing jumps.

use leptos::prelude::*;
use phone::view::SessionView;
use phone::{t, text as words};

use super::el::{El, el, el_of};
use super::icon::mark;
use super::part::text;
use crate::runtime::Handle;

/// The waiting page.
pub(crate) fn boot(handle: Handle) -> El {
    let problem = move || match &handle.view.read().session {
        SessionView::Checking { problem: Some(problem) } => {
            let words = words::problem(problem);
            [&words.title, " ", &words.advice].concat()
        }
        SessionView::Checking { problem: None }
        | SessionView::SignedOut { .. }
        | SessionView::SignedIn { .. } => String::new(),
    };
    el_of("div", "boot")
        .kid(mark())
        .kid(el("p").kid(t!("One moment…")))
        .kid(el("p").set("role", "status").kid(text(problem)))
}
