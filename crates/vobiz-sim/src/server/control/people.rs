//! People on the console.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use vobiz::Number;

use super::super::problem::Problem;
use super::Shared;
use crate::people::{Behaviour, Person};

/// Longest name and username, in characters; WhatsApp's own limits are lower.
const MAX_NAME: usize = 100;

/// Longest time that anybody takes to react.
const MAX_REACTION: Duration = Duration::from_secs(600);

#[derive(Serialize)]
pub(super) struct PersonView {
    number: String,
    name: String,
    behaviour: &'static str,
    description: String,
    reaction_ms: u64,
    tone_hz: Option<f32>,
    code: Option<u32>,
    username: Option<String>,
}

impl PersonView {
    pub(super) fn new(person: &Person) -> Self {
        Self {
            number: person.number.to_string(),
            name: person.name.clone(),
            behaviour: person.behaviour.name(),
            description: person.behaviour.description(),
            reaction_ms: u64::try_from(person.reaction.as_millis()).unwrap_or(u64::MAX),
            tone_hz: if let Behaviour::Tone(hertz) = person.behaviour { Some(hertz) } else { None },
            code: person.behaviour.code(),
            username: person.username.clone(),
        }
    }
}

/// What changes; what is absent stays, or is usual for somebody new.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonPatch {
    name: Option<String>,
    behaviour: Option<String>,
    tone_hz: Option<f32>,
    code: Option<u32>,
    reaction_ms: Option<u64>,
    /// Empty: shows the number again.
    username: Option<String>,
}

/// Changes somebody, or adds them when nobody has the number.
pub(super) async fn put(
    State(exchange): Shared,
    Path(number): Path<String>,
    body: Bytes,
) -> Result<Json<PersonView>, Problem> {
    let number = Number::parse(&number).map_err(|fault| Problem::field("number", fault))?;
    let patch: PersonPatch = serde_json::from_slice(&body).map_err(|error| Problem::field("body", error))?;
    let known = exchange.person(&number);
    let mut person = known
        .map(|person| person.as_ref().clone())
        .unwrap_or_else(|| Person::new(number.clone(), number.as_str(), Behaviour::Speaks));
    if let Some(name) = patch.name {
        person.name = bounded("name", name)?;
    }
    if let Some(username) = patch.username {
        person.username = Some(bounded("username", username)?).filter(|username| !username.is_empty());
    }
    let name = patch.behaviour.as_deref().unwrap_or(person.behaviour.name());
    let tone_hz =
        patch.tone_hz.or(if let Behaviour::Tone(hertz) = person.behaviour { Some(hertz) } else { None });
    person.behaviour = Behaviour::read(name, tone_hz, patch.code.or(person.behaviour.code()))
        .map_err(|fault| Problem::field("behaviour", fault))?;
    if let Some(reaction) = patch.reaction_ms.map(Duration::from_millis) {
        if reaction > MAX_REACTION {
            return Err(Problem::field(
                "reaction_ms",
                format!("must be at most {}", MAX_REACTION.as_millis()),
            ));
        }
        person.reaction = reaction;
    }
    let view = PersonView::new(&person);
    if !exchange.put_person(person) {
        return Err(Problem::field("number", "there is no room for more people"));
    }
    Ok(Json(view))
}

fn bounded(field: &str, text: String) -> Result<String, Problem> {
    if text.chars().count() > MAX_NAME {
        return Err(Problem::field(field, format!("must have at most {MAX_NAME} characters")));
    }
    Ok(text)
}
