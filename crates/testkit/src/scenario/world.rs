//! Everything that a scenario acts on and looks at.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use uuid::Uuid;
use vobiz::log::CallLog;
use vobiz_sim::scenario::{AgentPart, OnRing, Scenario};
use wire::CallId;

use super::bed::Bed;
use super::timeline::Timeline;
use crate::control::CallView;
use crate::headless::{Agent, Door, Habit, Order, Seen, Setup, Speech, Tell};
use crate::wait::eventually;

/// How long an agent may take to sign in and to be online.
const JOINS: std::time::Duration = std::time::Duration::from_secs(5);

/// A call under its name in the scenario.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// How pages and the relay call it.
    pub(super) page: CallId,
    /// How the simulator calls it, once that is known.
    pub(super) upstream: Option<String>,
    /// The person's number.
    pub(super) number: String,
    /// Upstream has no such call and will have none: a later one to the same person
    /// must not be taken for it.
    is_none: bool,
}

/// What a scenario plays on.
pub(super) struct World {
    pub(super) bed: Bed,
    pub(super) timeline: Arc<Timeline>,
    agents: BTreeMap<String, Agent>,
    calls: HashMap<String, Named>,
}

impl World {
    pub(super) fn new(bed: Bed, timeline: Arc<Timeline>) -> Self {
        Self { bed, timeline, agents: BTreeMap::new(), calls: HashMap::new() }
    }

    /// Somebody signs in and opens the page.
    pub(super) async fn join(&mut self, part: &AgentPart) -> Result<()> {
        let bed = &self.bed;
        let (door, _) = Door::sign_in(
            bed.relay.address,
            &bed.origin,
            part.tab_of.as_deref().unwrap_or(&part.name),
            bed.password(),
        )
        .await?;
        let (name, timeline) = (part.name.clone(), Arc::clone(&self.timeline));
        let tell: Tell = Arc::new(move |line| timeline.say(format!("{name:<10}           {line}")));
        let habit = match part.on_ring {
            OnRing::Accept => Habit::Accept(part.after.0),
            OnRing::Reject => Habit::Reject(part.after.0),
            OnRing::Ignore => Habit::Ignore,
        };
        let speech = if part.echo { Speech::Echo } else { Speech::Tone(part.tone) };
        let agent = Agent::open(door, Setup { ip: bed.ip, speech, habit, audible: true, tell });
        eventually("the page being online", JOINS, async || {
            if agent.seen().online { Ok(()) } else { bail!("it is not") }
        })
        .await?;
        if part.available {
            agent.order(Order::Available(true)).await;
            eventually("the agent being available", JOINS, async || {
                if agent.seen().available { Ok(()) } else { bail!("the relay says no") }
            })
            .await?;
        }
        self.agents.insert(part.name.clone(), agent);
        Ok(())
    }

    /// Somebody's browser is gone.
    pub(super) fn leave(&mut self, name: &str) {
        self.agents.remove(name);
    }

    pub(super) fn agent(&self, name: &str) -> Result<&Agent> {
        self.agents.get(name).with_context(|| format!("{name} is not there"))
    }

    /// What each agent's page shows.
    pub(super) fn seen(&self) -> impl Iterator<Item = (&str, Seen)> {
        self.agents.iter().map(|(name, agent)| (name.as_str(), agent.seen()))
    }

    /// A person calls.
    pub(super) async fn ring(&mut self, call: &str, person: &str) -> Result<()> {
        let number = self.number(person)?;
        self.timeline.say(format!("{person:<10}           calls the business"));
        let view = self.bed.control.ring(&number).await?;
        let named = Named { page: CallId(view.id.clone()), upstream: Some(view.id), number, is_none: false };
        self.calls.insert(call.to_owned(), named);
        Ok(())
    }

    /// An agent calls.
    pub(super) async fn dial(&mut self, call: &str, agent: &str, person: &str) -> Result<()> {
        let number = self.number(person)?;
        let before: Vec<String> = self.calls.keys().cloned().collect();
        for earlier in before {
            let is_there = self.upstream(&earlier).await?.is_some();
            if let Some(named) = self.calls.get_mut(&earlier).filter(|named| named.number == number) {
                named.is_none = !is_there;
            }
        }
        let page = CallId(Uuid::new_v4().to_string());
        let named = Named { page: page.clone(), upstream: None, number: number.clone(), is_none: false };
        self.calls.insert(call.to_owned(), named);
        self.agent(agent)?.order(Order::Dial { attempt: page, to: number }).await;
        Ok(())
    }

    /// A call that a step has begun.
    pub(super) fn named(&self, call: &str) -> Result<&Named> {
        self.calls.get(call).with_context(|| format!("there is no call `{call}` yet"))
    }

    /// The call as the simulator has it; `None` when there is none.
    pub(super) async fn upstream(&mut self, call: &str) -> Result<Option<CallView>> {
        let named = self.named(call)?.clone();
        if let Some(id) = &named.upstream {
            return Ok(Some(self.bed.control.call(id).await?));
        }
        if named.is_none {
            return Ok(None);
        }
        let taken: Vec<String> = self.calls.values().filter_map(|call| call.upstream.clone()).collect();
        let calls = self.bed.control.calls().await?;
        let found = calls.into_iter().find(|view| {
            view.number == named.number && view.direction == "outbound" && !taken.contains(&view.id)
        });
        if let (Some(view), Some(named)) = (&found, self.calls.get_mut(call)) {
            named.upstream = Some(view.id.clone());
        }
        Ok(found)
    }

    /// The call's row, as the relay gives it to whoever is there.
    pub(super) async fn row(&mut self, call: &str) -> Result<Option<CallLog>> {
        let Some(view) = self.upstream(call).await? else { return Ok(None) };
        let agent = self.agents.values().next().context("nobody is there to read the log")?;
        let page = agent.door.log().await?;
        Ok(page
            .items
            .into_iter()
            .find(|row| row.id == view.vobiz_id || row.meta_call_id.as_ref() == Some(&view.id)))
    }

    /// How many requests of a kind there were for a call: of initiates every one, because
    /// none may be repeated; of the others those that upstream carried out.
    pub(super) async fn requests(&mut self, call: &str, kind: &str) -> Result<usize> {
        let named = self.named(call)?.clone();
        let view = self.upstream(call).await?;
        let passed = self.bed.tap.passed();
        let passed = passed.iter().filter(|passed| passed.kind == kind);
        Ok(match (kind, view) {
            ("initiate", _) => passed.filter(|passed| passed.about == named.number).count(),
            (_, Some(view)) => passed
                .filter(|passed| (200..300).contains(&passed.status))
                .filter(|passed| [&view.id, &view.vobiz_id].contains(&&passed.about))
                .count(),
            (_, None) => 0,
        })
    }

    /// Closes every page; what is left is for the bed to end.
    pub(super) fn end(self) -> Bed {
        self.bed
    }

    fn number(&self, person: &str) -> Result<String> {
        self.bed.numbers.get(person).cloned().with_context(|| format!("there is no {person}"))
    }
}

/// Everybody who is there from the start.
pub(super) fn present(scenario: &Scenario) -> impl Iterator<Item = &AgentPart> {
    scenario.agents.iter().map(|agent| agent.get_ref()).filter(|agent| agent.here)
}
