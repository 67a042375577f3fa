//! The far end's half of a scenario: what it does by itself, and what it asks a person at
//! the business to do.

use std::time::Duration;

use serde_json::{Value, json};
use vobiz::Number;

use super::cast::{Cast, cast};
use super::file::{Condition, Credentials, OnRing, RelayKind, Scenario, Step, TapPart, Verb};
use super::words;
use crate::people::Person;
use crate::settings::Settings;

/// How long a person gets for something that the far end can't see, such as a look at what
/// the page shows, and for something that they have to do there.
const LOOK: Duration = Duration::from_secs(2);
const HAND: Duration = Duration::from_secs(4);

/// A scenario as the far end plays it.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) settings: Settings,
    pub(crate) people: Vec<Person>,
    /// What is done to single messages.
    pub(crate) tap: Vec<TapPart>,
    pub(crate) lines: Vec<Line>,
    /// What must be true in the end.
    pub(crate) sights: Vec<Sight>,
}

/// Something that happens.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) by: By,
    pub(crate) text: String,
    pub(crate) act: Act,
}

/// Whose doing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// The far end does it by itself.
    FarEnd,
    /// A person at the business is asked to.
    You,
}

/// What the far end does, or waits for.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Somebody calls the business.
    Ring { from: Number, call: String },
    /// Whoever is on the call hangs up.
    HangUp { call: String },
    /// Other settings hold.
    Change(Value),
    /// Time passes.
    Wait(Duration),
    /// It is so, as far as the far end can see, and stays so.
    Until(Box<Condition>),
    /// The business calls this number, or tries to.
    Called { to: Number, call: String },
    /// The business has accepted the call, or it is over.
    Accepted { call: String },
    /// The call is over.
    Over { call: String },
    /// Only said, and not waited for.
    Said,
}

/// Something that must be true in the end.
#[derive(Debug, Clone)]
pub(crate) struct Sight {
    pub(crate) text: String,
    /// What of it the far end can see.
    pub(crate) condition: Option<Box<Condition>>,
}

impl Script {
    /// The far end's half of a scenario.
    ///
    /// # Errors
    ///
    /// Says why it can't be played alone.
    pub(crate) fn write(scenario: &Scenario) -> Result<Self, String> {
        if scenario.relay.run == RelayKind::Program
            || scenario.steps.iter().any(|step| step.get_ref().relay.is_some())
        {
            return Err(only_by_command("it stops or kills the relay"));
        }
        if scenario.relay.credentials == Credentials::Wrong {
            return Err(only_by_command("it needs a relay with wrong credentials"));
        }
        let writer = Writer { scenario, cast: cast(scenario).map_err(|fault| fault.to_string())? };
        let mut lines: Vec<Line> = scenario
            .tap
            .iter()
            .map(|rule| Line { by: By::FarEnd, text: words::rule(rule.get_ref()), act: Act::Said })
            .collect();
        for step in &scenario.steps {
            lines.extend(writer.step(step.get_ref())?);
        }
        let is_only = scenario.agents.len() == 1;
        let sights = scenario
            .expect
            .iter()
            .flat_map(|condition| {
                let condition = condition.get_ref();
                let visible = condition.is_visible().then(|| Box::new(condition.clone()));
                words::condition(condition, is_only).into_iter().map(move |text| Sight {
                    condition: visible.clone().filter(|_| text.is_far_ends),
                    text: text.words,
                })
            })
            .collect();
        Ok(Self {
            settings: scenario.simulator.clone(),
            people: writer.cast.into_iter().map(|(_, person)| person).collect(),
            tap: scenario.tap.iter().map(|rule| rule.get_ref().clone()).collect(),
            lines,
            sights,
        })
    }
}

fn only_by_command(why: &str) -> String {
    format!("{why}; `cargo xtask scenario` plays it")
}

struct Writer<'a> {
    scenario: &'a Scenario,
    cast: Cast,
}

impl Writer<'_> {
    fn step(&self, step: &Step) -> Result<Vec<Line>, String> {
        let mut lines = Vec::new();
        for (before, time) in [("After", step.after), ("Not before", step.at)] {
            if let Some(time) = time {
                let text = format!("{before} {}", words::length(time.0));
                lines.push(Line { by: By::FarEnd, text, act: Act::Wait(time.0) });
            }
        }
        if let Some(when) = &step.when {
            lines.extend(self.when(when));
        }
        if let Some(patch) = &step.simulator {
            let patch = serde_json::to_value(patch).map_err(|error| error.to_string())?;
            lines.push(Line {
                by: By::FarEnd,
                text: format!("From here on {}", words::patch(&patch)),
                act: Act::Change(patch),
            });
        }
        match (&step.person, &step.agent, step.does) {
            (Some(person), _, Some(verb)) => lines.extend(self.person_does(person, verb, step)?),
            (None, Some(agent), Some(verb)) => lines.extend(self.agent_does(agent, verb, step)?),
            (_, _, None) | (None, None, Some(_)) => {}
        }
        Ok(lines)
    }

    /// What a step waits for, as far as it can be seen or waited for here.
    fn when(&self, when: &Condition) -> Vec<Line> {
        let said = words::condition(when, self.is_only_agent())
            .into_iter()
            .map(|text| text.words)
            .collect::<Vec<_>>()
            .join(", ");
        let stays = when.stays.map(|stays| stays.0);
        let act = if when.is_visible() || when.implies().is_some() {
            let implied = when.implies().unwrap_or_else(|| when.clone());
            Act::Until(Box::new(implied))
        } else {
            Act::Wait(stays.unwrap_or(LOOK))
        };
        let mut lines = vec![Line { by: By::FarEnd, text: format!("Waits until {said}"), act }];
        // What rings has to be seen before anything else happens.
        if when.agent.is_some() && when.stays.is_none() {
            lines.push(Line { by: By::FarEnd, text: "Leaves time for a look".into(), act: Act::Wait(LOOK) });
        }
        lines
    }

    fn person_does(&self, name: &str, verb: Verb, step: &Step) -> Result<Vec<Line>, String> {
        let person = self.person(name)?;
        let call = step.call.clone();
        if verb != Verb::Rings {
            let text = format!("{} hangs up", person.name);
            return Ok(vec![Line { by: By::FarEnd, text, act: Act::HangUp { call } }]);
        }
        let text = format!("{} calls", person.name);
        let act = Act::Ring { from: person.number.clone(), call };
        let mut lines = vec![Line { by: By::FarEnd, text, act }];
        for agent in self.scenario.agents.iter().map(|agent| agent.get_ref()) {
            let does = match agent.on_ring {
                OnRing::Accept => "accept",
                OnRing::Reject => "reject",
                OnRing::Ignore => continue,
            };
            let who = if self.is_only_agent() { String::new() } else { format!("{}: ", agent.name) };
            let text = format!("{who}{does} it when it rings");
            lines.push(Line { by: By::You, text, act: Act::Said });
        }
        Ok(lines)
    }

    fn agent_does(&self, agent: &str, verb: Verb, step: &Step) -> Result<Vec<Line>, String> {
        let call = step.call.clone();
        let hand = Act::Wait(HAND);
        let (does, act) = match verb {
            Verb::Dials => {
                let person = self.person(step.to.as_deref().unwrap_or_default())?;
                let does = format!("call {} at {}", person.name, person.number);
                (does, Act::Called { to: person.number.clone(), call })
            }
            Verb::PointsAtAccept => ("let the pointer rest on Accept".to_owned(), hand),
            Verb::Accepts => ("accept".to_owned(), Act::Accepted { call }),
            Verb::HangsUp => ("hang up".to_owned(), Act::Over { call }),
            Verb::Rejects => ("reject".to_owned(), hand),
            Verb::Mutes => ("mute".to_owned(), hand),
            Verb::Unmutes => ("end the mute".to_owned(), hand),
            Verb::Presses => {
                let keys = step.keys.as_deref().unwrap_or_default();
                (format!("press {keys} on the keypad"), hand)
            }
            Verb::GoesAway => ("switch Available off".to_owned(), hand),
            Verb::ComesBack => ("switch Available on".to_owned(), hand),
            Verb::LosesSocket => {
                ("cut the page off from the relay (developer tools, Offline)".to_owned(), hand)
            }
            Verb::FindsSocket => ("connect it again".to_owned(), hand),
            Verb::Reloads => ("reload the page".to_owned(), hand),
            Verb::SignsOut => ("sign out in another tab".to_owned(), hand),
            Verb::Joins => ("sign in".to_owned(), hand),
            Verb::Leaves => ("close the browser's window".to_owned(), hand),
            // The far end does the same from its side: nothing comes and nothing goes.
            Verb::LosesMedia | Verb::FindsMedia => {
                let paused = verb == Verb::LosesMedia;
                let text = format!("The call's network is {}", if paused { "gone" } else { "back" });
                let act = Act::Change(json!({ "chaos": { "media": { "paused": paused } } }));
                return Ok(vec![Line { by: By::FarEnd, text, act }]);
            }
            Verb::DetachesTrack | Verb::AttachesTrack => {
                return Err(only_by_command("it needs a page that takes its track away"));
            }
            // Refused when the file is read.
            Verb::Rings => return Ok(Vec::new()),
        };
        let who = if self.is_only_agent() { String::new() } else { format!("{agent}: ") };
        Ok(vec![Line { by: By::You, text: format!("{who}{does}"), act }])
    }

    fn is_only_agent(&self) -> bool {
        self.scenario.agents.len() == 1
    }

    fn person(&self, name: &str) -> Result<&Person, String> {
        let found = self.cast.iter().find(|(known, _)| known == name).map(|(_, person)| person);
        found.ok_or_else(|| format!("there is nobody called {name}"))
    }
}

impl Condition {
    /// Whether the far end can see any of it.
    fn is_visible(&self) -> bool {
        self.agent.is_none()
            && (self.state.is_some()
                || self.ended.is_some()
                || self.hears.is_some()
                || self.hears_hz.is_some()
                || self.keys.is_some()
                || self.early_media.is_some())
    }

    /// What the far end sees when a page shows this.
    fn implies(&self) -> Option<Self> {
        self.agent.as_ref()?;
        let state = match self.sees.as_deref() {
            Some("ringing" | "far_end_ringing") => "ringing",
            Some("talking" | "answered_elsewhere") => "accepted",
            Some("ended") => "ended",
            Some(_) => return None,
            None if self.end.is_some() => "ended",
            None if self.hears_hz.is_some() || self.hears.is_some() => "accepted",
            None => return None,
        };
        Some(Self {
            call: self.call.clone(),
            state: Some(state.to_owned()),
            stays: self.stays,
            within: self.within,
            ..Self::default()
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::path::Path;

    use super::super::folder::Folder;
    use super::*;

    /// The scenarios of the repository.
    fn repository() -> Folder {
        Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios"))
    }

    #[test]
    fn every_scenario_has_a_far_end_or_says_why_not() {
        let listed = repository().list().unwrap();
        assert!(listed.len() >= 60, "{}", listed.len());
        let refused: Vec<String> =
            listed.into_iter().filter_map(|one| Some(format!("{}: {}", one.name, one.refusal?))).collect();
        insta::assert_debug_snapshot!(refused, @r#"
        [
            "hang_up_while_the_relay_is_away: it stops or kills the relay; `cargo xtask scenario` plays it",
            "refused_401: it needs a relay with wrong credentials; `cargo xtask scenario` plays it",
            "relay_killed_in_a_call: it stops or kills the relay; `cargo xtask scenario` plays it",
            "relay_killed_in_the_accept: it stops or kills the relay; `cargo xtask scenario` plays it",
            "relay_killed_in_the_initiate: it stops or kills the relay; `cargo xtask scenario` plays it",
            "relay_killed_while_ringing: it stops or kills the relay; `cargo xtask scenario` plays it",
            "rtcp_keeps_the_call: it needs a page that takes its track away; `cargo xtask scenario` plays it",
            "terminate_while_the_relay_is_away: it stops or kills the relay; `cargo xtask scenario` plays it",
        ]
        "#);
    }

    #[test]
    fn a_script_tells_who_does_what() {
        let scenario = repository().read("inbound_call").unwrap().unwrap();
        let script = Script::write(&scenario).unwrap();
        let mark = |by: By| if by == By::You { "you: " } else { "" };
        let lines: Vec<String> =
            script.lines.iter().map(|line| format!("{}{}", mark(line.by), line.text)).collect();
        insta::assert_debug_snapshot!(lines, @r#"
        [
            "Toni Okafor calls",
            "you: accept it when it rings",
            "Waits until the person receives sound from you",
            "you: press 12# on the keypad",
            "Waits until you hear the person",
            "Leaves time for a look",
            "you: mute",
            "Waits until the person hears nothing, the person received the keys 12#",
            "Toni Okafor hangs up",
        ]
        "#);
        let seen = |sight: &Sight| if sight.condition.is_some() { " (seen here)" } else { "" };
        let sights: Vec<String> =
            script.sights.iter().map(|sight| format!("{}{}", sight.text, seen(sight))).collect();
        insta::assert_debug_snapshot!(sights, @r#"
        [
            "it rang once",
            "it ended as “far end hung up”",
            "no problem is shown",
            "the call is ended (seen here)",
            "it ended because “person hung up” (seen here)",
            "no sound came before the accept (seen here)",
            "only asha talked",
            "the call log says terminated",
            "the call log has its talk time",
            "no pre_accept was sent",
            "accept was sent once",
            "no reject was sent",
            "no terminate was sent",
        ]
        "#);
    }
}
