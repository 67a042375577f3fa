//! Sign-in.

use leptos::prelude::*;
use phone::event::Agent;
use phone::locale::Text;
use phone::secret::Secret;
use phone::view::SessionView;
use phone::{t, text};
use wire::{SIGN_IN_PATH, SignInWays};

use crate::app::NAME;
use crate::components::el::{El, el, el_of};
use crate::components::icon::{self, icon, mark};
use crate::components::notices::{notices, said};
use crate::components::panel::active;
use crate::components::part::{Part, fixed, group, keyed, none};
use crate::runtime::Handle;
use crate::runtime::office::{self, LookUp};

/// The form. A call that is live although the session ended stays in view above it.
pub(crate) fn sign_in(handle: Handle) -> Part {
    let top = el_of("div", "signin-top")
        .kid(mark())
        .kid(el("h1").kid(fixed(NAME)))
        .kid(el_of("p", "soft").kid(t!("Calls with people on WhatsApp")));
    let main = el_of("main", "signin").kid(active(handle)).kid(top).kid(form(handle));
    group([main.into(), notices(handle).into()])
}

fn form(handle: Handle) -> El {
    let username = el("input").set("autocomplete", "username").set("autocapitalize", "none");
    let password = el("input").set("autocomplete", "current-password").set("type", "password");
    let busy = move || matches!(handle.view.read().session, SessionView::SignedOut { busy: true, .. });
    let ways = LookUp::new(SIGN_IN_PATH);
    let ways = move || ways.read::<SignInWays>().and_then(Result::ok);
    let back = office::sign_in_problem();
    let told = move || match &handle.view.read().session {
        SessionView::SignedOut { busy: true, .. } => None,
        SessionView::SignedOut { notice: Some(notice), .. } => Some(text::sign_in(notice)),
        SessionView::SignedOut { notice: None, .. } => back.map(text::sign_in_problem),
        SessionView::Checking { .. } | SessionView::SignedIn { .. } => None,
    };
    let provider = keyed(
        move || ways()?.provider,
        |provider| match provider {
            Some(provider) => el_of("a", "button wide tall")
                .set("href", &provider.url)
                .kid(t!("Sign in with {0}").with(&[&provider.name]))
                .into(),
            None => none(),
        },
    );
    let spinner = keyed(busy, |busy| group(busy.then(|| el_of("span", "spinner").into())));
    let notice = keyed(told, |told| match told.clone() {
        Some(words) => {
            let lines = said(words.title, words.advice);
            group([icon(icon::ALERT).into(), lines.into()])
        }
        None => none(),
    });
    let by_provider_only = move || ways().is_some_and(|ways| !ways.password);
    // What is of no use where people sign in by the provider only.
    let by_password = |part: El| part.flag("hidden", by_provider_only);
    el_of("form", "signin-form")
        .kid(by_password(field(t!("Username"), username.clone())))
        .kid(by_password(field(t!("Password"), password.clone())))
        .submit(move || {
            if !untrack(busy) {
                // What the browser has filled in counts, too.
                let password = Secret::new(password.typed());
                handle.send(Agent::SignIn { username: username.typed(), password });
            }
        })
        .kid(by_password(
            el_of("button", "button accent wide tall")
                .mark("aria-disabled", busy)
                .kid(spinner)
                .kid(t!("Sign in")),
        ))
        .kid(provider)
        .kid(el_of("div", "signin-said").set("role", "alert").kid(notice))
}

/// A field with its name above it.
fn field(name: Text, input: El) -> El {
    let input = input.set("class", "input").set("required", "");
    el_of("label", "field").kid(el("span").kid(name)).kid(input)
}
