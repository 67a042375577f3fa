//! The requests to the relay, each with the event that its reply becomes.

use phone::Event;
use phone::event::{LogRequest, Relay};
use phone::log::LogPage;
use phone::route::LogQuery;
use phone::secret::Secret;
use phone::text;
use serde::Serialize;
use wire::{
    ATTEMPT_HEADER, ActionBody, CallId, InitiateBody, LoginBody, PAGE_ACTION_PATH, PAGE_CALLS_PATH,
    PAGE_LOGS_PATH, Problem, Read, Session,
};

use super::Tell;
use crate::platform::http::Ask;
use crate::platform::json;
use crate::platform::task::begin;

/// Path of the session on the relay.
const SESSION_PATH: &str = "/api/session";
/// Path of signing in on the relay.
const LOGIN_PATH: &str = "/api/login";
/// Path of signing out on the relay.
const LOGOUT_PATH: &str = "/api/logout";

/// The body of a reply, or the problem.
type Reply = Result<String, Problem>;

pub(super) fn session(tell: Tell) {
    ask(tell, Ask::get(SESSION_PATH), |reply| Relay::SessionChecked(session_of(reply)));
}

pub(super) fn sign_in(tell: Tell, username: String, password: Secret) {
    let body = json_of(&LoginBody { username, password: password.reveal().to_owned() });
    ask(tell, Ask::post(LOGIN_PATH, Some(body)), |reply| Relay::SignInReplied(session_of(reply)));
}

pub(super) fn sign_out(tell: Tell) {
    ask(tell, Ask::post(LOGOUT_PATH, None), |reply| Relay::SignOutReplied(reply.map(drop)));
}

pub(super) fn accept(tell: Tell, call: CallId, sdp: String) {
    let action = action(&call, "accept", Some(sdp));
    ask(tell, action, |reply| Relay::AcceptReplied(call, reply.map(drop)));
}

pub(super) fn reject(tell: Tell, call: CallId) {
    let action = action(&call, "reject", None);
    ask(tell, action, |reply| Relay::RejectReplied(call, reply.map(drop)));
}

pub(super) fn terminate(tell: Tell, call: CallId) {
    let action = action(&call, "terminate", None);
    ask(tell, action, |reply| Relay::TerminateReplied(call, reply.map(drop)));
}

/// As the page goes away. Should it stay, the reply is heard like any other.
pub(super) fn terminate_leaving(tell: Tell, call: CallId) {
    let action = Ask { keepalive: true, ..action(&call, "terminate", None) };
    ask(tell, action, |reply| Relay::TerminateReplied(call, reply.map(drop)));
}

pub(super) fn initiate(tell: Tell, call: CallId, to: String, sdp_offer: String) {
    let body = json_of(&InitiateBody { channel_id: None, to, sdp_offer });
    let header = Some((ATTEMPT_HEADER, call.as_str().to_owned()));
    let initiate = Ask { header, ..Ask::post(PAGE_CALLS_PATH, Some(body)) };
    ask(tell, initiate, |reply| Relay::InitiateReplied(call, reply.map(drop)));
}

pub(super) fn log(tell: Tell, request: LogRequest, query: LogQuery) {
    let path = [PAGE_LOGS_PATH, "?", &query.print()].concat();
    ask(tell, Ask::get(path), move |reply| Relay::LogReplied(request, reply.and_then(understood::<LogPage>)));
}

fn action(call: &CallId, action: &str, sdp: Option<String>) -> Ask {
    let call_id = call.as_str().to_owned();
    let body = json_of(&ActionBody { channel_id: None, call_id, action: action.to_owned(), sdp });
    Ask::post(PAGE_ACTION_PATH, Some(body))
}

fn session_of(reply: Reply) -> Result<Session, Problem> {
    reply.and_then(understood)
}

fn understood<T: Read>(body: String) -> Result<T, Problem> {
    json::parse(&body).and_then(|json| T::read(&json)).ok_or_else(text::not_understood)
}

/// The body's JSON. Plain structs of texts always have one.
fn json_of(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}

/// Asks at once, and tells the phone what the reply means.
fn ask(tell: Tell, ask: Ask, event: impl FnOnce(Reply) -> Relay + 'static) {
    fn boxed(tell: Tell, ask: Ask, event: Box<dyn FnOnce(Reply) -> Relay>) {
        begin(async move {
            let reply = ask.text().await;
            tell.event(Event::Relay(event(reply)));
        });
    }
    boxed(tell, ask, Box::new(event));
}
