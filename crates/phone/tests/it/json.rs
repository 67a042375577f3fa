//! The hand-written JSON says and understands exactly what the derived one does.

use phone::json::{Value, read, write};
use phone::log::RowStatus;
use proptest::prelude::*;
use wire::{
    ActionBody, CallEvent, CallSnapshot, ChannelInfo, Direction, Downlink, EndReason, IceServer,
    InitiateBody, LoginBody, Party, Problem, ProblemKind, Stage, Uplink,
};

use crate::desk::{id, party, session};

fn events() -> Vec<CallEvent> {
    let reasons = [
        EndReason::HungUp,
        EndReason::FarEndHungUp,
        EndReason::Missed,
        EndReason::Declined,
        EndReason::Rejected,
        EndReason::Unanswered,
        EndReason::Cancelled,
        EndReason::Failed { code: Some(138_006), title: "No".to_owned(), detail: String::new() },
        EndReason::Failed { code: None, title: "\u{1F4DE} \"\\\u{8}".to_owned(), detail: "ü".to_owned() },
    ];
    let offer = || "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n".to_owned();
    let mut events: Vec<_> = reasons.into_iter().map(|reason| CallEvent::Ended { reason }).collect();
    events.extend([
        CallEvent::Ringing { from: party(), to: Some("+1".to_owned()), offer: offer(), since: 1, expires: 2 },
        CallEvent::Ringing { from: Party::default(), to: None, offer: offer(), since: 1, expires: 2 },
        CallEvent::DeclinedHere,
        CallEvent::AnsweredElsewhere { by: "Ben".to_owned() },
        CallEvent::Claimed,
        CallEvent::AnswerDelivered,
        CallEvent::Dialing { to: party() },
        CallEvent::Initiated,
        CallEvent::Answer { sdp: offer() },
        CallEvent::FarEndRinging,
        CallEvent::Accepted,
    ]);
    events
}

fn frames() -> Vec<Downlink> {
    let stages = [
        Stage::Ringing { offer: "offer".to_owned(), expires: 9 },
        Stage::Answering,
        Stage::Dialing,
        Stage::FarEndRinging,
        Stage::Accepted { at: 5 },
    ];
    let calls = stages.into_iter().enumerate().map(|(at, stage)| CallSnapshot {
        call: id("a"),
        direction: if at % 2 == 0 { Direction::Inbound } else { Direction::Outbound },
        party: party(),
        business: (at == 1).then(|| "+911140001234".to_owned()),
        since: 3,
        stage,
        answer: (at == 3).then(|| "answer".to_owned()),
    });
    let mut frames = vec![
        Downlink::Snapshot { seq: 1, now: u64::MAX, available: true, calls: calls.collect() },
        Downlink::Snapshot { seq: 0, now: 0, available: false, calls: vec![] },
        Downlink::Resumed { now: 2, available: true },
        Downlink::Presence { available: false },
        Downlink::Ping { nonce: 77 },
        Downlink::SignedOut,
    ];
    let of_calls = events().into_iter().map(|event| Downlink::Event { seq: 4, at: 5, call: id("a"), event });
    frames.extend(of_calls);
    frames
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("it has a JSON")
}

#[test]
fn every_frame_is_understood() {
    for frame in frames() {
        assert_eq!(read::downlink(&json(&frame)), Some(frame));
    }
    for text in ["", "{}", "[]", "\"tomorrow\"", "{\"ping\":{}}", "{\"ping\":{\"nonce\":-1}}"] {
        assert_eq!(read::downlink(text), None, "{text}");
    }
}

#[test]
fn a_session_is_understood() {
    let mut full = session();
    full.role = wire::Role::Supervisor;
    full.channels = vec![
        ChannelInfo { id: "c".to_owned(), phone_number: Some("+1".to_owned()), display_name: None },
        ChannelInfo { id: "d".to_owned(), phone_number: None, display_name: Some("Demo".to_owned()) },
    ];
    full.ice_servers = vec![
        IceServer { urls: vec!["stun:a".to_owned(), "stun:b".to_owned()], username: None, credential: None },
        IceServer { urls: vec![], username: Some("u".to_owned()), credential: Some("c".to_owned()) },
    ];
    for session in [session(), full] {
        assert_eq!(read::session(&json(&session)), Some(session));
    }
}

#[test]
fn every_problem_is_understood() {
    let kinds = [
        ProblemKind::InvalidField,
        ProblemKind::TooLarge,
        ProblemKind::WrongCredentials,
        ProblemKind::SignedOut,
        ProblemKind::ForeignOrigin,
        ProblemKind::TooManyRequests,
        ProblemKind::NotFound,
        ProblemKind::AnsweredElsewhere,
        ProblemKind::CallState,
        ProblemKind::UpstreamRefused,
        ProblemKind::UpstreamUnknown,
        ProblemKind::Unavailable,
        ProblemKind::Offline,
        ProblemKind::Unknown,
    ];
    for kind in kinds {
        let mut problem = Problem::new(kind, 409, "Title", "");
        assert_eq!(read::problem(&json(&problem)), Some(problem.clone()));
        problem.detail = "Detail".to_owned();
        problem.field = Some("to".to_owned());
        problem.code = Some(138_006);
        problem.winner = Some("Ben".to_owned());
        problem.ms_ago = Some(400);
        problem.retry_after_s = Some(9);
        assert_eq!(read::problem(&json(&problem)), Some(problem));
    }
    assert_eq!(read::problem("<html>"), None);
}

#[test]
fn a_row_of_the_log_may_have_nothing_but_a_name() {
    let page = read::log_page(r#"{"items":[{"id":"x","metadata":{"a":[1.5e3,-2,null]},"status":null}]}"#);
    let page = page.expect("a page");
    assert_eq!((page.total, page.items[0].status.clone()), (0, RowStatus::Absent));
    assert_eq!(page.items[0].talk_s, None);
}

#[test]
fn what_is_written_is_what_serde_writes() {
    let awkward = "v=0\r\n\t\"\\\u{1}\u{7f}é\u{1F4DE}".to_owned();
    for frame in [
        Uplink::Pong { nonce: u64::MAX },
        Uplink::Available { available: true },
        Uplink::RingAck { call: id(&awkward), audible: false },
    ] {
        assert_eq!(write::uplink(&frame), json(&frame));
    }
    let login = LoginBody { username: awkward.clone(), password: "\"".to_owned() };
    assert_eq!(write::login(&login), json(&login));
    for channel_id in [None, Some("c".to_owned())] {
        let body =
            InitiateBody { channel_id: channel_id.clone(), to: "+1".to_owned(), sdp_offer: awkward.clone() };
        assert_eq!(write::initiate(&body), json(&body));
        let sdp = channel_id.clone();
        let body = ActionBody { channel_id, call_id: "a".to_owned(), action: "accept".to_owned(), sdp };
        assert_eq!(write::action(&body), json(&body));
    }
}

/// The same value as `serde_json` sees it.
fn same(ours: &Value, theirs: &serde_json::Value) -> bool {
    match (ours, theirs) {
        (Value::Null, serde_json::Value::Null) => true,
        (Value::Bool(ours), serde_json::Value::Bool(theirs)) => ours == theirs,
        (Value::Whole(ours), serde_json::Value::Number(theirs)) => theirs.as_u64() == Some(*ours),
        (Value::OtherNumber, serde_json::Value::Number(theirs)) => theirs.as_u64().is_none(),
        (Value::Text(ours), serde_json::Value::String(theirs)) => ours == theirs,
        (Value::List(ours), serde_json::Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (Value::Object(ours), serde_json::Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(name, ours)| theirs.get(name).is_some_and(|theirs| same(ours, theirs)))
        }
        _ => false,
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<u64>().prop_map(serde_json::Value::from),
        any::<i32>().prop_map(serde_json::Value::from),
        (-1.0e9..1.0e9_f64).prop_map(serde_json::Value::from),
        any::<String>().prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever serde writes, densely or with blanks, is read as what it is.
    #[test]
    fn any_json_is_read(value in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let read = Value::parse(&text.expect("it has a JSON"));
        prop_assert!(read.is_some_and(|read| same(&read, &value)));
    }

    /// No text is too strange to be looked at.
    #[test]
    fn no_text_is_fatal(text in any::<String>(), cut in "[\\[\\]{}\":,\\\\u0-9a-f]{0,30}") {
        let _ = (Value::parse(&text), Value::parse(&cut), read::downlink(&cut));
    }

    /// Escapes by number come out as the characters they stand for.
    #[test]
    fn escapes_are_read(text in any::<String>()) {
        let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
        prop_assert_eq!(Value::parse(&format!("\"{escaped}\"")), Some(Value::Text(text)));
    }
}

#[test]
fn it_does_not_go_too_deep() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    assert_eq!(Value::parse(&deep), None);
    assert_eq!(Value::parse("\"\\ud83d\""), Some(Value::Text("\u{FFFD}".to_owned())));
}
