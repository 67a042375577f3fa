//! What a key does while nobody types.

use wire::CallId;

use crate::event::Agent;
use crate::locale::Text;
use crate::t;
use crate::view::{AcceptView, SessionView, View};

/// What a key can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Accepts the incoming call.
    Accept,
    /// Rejects it.
    Reject,
    /// Mutes, or unmutes.
    Mute,
    /// Holds, or resumes.
    Hold,
    /// Ends the call.
    HangUp,
    /// Puts the keyboard into the number field.
    Number,
    /// Shows the sheet of all keys.
    Sheet,
}

impl Does {
    /// All of them, in the sheet's order.
    pub const ALL: [Self; 7] =
        [Self::Accept, Self::Reject, Self::Mute, Self::Hold, Self::HangUp, Self::Number, Self::Sheet];

    /// For the sheet.
    pub fn text(self) -> Text {
        match self {
            Self::Accept => t!("Accept the incoming call"),
            Self::Reject => t!("Reject the incoming call"),
            Self::Mute => t!("Mute, or unmute"),
            Self::Hold => t!("Hold, or resume"),
            Self::HangUp => t!("End the call: hang up"),
            Self::Number => t!("Go to the number field"),
            Self::Sheet => t!("Show this list"),
        }
    }
}

/// Which key does what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys([char; Does::ALL.len()]);

impl Default for Keys {
    fn default() -> Self {
        Self(['A', 'R', 'M', 'H', 'E', 'N', '?'])
    }
}

impl Keys {
    /// The key of something.
    pub fn of(&self, does: Does) -> char {
        self.0[does as usize]
    }

    /// The keys with another one for something; whatever had that one before gets the old one.
    /// Unchanged for what is no key of its own: blanks, and what the call's keypad takes.
    #[must_use]
    pub fn with(mut self, does: Does, key: char) -> Self {
        if key > ' ' && !matches!(key, '0'..='9' | '*' | '#' | '+') {
            let key = key.to_ascii_uppercase();
            if let Some(other) = self.0.iter().position(|taken| *taken == key) {
                self.0[other] = self.of(does);
            }
            self.0[does as usize] = key;
        }
        self
    }

    /// As stored, one character for each; what is none keeps its usual key.
    pub(crate) fn read(text: &str) -> Self {
        Does::ALL
            .into_iter()
            .zip(text.chars())
            .fold(Self::default(), |keys, (does, key)| keys.with(does, key))
    }

    /// The text that [`Keys::read`] reads.
    pub(crate) fn print(&self) -> String {
        self.0.iter().collect()
    }

    fn does(&self, key: char) -> Option<Does> {
        Does::ALL.into_iter().find(|does| self.of(*does) == key.to_ascii_uppercase())
    }
}

/// What the person means by a key. `within`: the ringing call whose card the keyboard
/// is on; it goes before the oldest.
pub fn meaning(view: &View, key: char, within: Option<&str>) -> Option<Agent> {
    let signed_in = matches!(view.session, SessionView::SignedIn { .. });
    if !view.settings.shortcuts || !(signed_in || view.active.is_some()) {
        return None;
    }
    let ringing = || {
        let own = view.incoming.iter().find(|card| Some(card.call.as_str()) == within);
        own.or(view.incoming.first())
    };
    let active = |act: fn(CallId) -> Agent| view.active.as_ref().map(|card| act(card.call.clone()));
    let is_live = view.active.as_ref().is_some_and(|card| card.is_live());
    match view.settings.keys.does(key)? {
        Does::Accept => ringing()
            .filter(|card| card.accept != AcceptView::Opening)
            .map(|card| Agent::Accept(card.call.clone())),
        Does::Reject => ringing().map(|card| Agent::Reject(card.call.clone())),
        Does::Mute => active(Agent::ToggleMute).filter(|_| is_live),
        Does::Hold => active(Agent::ToggleHold).filter(|_| is_live),
        Does::HangUp => active(Agent::HangUp),
        Does::Number => (signed_in && view.active.is_none()).then_some(Agent::FocusNumber),
        Does::Sheet => Some(Agent::ShowKeys(true)),
    }
}
