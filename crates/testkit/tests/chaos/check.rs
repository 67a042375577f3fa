//! What must be so when everything has come to rest, from the simulator's side and from
//! the journal's.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use relay::journal::Journal;
use serde_json::Value;

use crate::agents::Notes;
use crate::faults::Asked;
use crate::relays::Kill;

/// How long a relay may take from an answer of the upstream until what it says is durable.
const RECORDED_WITHIN: Duration = Duration::from_secs(2);

/// The simulator's rows: everything has an end, and what agents won was answered.
pub fn rows(rows: &[Value], notes: &Notes) {
    let mut by_wacid = BTreeMap::new();
    let mut by_number: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        let status = row["status"].as_str().unwrap();
        let over = matches!(status, "rejected" | "terminated" | "failed" | "missed");
        assert!(over, "a call was lost upstream: {row}");
        by_wacid.insert(row["meta_call_id"].as_str().unwrap(), row);
        if row["direction"] == "outbound" {
            *by_number.entry(row["to_number"].as_str().unwrap()).or_default() += 1;
        }
    }
    for (number, count) in by_number {
        assert_eq!(count, 1, "an attempt called {number} twice");
    }
    for (call, winners) in &notes.won {
        assert_eq!(winners.len(), 1, "two agents got {call}: {winners:?}");
        let row = by_wacid.get(call.as_str()).unwrap_or_else(|| panic!("nobody made {call}"));
        assert!(row["answered_at"].is_string(), "an agent got a call that nobody answered: {row}");
    }
}

/// Every action took effect once; one is repeated only where the relay that had it done was
/// killed before it could record that.
pub fn requests(asked: &[Asked], kills: &[Kill]) -> usize {
    let mut done: BTreeMap<(String, String), Vec<&Asked>> = BTreeMap::new();
    let mut answers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in asked {
        if one.path.ends_with("/action") {
            let text = |name: &str| one.body[name].as_str().unwrap_or_default().to_owned();
            done.entry((text("call_id"), text("action"))).or_default().push(one);
            if one.status == 200 && !text("sdp").is_empty() {
                answers.entry(text("call_id")).or_default().insert(text("sdp"));
            }
        } else {
            let to = one.body["to"].as_str().unwrap().to_owned();
            done.entry((to, "initiate".to_owned())).or_default().push(one);
        }
    }
    for (call, answers) in answers {
        assert_eq!(answers.len(), 1, "two descriptions were taken for {call}");
    }
    let mut repeated = 0;
    for ((call, action), mut times) in done {
        times.sort_by_key(|one| one.begun);
        assert!(action != "initiate" || times.len() == 1, "{call} was initiated {} times", times.len());
        for pair in times.windows(2) {
            let (first, second) = (pair[0], pair[1]);
            let excused = kills.iter().any(|kill| {
                kill.relay == first.relay
                    && (first.begun..=first.ended + RECORDED_WITHIN).contains(&kill.at)
                    && kill.at <= second.begun
            });
            // A refusal is no effect; what is asked anew then is another thing.
            assert!(
                excused || first.status != 200,
                "{action} of {call} was repeated after {:?} though relay {} was not killed: {} then {} (by {})",
                second.begun - first.begun,
                first.relay,
                first.status,
                second.status,
                second.relay,
            );
            repeated += 1;
        }
    }
    repeated
}

/// All facts, in their order, as they are stored.
pub async fn facts(journal: &dyn Journal) -> Vec<Value> {
    const BATCH: usize = 1_000;
    let (mut all, mut after) = (vec![], 0);
    loop {
        let records = journal.read(after, BATCH).await.unwrap();
        for record in &records {
            after = record.position;
            all.extend(record.facts.iter().map(|fact| serde_json::to_value(fact).unwrap()));
        }
        if records.is_empty() {
            return all;
        }
    }
}

/// The calls whose end upstream has still to be told.
pub fn due(facts: &[Value]) -> BTreeSet<&str> {
    let mut due = BTreeSet::new();
    for fact in facts.iter().filter_map(|fact| fact.get("call")) {
        let call = fact["call"].as_str().unwrap();
        match fact["fact"].as_str().unwrap() {
            "ended" if fact.get("due").is_some() => due.insert(call),
            "settled" => due.remove(call),
            _ => false,
        };
    }
    due
}

/// One owner, one end, nothing rings after it, and everything that was due is settled.
pub fn journal(facts: &[Value], rows: &[Value]) {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    let (mut begun, mut over) = (BTreeSet::new(), BTreeSet::new());
    for fact in facts.iter().filter_map(|fact| fact.get("call")) {
        let (call, what) = (fact["call"].as_str().unwrap(), fact["fact"].as_str().unwrap());
        match what {
            "offered" | "dialed" => assert!(begun.insert(call), "{call} began twice"),
            "claimed" => {
                let agent = fact["agent"].as_str().unwrap();
                assert_eq!(owners.insert(call, agent), None, "{call} has two owners");
                assert!(!over.contains(call), "{call} was claimed after its end");
            }
            "accept_refused" => assert!(owners.remove(call).is_some()),
            "rang" => assert!(!over.contains(call), "{call} rang after its end"),
            "ended" => assert!(over.insert(call), "{call} ended twice"),
            _ => {}
        }
    }
    let open: Vec<&&str> = begun.difference(&over).collect();
    assert!(open.is_empty(), "calls without an end: {open:?}");
    let due = due(facts);
    assert!(due.is_empty(), "upstream was never told of the end of {due:?}");
    for row in rows.iter().filter(|row| row["direction"] == "inbound") {
        let call = row["meta_call_id"].as_str().unwrap();
        assert!(over.contains(call), "the journal does not know {call}");
    }
}
