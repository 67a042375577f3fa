//! Vobiz's REST endpoints.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router, middleware};
use serde_json::{Map, Value};
use tokio::time::sleep;
use uuid::Uuid;
use vobiz::Number;
use vobiz::channel::{CHANNELS_PATH, Channel, ChannelList};
use vobiz::log::{DEFAULT_LIMIT, Direction, LogPage, Status};
use vobiz::rest::{ACTION_PATH, Action, ActionResponse, CALLS_PATH, InitiateResponse, LOGS_PATH};
use vobiz::subscription::{Subscription, SubscriptionList, WEBHOOKS_PATH};

use super::problem::{self, Problem};
use super::{auth, chaos, note};
use crate::exchange::{Exchange, Order};
use crate::options::Business;
use crate::store::{Query, is_direction, is_status};

/// Most rows on a page; the reference names no limit.
const MAX_LIMIT: u32 = 100;

/// Longest call identifier that is looked up.
const MAX_CALL_ID: usize = 512;

type Shared = State<Arc<Exchange>>;

pub(super) fn routes(exchange: &Arc<Exchange>) -> Router<Arc<Exchange>> {
    Router::new()
        .route(CALLS_PATH, post(initiate))
        .route(ACTION_PATH, post(act))
        .route(LOGS_PATH, get(logs))
        .route(CHANNELS_PATH, get(channels))
        .route(WEBHOOKS_PATH, post(subscribe).get(subscriptions))
        .route(&format!("{WEBHOOKS_PATH}/{{id}}"), delete(unsubscribe).get(subscription))
        .fallback(unknown)
        .layer(middleware::from_fn_with_state(Arc::clone(exchange), auth::required))
        .layer(middleware::from_fn_with_state(Arc::clone(exchange), chaos::disturbed))
        .layer(middleware::from_fn_with_state(Arc::clone(exchange), problem::shape))
        .layer(middleware::from_fn_with_state(Arc::clone(exchange), note::noted))
}

async fn initiate(
    State(exchange): Shared,
    body: Bytes,
) -> Result<(StatusCode, Json<InitiateResponse>), Problem> {
    let body = Body::read(&body)?;
    let business = channel(&exchange, &body)?;
    let to = Number::parse(body.text("to")?).map_err(|fault| Problem::field("to", fault))?;
    let offer = body.text("sdp_offer")?;
    sleep(exchange.settings().delays.initiate).await;
    let order = begun(&exchange, "initiate").await;
    let initiated = exchange.initiate(&business, &to, offer).await;
    order.answered().await?;
    let call_id = initiated?;
    let reply = InitiateResponse {
        call_id: call_id.to_string(),
        from: Some(business.phone_number.clone()),
        to: Some(to.to_string()),
        status: Some(Status::Initiated.to_string()),
        direction: Some(Direction::Outbound.to_string()),
    };
    Ok((StatusCode::CREATED, Json(reply)))
}

async fn act(State(exchange): Shared, body: Bytes) -> Result<Json<ActionResponse>, Problem> {
    let body = Body::read(&body)?;
    let business = channel(&exchange, &body)?;
    let call_id = body.text("call_id")?;
    if call_id.len() > MAX_CALL_ID {
        return Err(Problem::field("call_id", "is too long"));
    }
    let action = Action::from(body.text("action")?);
    if !Action::KNOWN.contains(&action) {
        return Err(Problem::field("action", "must be pre_accept, accept, reject or terminate"));
    }
    let sdp = if action.carries_sdp() { Some(body.text("sdp")?.to_owned()) } else { None };
    sleep(exchange.settings().delays.of(&action)).await;
    let order = begun(&exchange, action.as_str()).await;
    let done = exchange.act(business.channel_id, call_id, &action, sdp);
    order.answered().await?;
    done?;
    Ok(Json(ActionResponse { call_id: call_id.to_owned(), action, success: true }))
}

async fn logs(State(exchange): Shared, RawQuery(query): RawQuery) -> Result<Json<LogPage>, Problem> {
    let query = log_query(query.as_deref().unwrap_or_default())?;
    sleep(exchange.settings().delays.logs).await;
    let order = begun(&exchange, "logs").await;
    let page = exchange.log(&query);
    order.answered().await?;
    Ok(Json(page))
}

/// A scenario's rule for a request of this kind, after its delay.
async fn begun(exchange: &Exchange, kind: &str) -> Order {
    let order = exchange.exact().request(kind);
    sleep(order.delay).await;
    order
}

impl Order {
    /// What the rule says of the reply.
    async fn answered(self) -> Result<(), Problem> {
        sleep(self.reply_delay).await;
        if self.is_lost { Err(Problem::lost()) } else { Ok(()) }
    }
}

async fn channels(State(exchange): Shared) -> Json<ChannelList> {
    let options = exchange.options();
    let account = &options.credentials.auth_id;
    let items = options.businesses.iter().map(|business| listed(business, account)).collect();
    Json(ChannelList { items })
}

async fn subscribe(
    State(exchange): Shared,
    body: Bytes,
) -> Result<(StatusCode, Json<Subscription>), Problem> {
    let body = Body::read(&body)?;
    let subscription = exchange
        .webhooks()
        .register(body.text("url")?, body.text("secret")?)
        .map_err(|error| Problem::field("webhook", error))?;
    Ok((StatusCode::CREATED, Json(subscription)))
}

async fn subscriptions(State(exchange): Shared) -> Json<SubscriptionList> {
    let items = exchange.webhooks().list().into_iter().map(|(subscription, _)| subscription).collect();
    Json(SubscriptionList { items })
}

async fn subscription(
    State(exchange): Shared,
    Path(id): Path<String>,
) -> Result<Json<Subscription>, Problem> {
    exchange
        .webhooks()
        .list()
        .into_iter()
        .map(|(subscription, _)| subscription)
        .find(|subscription| subscription.id == id)
        .map(Json)
        .ok_or_else(no_webhook)
}

async fn unsubscribe(State(exchange): Shared, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    if exchange.webhooks().remove(&id) { Ok(StatusCode::NO_CONTENT) } else { Err(no_webhook()) }
}

async fn unknown() -> Problem {
    Problem::plain(StatusCode::NOT_FOUND, "not_found", "there is no such endpoint")
}

fn no_webhook() -> Problem {
    Problem::plain(StatusCode::NOT_FOUND, "not_found", "there is no webhook of this id")
}

fn listed(business: &Business, account: &str) -> Channel {
    Channel {
        id: business.channel_id,
        account_id: Some(account.to_owned()),
        waba_id: Some(business.waba_id.clone()),
        phone_number_id: Some(business.phone_number_id.clone()),
        phone_number: Some(business.phone_number.clone()),
        display_name: Some(business.display_name.clone()),
        status: Some("active".into()),
        extra: Map::new(),
    }
}

fn channel(exchange: &Exchange, body: &Body) -> Result<Arc<Business>, Problem> {
    let id: Uuid =
        body.text("channel_id")?.parse().map_err(|_| Problem::field("channel_id", "must be a UUID"))?;
    exchange
        .business(id)
        .cloned()
        .ok_or_else(|| Problem::field("channel_id", "is not a channel of this account"))
}

/// A JSON object whose fields are looked at one by one, so that the fault names
/// its field.
struct Body(Map<String, Value>);

impl Body {
    fn read(bytes: &[u8]) -> Result<Self, Problem> {
        if bytes.is_empty() {
            return Err(Problem::field("body", "is empty"));
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            Ok(_) => Err(Problem::field("body", "must be a JSON object")),
            Err(error) => Err(Problem::field("body", format!("is not JSON: {error}"))),
        }
    }

    fn text(&self, field: &str) -> Result<&str, Problem> {
        match self.0.get(field) {
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(Problem::field(field, "must be a string")),
            None => Err(Problem::field(field, "is missing")),
        }
    }
}

fn log_query(query: &str) -> Result<Query, Problem> {
    let mut read = Query { page: 1, limit: DEFAULT_LIMIT, direction: None, status: None };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match name {
            "page" => read.page = whole(name, value, u32::MAX)?,
            "limit" => read.limit = whole(name, value, MAX_LIMIT)?,
            "direction" => {
                let direction = Direction::from(value);
                if !is_direction(&direction) {
                    return Err(Problem::field(name, "must be inbound or outbound"));
                }
                read.direction = Some(direction);
            }
            "status" => {
                let status = Status::from(value);
                if !is_status(&status) {
                    return Err(Problem::field(name, "is not a status of a call"));
                }
                read.status = Some(status);
            }
            other => return Err(Problem::field(other, "is not a parameter of the log")),
        }
    }
    Ok(read)
}

fn whole(name: &str, value: &str, most: u32) -> Result<u32, Problem> {
    value
        .parse()
        .ok()
        .filter(|number| (1..=most).contains(number))
        .ok_or_else(|| Problem::field(name, format!("must be a whole number from 1 to {most}")))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_log_has_defaults_and_bounds() {
        let query = log_query("").unwrap();
        assert_eq!((query.page, query.limit), (1, 25));
        let query = log_query("page=2&limit=100&direction=inbound&status=missed").unwrap();
        assert_eq!((query.page, query.limit), (2, 100));
        assert_eq!(query.direction, Some(Direction::Inbound));
        assert_eq!(query.status, Some(Status::Missed));
        for bad in [
            "page=0",
            "page=-1",
            "page=x",
            "limit=0",
            "limit=101",
            "limit=100000",
            "direction=up",
            "status=x",
            "sort=asc",
        ] {
            assert!(log_query(bad).is_err(), "{bad}");
        }
    }
}
