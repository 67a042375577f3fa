//! The header: who I am, whether I can be reached, and the way out.

use leptos::prelude::*;
use phone::event::Agent;
use phone::settings::{Settings, Theme};
use phone::view::{Banner, LinkView, SessionView};
use phone::{t, text as words};

use super::el::{El, el, el_of};
use super::icon::{self, icon, mark};
use super::part::{fixed, text};
use super::presence::presence;
use super::show;
use crate::app::NAME;
use crate::runtime::Handle;
use crate::runtime::figures::whole;

/// The header.
pub(crate) fn header(handle: Handle) -> El {
    let business = el_of("small", "figures").kid(text(move || account(handle).1));
    let names = el_of("span", "names").kid(el("span").kid(fixed(NAME))).kid(business);
    let leave = el_of("button", "button quiet leave")
        .say("aria-label", t!("Sign out"))
        .click(move || handle.send(Agent::SignOut))
        .kid(icon(icon::LEAVE))
        .kid(el("span").kid(t!("Sign out")));
    el_of("header", "head")
        .kid(el_of("div", "brand").kid(mark()).kid(names))
        .kid(el_of("span", "gap"))
        .kid(line_state(handle))
        .kid(presence(handle))
        .kid(el_of("span", "who").kid(text(move || account(handle).0)))
        .kid(theme(handle))
        .kid(leave)
}

/// The agent's name, and the business' number and name.
fn account(handle: Handle) -> (String, String) {
    match &handle.view.read().session {
        SessionView::SignedIn { name, business, .. } => (name.clone(), business.clone().unwrap_or_default()),
        SessionView::Checking { .. } | SessionView::SignedOut { .. } => Default::default(),
    }
}

/// How the connection does; nothing while it is fine.
fn line_state(handle: Handle) -> El {
    let fine =
        move || !handle.view.read().banners.iter().any(|banner| matches!(banner, Banner::Offline { .. }));
    let says = move || {
        let link = handle.view.read().link;
        match link {
            LinkView::Waiting { until } => {
                let left = show::seconds_until(until, handle.now.get());
                t!("Offline · next try in {0} s").with(&[&whole(left)])
            }
            LinkView::Opening => t!("Reconnecting…").into(),
            LinkView::Down | LinkView::Up => t!("Offline").into(),
        }
    };
    el_of("p", "line-state figures")
        .flag("hidden", fine)
        .kid(icon(icon::OFFLINE))
        .kid(el("span").kid(text(says)))
}

/// One click to the next colours.
fn theme(handle: Handle) -> El {
    let label = move || Some(t!("Theme: {0}").with(&[&words::theme(handle.view.read().settings.theme)]));
    el_of("button", "button quiet square theme")
        .follow("aria-label", label)
        .follow("title", label)
        .click(move || {
            let settings = handle.view.read_untracked().settings;
            let theme = match settings.theme {
                Theme::System => Theme::Light,
                Theme::Light => Theme::Dark,
                Theme::Dark => Theme::System,
            };
            handle.send(Agent::ChangeSettings(Settings { theme, ..settings }));
        })
        .kid(icon(icon::THEME))
}
