//! All calls of the account as a pure machine: inputs in, effects out. No
//! clock, no sockets, no randomness.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;
use vobiz::Number;
use vobiz::log::Direction;
use vobiz::meta::{SdpType, StatusKind};
use vobiz::rest::Action;

use super::call::{Call, EndReason, Head, Phase};
use super::pairs::Pairs;
use super::refusal::Refusal;
use crate::handset::LineEvent;
use crate::people::Behaviour;
use crate::settings::{ActionId, ConnectionLoss, Settings};

/// Calls that are over and still shown.
const ENDED_SHOWN: usize = 100;

/// What the book's owner has to do.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// Tell the business by webhook.
    Notify(Head, Notice),
    /// Call [`Book::timer`] after this time.
    Start { call: String, timer: Timer, after: Duration },
    /// Give the handset the business's answer.
    AnswerHandset { call: String, sdp: String },
    /// Let sound flow.
    PickUpHandset { call: String },
    /// Close the handset's connection.
    HangUpHandset { call: String },
    /// Write the call's row.
    Record(Box<Call>),
    /// The call is no longer shown; let go of what belongs to it.
    Forget { call: String },
}

/// What a webhook says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notice {
    Connect(SdpType),
    Status(StatusKind),
    Terminate {
        reason: EndReason,
        /// Unix seconds of the pick-up, if there was one.
        answered: Option<u64>,
    },
}

/// What a call waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timer {
    /// The far end's answer to an initiate is due.
    Answer,
    /// The person's phone begins to ring.
    Ringing,
    /// The person does what they do.
    Reaction,
    /// The call breaks.
    Break,
    /// WhatsApp stops ringing the person.
    RingWindow,
    /// WhatsApp stops waiting for the business.
    AcceptWindow,
}

/// Everything known about calls.
pub(crate) struct Book {
    settings: Arc<Settings>,
    calls: HashMap<String, Call>,
    /// Newest last.
    order: VecDeque<String>,
    wacids: HashMap<Uuid, String>,
    pairs: Pairs,
}

impl Book {
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        Self {
            settings,
            calls: HashMap::new(),
            order: VecDeque::new(),
            wacids: HashMap::new(),
            pairs: Pairs::default(),
        }
    }

    /// Other settings hold from here on; timers that run keep their time.
    pub(crate) fn configure(&mut self, settings: Arc<Settings>) {
        self.settings = settings;
    }

    /// The person may be called again, whatever was.
    pub(crate) fn forgive(&mut self, number: &Number) {
        self.pairs.forgive(number);
    }

    /// Everybody may be called again.
    pub(crate) fn forgive_all(&mut self) {
        self.pairs = Pairs::default();
    }

    /// The business calls a person.
    pub(crate) fn initiate(&mut self, head: Head) -> Result<Vec<Effect>, Refusal> {
        match head.person.behaviour {
            Behaviour::NoPermission => return Err(Refusal::NoPermission),
            Behaviour::Refuses(code) => return Err(Refusal::Code(code)),
            Behaviour::Speaks
            | Behaviour::Echoes
            | Behaviour::Rejects
            | Behaviour::NeverAnswers
            | Behaviour::Tone(_)
            | Behaviour::Shouts
            | Behaviour::Breaks(_) => {}
        }
        self.pairs.check(&head.pair(), self.settings.limits, head.started)?;
        self.check_room(&head)?;
        self.pairs.initiated(head.started);
        let start = |timer, after| Effect::Start { call: head.id.clone(), timer, after };
        let mut effects = vec![
            start(Timer::Answer, self.settings.timing.answer_delay),
            start(Timer::Ringing, self.settings.timing.ringing_delay),
            start(Timer::RingWindow, self.settings.timing.ring_window),
        ];
        self.enter(Call { head, phase: Phase::Initiated, early: None }, &mut effects);
        Ok(effects)
    }

    /// A person calls the business.
    pub(crate) fn ring(&mut self, head: Head) -> Result<Vec<Effect>, Refusal> {
        self.check_room(&head)?;
        let mut effects = vec![
            Effect::Notify(head.clone(), Notice::Connect(SdpType::Offer)),
            Effect::Start {
                call: head.id.clone(),
                timer: Timer::AcceptWindow,
                after: self.settings.timing.accept_window,
            },
        ];
        self.enter(Call { head, phase: Phase::Ringing, early: None }, &mut effects);
        Ok(effects)
    }

    /// The business acts on a call. Descriptions are checked before.
    pub(crate) fn act(
        &mut self,
        channel: Uuid,
        id: &str,
        action: &Action,
        sdp: Option<String>,
        now: u64,
    ) -> Result<Vec<Effect>, Refusal> {
        let call = self.named(id).filter(|call| call.head.business.channel_id == channel);
        let call = call.ok_or(Refusal::NoSuchCall)?;
        if call.is_over() {
            return Err(Refusal::CallOver);
        }
        let id = call.head.id.clone();
        let inbound = call.head.direction == Direction::Inbound;
        match action {
            Action::Terminate => Ok(self.end(&id, EndReason::BusinessHungUp, now)),
            Action::PreAccept | Action::Accept | Action::Reject if !inbound => {
                Err(Refusal::WrongAction("only an inbound call can be accepted or rejected"))
            }
            Action::PreAccept => self.pre_accept(&id, sdp.unwrap_or_default()),
            Action::Accept => self.accept(&id, sdp.unwrap_or_default(), now),
            Action::Reject if matches!(call.phase, Phase::Accepted { .. }) => {
                Err(Refusal::WrongAction("an accepted call can't be rejected, only terminated"))
            }
            Action::Reject => Ok(self.end(&id, EndReason::BusinessRejected, now)),
            Action::Other(_) | _ => {
                Err(Refusal::WrongAction("action must be pre_accept, accept, reject or terminate"))
            }
        }
    }

    /// The person ends the call, or gives up calling.
    pub(crate) fn hang_up(&mut self, id: &str, now: u64) -> Result<Vec<Effect>, Refusal> {
        let call = self.calls.get(id).ok_or(Refusal::NoSuchCall)?;
        let reason = match (&call.phase, call.head.direction == Direction::Inbound) {
            (Phase::Ended { .. }, _) => return Err(Refusal::CallOver),
            (Phase::Accepted { .. }, _) => EndReason::PersonHungUp,
            (Phase::Initiated | Phase::Ringing | Phase::PreAccepted { .. }, true) => EndReason::CallerGaveUp,
            (Phase::Initiated | Phase::Ringing | Phase::PreAccepted { .. }, false) => {
                EndReason::PersonRejected
            }
        };
        let head = call.head.clone();
        let mut effects = Vec::new();
        if reason == EndReason::PersonRejected {
            effects.push(Effect::Notify(head, Notice::Status(StatusKind::Rejected)));
        }
        effects.extend(self.end(id, reason, now));
        Ok(effects)
    }

    /// A time has come. One that no longer fits changes nothing.
    pub(crate) fn timer(&mut self, id: &str, timer: Timer, now: u64) -> Vec<Effect> {
        let Some(call) = self.calls.get_mut(id).filter(|call| !call.is_over()) else {
            return Vec::new();
        };
        let rings = matches!(call.phase, Phase::Initiated | Phase::Ringing | Phase::PreAccepted { .. });
        match timer {
            Timer::Answer => vec![Effect::Notify(call.head.clone(), Notice::Connect(SdpType::Answer))],
            Timer::Ringing if call.phase == Phase::Initiated => {
                call.phase = Phase::Ringing;
                vec![
                    Effect::Record(Box::new(call.clone())),
                    Effect::Notify(call.head.clone(), Notice::Status(StatusKind::Ringing)),
                    Effect::Start {
                        call: id.to_owned(),
                        timer: Timer::Reaction,
                        after: call.head.person.reaction,
                    },
                ]
            }
            Timer::Reaction if rings => self.react(id, now),
            Timer::Break => match call.head.person.behaviour {
                Behaviour::Breaks(code) => self.end(id, EndReason::Broke(code), now),
                Behaviour::Speaks
                | Behaviour::Echoes
                | Behaviour::Rejects
                | Behaviour::NeverAnswers
                | Behaviour::NoPermission
                | Behaviour::Tone(_)
                | Behaviour::Shouts
                | Behaviour::Refuses(_) => Vec::new(),
            },
            Timer::RingWindow if rings => self.end(id, EndReason::PersonDidNotAnswer, now),
            // A call that counts as answered is not given up.
            Timer::AcceptWindow if rings && call.early.is_none() => {
                self.end(id, EndReason::BusinessDidNotAccept, now)
            }
            Timer::Ringing | Timer::Reaction | Timer::RingWindow | Timer::AcceptWindow => Vec::new(),
        }
    }

    /// Something happened on the media path.
    pub(crate) fn line(&mut self, id: &str, event: LineEvent, now: u64) -> Vec<Effect> {
        let reason = match event {
            LineEvent::Connected => return Vec::new(),
            LineEvent::EarlyMedia => return self.early_media(id, now),
            LineEvent::Lost => match self.settings.switches.connection_loss {
                ConnectionLoss::Ends => EndReason::ConnectionLost,
                ConnectionLoss::Waits => return Vec::new(),
            },
            LineEvent::NoMediaAtStart => EndReason::NoMediaAtStart,
            LineEvent::NoMediaLater => EndReason::NoMediaLater,
            LineEvent::Failed => EndReason::HandsetFailed,
        };
        if self.calls.get(id).is_none_or(Call::is_over) {
            return Vec::new();
        }
        self.end(id, reason, now)
    }

    /// Media before the accept counts as an answer.
    fn early_media(&mut self, id: &str, now: u64) -> Vec<Effect> {
        let Some(call) = self.calls.get_mut(id) else {
            return Vec::new();
        };
        match call.phase {
            Phase::PreAccepted { .. } if call.early.is_none() => {
                call.early = Some(now);
                vec![Effect::Record(Box::new(call.clone()))]
            }
            Phase::Initiated
            | Phase::Ringing
            | Phase::PreAccepted { .. }
            | Phase::Accepted { .. }
            | Phase::Ended { .. } => Vec::new(),
        }
    }

    /// A call by Meta's identifier.
    pub(crate) fn call(&self, id: &str) -> Option<&Call> {
        self.calls.get(id)
    }

    /// Every call that is shown, newest first.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &Call> {
        self.order.iter().rev().filter_map(|id| self.calls.get(id))
    }

    fn named(&self, id: &str) -> Option<&Call> {
        let by_wacid = || self.calls.get(id);
        let by_uuid = || {
            let wacid = self.wacids.get(&id.parse().ok()?)?;
            self.calls.get(wacid)
        };
        match self.settings.switches.action_id {
            ActionId::Wacid => by_wacid(),
            ActionId::Uuid => by_uuid(),
            ActionId::Both => by_wacid().or_else(by_uuid),
        }
    }

    fn check_room(&self, head: &Head) -> Result<(), Refusal> {
        let live = || self.calls.values().filter(|call| !call.is_over());
        let same_pair = |call: &&Call| {
            call.head.person.number == head.person.number
                && call.head.business.channel_id == head.business.channel_id
        };
        if live().find(same_pair).is_some() {
            return Err(Refusal::PairBusy);
        }
        if live().count() >= self.settings.limits.max_calls {
            return Err(Refusal::TooManyCalls);
        }
        Ok(())
    }

    fn enter(&mut self, call: Call, effects: &mut Vec<Effect>) {
        effects.insert(0, Effect::Record(Box::new(call.clone())));
        let id = call.head.id.clone();
        self.wacids.insert(call.head.vobiz_id, id.clone());
        self.order.push_back(id.clone());
        self.calls.insert(id, call);
        effects.extend(self.forget_old());
    }

    /// Lets the oldest ended calls go, beyond those that are shown.
    fn forget_old(&mut self) -> Vec<Effect> {
        let over: Vec<String> =
            self.order.iter().filter(|id| self.calls.get(*id).is_none_or(Call::is_over)).cloned().collect();
        let surplus = over.len().saturating_sub(ENDED_SHOWN);
        let mut effects = Vec::new();
        for id in over.into_iter().take(surplus) {
            if let Some(call) = self.calls.remove(&id) {
                self.wacids.remove(&call.head.vobiz_id);
            }
            self.order.retain(|known| *known != id);
            effects.push(Effect::Forget { call: id });
        }
        effects
    }

    fn pre_accept(&mut self, id: &str, sdp: String) -> Result<Vec<Effect>, Refusal> {
        let call = self.calls.get_mut(id).ok_or(Refusal::NoSuchCall)?;
        match &call.phase {
            Phase::Initiated | Phase::Ringing => {
                call.head.business_sdp = Some(sdp.as_str().into());
                call.phase = Phase::PreAccepted { sdp: sdp.clone() };
                Ok(vec![
                    Effect::AnswerHandset { call: id.to_owned(), sdp },
                    Effect::Record(Box::new(call.clone())),
                ])
            }
            Phase::PreAccepted { sdp: first } if *first == sdp => Ok(Vec::new()),
            Phase::PreAccepted { .. } => Err(Refusal::SdpDiffers),
            Phase::Accepted { .. } => Err(Refusal::WrongAction("the call is already accepted")),
            Phase::Ended { .. } => Err(Refusal::CallOver),
        }
    }

    fn accept(&mut self, id: &str, sdp: String, now: u64) -> Result<Vec<Effect>, Refusal> {
        let call = self.calls.get_mut(id).ok_or(Refusal::NoSuchCall)?;
        let call_id = id.to_owned();
        let mut effects = match &call.phase {
            Phase::Initiated | Phase::Ringing => {
                vec![Effect::AnswerHandset { call: call_id.clone(), sdp: sdp.clone() }]
            }
            Phase::PreAccepted { sdp: first } if *first == sdp => Vec::new(),
            // A repeat after a lost reply; it changes nothing.
            Phase::Accepted { sdp: first, .. } if first.as_ref() == Some(&sdp) => return Ok(Vec::new()),
            Phase::PreAccepted { .. } | Phase::Accepted { .. } => return Err(Refusal::SdpDiffers),
            Phase::Ended { .. } => return Err(Refusal::CallOver),
        };
        call.head.business_sdp = Some(sdp.as_str().into());
        call.phase = Phase::Accepted { sdp: Some(sdp), at: now };
        effects.push(Effect::PickUpHandset { call: call_id });
        effects.push(Effect::Record(Box::new(call.clone())));
        effects.extend(breaks_later(&call.head));
        Ok(effects)
    }

    fn react(&mut self, id: &str, now: u64) -> Vec<Effect> {
        let Some(call) = self.calls.get_mut(id) else {
            return Vec::new();
        };
        let head = call.head.clone();
        match head.person.behaviour {
            Behaviour::Breaks(SET_UP_FAILED) => self.end(id, EndReason::Broke(SET_UP_FAILED), now),
            Behaviour::Speaks
            | Behaviour::Echoes
            | Behaviour::Tone(_)
            | Behaviour::Shouts
            | Behaviour::Breaks(_) => {
                call.phase = Phase::Accepted { sdp: None, at: now };
                self.pairs.connected(head.pair(), now);
                let mut effects = vec![
                    Effect::PickUpHandset { call: id.to_owned() },
                    Effect::Record(Box::new(call.clone())),
                    Effect::Notify(head.clone(), Notice::Status(StatusKind::Accepted)),
                ];
                effects.extend(breaks_later(&head));
                effects
            }
            Behaviour::Rejects => {
                let mut effects = vec![Effect::Notify(head, Notice::Status(StatusKind::Rejected))];
                effects.extend(self.end(id, EndReason::PersonRejected, now));
                effects
            }
            Behaviour::NeverAnswers | Behaviour::NoPermission | Behaviour::Refuses(_) => Vec::new(),
        }
    }

    /// Ends a call that is not over.
    fn end(&mut self, id: &str, reason: EndReason, now: u64) -> Vec<Effect> {
        let Some(call) = self.calls.get_mut(id) else {
            return Vec::new();
        };
        let answered = match call.phase {
            Phase::Accepted { at, .. } => call.early.or(Some(at)),
            Phase::Initiated | Phase::Ringing | Phase::PreAccepted { .. } => call.early,
            Phase::Ended { .. } => return Vec::new(),
        };
        call.phase = Phase::Ended { reason, answered, at: now };
        if matches!(reason, EndReason::PersonRejected | EndReason::PersonDidNotAnswer) {
            self.pairs.unanswered(call.head.pair());
        }
        vec![
            Effect::Record(Box::new(call.clone())),
            Effect::Notify(call.head.clone(), Notice::Terminate { reason, answered }),
            Effect::HangUpHandset { call: id.to_owned() },
        ]
    }
}

/// Meta's code of a call that fails before it is picked up.
const SET_UP_FAILED: u32 = 138_019;

/// The timer of a call that breaks after it was picked up.
fn breaks_later(head: &Head) -> Option<Effect> {
    matches!(head.person.behaviour, Behaviour::Breaks(_)).then(|| Effect::Start {
        call: head.id.clone(),
        timer: Timer::Break,
        after: head.person.reaction,
    })
}

#[cfg(test)]
mod tests;
