//! Accepts that come by the socket, ahead of the requests that say the same.
//!
//! A browser takes milliseconds to get a request out; a frame on a socket that stands is there
//! at once. So the page says its accept twice. The frame begins it, the request collects what
//! came of it, and upstream is asked once, whichever is here first. A frame that is lost is
//! missed by nobody.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;
use vobiz::rest::ActionResponse;
use wire::{AgentName, Problem};

/// How far frame and request of one click may be apart. What is further apart are two clicks:
/// the second must not get the answer of the first.
const APART: Duration = Duration::from_secs(2);

/// What came of an accept.
pub(crate) type Outcome = Result<ActionResponse, Problem>;

/// The newest accept of each agent, who can click on one only; as many as the agents file has.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    newest: Mutex<HashMap<AgentName, Newest>>,
}

#[derive(Debug)]
struct Newest {
    call: String,
    sdp: String,
    at: Instant,
    /// None once it was collected, or where the request was first.
    outcome: Option<oneshot::Receiver<Outcome>>,
}

impl Newest {
    fn of(call: &str, sdp: &str, at: Instant, outcome: Option<oneshot::Receiver<Outcome>>) -> Self {
        Self { call: call.to_owned(), sdp: sdp.to_owned(), at, outcome }
    }

    fn is(&self, call: &str, sdp: &str, now: Instant) -> bool {
        self.call == call && self.sdp == sdp && now.duration_since(self.at) < APART
    }
}

impl Ahead {
    /// A frame is here: who carries it out tells here what came of it. None if its request was
    /// quicker.
    pub(super) fn begin(
        &self,
        agent: &AgentName,
        call: &str,
        sdp: &str,
        now: Instant,
    ) -> Option<oneshot::Sender<Outcome>> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.get(agent).is_some_and(|known| known.is(call, sdp, now)) {
            return None;
        }
        let (tell, outcome) = oneshot::channel();
        newest.insert(agent.clone(), Newest::of(call, sdp, now, Some(outcome)));
        Some(tell)
    }

    /// A request is here: what came, or will come, of its frame. None if there was no frame, or
    /// an earlier request has collected it.
    pub(crate) fn collect(
        &self,
        agent: &AgentName,
        call: &str,
        sdp: &str,
        now: Instant,
    ) -> Option<oneshot::Receiver<Outcome>> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        match newest.get_mut(agent).filter(|known| known.is(call, sdp, now)) {
            Some(known) => known.outcome.take(),
            None => {
                newest.insert(agent.clone(), Newest::of(call, sdp, now, None));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::time::Instant;

    use wire::{AgentName, Problem, ProblemKind};

    use super::{APART, Ahead};

    fn asha() -> AgentName {
        "asha".into()
    }

    #[tokio::test]
    async fn the_request_collects_what_came_of_its_frame_and_only_once() {
        let (ahead, now) = (Ahead::default(), Instant::now());
        let tell = ahead.begin(&asha(), "a", "sdp", now).unwrap();
        let outcome = ahead.collect(&asha(), "a", "sdp", now).unwrap();
        let refused = Problem::new(ProblemKind::Unavailable, 503, "No.", "Later.");
        tell.send(Err(refused.clone())).unwrap();
        assert_eq!(outcome.await.unwrap().unwrap_err(), refused);
        assert!(ahead.collect(&asha(), "a", "sdp", now).is_none(), "a repetition asks anew");
    }

    #[test]
    fn a_frame_behind_its_request_does_nothing() {
        let (ahead, now) = (Ahead::default(), Instant::now());
        assert!(ahead.collect(&asha(), "a", "sdp", now).is_none());
        assert!(ahead.begin(&asha(), "a", "sdp", now).is_none());
    }

    #[test]
    fn another_agent_call_answer_or_click_is_another_accept() {
        let now = Instant::now();
        for (agent, call, sdp, later) in [
            ("ben", "a", "sdp", now),
            ("asha", "b", "sdp", now),
            ("asha", "a", "other", now),
            ("asha", "a", "sdp", now + APART),
        ] {
            let ahead = Ahead::default();
            let _tell = ahead.begin(&asha(), "a", "sdp", now).unwrap();
            assert!(ahead.collect(&agent.into(), call, sdp, later).is_none(), "{agent} {call} {sdp}");
            assert!(ahead.begin(&agent.into(), call, sdp, later).is_none(), "its request was first");
        }
    }
}
