//! Faults, and standing conditions that need a hand: what happened and what to do.

use leptos::prelude::*;
use phone::decimal::decimal;
use phone::event::Agent;
use phone::list::List as _;
use phone::t;
use phone::text::{self, Words};
use phone::view::Banner;
use wire::CallId;

use super::el::{El, Kid, el, el_of};
use super::icon::{self, icon};
use super::part::{each, fixed};
use crate::runtime::Handle;

/// All of them, where they cover no call. Being offline and without sound are said
/// where the phone says whether it can be reached; what is left has a button of its own.
pub(crate) fn notices(handle: Handle) -> El {
    let banners = each(
        move || handle.view.read().banners.iter().filter_map(elsewhere).map(|call| call.0.clone()).list(),
        move |call| elsewhere_notice(handle, call),
    );
    let faults = each(
        move || handle.view.read().faults.iter().map(|fault| decimal(fault.id.0)).list(),
        move |id| fault_notice(handle, id),
    );
    el_of("div", "notices").kid(banners).kid(faults)
}

/// The call that is in another tab.
fn elsewhere(banner: &Banner) -> Option<&CallId> {
    match banner {
        Banner::Offline { .. } | Banner::SoundBlocked => None,
        Banner::CallElsewhere { call, .. } => Some(call),
    }
}

fn elsewhere_notice(handle: Handle, call: &str) -> El {
    let view = handle.view.read();
    let is_it = |banner: &&Banner| elsewhere(banner).is_some_and(|other| other.as_str() == call);
    let Some(banner) = view.banners.iter().find(is_it) else { return el("div") };
    let words = text::banner(banner);
    let call = CallId(call.to_owned());
    let end = el_of("button", "button quiet").click(move || handle.send(Agent::HangUp(call.clone())));
    notice("warn", words, end.kid(t!("End it here")))
}

fn fault_notice(handle: Handle, id: &str) -> El {
    let view = handle.view.read();
    let Some(shown) = view.faults.iter().find(|fault| decimal(fault.id.0) == id) else {
        return el("div");
    };
    let id = shown.id;
    let dismiss = el_of("button", "button quiet square")
        .say("aria-label", t!("Dismiss"))
        .click(move || handle.send(Agent::DismissFault(id)))
        .kid(icon(icon::CROSS));
    notice("bad", text::fault(&shown.fault), dismiss)
}

/// An `alert` in words, with something to do about it.
pub(crate) fn notice(tone: &'static str, words: Words, act: El) -> El {
    el_of("div", "notice")
        .set("role", "alert")
        .set("data-tone", tone)
        .kid(icon(icon::ALERT))
        .kid(said(words.title, words.advice))
        .kid(act)
}

/// What happened, in strong letters, and what to do about it.
pub(crate) fn said(title: impl Into<Kid>, advice: impl Into<Kid>) -> El {
    el("p").kid(el("strong").kid(title)).kid(fixed(" ")).kid(advice)
}
