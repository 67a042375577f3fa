//! Requests. The test runner's own server is there, a relay is not.

use softphone::platform::http::Ask;
use wasm_bindgen_test::wasm_bindgen_test;
use wire::{ProblemKind, Session};

#[wasm_bindgen_test]
async fn a_refusal_without_a_problem_still_is_one() {
    let problem = Ask::get("/there/is/no/such/thing").done().await.unwrap_err();
    assert_eq!((problem.kind, problem.status), (ProblemKind::Unknown, 404));
    assert!(!problem.detail.is_empty(), "it says what to do");
}

#[wasm_bindgen_test]
async fn a_dead_port_is_offline() {
    let problem = Ask::post("http://127.0.0.1:1023/", Some("{}")).done().await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Offline);
}

#[wasm_bindgen_test]
async fn an_answer_of_another_kind_is_told() {
    let problem = Ask::get("/").read::<Session>().await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Unknown);
}

#[wasm_bindgen_test]
async fn keepalive_is_taken() {
    let ask = Ask { keepalive: true, ..Ask::post("/there/is/no/such/thing", Some("{}")) };
    assert!(ask.done().await.is_err());
}
