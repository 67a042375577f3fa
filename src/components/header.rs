//! The header: who I am, whether I can be reached, and the way out.

use leptos::prelude::*;
use phone::event::Agent;
use phone::settings::{Settings, Theme};
use phone::text;
use phone::view::{Banner, LinkView, SessionView};

use super::icon::{self, icon, mark};
use super::presence::presence;
use super::show;
use crate::app::NAME;
use crate::runtime::Handle;

/// The header.
pub(crate) fn header(handle: Handle) -> AnyView {
    view! {
        <header class="head">
            <div class="brand">
                {mark()}
                <span class="names">
                    <span>{NAME}</span>
                    <small class="figures">{move || account(handle).1}</small>
                </span>
            </div>
            <span class="gap"></span>
            {line_state(handle)} {presence(handle)}
            <span class="who">{move || account(handle).0}</span>
            {theme(handle)}
            <button class="button quiet leave" aria-label="Sign out" on:click=move |_| handle.send(Agent::SignOut)>
                {icon(icon::LEAVE)}
                <span>"Sign out"</span>
            </button>
        </header>
    }
    .into_any()
}

/// The agent's name, and the business' number and name.
fn account(handle: Handle) -> (String, String) {
    handle.view.with(|view| match &view.session {
        SessionView::SignedIn { name, business, .. } => (name.clone(), business.clone().unwrap_or_default()),
        SessionView::Checking { .. } | SessionView::SignedOut { .. } => Default::default(),
    })
}

/// How the connection does; nothing while it is fine.
fn line_state(handle: Handle) -> AnyView {
    let offline =
        move || handle.view.with(|view| view.banners.iter().any(|banner| matches!(banner, Banner::Offline { .. })));
    let words = move || match handle.view.with(|view| view.link) {
        LinkView::Waiting { until } => {
            let left = show::seconds_until(until, handle.now.get());
            ["Offline · next try in ", &left.to_string(), " s"].concat()
        }
        LinkView::Opening => "Reconnecting…".to_owned(),
        LinkView::Down | LinkView::Up => "Offline".to_owned(),
    };
    view! {
        <p class="line-state figures" hidden=move || !offline()>
            {icon(icon::OFFLINE)}
            <span>{words}</span>
        </p>
    }
    .into_any()
}

/// One click to the next colours.
fn theme(handle: Handle) -> AnyView {
    let label = move || {
        let theme = handle.view.with(|view| view.settings.theme);
        ["Theme: ", text::theme(theme)].concat()
    };
    view! {
        <button
            class="button quiet square theme"
            aria-label=label
            title=label
            on:click=move |_| {
                let settings = handle.view.with_untracked(|view| view.settings);
                let theme = match settings.theme {
                    Theme::System => Theme::Light,
                    Theme::Light => Theme::Dark,
                    Theme::Dark => Theme::System,
                };
                handle.send(Agent::ChangeSettings(Settings { theme, ..settings }));
            }
        >
            {icon(icon::THEME)}
        </button>
    }
    .into_any()
}
