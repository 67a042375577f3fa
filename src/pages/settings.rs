//! Settings of this browser.

use leptos::prelude::*;
use phone::event::Agent;
use phone::settings::{Processing, Settings, Theme};
use phone::text;
use phone::view::SessionView;

use crate::runtime::Handle;

/// The page.
pub(crate) fn settings(handle: Handle) -> AnyView {
    view! {
        <div class="page settings">
            <h1>"Settings"</h1>
            <section class="group">
                <h2>"Appearance"</h2>
                {themes(handle)}
            </section>
            <section class="group">
                <h2>"Microphone sound"</h2>
                <p class="soft">
                    "What the browser does to your voice before it is sent. A change counts from the next call on."
                </p>
                {processing(
                    handle,
                    "Echo cancellation",
                    "Takes the speaker’s sound out of your microphone’s.",
                    |processing| &mut processing.echo_cancellation,
                )}
                {processing(
                    handle,
                    "Noise suppression",
                    "Takes steady noise out, such as a fan.",
                    |processing| &mut processing.noise_suppression,
                )}
                {processing(
                    handle,
                    "Automatic volume",
                    "Evens out loud and quiet speech.",
                    |processing| &mut processing.auto_gain,
                )}
            </section>
            {account(handle)}
        </div>
    }
    .into_any()
}

fn themes(handle: Handle) -> AnyView {
    let choices = Theme::ALL.map(|theme| {
        view! {
            <label>
                <input
                    type="radio"
                    name="theme"
                    prop:checked=move || handle.view.with(|view| view.settings.theme == theme)
                    on:change=move |_| change(handle, |settings| settings.theme = theme)
                />
                {text::theme(theme)}
            </label>
        }
    });
    view! {
        <fieldset class="line" aria-label="Theme">
            <div>
                <p>"Theme"</p>
                <p class="soft">"Light and dark, or as this computer is set."</p>
            </div>
            <div class="segments">{choices}</div>
        </fieldset>
    }
    .into_any()
}

/// A switch of the microphone's processing. `part` names the setting it moves.
fn processing(
    handle: Handle,
    name: &'static str,
    advice: &'static str,
    part: fn(&mut Processing) -> &mut bool,
) -> AnyView {
    let on = move || {
        let mut processing = handle.view.with(|view| view.settings.processing);
        *part(&mut processing)
    };
    view! {
        <div class="line">
            <div>
                <p>{name}</p>
                <p class="soft">{advice}</p>
            </div>
            <button
                class="switch"
                role="switch"
                aria-label=name
                aria-checked=move || if on() { "true" } else { "false" }
                on:click=move |_| {
                    change(handle, |settings| {
                        let value = part(&mut settings.processing);
                        *value = !*value;
                    });
                }
            >
                <span class="track" aria-hidden="true"></span>
            </button>
        </div>
    }
    .into_any()
}

fn change(handle: Handle, edit: impl FnOnce(&mut Settings)) {
    let mut settings = handle.view.with_untracked(|view| view.settings);
    edit(&mut settings);
    handle.send(Agent::ChangeSettings(settings));
}

fn account(handle: Handle) -> AnyView {
    let session = move || handle.view.with(|view| view.session.clone());
    let who = move || match session() {
        SessionView::SignedIn { username, name, .. } => [&name, " (", &username, ")"].concat(),
        SessionView::Checking { .. } | SessionView::SignedOut { .. } => String::new(),
    };
    let business = move || match session() {
        SessionView::SignedIn { business, .. } => business.unwrap_or_else(|| "Not known yet".to_owned()),
        SessionView::Checking { .. } | SessionView::SignedOut { .. } => String::new(),
    };
    view! {
        <section class="group">
            <h2>"Account"</h2>
            <dl>
                <dt>"Signed in as"</dt>
                <dd>{who}</dd>
                <dt>"Calls go out from"</dt>
                <dd class="figures">{business}</dd>
            </dl>
        </section>
    }
    .into_any()
}
