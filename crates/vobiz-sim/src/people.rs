//! The people that can be called and can call.

use std::time::Duration;

use vobiz::Number;

use crate::handset::Voice;

/// How long a person takes to pick up or refuse, unless the options say
/// otherwise: long enough to see it ring, short enough to wait for.
const USUAL_REACTION: Duration = Duration::from_millis(1_500);

/// What a person does with a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Behaviour {
    /// Picks up, greets and keeps talking.
    Speaks,
    /// Picks up and sends back what is said.
    Echoes,
    /// Refuses.
    Rejects,
    /// Lets it ring.
    NeverAnswers,
    /// Has not allowed the business to call (138006).
    NoPermission,
    /// Picks up and plays a pure tone of this frequency in hertz.
    Tone(f32),
}

impl Behaviour {
    /// The behaviour's name in the control API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Speaks => "speaker",
            Self::Echoes => "echo",
            Self::Rejects => "rejects",
            Self::NeverAnswers => "never_answers",
            Self::NoPermission => "no_permission",
            Self::Tone(_) => "tone",
        }
    }

    /// What the person does, in words.
    pub fn description(self) -> String {
        match self {
            Self::Speaks => "Picks up, greets you and keeps talking".into(),
            Self::Echoes => "Picks up and sends back what you say".into(),
            Self::Rejects => "Declines your call".into(),
            Self::NeverAnswers => "Lets it ring".into(),
            Self::NoPermission => "Has not allowed the business to call (138006)".into(),
            Self::Tone(hertz) => format!("Picks up and plays a pure {hertz:.0} Hz tone"),
        }
    }

    /// What is heard from the person once a call is picked up by both.
    pub(crate) fn voice(self) -> Voice {
        match self {
            Self::Speaks => Voice::Speech,
            Self::Echoes => Voice::Echo,
            Self::Tone(hertz) => Voice::Tone(hertz),
            Self::Rejects | Self::NeverAnswers | Self::NoPermission => Voice::Hum,
        }
    }
}

/// Somebody with a handset.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The number, E.164.
    pub number: Number,
    /// The name that WhatsApp shows.
    pub name: String,
    /// What the person does with a call.
    pub behaviour: Behaviour,
    /// How long the person takes to pick up or to refuse.
    pub reaction: Duration,
}

/// The people whose numbers every guide and test names.
pub fn usual_people() -> Vec<Person> {
    [
        ("+919800000001", "Asha Rao", Behaviour::Speaks),
        ("+919800000002", "Eko Prasetyo", Behaviour::Echoes),
        ("+919800000003", "Rex Fernandes", Behaviour::Rejects),
        ("+919800000004", "Nora Silva", Behaviour::NeverAnswers),
        ("+919800000005", "Petra Weiss", Behaviour::NoPermission),
        ("+919800000006", "Toni Okafor", Behaviour::Tone(440.0)),
    ]
    .into_iter()
    .filter_map(|(number, name, behaviour)| {
        Some(Person {
            number: Number::parse(number).ok()?,
            name: name.to_owned(),
            behaviour,
            reaction: USUAL_REACTION,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_there() {
        assert_eq!(usual_people().len(), 6);
    }
}
