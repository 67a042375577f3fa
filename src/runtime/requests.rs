//! The requests to the relay, each with the event that its reply becomes.

use phone::Event;
use phone::event::{LogRequest, Relay};
use phone::log::LogPage;
use phone::route::LogQuery;
use phone::secret::Secret;
use serde::Serialize;
use wasm_bindgen_futures::spawn_local;
use wire::{
    ATTEMPT_HEADER, ActionBody, CallId, InitiateBody, LoginBody, PAGE_ACTION_PATH, PAGE_CALLS_PATH,
    PAGE_LOGS_PATH, Session,
};

use super::Tell;
use crate::platform::http::Ask;

/// Path of the session on the relay.
const SESSION_PATH: &str = "/api/session";
/// Path of signing in on the relay.
const LOGIN_PATH: &str = "/api/login";
/// Path of signing out on the relay.
const LOGOUT_PATH: &str = "/api/logout";

pub(super) fn session(tell: Tell) {
    spawn_local(async move {
        let reply = Ask::get(SESSION_PATH).read::<Session>().await;
        tell.event(Event::Relay(Relay::SessionChecked(reply)));
    });
}

pub(super) fn sign_in(tell: Tell, username: String, password: Secret) {
    let body = json(&LoginBody { username, password: password.reveal().to_owned() });
    spawn_local(async move {
        let reply = Ask::post(LOGIN_PATH, Some(&body)).read::<Session>().await;
        tell.event(Event::Relay(Relay::SignInReplied(reply)));
    });
}

pub(super) fn sign_out(tell: Tell) {
    spawn_local(async move {
        let reply = Ask::post(LOGOUT_PATH, None).done().await;
        tell.event(Event::Relay(Relay::SignOutReplied(reply)));
    });
}

pub(super) fn accept(tell: Tell, call: CallId, sdp: String) {
    let body = action(&call, "accept", Some(sdp));
    spawn_local(async move {
        let reply = Ask::post(PAGE_ACTION_PATH, Some(&body)).done().await;
        tell.event(Event::Relay(Relay::AcceptReplied(call, reply)));
    });
}

pub(super) fn reject(tell: Tell, call: CallId) {
    let body = action(&call, "reject", None);
    spawn_local(async move {
        let reply = Ask::post(PAGE_ACTION_PATH, Some(&body)).done().await;
        tell.event(Event::Relay(Relay::RejectReplied(call, reply)));
    });
}

pub(super) fn terminate(tell: Tell, call: CallId) {
    let body = action(&call, "terminate", None);
    spawn_local(async move {
        let reply = Ask::post(PAGE_ACTION_PATH, Some(&body)).done().await;
        tell.event(Event::Relay(Relay::TerminateReplied(call, reply)));
    });
}

/// As the page goes away: nobody is left to hear the reply.
pub(super) fn terminate_leaving(call: CallId) {
    let body = action(&call, "terminate", None);
    spawn_local(async move {
        let ask = Ask { keepalive: true, ..Ask::post(PAGE_ACTION_PATH, Some(&body)) };
        let _ = ask.done().await;
    });
}

pub(super) fn initiate(tell: Tell, call: CallId, to: String, sdp_offer: String) {
    let body = json(&InitiateBody { channel_id: None, to, sdp_offer });
    spawn_local(async move {
        let header = Some((ATTEMPT_HEADER, call.as_str()));
        let ask = Ask { header, ..Ask::post(PAGE_CALLS_PATH, Some(&body)) };
        let reply = ask.done().await;
        tell.event(Event::Relay(Relay::InitiateReplied(call, reply)));
    });
}

pub(super) fn log(tell: Tell, request: LogRequest, query: LogQuery) {
    let path = [PAGE_LOGS_PATH, "?", &query.print()].concat();
    spawn_local(async move {
        let reply = Ask::get(&path).read::<LogPage>().await;
        tell.event(Event::Relay(Relay::LogReplied(request, reply)));
    });
}

fn action(call: &CallId, action: &str, sdp: Option<String>) -> String {
    json(&ActionBody { channel_id: None, call_id: call.as_str().to_owned(), action: action.to_owned(), sdp })
}

/// The body's JSON. Plain structs of texts always have one.
fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}
