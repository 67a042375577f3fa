//! What the file's own grammar does not say: names that exist, words that mean
//! something, one subject for each step.

use toml::Spanned;

use super::cast::always_there;
use super::file::{
    AgentPart, Condition, RelayKind, RelayVerb, Scenario, ScenarioError, Step, TapPart, Verb, line,
};
use crate::people::Behaviour;

/// In a condition: the one agent who talked on the call.
pub const WINNER: &str = "winner";
/// In a condition: the one agent who did not talk on the call.
pub const LOSER: &str = "loser";
/// Webhooks, as the tap names them.
const WEBHOOKS: [&str; 5] = ["connect", "ringing", "accepted", "rejected", "terminate"];
/// Requests, as the tap names them.
pub const REQUESTS: [&str; 6] = ["initiate", "pre_accept", "accept", "reject", "terminate", "logs"];
/// How far a call is upstream.
const STATES: [&str; 4] = ["ringing", "pre_accepted", "accepted", "ended"];
/// How a page shows a call, besides `nothing`.
pub const SEES: [&str; 11] = [
    "ringing",
    "answering",
    "dialing",
    "far_end_ringing",
    "talking",
    "silenced",
    "declined",
    "answered_elsewhere",
    "ended",
    "failed",
    "lost",
];
/// Statuses of a row, by the reference.
const LOG: [&str; 8] =
    ["initiated", "ringing", "pre_accepted", "accepted", "rejected", "terminated", "failed", "missed"];
/// How a call ends on a page; the wire's own words.
const ENDS: [&str; 8] =
    ["hung_up", "far_end_hung_up", "missed", "declined", "rejected", "unanswered", "cancelled", "failed"];

/// Checks a scenario; an error names the line.
pub(super) fn check(scenario: &Scenario, text: &str) -> Result<(), ScenarioError> {
    let checks = Checks { scenario, text };
    for part in &scenario.people {
        let name = &part.get_ref().name;
        if !always_there().contains(name) && part.get_ref().does.is_none() {
            return Err(checks.at(part, &format!("`{name}` is a new person: say what they do with `does`")));
        }
        if let Some(does) = &part.get_ref().does {
            Behaviour::read(does, part.get_ref().tone, part.get_ref().code)
                .map_err(|what| checks.at(part, &format!("`does`: {what}")))?;
        }
    }
    for part in &scenario.agents {
        if let Some(owner) = &part.get_ref().tab_of {
            let is_there = |agent: &Spanned<AgentPart>| {
                agent.get_ref().name == *owner && agent.get_ref().tab_of.is_none()
            };
            if !scenario.agents.iter().any(is_there) {
                return Err(checks.at(part, &format!("`tab_of` can't be `{owner}`: there is no such agent")));
            }
        }
    }
    for part in &scenario.tap {
        checks.tap(part.get_ref()).map_err(|what| checks.at(part, &what))?;
    }
    for (index, step) in scenario.steps.iter().enumerate() {
        checks.step(index, step.get_ref()).map_err(|what| checks.at(step, &what))?;
    }
    if scenario.expect.is_empty() {
        return Err(ScenarioError::new("`expect`", "is empty: say what must be true in the end"));
    }
    for expectation in &scenario.expect {
        checks
            .condition(scenario.steps.len(), expectation.get_ref())
            .map_err(|what| checks.at(expectation, &what))?;
    }
    Ok(())
}

struct Checks<'a> {
    scenario: &'a Scenario,
    text: &'a str,
}

impl Checks<'_> {
    fn at<T>(&self, part: &Spanned<T>, what: &str) -> ScenarioError {
        ScenarioError::new(line(self.text, part.span().start), what)
    }

    fn tap(&self, part: &TapPart) -> Result<(), String> {
        match (&part.webhook, &part.request) {
            (Some(webhook), None) => {
                one_of("webhook", webhook, &WEBHOOKS)?;
                if part.reply_delay.is_some() {
                    return Err("only a request has a `reply_delay`".to_owned());
                }
            }
            (None, Some(request)) => {
                one_of("request", request, &REQUESTS)?;
                if part.hold_until.is_some() || part.again_after.is_some() || part.copies.is_some() {
                    return Err("a request can only have `delay`, `reply_delay` or `lose`".to_owned());
                }
            }
            (Some(_), Some(_)) | (None, None) => {
                return Err("name either a `webhook` or a `request`".to_owned());
            }
        }
        for (field, named) in [("hold_until", &part.hold_until), ("again_after", &part.again_after)] {
            if let Some(named) = named {
                one_of(field, named, &WEBHOOKS)?;
            }
        }
        Ok(())
    }

    fn step(&self, index: usize, step: &Step) -> Result<(), String> {
        if let Some(when) = &step.when {
            self.condition(index, when)?;
        }
        if let Some(patch) = &step.simulator {
            let alone = step.person.is_none() && step.agent.is_none() && step.relay.is_none();
            if !alone || step.does.is_some() {
                return Err("a step with `simulator` does nothing else".to_owned());
            }
            let patch = serde_json::to_value(patch).map_err(|fault| fault.to_string())?;
            return self.scenario.simulator.patched(&patch).map(drop).map_err(|fault| fault.to_string());
        }
        match (&step.person, &step.agent, &step.relay, &step.does) {
            (None, None, Some(verb), None) => {
                let killed = *verb == RelayVerb::Kill && self.scenario.relay.run == RelayKind::Inside;
                if killed {
                    return Err("only a relay with `run = \"program\"` can be killed".to_owned());
                }
                Ok(())
            }
            (Some(person), None, None, Some(verb)) => {
                self.person(person)?;
                if *verb == Verb::Rings {
                    Ok(())
                } else if *verb == Verb::HangsUp {
                    self.call(index, &step.call)
                } else {
                    Err("a person `rings` or `hangs_up`".to_owned())
                }
            }
            (None, Some(agent), None, Some(verb)) => {
                self.agent(agent)?;
                self.agent_does(index, step, *verb)
            }
            (None, None, None, None) if step.when.is_some() || step.after.is_some() => Ok(()),
            _ => Err("a step is `person` or `agent` with `does`, or `relay`, or only a wait".to_owned()),
        }
    }

    fn agent_does(&self, index: usize, step: &Step, verb: Verb) -> Result<(), String> {
        match verb {
            Verb::Rings => Err("an agent `dials`; a person `rings`".to_owned()),
            Verb::Dials => match &step.to {
                Some(to) => self.person(to),
                None => Err("`dials` needs `to`, the name of a person".to_owned()),
            },
            Verb::Presses if step.keys.is_none() => Err("`presses` needs `keys`".to_owned()),
            Verb::Presses
            | Verb::HangsUp
            | Verb::PointsAtAccept
            | Verb::Accepts
            | Verb::Rejects
            | Verb::Mutes
            | Verb::Unmutes
            | Verb::DetachesTrack
            | Verb::AttachesTrack => self.call(index, &step.call),
            Verb::GoesAway
            | Verb::ComesBack
            | Verb::LosesSocket
            | Verb::FindsSocket
            | Verb::LosesMedia
            | Verb::FindsMedia
            | Verb::Reloads
            | Verb::SignsOut
            | Verb::Joins
            | Verb::Leaves => Ok(()),
        }
    }

    fn condition(&self, index: usize, condition: &Condition) -> Result<(), String> {
        if let Some(agent) = condition.agent.as_deref().filter(|agent| ![WINNER, LOSER].contains(agent)) {
            self.agent(agent)?;
        }
        let about_pages = condition.sees.is_some()
            || condition.rang.is_some()
            || condition.end.is_some()
            || condition.told.is_some()
            || condition.code.is_some()
            || condition.problems.is_some()
            || condition.online.is_some()
            || condition.available.is_some();
        if about_pages && condition.agent.is_none() {
            return Err("say whose page it is, with `agent`".to_owned());
        }
        if condition.online.is_none() && condition.available.is_none() {
            self.call(index, &condition.call)?;
        }
        for (field, word, words) in [
            ("state", &condition.state, &STATES[..]),
            ("log", &condition.log, &LOG),
            ("end", &condition.end, &ENDS),
        ] {
            if let Some(word) = word {
                one_of(field, word, words)?;
            }
        }
        if let Some(word) = condition.sees.as_deref().filter(|word| *word != "nothing") {
            one_of("sees", word, &SEES)?;
        }
        match condition.owner.as_deref() {
            None | Some("nobody" | WINNER) => Ok(()),
            Some(owner) => self.agent(owner),
        }
    }

    /// A call must have been named by a step before.
    fn call(&self, before: usize, call: &str) -> Result<(), String> {
        let begins = |step: &&Spanned<Step>| matches!(step.get_ref().does, Some(Verb::Rings | Verb::Dials));
        let known: Vec<&str> = self
            .scenario
            .steps
            .iter()
            .take(before)
            .filter(begins)
            .map(|step| step.get_ref().call.as_str())
            .collect();
        one_of("call", call, &known)
    }

    fn agent(&self, name: &str) -> Result<(), String> {
        let known: Vec<&str> = self.scenario.agents.iter().map(name_of).collect();
        one_of("agent", name, &known)
    }

    fn person(&self, name: &str) -> Result<(), String> {
        let named = self.scenario.people.iter().map(|person| person.get_ref().name.as_str());
        let always = always_there();
        let known: Vec<&str> = always.iter().map(String::as_str).chain(named).collect();
        one_of("person", name, &known)
    }
}

fn name_of(agent: &Spanned<AgentPart>) -> &str {
    &agent.get_ref().name
}

fn one_of(field: &str, word: &str, words: &[&str]) -> Result<(), String> {
    if words.contains(&word) {
        return Ok(());
    }
    let known = if words.is_empty() { "none yet".to_owned() } else { words.join(", ") };
    Err(format!("`{field}` can't be `{word}`; there are: {known}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        title = "A call"
        holds = "the format"
        [[agents]]
        name = "asha"
        [[steps]]
        person = "tone"
        does = "rings"
        [[expect]]
        agent = "asha"
        sees = "ringing"
    "#;

    #[test]
    fn a_good_file_passes() {
        let read = Scenario::parse(GOOD);
        assert!(read.is_ok(), "{read:?}");
    }

    #[test]
    fn a_fault_names_its_line_and_the_field() {
        let cases = [
            (GOOD.replace("does = \"rings\"", "does = \"sings\""), "line 8", "sings"),
            (GOOD.replace("person =", "persona ="), "line 7", "persona"),
            (GOOD.replace("person = \"tone\"", "person = \"toni\""), "line 6", "`person` can't be `toni`"),
            (GOOD.replace("sees = \"ringing\"", "sees = \"rung\""), "line 9", "`sees` can't be `rung`"),
            (GOOD.replace("agent = \"asha\"", "agent = \"ben\""), "line 9", "there are: asha"),
            (GOOD.replace("agent = \"asha\"", "call = \"other\""), "line 9", "whose page"),
            (GOOD.replace("[[expect]]", "[[steps]]\nrelay = \"kill\"\n[[expect]]"), "line 9", "program"),
            (GOOD.replace("title = \"A call\"", "title = \"A call\"\ndeadline = \"5\""), "line 3", "no time"),
        ];
        for (text, line, words) in cases {
            let fault = Scenario::parse(&text).err().map(|fault| fault.to_string()).unwrap_or_default();
            assert!(fault.contains(line) && fault.contains(words), "{words}: {fault}");
        }
    }
}
