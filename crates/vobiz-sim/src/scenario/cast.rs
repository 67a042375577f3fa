//! Who is there in a scenario.

use std::time::Duration;

use vobiz::Number;

use super::file::{PersonPart, Scenario, ScenarioError};
use crate::people::{Behaviour, Person, usual_people};

/// Those who are always there, in the order of [`usual_people`]; behind them come those
/// who stand for one of Meta's codes, named by it.
const NAMED: [&str; 7] = ["speaker", "echo", "rejects", "silent", "forbidden", "tone", "username"];

/// How long people take to pick up or to refuse.
const REACTION: Duration = Duration::from_millis(400);

/// The first number of people whom a scenario adds.
const FIRST_NUMBER: u64 = 919_800_000_101;

/// Everybody by the name that the scenario has for them.
pub type Cast = Vec<(String, Person)>;

/// Names of the people who are always there.
pub(super) fn always_there() -> Vec<String> {
    let coded = usual_people().into_iter().filter_map(|person| person.behaviour.code());
    NAMED.map(str::to_owned).into_iter().chain(coded.map(|code| code.to_string())).collect()
}

/// Those who are always there, with what differs, and whoever is new.
///
/// # Errors
///
/// When somebody has a number or a behaviour that can't be.
pub fn cast(scenario: &Scenario) -> Result<Cast, ScenarioError> {
    let mut cast: Cast = always_there().into_iter().zip(usual_people()).collect();
    for (_, person) in &mut cast {
        person.reaction = REACTION;
    }
    for (index, part) in (0..).zip(&scenario.people) {
        let part = part.get_ref();
        if !cast.iter().any(|(name, _)| *name == part.name) {
            let number = Number::parse(&format!("+{}", FIRST_NUMBER + index))
                .map_err(|fault| ScenarioError::new(part.name.as_str(), fault))?;
            let mut person = Person::new(number, part.name.clone(), Behaviour::Echoes);
            person.reaction = REACTION;
            cast.push((part.name.clone(), person));
        }
        if let Some((_, person)) = cast.iter_mut().find(|(name, _)| *name == part.name) {
            change(person, part)?;
        }
    }
    Ok(cast)
}

fn change(person: &mut Person, part: &PersonPart) -> Result<(), ScenarioError> {
    person.reaction = part.reaction.map_or(person.reaction, |reaction| reaction.0);
    person.username = part.username.clone().or(person.username.take());
    let does = part.does.as_deref().or(part.tone.map(|_| "tone"));
    if let Some(does) = does {
        person.behaviour = Behaviour::read(does, part.tone, part.code)
            .map_err(|fault| ScenarioError::new(part.name.as_str(), fault))?;
    }
    Ok(())
}
