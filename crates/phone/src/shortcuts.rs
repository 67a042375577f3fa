//! What a key does while nobody types.

use wire::CallId;

use crate::event::Agent;
use crate::locale::Text;
use crate::t;
use crate::view::{AcceptView, SessionView, View};

/// All of them, for the sheet: the key, and what it does.
pub const SHORTCUTS: [(char, Text); 7] = [
    ('A', t!("Accept the incoming call")),
    ('R', t!("Reject the incoming call")),
    ('M', t!("Mute, or unmute")),
    ('H', t!("Hold, or resume")),
    ('E', t!("End the call: hang up")),
    ('N', t!("Go to the number field")),
    ('?', t!("Show this list")),
];

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
    match key.to_ascii_lowercase() {
        'a' => ringing()
            .filter(|card| card.accept != AcceptView::Opening)
            .map(|card| Agent::Accept(card.call.clone())),
        'r' => ringing().map(|card| Agent::Reject(card.call.clone())),
        'm' => view.active.as_ref().filter(|card| card.is_live()).and_then(|_| active(Agent::ToggleMute)),
        'h' => view.active.as_ref().filter(|card| card.is_live()).and_then(|_| active(Agent::ToggleHold)),
        'e' => active(Agent::HangUp),
        'n' => (signed_in && view.active.is_none()).then_some(Agent::FocusNumber),
        '?' => Some(Agent::ShowKeys(true)),
        _ => None,
    }
}
