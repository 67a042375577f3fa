//! The call the agent is on.

use leptos::html::Section;
use leptos::prelude::*;
use phone::digit::Digit;
use phone::event::Agent;
use phone::text;
use phone::view::{CallCard, Status, Voice};
use wire::{CallId, Direction};

use super::icon::{self, Symbol, icon, icon_of};
use super::keypad::keypad;
use super::{focus, person, show};
use crate::runtime::Handle;

/// How many of the digits sent are shown: what fits the line.
const SHOWN_DIGITS: usize = 18;

/// The board. It is made once for each call; all that changes on it follows the view.
pub(crate) fn board(handle: Handle, call: CallId) -> AnyView {
    let region = NodeRef::<Section>::new();
    focus::take_if_free(move || {
        if let Some(region) = region.try_get_untracked().flatten() {
            // Refused only while it can't be seen; then nobody has the focus.
            let _ = region.focus();
        }
    });
    let status = Memo::new(move |_| of_card(handle, |card| card.status).unwrap_or(Status::Ended));
    let symbol = Signal::derive(move || status_icon(status.get()));
    let keys = RwSignal::new(false);
    let sent = RwSignal::new(String::new());
    view! {
        <section
            class="board call"
            aria-label="Active call"
            tabindex="-1"
            node_ref=region
            data-kind=move || if status.get() == Status::Reconnecting { "trouble" } else { "live" }
        >
            <p class="board-top">
                <span role="status" aria-live="off">
                    {icon_of(symbol)}
                    {move || text::status(status.get())}
                </span>
                {direction(handle)}
            </p>
            {far_end(handle)}
            {timer(handle)}
            {says(handle, status, sent)}
            {foot(handle, call, keys, sent)}
        </section>
    }
    .into_any()
}

/// Something of the call's card, while there is one.
fn of_card<T>(handle: Handle, get: impl FnOnce(&CallCard) -> T) -> Option<T> {
    handle.view.with(|view| view.active.as_ref().map(get))
}

fn status_icon(status: Status) -> Symbol {
    match status {
        Status::Calling | Status::Connecting => icon::WAIT,
        Status::Ringing => icon::BELL,
        Status::Connected => icon::CHECK,
        Status::Reconnecting => icon::RETRY,
        Status::Ended => icon::HANG_UP,
    }
}

/// Who called whom, in a corner.
fn direction(handle: Handle) -> AnyView {
    let inbound = handle.view.with_untracked(|view| {
        view.active.as_ref().is_some_and(|card| card.direction == Direction::Inbound)
    });
    let (symbol, words) = if inbound { (icon::IN, "They called") } else { (icon::OUT, "You called") };
    view! { <span class="soft">{icon(symbol)} {words}</span> }.into_any()
}

fn far_end(handle: Handle) -> AnyView {
    let who = Memo::new(move |_| of_card(handle, |card| card.who.clone()).unwrap_or_default());
    let details = move || of_card(handle, |card| person::details(&card.who, card.country)).unwrap_or_default();
    view! {
        <div class="person">
            <span class="face" aria-hidden="true">{move || who.with(person::face)}</span>
            <div>
                <p class="name">{move || who.with(|who| text::who(who).to_owned())}</p>
                <p class="soft figures sub">{details}</p>
            </div>
        </div>
    }
    .into_any()
}

/// The talk time; `0:00` until the call is answered.
fn timer(handle: Handle) -> AnyView {
    let since = move || of_card(handle, |card| card.talking_since).flatten();
    let time = move || show::clock(since().map_or(0, |since| show::seconds_since(since, handle.now.get())));
    view! { <p class="timer" role="timer" data-still=move || since().is_none().then_some("")>{time}</p> }.into_any()
}

/// What the agent has to know now: the loudest of it.
fn says(handle: Handle, status: Memo<Status>, sent: RwSignal<String>) -> AnyView {
    let muted = Memo::new(move |_| of_card(handle, |card| card.voice == Voice::Muted).unwrap_or(false));
    let lost = move || status.get() == Status::Reconnecting;
    let words = move || {
        if lost() {
            "The connection is interrupted. It often comes back by itself: stay on the line.".to_owned()
        } else if muted.get() {
            "You’re muted. They can’t hear you.".to_owned()
        } else {
            sent.get()
        }
    };
    view! {
        <p class="call-says figures" data-tone=move || (muted.get() && !lost()).then_some("warn")>
            {words}
        </p>
    }
    .into_any()
}

/// The buttons. Hang up is always at the same place.
fn foot(handle: Handle, call: CallId, keys: RwSignal<bool>, sent: RwSignal<String>) -> AnyView {
    let live = Memo::new(move |_| of_card(handle, CallCard::is_live).unwrap_or(false));
    let rounds = {
        let call = call.clone();
        move || live.get().then(|| rounds(handle, call.clone(), keys))
    };
    let pad = {
        let call = StoredValue::new(call.clone());
        move || {
            (live.get() && keys.get()).then(|| {
                keypad(Digit::KEYPAD.map(Digit::character), move |key| {
                    if let Some(digit) = Digit::new(key) {
                        handle.send(Agent::SendDigit(call.get_value(), digit));
                        sent.update(|sent| {
                            sent.push(key);
                            let surplus = sent.len().saturating_sub(SHOWN_DIGITS);
                            sent.drain(..surplus);
                        });
                    }
                })
            })
        }
    };
    view! {
        <div class="call-foot">
            {pad}
            {rounds}
            <button class="button stop tall wide" on:click=move |_| handle.send(Agent::HangUp(call.clone()))>
                {icon(icon::HANG_UP)}
                "Hang up"
            </button>
        </div>
    }
    .into_any()
}

/// Mute and Keypad: only while they do something.
fn rounds(handle: Handle, call: CallId, keys: RwSignal<bool>) -> AnyView {
    let muted = Memo::new(move |_| of_card(handle, |card| card.voice == Voice::Muted).unwrap_or(false));
    let symbol = Signal::derive(move || if muted.get() { icon::MIC_OFF } else { icon::MIC });
    view! {
        <div class="rounds">
            <button
                class="round"
                aria-pressed=move || if muted.get() { "true" } else { "false" }
                on:click=move |_| handle.send(Agent::ToggleMute(call.clone()))
            >
                <span>{icon_of(symbol)}</span>
                <span>"Mute"</span>
            </button>
            <button
                class="round"
                aria-expanded=move || if keys.get() { "true" } else { "false" }
                on:click=move |_| keys.update(|open| *open = !*open)
            >
                <span>{icon(icon::KEYPAD)}</span>
                <span>"Keypad"</span>
            </button>
        </div>
    }
    .into_any()
}
