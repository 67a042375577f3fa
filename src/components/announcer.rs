//! Says changes of the phone to people who listen to the page.

use leptos::prelude::*;
use phone::View;
use phone::text as words;

use super::el::{El, el_of};
use super::part::text;
use crate::runtime::Handle;

/// An unseen region that speaks politely; the visible words stay silent, so that
/// nothing is said twice.
pub(crate) fn announcer(handle: Handle) -> El {
    el_of("p", "unseen").set("aria-live", "polite").kid(text(move || said(&handle.view.read())))
}

fn said(view: &View) -> String {
    if let Some(ring) = view.incoming.last() {
        return ["Incoming call from ", words::who(&ring.who), "."].concat();
    }
    if let Some(card) = &view.active {
        let concern = card.quality.concern.map(words::concern).unwrap_or_default();
        return [words::status(card.status), " ", words::who(&card.who), ". ", concern].concat();
    }
    match &view.ended {
        Some(card) => ["Call ended. ", &words::ended(&card.why).title].concat(),
        None => String::new(),
    }
}
