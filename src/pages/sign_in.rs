//! Sign-in.

use leptos::prelude::*;
use phone::event::Agent;
use phone::secret::Secret;
use phone::text;
use phone::view::SessionView;

use crate::app::NAME;
use crate::components::el::{El, el, el_of};
use crate::components::icon::{self, icon, mark};
use crate::components::notices::notices;
use crate::components::panel::active;
use crate::components::part::{Part, group, keyed, none};
use crate::runtime::Handle;

/// The form. A call that is live although the session ended stays in view above it.
pub(crate) fn sign_in(handle: Handle) -> Part {
    let top = el_of("div", "signin-top")
        .kid(mark())
        .kid(el("h1").kid(NAME))
        .kid(el_of("p", "soft").kid("Calls with people on WhatsApp"));
    let main = el_of("main", "signin").kid(active(handle)).kid(top).kid(form(handle));
    group([main.into(), notices(handle).into()])
}

fn form(handle: Handle) -> El {
    let (username, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let busy = move || matches!(handle.view.read().session, SessionView::SignedOut { busy: true, .. });
    let said = move || match &handle.view.read().session {
        SessionView::SignedOut { notice, .. } => notice.as_ref().map(text::sign_in),
        SessionView::Checking { .. } | SessionView::SignedIn { .. } => None,
    };
    let spinner = keyed(busy, |busy| group(busy.then(|| el_of("span", "spinner").into())));
    let notice = keyed(said, |said| match said.clone() {
        Some(words) => {
            let lines = el("p").kid(el("strong").kid(words.title)).kid(" ").kid(words.advice);
            group([icon(icon::ALERT).into(), lines.into()])
        }
        None => none(),
    });
    el_of("form", "signin-form")
        .submit(move || {
            if !untrack(busy) {
                let password = Secret::new(password.get_untracked());
                handle.send(Agent::SignIn { username: username.get_untracked(), password });
            }
        })
        .kid(field(
            "Username",
            el("input").set("autocomplete", "username").set("autocapitalize", "none"),
            username,
        ))
        .kid(field(
            "Password",
            el("input").set("autocomplete", "current-password").set("type", "password"),
            password,
        ))
        .kid(
            el_of("button", "button accent wide tall")
                .mark("aria-disabled", busy)
                .kid(spinner)
                .kid("Sign in"),
        )
        .kid(el_of("div", "signin-said").set("role", "alert").kid(notice))
}

/// A field with its name above it.
fn field(name: &'static str, input: El, typed: RwSignal<String>) -> El {
    let input = input.set("class", "input").set("required", "").input(move |text| typed.set(text));
    el_of("label", "field").kid(el("span").kid(name)).kid(input)
}
