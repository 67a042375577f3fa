//! REST bodies: requests byte for byte as the reference shows them, responses read
//! and written back without a loss.

use serde::Serialize;
use serde::de::DeserializeOwned;
use vobiz::channel::ChannelList;
use vobiz::log::{CallLog, Direction, LogPage, Status};
use vobiz::rest::{Action, ActionRequest, ActionResponse, InitiateRequest, InitiateResponse};
use vobiz::subscription::{SubscribeRequest, Subscription, SubscriptionList};
use vobiz::{Number, Uuid};

const INITIATE: &str = r#"{"channel_id":"3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f","to":"+919876543210","sdp_offer":"v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\n..."}"#;
const INITIATED: &str = r#"{"call_id":"d5e6f708-1920-4a3b-94c5-d6e7f8091022","from":"+911140001234","to":"+919876543210","status":"initiated","direction":"outbound"}"#;
const ACTION: &str = r#"{"channel_id":"3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f","call_id":"d5e6f708-1920-4a3b-94c5-d6e7f8091022","action":"accept","sdp":"v=0\r\n..."}"#;
const ACTED: &str = r#"{"call_id":"d5e6f708-1920-4a3b-94c5-d6e7f8091022","action":"accept","success":true}"#;
const LOGS: &str = r#"{"items":[{"id":"e6f70819-2031-4b4c-95d6-e7f809102233","account_id":"MA_XXXXXXXX","channel_id":"3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f","meta_call_id":"wacid.HBgM...","direction":"outbound","from_number":"+911140001234","to_number":"+919876543210","status":"accepted","call_type":"voice","duration_seconds":185,"started_at":"2026-03-25T14:00:00Z","answered_at":"2026-03-25T14:00:04Z","ended_at":"2026-03-25T14:03:05Z","created_at":"2026-03-25T14:00:00Z","updated_at":"2026-03-25T14:03:05Z"}],"total":12,"page":1,"limit":25,"has_more":false}"#;

/// Reads an example, writes it back and wants the same bytes.
fn round_trip<T: DeserializeOwned + Serialize>(example: &str) -> T {
    let value: T = serde_json::from_str(example).unwrap();
    assert_eq!(serde_json::to_string(&value).unwrap(), example);
    value
}

fn channel() -> Uuid {
    "3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f".parse().unwrap()
}

#[test]
fn an_initiate_is_written_as_the_reference_shows_it() {
    let request = InitiateRequest {
        channel_id: channel(),
        to: Number::parse("+919876543210").unwrap(),
        sdp_offer: "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\n...".into(),
    };
    assert_eq!(serde_json::to_string(&request).unwrap(), INITIATE);
    assert_eq!(round_trip::<InitiateRequest>(INITIATE), request);
}

#[test]
fn an_action_is_written_as_the_reference_shows_it() {
    let mut request = ActionRequest {
        channel_id: channel(),
        call_id: "d5e6f708-1920-4a3b-94c5-d6e7f8091022".into(),
        action: Action::Accept,
        sdp: Some("v=0\r\n...".into()),
    };
    assert_eq!(serde_json::to_string(&request).unwrap(), ACTION);
    assert_eq!(round_trip::<ActionRequest>(ACTION), request);

    // The reference has an SDP for the first two actions only.
    request.action = Action::Terminate;
    request.sdp = None;
    insta::assert_snapshot!(
        serde_json::to_string(&request).unwrap(),
        @r#"{"channel_id":"3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f","call_id":"d5e6f708-1920-4a3b-94c5-d6e7f8091022","action":"terminate"}"#
    );
}

#[test]
fn every_action_has_the_references_name() {
    let names: Vec<_> = Action::KNOWN.iter().map(|action| (action.as_str(), action.carries_sdp())).collect();
    assert_eq!(names, [("pre_accept", true), ("accept", true), ("reject", false), ("terminate", false)]);
}

#[test]
fn responses_survive_reading_and_writing() {
    let initiated: InitiateResponse = round_trip(INITIATED);
    assert_eq!(initiated.call_id, "d5e6f708-1920-4a3b-94c5-d6e7f8091022");
    assert_eq!(initiated.to.as_deref(), Some("+919876543210"));

    let acted: ActionResponse = round_trip(ACTED);
    assert_eq!(acted.action, Action::Accept);
    assert!(acted.success);

    let logs: LogPage = round_trip(LOGS);
    assert_eq!((logs.total, logs.page, logs.limit, logs.has_more), (12, 1, 25, false));
    let row = &logs.items[0];
    assert_eq!(row.direction, Some(Direction::Outbound));
    assert_eq!(row.status, Some(Status::Accepted));
    assert_eq!(row.duration_seconds, Some(185));
    assert!(row.is_over(), "whatever its status");
    assert!(row.extra.is_empty());
}

#[test]
fn an_initiates_answer_may_hold_nothing_but_its_identifier() {
    let answer: InitiateResponse = serde_json::from_str(r#"{"call_id":"x","queued":true}"#).unwrap();
    assert_eq!(answer.status, None);
}

#[test]
fn a_log_row_may_hold_nothing_but_its_identifier() {
    let row: CallLog = round_trip(r#"{"id":"e6f70819-2031-4b4c-95d6-e7f809102233"}"#);
    assert_eq!(row.status, None);
    assert!(!row.is_over());

    let nulls = r#"{"id":"x","account_id":null,"channel_id":null,"meta_call_id":null,"direction":null,
        "from_number":null,"to_number":null,"status":null,"call_type":null,"offer_sdp":null,"answer_sdp":null,
        "ice_candidates":null,"duration_seconds":null,"started_at":null,"answered_at":null,"ended_at":null,
        "hangup_cause":null,"metadata":null,"created_at":null,"updated_at":null}"#;
    let row: CallLog = serde_json::from_str(nulls).unwrap();
    assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"id":"x"}"#);
}

#[test]
fn a_log_row_keeps_what_is_new_to_it() {
    let example = r#"{"id":"x","direction":"sideways","status":"on_hold","recording_url":"https://example.org/r","tags":["a"]}"#;
    let row: CallLog = round_trip(example);
    assert_eq!(row.status, Some(Status::Other("on_hold".into())));
    assert_eq!(row.direction, Some(Direction::Other("sideways".into())));
    assert_eq!(row.extra["tags"][0], "a");
}

#[test]
fn states_are_read_in_any_letter_case_and_written_in_the_references() {
    for status in Status::KNOWN {
        let shouted = format!("\"{}\"", status.as_str().to_uppercase());
        assert_eq!(&serde_json::from_str::<Status>(&shouted).unwrap(), status);
        assert_eq!(serde_json::to_string(status).unwrap(), format!("\"{status}\""));
    }
}

#[test]
fn a_log_page_needs_neither_rows_nor_a_total() {
    let page: LogPage = serde_json::from_str(r#"{"page":3,"limit":10}"#).unwrap();
    assert_eq!((page.items.len(), page.total, page.has_more), (0, 0, false));
}

#[test]
fn channels_survive_reading_and_writing() {
    let list: ChannelList = round_trip(
        r#"{"items":[{"id":"3f1c9b7e-2d4a-4f6b-9c8e-0a1b2c3d4e5f","account_id":"MA_XXXXXXXX","waba_id":"102290129340398","phone_number_id":"109876543210987","phone_number":"+911140001234","display_name":"Demo Traders","status":"active","quality":"GREEN"}]}"#,
    );
    assert_eq!(list.items[0].phone_number_id.as_deref(), Some("109876543210987"));
    assert_eq!(list.items[0].extra["quality"], "GREEN");
}

#[test]
fn a_subscription_is_asked_for_with_its_secret_and_never_shows_it() {
    let request =
        SubscribeRequest { url: "https://example.org/webhooks/vobiz".into(), secret: "hush-hush".into() };
    insta::assert_snapshot!(
        serde_json::to_string(&request).unwrap(),
        @r#"{"url":"https://example.org/webhooks/vobiz","secret":"hush-hush"}"#
    );
    assert!(!format!("{request:?}").contains("hush-hush"));

    let one = r#"{"id":"w1","url":"https://example.org/w","status":"active","created_at":"2026-03-25T14:00:00Z","updated_at":"2026-03-25T14:00:00Z"}"#;
    round_trip::<Subscription>(one);
    round_trip::<SubscriptionList>(&format!(r#"{{"items":[{one}]}}"#));
}
