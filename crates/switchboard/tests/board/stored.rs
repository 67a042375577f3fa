//! How facts are stored. A journal of weeks ago must be readable: these texts may gain
//! fields, but never change.

use std::collections::BTreeSet;

use crate::common::{CALLEE, CHANNEL, failure, response};
use switchboard::{AgentFact, CallFact, Due, Fact, Outcome, RelayFact, RelayId};
use vobiz::Number;
use wire::{CallQuality, EndReason, Party};

#[test]
fn facts_keep_their_stored_form() {
    let party = Party { number: Some(CALLEE.into()), name: Some("Eko".into()) };
    let facts = [
        CallFact::Offered {
            channel: CHANNEL,
            party,
            user_id: Some("US.1".into()),
            business: None,
            offer: "v=0".into(),
            expires: 9,
        },
        CallFact::Rang { agents: vec!["asha".into()] },
        CallFact::RingShown { agent: "asha".into(), audible: true },
        CallFact::Silenced { agents: vec!["asha".into()] },
        CallFact::Declined { agent: "asha".into() },
        CallFact::Claimed { agent: "asha".into(), sdp: "v=0".into() },
        CallFact::AnswerDelivered,
        CallFact::UpstreamAccepted,
        CallFact::Dialed {
            agent: "asha".into(),
            channel: CHANNEL,
            to: Number::parse(CALLEE).unwrap(),
            business: Some("+911140001234".into()),
        },
        CallFact::Initiated { response: response("uuid-1") },
        CallFact::InitiateUncertain,
        CallFact::InitiateRefused,
        CallFact::InitiateGivenUp,
        CallFact::Linked { wacid: "wacid.1".into() },
        CallFact::AnswerReceived { sdp: "v=0".into() },
        CallFact::LookedUp,
        CallFact::FarEndRang,
        CallFact::Answered,
        CallFact::Ended { reason: EndReason::Declined, due: Some(Due::Reject) },
        CallFact::Ended {
            reason: EndReason::Failed { code: Some(138_021), title: "t".into(), detail: "d".into() },
            due: None,
        },
        CallFact::Settled { outcome: Outcome::GaveUp },
        CallFact::Heard { keys: vec!["e#0".into()] },
        CallFact::Passed { agents: vec!["asha".into()] },
        CallFact::Prepared { agent: "asha".into(), sdp: "v=0".into() },
        CallFact::PrepareFailed,
        CallFact::AcceptRefused { failure: failure() },
        CallFact::TakenUp { relay: "r1".into() },
        CallFact::FoundLive,
        CallFact::Reported { quality: CallQuality { seconds: 72, mos_tenths: 43, ..CallQuality::default() } },
        CallFact::EndExplained { reason: EndReason::Rejected },
    ];
    let mut facts: Vec<Fact> =
        facts.into_iter().map(|what| Fact::Call { call: "wacid.1".into(), what }).collect();
    facts.push(Fact::Agent {
        agent: "asha".into(),
        what: AgentFact::Presence {
            available: true,
            reachable: false,
            seats: BTreeSet::new(),
            excused: false,
            ready: false,
        },
    });
    facts.push(Fact::Agent {
        agent: "asha".into(),
        what: AgentFact::Presence {
            available: true,
            reachable: true,
            seats: BTreeSet::from([RelayId::from("r1")]),
            excused: true,
            ready: true,
        },
    });
    facts.extend(
        [RelayFact::Alive { until: 9 }, RelayFact::Gone].map(|what| Fact::Relay { relay: "r1".into(), what }),
    );
    let lines: Vec<String> = facts.iter().map(|fact| serde_json::to_string(fact).unwrap()).collect();
    for (line, fact) in lines.iter().zip(&facts) {
        assert_eq!(&serde_json::from_str::<Fact>(line).unwrap(), fact);
    }
    insta::assert_snapshot!(lines.join("\n"));
}
