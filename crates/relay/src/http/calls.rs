//! `POST /api/calls/whatsapp` and `POST /api/calls/whatsapp/action`: Vobiz' own shapes.
//! Every field is checked here; what is wrong never gets further.

use std::time::Instant;

use axum::{
    Extension, Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
};
use vobiz::{
    Number, Uuid,
    rest::{Action, ActionResponse, InitiateResponse},
    sdp::{self, Part},
};
use wire::ATTEMPT_HEADER;

use super::{ApiError, Shared, Signed, body::Fields};
use crate::logging;

/// Largest body: the longest session description, which JSON may make a little longer.
const MAX_BODY: usize = 128 * 1024;

/// Longest name of a call. Meta's have about 60 characters.
const MAX_CALL_ID: usize = 256;

/// Calls a person.
pub(super) async fn initiate(
    State(state): State<Shared>,
    Extension(signed): Extension<Signed>,
    request: Request,
) -> Result<(StatusCode, Json<InitiateResponse>), ApiError> {
    let attempt = attempt(request.headers())?;
    logging::about(&attempt.to_string());
    let mut fields = Fields::read(request, MAX_BODY).await?;
    let channel = channel(&state, &mut fields)?.ok_or_else(not_configured)?;
    let to = fields.text("to")?;
    let to = Number::parse(to.trim()).map_err(|error| ApiError::invalid("to", format!("{error}.")))?;
    let offer = fields.text("sdp_offer")?;
    sdp::check(&offer, Part::Offer).map_err(|error| ApiError::invalid("sdp_offer", format!("{error}.")))?;
    let response =
        state.desk.initiate(&signed.agent.username, attempt.to_string(), channel, to, offer).await?;
    Ok((StatusCode::CREATED, Json(response)))
}

/// Does something with a call.
pub(super) async fn action(
    State(state): State<Shared>,
    Extension(signed): Extension<Signed>,
    request: Request,
) -> Result<Json<ActionResponse>, ApiError> {
    let mut fields = Fields::read(request, MAX_BODY).await?;
    let call = call_id(&mut fields)?;
    logging::about(&call);
    let action = Action::from(fields.text("action")?.as_str());
    if !Action::KNOWN.contains(&action) {
        return Err(ApiError::invalid("action", "must be one of pre_accept, accept, reject, terminate."));
    }
    // Only checked: a call keeps the channel it came by.
    channel(&state, &mut fields)?;
    let sdp = answer(&mut fields, &action)?;
    let agent = &signed.agent.username;
    if let (Action::Accept, Some(sdp)) = (&action, &sdp)
        && let Some(begun) = state.ahead.collect(agent, &call, sdp, Instant::now())
        && let Ok(outcome) = begun.await
    {
        return Ok(Json(outcome?));
    }
    Ok(Json(state.desk.action(agent, &call, action, sdp).await?))
}

/// The page's key of its attempt; a new one for a client that sends none.
fn attempt(headers: &HeaderMap) -> Result<Uuid, ApiError> {
    let Some(value) = headers.get(ATTEMPT_HEADER) else { return Ok(Uuid::new_v4()) };
    let text = value.to_str().unwrap_or_default().trim();
    // The draft's form is a quoted string; a bare one is what clients send.
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    Uuid::parse_str(text).map_err(|_| ApiError::invalid(ATTEMPT_HEADER, "must be a UUID."))
}

/// The named channel, or the default; refused when it is not one of ours.
fn channel(state: &Shared, fields: &mut Fields) -> Result<Option<Uuid>, ApiError> {
    let Some(text) = fields.optional_text("channel_id")? else { return Ok(state.channels.pick(None)) };
    let named =
        Uuid::parse_str(text.trim()).map_err(|_| ApiError::invalid("channel_id", "must be a UUID."))?;
    match state.channels.pick(Some(named)) {
        Some(channel) => Ok(Some(channel)),
        None => Err(not_configured()),
    }
}

fn not_configured() -> ApiError {
    ApiError::invalid("channel_id", "is not a channel of this softphone.")
}

fn call_id(fields: &mut Fields) -> Result<String, ApiError> {
    let call = fields.text("call_id")?;
    if call.is_empty() {
        return Err(ApiError::invalid("call_id", "is empty."));
    }
    if call.len() > MAX_CALL_ID || call.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(ApiError::invalid("call_id", "is not the name of a call."));
    }
    Ok(call)
}

/// The SDP answer, which just the accepting actions carry.
fn answer(fields: &mut Fields, action: &Action) -> Result<Option<String>, ApiError> {
    let sdp = fields.optional_text("sdp")?;
    if !action.carries_sdp() {
        // Vobiz' own clients may send an empty one along.
        return match sdp.filter(|sdp| !sdp.is_empty()) {
            None => Ok(None),
            Some(_) => Err(ApiError::invalid("sdp", "goes with pre_accept and accept only.")),
        };
    }
    let sdp = sdp.ok_or_else(|| ApiError::invalid("sdp", "is missing."))?;
    sdp::check(&sdp, Part::Answer).map_err(|error| ApiError::invalid("sdp", format!("{error}.")))?;
    Ok(Some(sdp))
}
