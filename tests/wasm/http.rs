//! Requests. The test runner's own server is there, a relay is not.

use softphone::platform::http::Ask;
use wasm_bindgen_test::wasm_bindgen_test;
use wire::ProblemKind;

#[wasm_bindgen_test]
async fn a_refusal_without_a_problem_still_is_one() {
    let problem = Ask::get("/there/is/no/such/thing").text().await.unwrap_err();
    assert_eq!((problem.kind, problem.status), (ProblemKind::Unknown, 404));
    assert!(!problem.detail.is_empty(), "it says what to do");
}

#[wasm_bindgen_test]
async fn a_dead_port_is_offline() {
    let problem = Ask::post("http://127.0.0.1:1023/", Some("{}".to_owned())).text().await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Offline);
}

#[wasm_bindgen_test]
async fn an_answer_has_its_body() {
    let body = Ask::get("/").text().await.unwrap();
    assert!(body.contains("<html"));
}

#[wasm_bindgen_test]
async fn keepalive_is_taken() {
    let ask = Ask { keepalive: true, ..Ask::post("/there/is/no/such/thing", Some("{}".to_owned())) };
    assert!(ask.text().await.is_err());
}
