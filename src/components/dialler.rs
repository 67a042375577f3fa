//! Calling a number: the field, its keypad, and numbers called before.

use leptos::html::Input;
use leptos::prelude::*;
use phone::event::Agent;
use phone::{number, text};

use super::icon::{self, icon};
use super::keypad::{ERASE, keypad};
use crate::runtime::Handle;

/// A number has digits and one sign; nothing else is offered.
const KEYS: [char; 12] = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '0', ERASE];

/// Field, Call, and below them recent numbers or the keypad.
pub(crate) fn dialler(handle: Handle) -> AnyView {
    let keys = RwSignal::new(false);
    view! {
        {form(handle, keys)}
        {move || {
            if keys.get() {
                let press = move |key| handle.send(Agent::NumberTyped(pressed(handle, key)));
                view! { <div class="below recent">{keypad(KEYS, press)}</div> }.into_any()
            } else {
                recents(handle)
            }
        }}
    }
    .into_any()
}

fn form(handle: Handle, keys: RwSignal<bool>) -> AnyView {
    let field = NodeRef::<Input>::new();
    let problem = move || handle.view.with(|view| view.dialler.problem);
    let says = move || {
        handle.view.with(|view| {
            let dialler = &view.dialler;
            dialler.problem.map(text::number).or_else(|| dialler.country.map(str::to_owned)).unwrap_or_default()
        })
    };
    view! {
        <form
            class="dialler"
            on:submit=move |event| {
                event.prevent_default();
                let empty = handle.view.with_untracked(|view| view.dialler.text.trim().is_empty());
                if empty && let Some(field) = field.get_untracked() {
                    // The field itself says what is missing.
                    let _ = field.focus();
                }
                handle.send(Agent::Dial { attempt: handle.attempt() });
            }
        >
            <label class="label" for="number">"Phone number"</label>
            <div class="dial">
                <input
                    class="input"
                    id="number"
                    type="tel"
                    inputmode="tel"
                    autocomplete="off"
                    placeholder="+91 98765 43210"
                    aria-describedby="number-says"
                    aria-invalid=move || problem().map(|_| "true")
                    node_ref=field
                    prop:value=move || handle.view.with(|view| view.dialler.text.clone())
                    on:input=move |event| handle.send(Agent::NumberTyped(event_target_value(&event)))
                />
                <button
                    type="button"
                    class="button quiet square"
                    aria-label="Keypad"
                    aria-expanded=move || if keys.get() { "true" } else { "false" }
                    on:click=move |_| keys.update(|open| *open = !*open)
                >
                    {icon(icon::KEYPAD)}
                </button>
            </div>
            <p class="dial-says" id="number-says" aria-live="polite" data-tone=move || problem().map(|_| "bad")>
                {says}
            </p>
            <button class="button accent wide tall">
                {icon(icon::PHONE)}
                "Call"
            </button>
        </form>
    }
    .into_any()
}

/// The field's text after a key of the keypad.
fn pressed(handle: Handle, key: char) -> String {
    let mut text = handle.view.with_untracked(|view| view.dialler.text.clone());
    if key == ERASE {
        text.pop();
    } else {
        text.push(key);
    }
    text
}

/// Numbers lately called or answered; one click calls.
fn recents(handle: Handle) -> AnyView {
    let list = Memo::new(move |_| handle.view.with(|view| view.recents.clone()));
    let rows = move || {
        let list = list.get();
        let rows = list.iter().map(|recent| {
            let number = recent.number.clone();
            let shown = number::grouped(&number);
            let (first, second) = match &recent.name {
                Some(name) => (name.clone(), Some(shown)),
                None => (shown, None),
            };
            let label = ["Call ", &first].concat();
            view! {
                <li>
                    <button
                        class="recent-call figures"
                        aria-label=label
                        on:click=move |_| {
                            handle.send(Agent::Redial { attempt: handle.attempt(), number: number.clone() });
                        }
                    >
                        {icon(icon::PHONE)}
                        <span>{first}</span>
                        <span class="soft">{second}</span>
                    </button>
                </li>
            }
        });
        rows.collect_view()
    };
    view! {
        <div class="below recent">
            <h2>{move || if list.with(|list| list.is_empty()) { "" } else { "Recent numbers" }}</h2>
            <ul>{rows}</ul>
        </div>
    }
    .into_any()
}
