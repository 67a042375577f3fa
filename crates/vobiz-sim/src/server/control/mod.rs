//! The control API: what the console does, for tests.

mod people;
mod scenarios;
mod settings;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vobiz::Number;

use super::problem::Problem;
use crate::exchange::{CallView, Exchange, Refusal};
use crate::journal::{DeliveryNote, RequestNote};
use crate::stage::StageView;
use people::PersonView;

type Shared = State<Arc<Exchange>>;

pub(super) fn routes() -> Router<Arc<Exchange>> {
    Router::new()
        .route("/state", get(state))
        .route("/ring", post(ring))
        .route("/people/{number}", put(people::put))
        .route("/settings", get(settings::get).patch(settings::patch))
        .route("/reset", post(settings::reset))
        .route("/scenarios", get(scenarios::list))
        .route("/scenarios/{name}", post(scenarios::play))
        .route("/calls/{wacid}", get(call))
        .route("/calls/{wacid}/hangup", post(hang_up))
        .route("/calls/{wacid}/media", put(settings::disturb))
        .route("/calls/{wacid}/move", post(change_address))
        .route("/journal", get(journal))
}

#[derive(Serialize)]
struct StateView {
    people: Vec<PersonView>,
    calls: Vec<CallView>,
    business: Vec<BusinessView>,
    webhooks: Vec<WebhookView>,
    /// The scenario that is played.
    scenario: Option<StageView>,
}

#[derive(Serialize)]
struct BusinessView {
    channel_id: Uuid,
    phone_number: String,
    display_name: String,
}

#[derive(Serialize)]
struct WebhookView {
    id: String,
    url: String,
    /// HTTP status of the last delivery; absent before the first and when
    /// there was no reply.
    last_status: Option<u16>,
    last_error: Option<String>,
    deliveries: u64,
}

/// What went over the wire lately, newest first.
#[derive(Serialize)]
struct JournalView {
    requests: Vec<RequestNote>,
    deliveries: Vec<DeliveryNote>,
}

#[derive(Deserialize)]
struct RingRequest {
    from: String,
    channel_id: Option<Uuid>,
}

async fn state(State(exchange): Shared) -> Json<StateView> {
    let options = exchange.options();
    Json(StateView {
        scenario: exchange.stage().view(),
        people: exchange.people().iter().map(|person| PersonView::new(person)).collect(),
        calls: exchange.calls(),
        business: options
            .businesses
            .iter()
            .map(|business| BusinessView {
                channel_id: business.channel_id,
                phone_number: business.phone_number.clone(),
                display_name: business.display_name.clone(),
            })
            .collect(),
        webhooks: exchange
            .webhooks()
            .list()
            .into_iter()
            .map(|(subscription, deliveries)| WebhookView {
                id: subscription.id,
                url: subscription.url,
                last_status: deliveries.last_status,
                last_error: deliveries.last_error,
                deliveries: deliveries.attempts,
            })
            .collect(),
    })
}

async fn ring(State(exchange): Shared, body: Bytes) -> Result<(StatusCode, Json<CallView>), Problem> {
    let request: RingRequest =
        serde_json::from_slice(&body).map_err(|error| Problem::field("body", error))?;
    let number = Number::parse(&request.from).map_err(|fault| Problem::field("from", fault))?;
    let person =
        exchange.person(&number).ok_or_else(|| Problem::field("from", "is nobody on the console"))?;
    let business = match request.channel_id {
        Some(id) => exchange.business(id),
        None => exchange.first_business(),
    };
    let business =
        business.ok_or_else(|| Problem::field("channel_id", "is not a channel of this account"))?;
    let view = exchange.ring(business, &person).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

async fn call(State(exchange): Shared, Path(wacid): Path<String>) -> Result<Json<CallView>, Problem> {
    exchange.call(&wacid).map(Json).ok_or_else(|| Refusal::NoSuchCall.into())
}

/// Moves the person's handset to another address.
async fn change_address(
    State(exchange): Shared,
    Path(wacid): Path<String>,
) -> Result<Json<CallView>, Problem> {
    Ok(Json(exchange.move_handset(&wacid)?))
}

async fn journal(State(exchange): Shared) -> Json<JournalView> {
    let journal = exchange.journal();
    Json(JournalView { requests: journal.requests(), deliveries: journal.deliveries() })
}

async fn hang_up(State(exchange): Shared, Path(wacid): Path<String>) -> Result<Json<CallView>, Problem> {
    Ok(Json(exchange.hang_up(&wacid)?))
}
