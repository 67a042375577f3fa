//! How a state is stored in place of its facts.

use std::collections::BTreeSet;

use switchboard::{AgentFact, CallFact, Due, Fact, Outcome, RelayFact, RelayId, STATE_VERSION, State, fold};
use vobiz::Number;
use wire::{CallQuality, EndReason, Party};

use crate::common::{CALLEE, CHANNEL, START, failure, response, settings};

/// The state, stored and read again.
pub fn restored(state: &State) -> State {
    let stored = serde_json::to_string(state).unwrap();
    let mut restored: State = serde_json::from_str(&stored).unwrap();
    restored.settings = state.settings.clone();
    restored
}

/// What happens to calls of these names until all that a state can hold is there.
fn story() -> Vec<Fact> {
    let relay = |name: &str, what| Fact::Relay { relay: name.into(), what };
    let present = |agent: &str, seats: &[&str]| Fact::Agent {
        agent: agent.into(),
        what: AgentFact::Presence {
            available: true,
            reachable: !seats.is_empty(),
            seats: seats.iter().map(|seat| RelayId::from(*seat)).collect::<BTreeSet<_>>(),
            excused: seats.is_empty(),
            ready: false,
        },
    };
    let mut facts = vec![
        relay("r1", RelayFact::Alive { until: START + 15_000 }),
        present("asha", &["r1"]),
        present("ben", &["r1"]),
        present("cleo", &[]),
    ];
    for (name, whats) in calls() {
        facts.extend(whats.into_iter().map(|what| Fact::Call { call: name.into(), what }));
    }
    facts
}

fn calls() -> [(&'static str, Vec<CallFact>); 11] {
    let offered = || CallFact::Offered {
        channel: CHANNEL,
        party: Party { number: Some(CALLEE.into()), name: Some("Eko".into()) },
        user_id: None,
        business: Some("+911140001234".into()),
        offer: "v=0\r\noffer".into(),
        expires: START + 45_000,
    };
    let dialed = || CallFact::Dialed {
        agent: "asha".into(),
        channel: CHANNEL,
        to: Number::parse(CALLEE).unwrap(),
        business: None,
    };
    let rang = || CallFact::Rang { agents: ["asha", "ben", "cleo", "dev"].map(Into::into).into() };
    let prepared = || CallFact::Prepared { agent: "asha".into(), sdp: "v=0\r\nanswer".into() };
    let claimed = || CallFact::Claimed { agent: "asha".into(), sdp: "v=0\r\nanswer".into() };
    let taken = |id: &str| CallFact::Initiated { response: response(id) };
    let ended = |due| CallFact::Ended { reason: EndReason::Declined, due };
    [
        (
            "wacid.rings",
            vec![
                CallFact::Heard { keys: vec!["e1#0".into()] },
                offered(),
                rang(),
                CallFact::RingShown { agent: "asha".into(), audible: true },
                CallFact::Passed { agents: vec!["ben".into()] },
                CallFact::Declined { agent: "cleo".into() },
                prepared(),
                CallFact::AnswerDelivered,
            ],
        ),
        ("wacid.answered", vec![offered(), rang(), CallFact::TakenUp { relay: "r1".into() }, claimed()]),
        (
            "wacid.talks",
            vec![
                offered(),
                rang(),
                claimed(),
                CallFact::UpstreamAccepted,
                CallFact::FoundLive,
                CallFact::Heard { keys: vec!["e2#0".into()] },
            ],
        ),
        ("out-asked", vec![dialed()]),
        ("out-uncertain", vec![dialed(), CallFact::InitiateUncertain]),
        (
            "out-rings",
            vec![
                dialed(),
                taken("uuid-1"),
                CallFact::LookedUp,
                CallFact::FarEndRang,
                CallFact::AnswerReceived { sdp: "v=0\r\nfar".into() },
            ],
        ),
        (
            "out-talks",
            vec![
                dialed(),
                taken("uuid-2"),
                CallFact::Linked { wacid: "wacid.o2".into() },
                CallFact::Answered,
            ],
        ),
        ("out-refused", vec![dialed(), CallFact::InitiateRefused, ended(None)]),
        ("out-lost", vec![dialed(), CallFact::InitiateGivenUp, ended(Some(Due::Terminate))]),
        (
            "wacid.over",
            vec![
                offered(),
                rang(),
                claimed(),
                CallFact::UpstreamAccepted,
                CallFact::Ended { reason: failure().into(), due: Some(Due::Terminate) },
                CallFact::Settled { outcome: Outcome::Done },
                CallFact::Reported { quality: CallQuality::default() },
            ],
        ),
        ("wacid.unheard", vec![ended(Some(Due::Reject))]),
    ]
}

/// When this fails, the stored form or what facts make of a state has changed, and states
/// that were stored before would be misread: raise [`STATE_VERSION`], accept the new form
/// under the new number, and delete the old one's file. The form of a number that was
/// released never changes.
#[test]
fn a_state_keeps_its_stored_form_until_its_version_is_raised() {
    let mut state = State::new(settings());
    for (after, fact) in (0..).zip(story()) {
        fold(&mut state, &fact, START + after);
    }
    assert_eq!(restored(&state), state);
    let stored = serde_json::to_string_pretty(&state).unwrap();
    assert!(!stored.contains("only_line"), "settings are the configuration's");
    assert_eq!(stored.matches("v=0").count(), 6, "a call that is over keeps no description");
    insta::assert_snapshot!(format!("state_of_version_{STATE_VERSION}"), stored);
}
