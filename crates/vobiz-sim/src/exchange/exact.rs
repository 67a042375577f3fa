//! What a scenario does to single messages, exactly and not by chance: held until another
//! one went, sent again, late, or lost.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use uuid::Uuid;
use vobiz::meta::StatusKind;

use super::book::Notice;
use super::events::Event;
use crate::scenario::TapPart;
use crate::webhooks::Publishing;

/// Events that wait for another one; further ones are not sent at all.
const MOST_HELD: usize = 64;

/// How long after the event that it waited for an event is sent.
const BEHIND: Duration = Duration::from_millis(200);

/// The rules that hold now, and what waits by them.
#[derive(Debug, Default)]
pub(crate) struct Exact(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    rules: Vec<TapPart>,
    /// How many messages each rule has lost.
    lost: Vec<u32>,
    held: Vec<Held>,
}

#[derive(Debug)]
struct Held {
    call: String,
    /// Kind of the event that it waits for.
    until: String,
    event: Event,
    how: Publishing,
}

/// What happens to one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Order {
    /// Before it is carried out.
    pub(crate) delay: Duration,
    /// Before it is answered.
    pub(crate) reply_delay: Duration,
    /// It is carried out, and its reply is lost.
    pub(crate) is_lost: bool,
}

impl Exact {
    /// Other rules hold from here on; what waits by the old ones is not sent.
    pub(crate) fn set(&self, rules: Vec<TapPart>) {
        *self.lock() = State { lost: vec![0; rules.len()], rules, held: Vec::new() };
    }

    /// What is to be sent now that an event of a call happens, in this order.
    pub(super) fn event(
        &self,
        call: &str,
        notice: &Notice,
        event: Event,
        how: Publishing,
    ) -> Vec<(Event, Publishing)> {
        let kind = kind(notice);
        let mut state = self.lock();
        let at =
            kind.and_then(|kind| state.rules.iter().position(|rule| rule.webhook.as_deref() == Some(kind)));
        let rule = at.map(|at| state.rules[at].clone()).unwrap_or_default();
        let lost = at.map_or(0, |at| state.lose_all(at));
        let how = Publishing { after: how.after + rule.delay.map_or(Duration::ZERO, |delay| delay.0), ..how };
        let held = |until: &String, how: Publishing| Held {
            call: call.to_owned(),
            until: until.clone(),
            event: event.clone(),
            how,
        };
        let another = || Publishing { id: Uuid::new_v4(), ..how.clone() };
        let mut sent = Vec::new();
        for copy in 0..rule.copies.unwrap_or(1) {
            let how = match copy {
                0 => Publishing { lost: how.lost.saturating_add(lost), ..how.clone() },
                _ => another(),
            };
            match &rule.hold_until {
                Some(until) => state.hold(held(until, how)),
                None => sent.push((event.clone(), how)),
            }
        }
        if let Some(after) = &rule.again_after {
            state.hold(held(after, another()));
        }
        let (released, held) = std::mem::take(&mut state.held)
            .into_iter()
            .partition(|held| held.call == call && Some(held.until.as_str()) == kind);
        state.held = held;
        let released: Vec<Held> = released;
        sent.extend(released.into_iter().map(|held| {
            let after = held.how.after.max(how.after) + BEHIND;
            (held.event, Publishing { after, ..held.how })
        }));
        sent
    }

    /// What happens to a request of this kind: `initiate`, an action's name or `logs`.
    pub(crate) fn request(&self, kind: &str) -> Order {
        let mut state = self.lock();
        let Some(at) = state.rules.iter().position(|rule| rule.request.as_deref() == Some(kind)) else {
            return Order::default();
        };
        let rule = state.rules[at].clone();
        let is_lost = state.lost[at] < rule.lose.unwrap_or(0);
        state.lost[at] += u32::from(is_lost);
        let length = |time: Option<crate::scenario::Span>| time.map_or(Duration::ZERO, |time| time.0);
        Order { delay: length(rule.delay), reply_delay: length(rule.reply_delay), is_lost }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How many attempts the rule has still to lose: all of one event's, as far as they go.
    fn lose_all(&mut self, at: usize) -> usize {
        let most = self.rules[at].lose.unwrap_or(0);
        let already = std::mem::replace(&mut self.lost[at], most);
        usize::try_from(most.saturating_sub(already)).unwrap_or(usize::MAX)
    }

    fn hold(&mut self, held: Held) {
        if self.held.len() < MOST_HELD {
            self.held.push(held);
        } else {
            tracing::warn!(call = held.call, "too many events wait for another one; one is not sent");
        }
    }
}

/// An event's kind, as scenarios name it.
fn kind(notice: &Notice) -> Option<&'static str> {
    match notice {
        Notice::Connect(_) => Some("connect"),
        Notice::Status(StatusKind::Ringing) => Some("ringing"),
        Notice::Status(StatusKind::Accepted) => Some("accepted"),
        Notice::Status(StatusKind::Rejected) => Some("rejected"),
        Notice::Status(StatusKind::Other(_) | _) => None,
        Notice::Terminate { .. } => Some("terminate"),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;
    use vobiz::event::EventType;
    use vobiz::meta::SdpType;

    use super::*;
    use crate::exchange::call::EndReason;
    use crate::scenario::Span;

    fn exact(rules: &str) -> Exact {
        #[derive(serde::Deserialize)]
        struct Rules {
            tap: Vec<TapPart>,
        }
        let exact = Exact::default();
        exact.set(toml::from_str::<Rules>(rules).unwrap().tap);
        exact
    }

    /// What is sent when an event happens: each one's kind, lateness and lost attempts.
    fn sent(exact: &Exact, call: &str, notice: &Notice) -> Vec<(String, Duration, usize)> {
        let event = Event {
            kind: EventType::Other(kind(notice).unwrap_or_default().to_owned()),
            payload: json!({}),
            at: 0,
        };
        let how = Publishing {
            id: Uuid::new_v4(),
            after: Duration::ZERO,
            wrong_signature_first: false,
            lost: 0,
            pauses: Vec::new(),
        };
        let sent = exact.event(call, notice, event, how);
        let ids: std::collections::HashSet<Uuid> = sent.iter().map(|(_, how)| how.id).collect();
        assert_eq!(ids.len(), sent.len(), "copies have identifiers of their own");
        sent.into_iter().map(|(event, how)| (event.kind.to_string(), how.after, how.lost)).collect()
    }

    const CONNECT: Notice = Notice::Connect(SdpType::Offer);
    const END: Notice = Notice::Terminate { reason: EndReason::CallerGaveUp, answered: None };

    #[test]
    fn an_event_waits_for_another_one_of_its_call() {
        let exact = exact("[[tap]]\nwebhook = \"connect\"\nhold_until = \"terminate\"");
        assert_eq!(sent(&exact, "a", &CONNECT), []);
        assert_eq!(sent(&exact, "b", &END).len(), 1);
        let ended = sent(&exact, "a", &END);
        assert_eq!(ended, [("terminate".into(), Duration::ZERO, 0), ("connect".into(), BEHIND, 0)]);
        // It went once.
        assert_eq!(sent(&exact, "a", &END).len(), 1);
    }

    #[test]
    fn an_event_comes_again_often_late_or_not_at_first() {
        let again = exact("[[tap]]\nwebhook = \"connect\"\nagain_after = \"terminate\"");
        assert_eq!(sent(&again, "a", &CONNECT).len(), 1);
        assert_eq!(sent(&again, "a", &END).len(), 2);
        let often = exact("[[tap]]\nwebhook = \"terminate\"\ncopies = 3\ndelay = \"1s\"");
        assert_eq!(sent(&often, "a", &END), vec![("terminate".into(), Span::millis(1_000).0, 0); 3]);
        let lost = exact("[[tap]]\nwebhook = \"connect\"\nlose = 2");
        assert_eq!(sent(&lost, "a", &CONNECT), [("connect".into(), Duration::ZERO, 2)]);
        assert_eq!(sent(&lost, "b", &CONNECT), [("connect".into(), Duration::ZERO, 0)], "so many in all");
        lost.set(Vec::new());
        assert_eq!(sent(&lost, "a", &CONNECT), [("connect".into(), Duration::ZERO, 0)]);
    }

    #[test]
    fn what_waits_is_bounded() {
        let exact = exact("[[tap]]\nwebhook = \"connect\"\nhold_until = \"terminate\"");
        for _ in 0..2 * MOST_HELD {
            sent(&exact, "a", &CONNECT);
        }
        assert_eq!(exact.lock().held.len(), MOST_HELD);
    }

    #[test]
    fn so_many_replies_are_lost_and_no_more() {
        let exact = exact("[[tap]]\nrequest = \"accept\"\ndelay = \"1s\"\nreply_delay = \"2s\"\nlose = 1");
        let order =
            Order { delay: Duration::from_secs(1), reply_delay: Duration::from_secs(2), is_lost: true };
        assert_eq!(exact.request("accept"), order);
        assert_eq!(exact.request("accept"), Order { is_lost: false, ..order });
        assert_eq!(exact.request("reject"), Order::default());
    }
}
