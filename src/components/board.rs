//! The call the agent is on.

use leptos::prelude::*;
use phone::digit::Digit;
use phone::event::Agent;
use phone::line::Concern;
use phone::shortcuts::Does;
use phone::view::{CallCard, KeysView, LineView, Status, Voice};
use phone::{t, text as words};
use wire::{CallId, Direction};

use super::el::{El, el, el_of};
use super::icon::{self, Symbol, icon, icon_of};
use super::keypad::{keypad, typed};
use super::keys::{hinted, pressed_by};
use super::part::{group, keyed, text};
use super::sent::Sent;
use super::{focus, line, person, show};
use crate::runtime::Handle;
use crate::runtime::toggle::Toggle;

/// What the parts of one board share.
#[derive(Clone, Copy)]
struct Board {
    handle: Handle,
    /// Whether the keypad is open.
    keys: Toggle,
    sent: Sent,
}

/// The board. It is made once for each call; all that changes on it follows the view.
pub(crate) fn board(handle: Handle) -> El {
    let board = Board { handle, keys: Toggle::off(), sent: Sent::nothing() };
    let status = el("span")
        .set("role", "status")
        .set("aria-live", "off")
        .kid(icon_of(move || status_icon(board.status())))
        .kid(text(move || words::status(board.status())));
    let region = el_of("section", "board call")
        .say("aria-label", t!("Active call"))
        .set("tabindex", "-1")
        .follow("data-kind", move || Some(board.kind()))
        .kid(el_of("p", "board-top").kid(status).kid(board.direction()))
        .kid(board.far_end())
        .kid(board.timer())
        .kid(line::line(handle))
        .kid(board.says())
        .kid(board.foot());
    focus::take_if_free(&region);
    region
}

fn status_icon(status: Status) -> Symbol {
    match status {
        Status::Calling | Status::Connecting => icon::WAIT,
        Status::Ringing => icon::BELL,
        Status::Connected => icon::CHECK,
        Status::Reconnecting => icon::RETRY,
        Status::OnHold => icon::HOLD,
        Status::Ended => icon::HANG_UP,
    }
}

impl Board {
    /// Something of the call's card; nothing once the call is over.
    fn card<T: Default>(self, get: impl FnOnce(&CallCard) -> T) -> T {
        self.handle.view.read().active.as_ref().map(get).unwrap_or_default()
    }

    /// Does something about the call.
    fn act(self, what: impl FnOnce(CallId) -> Agent) {
        // The view is let go before it may change.
        let call = self.handle.view.read_untracked().active.as_ref().map(|card| card.call.clone());
        if let Some(call) = call {
            self.handle.send(what(call));
        }
    }

    fn status(self) -> Status {
        self.handle.view.read().active.as_ref().map_or(Status::Ended, |card| card.status)
    }

    fn is_lost(self) -> bool {
        self.status() == Status::Reconnecting
    }

    fn is_held(self) -> bool {
        self.card(|card| card.line == LineView::Held)
    }

    /// Whether the keypad does nothing with this far end.
    fn takes_no_keys(self) -> bool {
        self.card(|card| card.keys == KeysView::Refused)
    }

    fn is_muted(self) -> bool {
        self.card(|card| card.voice == Voice::Muted)
    }

    /// Its kind for the style sheets.
    fn kind(self) -> &'static str {
        match self.status() {
            Status::Reconnecting => "trouble",
            Status::OnHold => "held",
            Status::Calling | Status::Ringing | Status::Connecting | Status::Connected | Status::Ended => {
                "live"
            }
        }
    }

    /// What is wrong with the line; being muted is said before its quality.
    fn concern(self) -> Option<Concern> {
        let concern = self.card(|card| card.quality.concern);
        concern.filter(|concern| !(self.is_muted() && matches!(concern, Concern::Limit(_))))
    }

    /// Who called whom, in a corner.
    fn direction(self) -> El {
        let inbound = self.card(|card| card.direction == Direction::Inbound);
        let (symbol, words) =
            if inbound { (icon::IN, t!("They called")) } else { (icon::OUT, t!("You called")) };
        el_of("span", "soft").kid(icon(symbol)).kid(words)
    }

    fn far_end(self) -> El {
        let face = keyed(move || self.card(|card| card.who.clone()), person::face);
        let name = move || self.card(|card| words::who(&card.who).to_owned());
        let details = move || self.card(|card| person::details(&card.who, card.country));
        let lines = el("div")
            .kid(el_of("p", "name").kid(text(name)))
            .kid(el_of("p", "soft figures sub").kid(text(details)));
        el_of("div", "person").kid(el_of("span", "face").set("aria-hidden", "true").kid(face)).kid(lines)
    }

    /// The talk time; `0:00` until the call is answered.
    fn timer(self) -> El {
        let since = move || self.card(|card| card.talking_since);
        let time =
            move || show::clock(since().map_or(0, |since| show::seconds_since(since, self.handle.now.get())));
        el_of("p", "timer").set("role", "timer").flag("data-still", move || since().is_none()).kid(text(time))
    }

    /// What the agent has to know now: the loudest of it.
    fn says(self) -> El {
        let words = move || {
            if self.is_lost() {
                t!("The connection is interrupted. It often comes back by itself: stay on the line.").into()
            } else if self.is_held() {
                t!("They hear a soft tone, you hear nothing. Press Hold to go on.").into()
            } else if self.takes_no_keys() && self.keys.is_on() {
                t!("The other side takes no keypad digits on this call.").into()
            } else if self.keys.is_on() && !self.sent.text().is_empty() {
                // Whoever types digits looks at them first.
                self.sent.text()
            } else if let Some(concern) = self.concern() {
                words::concern(concern).into()
            } else if self.is_muted() {
                t!("You’re muted. They can’t hear you.").into()
            } else {
                self.sent.text()
            }
        };
        el_of("p", "call-says figures")
            .follow("data-tone", move || {
                let warns = self.is_muted() || self.concern().is_some();
                (warns && !self.is_held() && !self.is_lost()).then_some("warn")
            })
            .set("id", "call-says")
            .kid(text(words))
    }

    /// The buttons. Hang up is always at the same place.
    fn foot(self) -> El {
        let live = move || self.card(CallCard::is_live);
        let open = move || live() && self.keys.is_on() && !self.takes_no_keys();
        let pad = keyed(open, move |open| group(open.then(|| self.keypad().into())));
        let rounds = keyed(live, move |live| group(live.then(|| self.rounds().into())));
        let hang_up = el_of("button", "button stop tall wide")
            .click(move || self.act(Agent::HangUp))
            .kid(icon(icon::HANG_UP))
            .kid(t!("Hang up"));
        let hang_up = hinted(self.handle, hang_up, Does::HangUp);
        el_of("div", "call-foot").kid(pad).kid(rounds).kid(hang_up)
    }

    fn keypad(self) -> El {
        let press = move |key| {
            let Some(digit) = Digit::new(key) else { return };
            self.act(|call| Agent::SendDigit(call, digit));
            self.sent.add(digit);
        };
        typed(press);
        keypad(Digit::KEYPAD.map(Digit::character), press)
    }

    /// Mute, Hold and Keypad: only while they do something.
    fn rounds(self) -> El {
        let mute = el_of("button", "round")
            .state("aria-pressed", move || self.is_muted())
            .click(move || self.act(Agent::ToggleMute))
            .kid(el("span").kid(icon_of(move || if self.is_muted() { icon::MIC_OFF } else { icon::MIC })))
            .kid(el("span").kid(t!("Mute")));
        let hold = el_of("button", "round")
            .state("aria-pressed", move || self.is_held())
            .click(move || self.act(Agent::ToggleHold))
            .kid(el("span").kid(icon_of(move || if self.is_held() { icon::RESUME } else { icon::HOLD })))
            .kid(el("span").kid(t!("Hold")));
        let (mute, hold) =
            (pressed_by(self.handle, mute, Does::Mute), pressed_by(self.handle, hold, Does::Hold));
        let keypad = el_of("button", "round")
            .state("aria-expanded", move || self.keys.is_on() && !self.takes_no_keys())
            .mark("aria-disabled", move || self.takes_no_keys())
            .follow("aria-describedby", move || self.takes_no_keys().then_some("call-says"))
            .click(move || self.keys.flip())
            .kid(el("span").kid(icon(icon::KEYPAD)))
            .kid(el("span").kid(t!("Keypad")));
        el_of("div", "rounds").kid(mute).kid(hold).kid(keypad)
    }
}
