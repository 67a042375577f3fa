//! The JSON of every frame and body between relay and page. A change here is a
//! change of the protocol: a page of yesterday may still be open in a tab.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use insta::assert_snapshot;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::{
    ActionBody, AgentName, Board, BoardAgent, BoardCall, BoardPresence, BoardStage, CallEvent, CallId,
    CallQuality, CallSnapshot, ChannelInfo, Direction, Downlink, EndReason, IceServer, InitiateBody, Json,
    LoginBody, Party, Problem, ProblemKind, Read, Role, Session, SessionInfo, SessionList, SignInProvider,
    SignInWays, Stage, Uplink,
};

/// A value's JSON, after making sure that it is read back as the same value.
fn json<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> String {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value);
    text
}

/// JSON of what the page reads, after making sure that it reads the same value.
fn read<T: Serialize + DeserializeOwned + Read + PartialEq + std::fmt::Debug>(value: &T) -> String {
    let text = json(value);
    assert_eq!(T::read(&Json::parse(&text).unwrap()).as_ref(), Some(value), "{text}");
    text
}

fn call() -> CallId {
    CallId::from("wacid.A")
}

fn asha() -> Party {
    Party { number: Some("+919800000001".into()), name: Some("Asha Rao".into()) }
}

#[test]
fn downlink_frames() {
    assert_snapshot!(
        read(&Downlink::Snapshot { seq: 7, now: 1_774_447_200_000, available: true, calls: vec![] }),
        @r#"{"snapshot":{"seq":7,"now":1774447200000,"available":true,"calls":[]}}"#
    );
    assert_snapshot!(
        read(&Downlink::Resumed { now: 1, available: false }),
        @r#"{"resumed":{"now":1,"available":false}}"#
    );
    assert_snapshot!(
        read(&Downlink::Event { seq: 8, at: 2, call: call(), event: CallEvent::Claimed }),
        @r#"{"event":{"seq":8,"at":2,"call":"wacid.A","event":"claimed"}}"#
    );
    assert_snapshot!(read(&Downlink::Presence { available: true }), @r#"{"presence":{"available":true}}"#);
    assert_snapshot!(read(&Downlink::WrapUp { until: 9 }), @r#"{"wrap_up":{"until":9}}"#);
    assert_snapshot!(read(&Downlink::Ping { nonce: 9 }), @r#"{"ping":{"nonce":9}}"#);
    assert_snapshot!(read(&Downlink::SignedOut), @r#""signed_out""#);
}

#[test]
fn uplink_frames() {
    assert_snapshot!(json(&Uplink::Pong { nonce: 9 }), @r#"{"pong":{"nonce":9}}"#);
    assert_snapshot!(json(&Uplink::Available { available: true }), @r#"{"available":{"available":true}}"#);
    assert_snapshot!(json(&Uplink::Ready), @r#""ready""#);
    assert_snapshot!(
        json(&Uplink::Prepared { call: call(), sdp: "v=0".into() }),
        @r#"{"prepared":{"call":"wacid.A","sdp":"v=0"}}"#
    );
    assert_snapshot!(
        json(&Uplink::Accept { call: call(), sdp: "v=0".into() }),
        @r#"{"accept":{"call":"wacid.A","sdp":"v=0"}}"#
    );
    assert_snapshot!(
        json(&Uplink::RingAck { call: call(), audible: false }),
        @r#"{"ring_ack":{"call":"wacid.A","audible":false}}"#
    );
    let quality = CallQuality { seconds: 62, mos_tenths: 44, heard: true, ..CallQuality::default() };
    assert_snapshot!(
        json(&Uplink::CallReport { call: call(), quality }),
        @r#"{"call_report":{"call":"wacid.A","quality":{"seconds":62,"mos_tenths":44,"lowest_mos_tenths":0,"round_trip_ms":0,"jitter_ms":0,"loss_permille":0,"was_heard":false,"heard":true}}}"#
    );
}

#[test]
fn events_of_a_call() {
    assert_snapshot!(
        read(&CallEvent::Ringing {
            from: asha(), to: Some("+911140001234".into()), offer: "v=0\r\n".into(), since: 1, expires: 2,
        }),
        @r#"{"ringing":{"from":{"number":"+919800000001","name":"Asha Rao"},"to":"+911140001234","offer":"v=0\r\n","since":1,"expires":2}}"#
    );
    assert_snapshot!(
        read(&CallEvent::Ringing { from: Party::default(), to: None, offer: "v=0".into(), since: 1, expires: 2 }),
        @r#"{"ringing":{"from":{},"offer":"v=0","since":1,"expires":2}}"#
    );
    assert_snapshot!(read(&CallEvent::DeclinedHere), @r#""declined_here""#);
    assert_snapshot!(read(&CallEvent::Silenced), @r#""silenced""#);
    assert_snapshot!(
        read(&CallEvent::AnsweredElsewhere { by: "Ben".into() }),
        @r#"{"answered_elsewhere":{"by":"Ben"}}"#
    );
    assert_snapshot!(read(&CallEvent::Claimed), @r#""claimed""#);
    assert_snapshot!(read(&CallEvent::AnswerDelivered), @r#""answer_delivered""#);
    assert_snapshot!(
        read(&CallEvent::Dialing { to: Party { name: None, ..asha() } }),
        @r#"{"dialing":{"to":{"number":"+919800000001"}}}"#
    );
    assert_snapshot!(read(&CallEvent::Initiated), @r#""initiated""#);
    assert_snapshot!(read(&CallEvent::Answer { sdp: "v=0".into() }), @r#"{"answer":{"sdp":"v=0"}}"#);
    assert_snapshot!(read(&CallEvent::FarEndRinging), @r#""far_end_ringing""#);
    assert_snapshot!(read(&CallEvent::Accepted), @r#""accepted""#);
    assert_snapshot!(
        read(&CallEvent::Ended { reason: EndReason::Missed }),
        @r#"{"ended":{"reason":"missed"}}"#
    );
}

#[test]
fn reasons_of_an_end() {
    let plain = [
        EndReason::HungUp,
        EndReason::FarEndHungUp,
        EndReason::Missed,
        EndReason::Declined,
        EndReason::Rejected,
        EndReason::Unanswered,
        EndReason::Cancelled,
    ];
    let all: Vec<String> = plain.iter().map(json).collect();
    assert_snapshot!(
        all.join(" "),
        @r#""hung_up" "far_end_hung_up" "missed" "declined" "rejected" "unanswered" "cancelled""#
    );
    assert_snapshot!(
        read(&EndReason::Failed { code: Some(138_021), title: "No sound".into(), detail: "Check".into() }),
        @r#"{"failed":{"code":138021,"title":"No sound","detail":"Check"}}"#
    );
    assert_snapshot!(
        read(&EndReason::Failed { code: None, title: "t".into(), detail: "d".into() }),
        @r#"{"failed":{"title":"t","detail":"d"}}"#
    );
}

fn snapshot(direction: Direction, stage: Stage, answer: Option<String>) -> CallSnapshot {
    let party = Party { name: None, ..asha() };
    CallSnapshot { call: call(), direction, party, business: None, since: 1, stage, answer }
}

#[test]
fn calls_in_a_snapshot() {
    let ringing = Stage::Ringing { offer: "v=0".into(), expires: 2 };
    assert_snapshot!(
        read(&CallSnapshot { business: Some("+911140001234".into()), ..snapshot(Direction::Inbound, ringing, None) }),
        @r#"{"call":"wacid.A","direction":"inbound","party":{"number":"+919800000001"},"business":"+911140001234","since":1,"stage":{"ringing":{"offer":"v=0","expires":2}}}"#
    );
    assert_snapshot!(
        json(&snapshot(Direction::Inbound, Stage::Answering, None)),
        @r#"{"call":"wacid.A","direction":"inbound","party":{"number":"+919800000001"},"since":1,"stage":"answering"}"#
    );
    assert_snapshot!(
        json(&snapshot(Direction::Outbound, Stage::Dialing, None)),
        @r#"{"call":"wacid.A","direction":"outbound","party":{"number":"+919800000001"},"since":1,"stage":"dialing"}"#
    );
    assert_snapshot!(
        json(&snapshot(Direction::Outbound, Stage::FarEndRinging, Some("v=0".into()))),
        @r#"{"call":"wacid.A","direction":"outbound","party":{"number":"+919800000001"},"since":1,"stage":"far_end_ringing","answer":"v=0"}"#
    );
    assert_snapshot!(
        json(&snapshot(Direction::Outbound, Stage::Accepted { at: 5 }, None)),
        @r#"{"call":"wacid.A","direction":"outbound","party":{"number":"+919800000001"},"since":1,"stage":{"accepted":{"at":5}}}"#
    );
}

#[test]
fn bodies_of_requests() {
    assert_snapshot!(
        json(&InitiateBody { channel_id: None, to: "+919800000001".into(), sdp_offer: "v=0".into() }),
        @r#"{"to":"+919800000001","sdp_offer":"v=0"}"#
    );
    let mut action = ActionBody {
        channel_id: Some("3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f".into()),
        call_id: "wacid.A".into(),
        action: "accept".into(),
        sdp: Some("v=0".into()),
    };
    assert_snapshot!(
        json(&action),
        @r#"{"channel_id":"3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f","call_id":"wacid.A","action":"accept","sdp":"v=0"}"#
    );
    (action.channel_id, action.sdp) = (None, None);
    action.action = "terminate".into();
    assert_snapshot!(json(&action), @r#"{"call_id":"wacid.A","action":"terminate"}"#);

    let login = LoginBody { username: "asha".into(), password: "p".into() };
    assert_snapshot!(serde_json::to_string(&login).unwrap(), @r#"{"username":"asha","password":"p"}"#);
}

#[test]
fn a_session() {
    let session = Session {
        username: AgentName::from("ben"),
        name: "Ben".into(),
        role: Role::Supervisor,
        expires: 1,
        channels: vec![
            ChannelInfo { id: "c".into(), phone_number: Some("+911140001234".into()), display_name: None },
            ChannelInfo { id: "d".into(), phone_number: None, display_name: Some("Demo".into()) },
        ],
        ice_servers: vec![IceServer {
            urls: vec!["stun:stun.example.org".into()],
            username: Some("u".into()),
            credential: Some("c".into()),
        }],
    };
    assert_snapshot!(
        json(&session),
        @r#"{"username":"ben","name":"Ben","role":"supervisor","expires":1,"channels":[{"id":"c","phone_number":"+911140001234"},{"id":"d","display_name":"Demo"}],"ice_servers":[{"urls":["stun:stun.example.org"],"username":"u","credential":"c"}]}"#
    );
    assert_snapshot!(json(&Role::Agent), @r#""agent""#);
}

#[test]
fn problems() {
    let mut problem = Problem::new(ProblemKind::AnsweredElsewhere, 409, "Ben has the call", "");
    problem.winner = Some("Ben".into());
    problem.ms_ago = Some(40);
    assert_snapshot!(
        json(&problem),
        @r#"{"type":"/problems/answered-elsewhere","title":"Ben has the call","status":409,"winner":"Ben","ms_ago":40}"#
    );
    assert_snapshot!(
        read(&Problem::invalid_field("to", "is empty")),
        @r#"{"type":"/problems/invalid-field","title":"The field to is empty","status":422,"detail":"Correct it and send the request again.","field":"to"}"#
    );
    let mut refused = Problem::new(ProblemKind::UpstreamRefused, 502, "t", "d");
    refused.code = Some(138_006);
    assert_snapshot!(
        json(&refused),
        @r#"{"type":"/problems/upstream-refused","title":"t","status":502,"detail":"d","code":138006}"#
    );
    let mut throttled = Problem::new(ProblemKind::TooManyRequests, 429, "t", "d");
    throttled.retry_after_s = Some(30);
    assert_snapshot!(
        json(&throttled),
        @r#"{"type":"/problems/too-many-requests","title":"t","status":429,"detail":"d","retry_after_s":30}"#
    );
}

#[test]
fn kinds_of_problems() {
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
    let all: Vec<String> = kinds.iter().map(json).collect();
    assert_snapshot!(
        all.join(" ").replace('"', ""),
        @"/problems/invalid-field /problems/too-large /problems/wrong-credentials /problems/signed-out /problems/foreign-origin /problems/too-many-requests /problems/not-found /problems/answered-elsewhere /problems/call-state /problems/upstream-refused /problems/upstream-unknown /problems/unavailable /problems/offline about:blank"
    );
}

#[test]
fn a_newer_relays_problem_is_still_read() {
    let text = r#"{"type":"/problems/solar-flare","title":"t","status":503,"instance":"/x","new":{"a":1}}"#;
    let problem: Problem = serde_json::from_str(text).unwrap();
    assert_eq!(problem.kind, ProblemKind::Unknown);
    assert_eq!((problem.title.as_str(), problem.status, problem.detail.as_str()), ("t", 503, ""));
}

#[test]
fn a_newer_relays_fields_are_passed_over() {
    let frame: Downlink = serde_json::from_str(r#"{"ping":{"nonce":1,"load":0.5}}"#).unwrap();
    assert_eq!(frame, Downlink::Ping { nonce: 1 });
    let event: CallEvent = serde_json::from_str(r#"{"ended":{"reason":"missed","by":"asha"}}"#).unwrap();
    assert_eq!(event, CallEvent::Ended { reason: EndReason::Missed });
    assert!(serde_json::from_str::<Downlink>(r#"{"hologram":{}}"#).is_err());
}

#[test]
fn ways_to_sign_in_and_sessions() {
    let provider = SignInProvider { name: "Example".to_owned(), url: "/api/oidc/start".to_owned() };
    assert_snapshot!(
        read(&SignInWays { password: true, provider: Some(provider) }),
        @r#"{"password":true,"provider":{"name":"Example","url":"/api/oidc/start"}}"#
    );
    assert_snapshot!(read(&SignInWays { password: false, provider: None }), @r#"{"password":false}"#);
    let session = SessionInfo {
        id: "s".to_owned(),
        since: 1,
        seen: 2,
        device: Some("Firefox".to_owned()),
        address: None,
        current: true,
        connected: false,
    };
    assert_snapshot!(
        read(&SessionList { sessions: vec![session] }),
        @r#"{"sessions":[{"id":"s","since":1,"seen":2,"device":"Firefox","current":true,"connected":false}]}"#
    );
}

#[test]
fn the_board() {
    let presences = [
        BoardPresence::Away,
        BoardPresence::Available,
        BoardPresence::OnCall,
        BoardPresence::WrapUp { until: 9 },
    ];
    let agents = presences.map(|presence| BoardAgent {
        username: "asha".into(),
        name: "Asha".to_owned(),
        role: Role::Supervisor,
        presence,
        reachable: true,
    });
    let stages = [
        BoardStage::Ringing { agents: vec!["asha".into()], expires: 9 },
        BoardStage::Answering,
        BoardStage::Dialing,
        BoardStage::FarEndRinging,
        BoardStage::Talking { since: 3 },
    ];
    let calls = stages.map(|stage| BoardCall {
        call: call(),
        direction: Direction::Outbound,
        party: asha(),
        business: None,
        since: 2,
        owner: Some("asha".into()),
        stage,
    });
    read(&Board { seq: 7, now: 1, agents: agents.to_vec(), calls: calls.to_vec() });
    assert_snapshot!(
        read(&Board { seq: 7, now: 1, agents: vec![], calls: vec![] }),
        @r#"{"seq":7,"now":1,"agents":[],"calls":[]}"#
    );
}
