//! Sign-in.

use leptos::html::Input;
use leptos::prelude::*;
use phone::event::Agent;
use phone::secret::Secret;
use phone::text;
use phone::view::SessionView;

use crate::app::NAME;
use crate::components::board::board;
use crate::components::icon::{self, icon, mark};
use crate::components::notices::notices;
use crate::runtime::Handle;

/// The form. A call that is live although the session ended stays in view above it.
pub(crate) fn sign_in(handle: Handle) -> AnyView {
    let active = Memo::new(move |_| handle.view.with(|view| view.active.as_ref().map(|card| card.call.clone())));
    view! {
        <main class="signin">
            {move || active.get().map(|call| board(handle, call))}
            <div class="signin-top">
                {mark()}
                <h1>{NAME}</h1>
                <p class="soft">"Calls with people on WhatsApp"</p>
            </div>
            {form(handle)}
        </main>
        {notices(handle)}
    }
    .into_any()
}

fn form(handle: Handle) -> AnyView {
    let username = NodeRef::<Input>::new();
    let password = NodeRef::<Input>::new();
    let busy = Memo::new(move |_| {
        handle.view.with(|view| match view.session {
            SessionView::SignedOut { busy, .. } => busy,
            SessionView::Checking { .. } | SessionView::SignedIn { .. } => false,
        })
    });
    let said = Memo::new(move |_| {
        handle.view.with(|view| match &view.session {
            SessionView::SignedOut { notice, .. } => notice.as_ref().map(text::sign_in),
            SessionView::Checking { .. } | SessionView::SignedIn { .. } => None,
        })
        .map(|words| [&words.title, " ", &words.advice].concat())
    });
    let submit = move || {
        let (Some(username), Some(password)) = (username.get_untracked(), password.get_untracked()) else { return };
        if !busy.get_untracked() {
            handle.send(Agent::SignIn { username: username.value(), password: Secret::new(password.value()) });
        }
    };
    view! {
        <form
            class="signin-form"
            on:submit=move |event| {
                event.prevent_default();
                submit();
            }
        >
            <label class="field">
                <span>"Username"</span>
                <input
                    class="input"
                    name="username"
                    autocomplete="username"
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    autofocus
                    node_ref=username
                />
            </label>
            <label class="field">
                <span>"Password"</span>
                <input
                    class="input"
                    name="password"
                    type="password"
                    autocomplete="current-password"
                    required
                    node_ref=password
                />
            </label>
            <button class="button accent wide tall" aria-disabled=move || busy.get().then_some("true")>
                {move || busy.get().then(|| view! { <span class="spinner" aria-hidden="true"></span> })}
                "Sign in"
            </button>
            <div class="signin-said" role="alert">
                {move || said.get().map(|said| view! { {icon(icon::ALERT)} <span>{said}</span> })}
            </div>
        </form>
    }
    .into_any()
}
