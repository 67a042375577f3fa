//! Faults, and standing conditions that need a hand: what happened and what to do.

use leptos::prelude::*;
use phone::event::Agent;
use phone::text::{self, Words};
use phone::view::Banner;

use super::el::{El, el, el_of, keyed};
use super::icon::{self, icon};
use crate::runtime::Handle;

/// All of them, where they cover no call.
pub(crate) fn notices(handle: Handle) -> AnyView {
    let banners = keyed(
        move || handle.view.read().banners.iter().map(|banner| text::banner(banner).title).collect(),
        move || {
            let view = handle.view.read();
            view.banners
                .iter()
                .filter_map(|banner| banner_notice(handle, banner))
                .collect::<Vec<_>>()
                .into_any()
        },
    );
    let faults = keyed(
        move || handle.view.read().faults.iter().map(|fault| fault.id.0.to_string() + " ").collect(),
        move || {
            let view = handle.view.read();
            let notices = view.faults.iter().map(|fault| {
                let id = fault.id;
                let dismiss = el_of("button", "button quiet square")
                    .set("aria-label", "Dismiss")
                    .click(move || handle.send(Agent::DismissFault(id)))
                    .kid(icon(icon::CROSS));
                notice("bad", text::fault(&fault.fault), dismiss)
            });
            notices.collect::<Vec<_>>().into_any()
        },
    );
    el_of("div", "notices").kid(banners).kid(faults).view()
}

/// Being offline and without sound are said where the phone says whether it can be
/// reached; what is left has a button of its own.
fn banner_notice(handle: Handle, banner: &Banner) -> Option<AnyView> {
    match banner {
        Banner::Offline { .. } | Banner::SoundBlocked => None,
        Banner::CallElsewhere { call, .. } => {
            let call = call.clone();
            let end = el_of("button", "button quiet").click(move || handle.send(Agent::HangUp(call.clone())));
            Some(notice("warn", text::banner(banner), end.kid("End it here")))
        }
    }
}

/// An `alert` in words, with something to do about it.
pub(crate) fn notice(tone: &'static str, words: Words, act: El) -> AnyView {
    el_of("div", "notice")
        .set("role", "alert")
        .set("data-tone", tone)
        .kid(icon(icon::ALERT))
        .kid(el("p").kid(el("strong").kid(words.title)).kid(" ").kid(words.advice))
        .kid(act)
        .view()
}
