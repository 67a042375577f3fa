//! Whether all that a shift needs is there: one word and sign for each.

use leptos::prelude::*;
use phone::devices::Step;
use phone::locale::Text;
use phone::view::{Banner, LinkView, TabView};
use phone::{View, t};

use super::el::{El, el, el_of};
use super::icon::{self, Symbol, icon_of};
use super::part::text;
use crate::runtime::Handle;

/// How one of them does.
#[derive(Clone, Copy)]
enum State {
    Awaited,
    Good,
    Quiet,
    Bad,
}

/// What is looked at: its name, and how it does.
type Item = (Text, fn(&View) -> State);

const ITEMS: [Item; 4] = [
    (t!("Microphone"), |view| state(&view.devices.microphone)),
    (t!("Sound"), |view| if view.banners.contains(&Banner::SoundBlocked) { State::Bad } else { State::Good }),
    (t!("Server"), |view| match view.link {
        LinkView::Up => State::Good,
        LinkView::Opening => State::Awaited,
        LinkView::Down | LinkView::Waiting { .. } => State::Bad,
    }),
    (t!("Media path"), |view| state(&view.devices.path)),
];

/// The list, while calls are taken, and what to do about what is not well.
pub(crate) fn ready(handle: Handle) -> El {
    let items = ITEMS.map(|(name, get)| {
        let sign = move || sign(get(&handle.view.read()));
        el("li")
            .follow("data-step", move || Some(sign().0))
            .kid(icon_of(move || sign().1))
            .kid(name)
            .kid(el_of("span", "unseen").kid(text(move || sign().0)))
    });
    el_of("div", "ready")
        .flag("hidden", move || {
            let view = handle.view.read();
            view.tab != TabView::Phone || !view.presence.available
        })
        .kid(el("ul").say("aria-label", t!("Ready for the shift")).kids(items))
        .kid(el_of("p", "soft").set("aria-live", "polite").kid(text(move || advice(&handle.view.read()))))
}

fn state(step: &Step) -> State {
    match step {
        Step::Unknown | Step::Doing => State::Awaited,
        Step::Good | Step::Opened => State::Good,
        Step::Quiet => State::Quiet,
        Step::Refused(_) | Step::Bad => State::Bad,
    }
}

/// A word for readers and for the style sheets, and an icon.
fn sign(state: State) -> (Text, Symbol) {
    match state {
        State::Awaited => (t!("not checked"), icon::WAIT),
        State::Good => (t!("fine"), icon::CHECK),
        State::Quiet => (t!("silent"), icon::ALERT),
        State::Bad => (t!("missing"), icon::CROSS),
    }
}

/// The one thing to do. What the switch's own truth says is not said again.
fn advice(view: &View) -> Text {
    match (&view.devices.microphone, &view.devices.path) {
        (Step::Doing, _) => t!("Say something: is your microphone heard?"),
        (Step::Quiet, _) => t!("Your microphone was silent. Try it in Settings before the first call."),
        (_, Step::Bad) => t!("No path for sound was found. The network may block calls (UDP): try another."),
        (
            Step::Unknown | Step::Good | Step::Opened | Step::Refused(_) | Step::Bad,
            Step::Unknown | Step::Doing | Step::Good | Step::Quiet | Step::Opened | Step::Refused(_),
        ) => Text::NONE,
    }
}
