//! Says changes of the phone to people who listen to the page.

use leptos::prelude::*;
use phone::locale::Text;
use phone::{View, t, text as words};

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
        return t!("Incoming call from {0}.").with(&[words::who(&ring.who)]);
    }
    if let Some(card) = &view.active {
        let concern = card.quality.concern.map_or(Text::NONE, words::concern);
        return [&words::status(card.status), " ", words::who(&card.who), ". ", &concern].concat();
    }
    match &view.ended {
        Some(card) => [&t!("Call ended."), " ", &words::ended(&card.why).title].concat(),
        None => String::new(),
    }
}
