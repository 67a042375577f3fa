//! What is shown until it is known who is signed in: the same as the document's first
//! paint, so that nothing jumps.

use leptos::prelude::*;
use phone::text;
use phone::view::SessionView;

use super::icon::mark;
use crate::runtime::Handle;

/// The waiting page.
pub(crate) fn boot(handle: Handle) -> AnyView {
    let problem = move || {
        handle.view.with(|view| match &view.session {
            SessionView::Checking { problem: Some(problem) } => {
                let words = text::problem(problem);
                [&words.title, " ", &words.advice].concat()
            }
            SessionView::Checking { problem: None }
            | SessionView::SignedOut { .. }
            | SessionView::SignedIn { .. } => String::new(),
        })
    };
    view! {
        <div class="boot">
            {mark()}
            <p>"One moment…"</p>
            <p role="status">{problem}</p>
        </div>
    }
    .into_any()
}
