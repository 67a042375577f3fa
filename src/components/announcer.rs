//! Says changes of the phone to people who listen to the page.

use leptos::prelude::*;
use phone::View;
use phone::text;

use crate::runtime::Handle;

/// An unseen region that speaks politely; the visible words stay silent, so that
/// nothing is said twice.
pub(crate) fn announcer(handle: Handle) -> AnyView {
    let said = Memo::new(move |_| handle.view.with(words));
    view! { <p class="unseen" aria-live="polite">{move || said.get()}</p> }.into_any()
}

fn words(view: &View) -> String {
    if let Some(ring) = view.incoming.last() {
        return ["Incoming call from ", text::who(&ring.who), "."].concat();
    }
    if let Some(card) = &view.active {
        return [text::status(card.status), " ", text::who(&card.who), "."].concat();
    }
    match &view.ended {
        Some(card) => ["Call ended. ", &text::ended(&card.why).title].concat(),
        None => String::new(),
    }
}
