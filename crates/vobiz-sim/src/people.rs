//! The people that can be called and can call.

use std::time::Duration;

use vobiz::Number;

use crate::handset::Voice;

/// How long a person takes to pick up or refuse, unless the options say
/// otherwise: long enough to see it ring, short enough to wait for.
const USUAL_REACTION: Duration = Duration::from_millis(1_500);

/// The tone of somebody who plays one and whose frequency nobody chose (Hz).
const USUAL_TONE: f32 = 440.0;

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
    /// Picks up and is far too loud: the usual tone, nearly at full scale.
    Shouts,
    /// Can't be called: the initiate is refused with this code.
    Refuses(u32),
    /// The call breaks with this code: 138019 while it rings, any other after
    /// the pick-up.
    Breaks(u32),
}

impl Behaviour {
    /// Codes with which Meta refuses an initiate.
    pub const REFUSALS: [u32; 15] = [
        100, 131_044, 131_055, 138_000, 138_001, 138_002, 138_004, 138_005, 138_007, 138_009, 138_012,
        138_013, 138_014, 138_015, 138_018,
    ];

    /// Codes with which Meta ends a call.
    pub const BREAKS: [u32; 5] = [138_019, 138_020, 138_021, 138_022, 138_023];

    /// Reads a behaviour as the control API has it: its name, and the tone or
    /// the code that some have.
    ///
    /// # Errors
    ///
    /// Says which names, tones and codes there are.
    pub fn read(name: &str, tone_hz: Option<f32>, code: Option<u32>) -> Result<Self, String> {
        let code = |known: &[u32]| {
            code.filter(|code| known.contains(code)).ok_or(format!("code of {name} must be one of {known:?}"))
        };
        Ok(match name {
            "speaker" => Self::Speaks,
            "echo" => Self::Echoes,
            "rejects" => Self::Rejects,
            "never_answers" => Self::NeverAnswers,
            "no_permission" => Self::NoPermission,
            "tone" => {
                let hertz = tone_hz.unwrap_or(USUAL_TONE);
                if !(50.0..=4_000.0).contains(&hertz) {
                    return Err("tone_hz must be from 50 to 4000".into());
                }
                Self::Tone(hertz)
            }
            "shouts" => Self::Shouts,
            "refuses" => Self::Refuses(code(&Self::REFUSALS)?),
            "breaks" => Self::Breaks(code(&Self::BREAKS)?),
            _ => {
                return Err(format!(
                    "{name:?} is none of speaker, echo, tone, shouts, rejects, never_answers, \
                     no_permission, refuses, breaks"
                ));
            }
        })
    }

    /// The behaviour's name in the control API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Speaks => "speaker",
            Self::Echoes => "echo",
            Self::Rejects => "rejects",
            Self::NeverAnswers => "never_answers",
            Self::NoPermission => "no_permission",
            Self::Tone(_) => "tone",
            Self::Shouts => "shouts",
            Self::Refuses(_) => "refuses",
            Self::Breaks(_) => "breaks",
        }
    }

    /// Meta's code, for those who have one.
    pub fn code(self) -> Option<u32> {
        match self {
            Self::Refuses(code) | Self::Breaks(code) => Some(code),
            Self::Speaks
            | Self::Echoes
            | Self::Rejects
            | Self::NeverAnswers
            | Self::NoPermission
            | Self::Tone(_)
            | Self::Shouts => None,
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
            Self::Shouts => "Picks up and is far too loud".into(),
            Self::Refuses(code) => format!("Your call is refused with {code}"),
            Self::Breaks(code) => format!("The call breaks with {code}"),
        }
    }

    /// What is heard from the person once a call is picked up by both.
    pub(crate) fn voice(self) -> Voice {
        match self {
            Self::Speaks => Voice::Speech,
            Self::Echoes => Voice::Echo,
            Self::Tone(hertz) => Voice::Tone(hertz),
            Self::Shouts => Voice::LoudTone(USUAL_TONE),
            Self::Rejects | Self::NeverAnswers | Self::NoPermission | Self::Refuses(_) | Self::Breaks(_) => {
                Voice::Hum
            }
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
    /// The username; somebody who has one hides their number from the business.
    pub username: Option<String>,
    /// What the person does with a call.
    pub behaviour: Behaviour,
    /// How long the person takes to pick up or to refuse.
    pub reaction: Duration,
}

impl Person {
    /// Somebody who shows their number and reacts in the usual time.
    pub fn new(number: Number, name: impl Into<String>, behaviour: Behaviour) -> Self {
        Self { number, name: name.into(), username: None, behaviour, reaction: USUAL_REACTION }
    }

    /// The identifier that Meta gives a person for this business.
    pub(crate) fn user_id(&self) -> String {
        // Any injective form does: the product must not read anything into it.
        format!("IN.{}", self.number.digits().bytes().rev().map(char::from).collect::<String>())
    }
}

/// The people whose numbers every guide and test names, and somebody for each
/// code of Meta, whose number ends with it, and last somebody who shouts.
pub fn usual_people() -> Vec<Person> {
    let mut people: Vec<Person> = [
        ("+919800000001", "Asha Rao", Behaviour::Speaks),
        ("+919800000002", "Eko Prasetyo", Behaviour::Echoes),
        ("+919800000003", "Rex Fernandes", Behaviour::Rejects),
        ("+919800000004", "Nora Silva", Behaviour::NeverAnswers),
        ("+919800000005", "Petra Weiss", Behaviour::NoPermission),
        ("+919800000006", "Toni Okafor", Behaviour::Tone(USUAL_TONE)),
        ("+919800000007", "Una Berg", Behaviour::Speaks),
    ]
    .into_iter()
    .filter_map(|(number, name, behaviour)| Some(Person::new(Number::parse(number).ok()?, name, behaviour)))
    .collect();
    if let Some(una) = people.last_mut() {
        una.username = Some("una.berg".into());
    }
    let refused = Behaviour::REFUSALS.into_iter().map(Behaviour::Refuses);
    let broken = Behaviour::BREAKS.into_iter().map(Behaviour::Breaks);
    for behaviour in refused.chain(broken) {
        let code = behaviour.code().unwrap_or_default();
        if let Ok(number) = Number::parse(&format!("+919800{code:06}")) {
            people.push(Person::new(number, format!("Code {code}"), behaviour));
        }
    }
    if let Ok(number) = Number::parse("+919800000008") {
        people.push(Person::new(number, "Lou Hartmann", Behaviour::Shouts));
    }
    people
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn everybody_is_there_and_every_code_has_a_number() {
        let people = usual_people();
        assert_eq!(people.len(), 7 + 15 + 5 + 1);
        let refused =
            people.iter().find(|person| person.number.as_str() == "+919800138012").unwrap().behaviour;
        assert_eq!(refused, Behaviour::Refuses(138_012));
        for person in &people {
            let code = person.behaviour.code();
            assert!(code.is_none_or(|code| vobiz::fault::advice(code).is_some()), "{person:?}");
        }
    }

    #[test]
    fn behaviours_are_read_by_their_names() {
        for person in usual_people() {
            let Person { behaviour, .. } = person;
            assert_eq!(Behaviour::read(behaviour.name(), None, behaviour.code()), Ok(behaviour));
        }
        for (name, tone, code) in [
            ("sings", None, None),
            ("tone", Some(5.0), None),
            ("refuses", None, None),
            ("breaks", None, Some(7)),
        ] {
            assert!(Behaviour::read(name, tone, code).is_err(), "{name}");
        }
    }
}
