//! One socket, from its upgrade to its end.

use std::time::{Duration, Instant};

use axum::{
    Extension,
    extract::{
        RawQuery, State,
        ws::{
            CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code,
            rejection::WebSocketUpgradeRejection,
        },
    },
    response::Response,
};
use tokio::time::{self, MissedTickBehavior};
use vobiz::rest::Action;
use wire::{AgentName, CallId, Downlink, PING_EVERY_MS, Uplink};

use super::{
    Closing,
    frames::{self, Inbound, MAX_FRAME},
    seats::Seat,
};
use crate::{
    clock,
    config::Rate,
    desk::{Attachment, Resume},
    http::{ApiError, Bucket, Shared, Signed, query::Pairs},
};

/// How often the page is asked whether it is there.
const PING_EVERY: Duration = Duration::from_millis(PING_EVERY_MS);
/// How long a socket waits for its place: its page gives up a little later.
const ATTACHES_WITHIN: Duration = Duration::from_secs(10);
/// Longest silence of a page that is there: two pings. A shorter bound than the page's
/// own ([`wire::SOCKET_SILENCE_MS`]), because a call must not ring for an agent who is
/// not there.
const SILENCE: Duration = Duration::from_secs(10);
/// How much of a socket is read at once. The usual 128 kB for each would be most of the
/// relay's memory.
const READ_BUFFER: usize = 4 * 1024;
/// Longest time that one frame may take to be sent. A page that does not read is not
/// there, however open its connection is.
const SENT_WITHIN: Duration = Duration::from_secs(5);
/// Frames that a page may send: a pong each 5 s, an acknowledgement for each ring, a
/// switch now and then.
const UPLINK: Rate = Rate { burst: 60.0, per_second: 10.0 };

/// Upgrades a request of somebody who is signed in.
pub(crate) async fn open(
    State(state): State<Shared>,
    Extension(signed): Extension<Signed>,
    RawQuery(query): RawQuery,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|_| ApiError::upgrade_required())?;
    let resume = resume(query.as_deref().unwrap_or_default())?;
    let upgrade = upgrade.max_message_size(MAX_FRAME).max_frame_size(MAX_FRAME).read_buffer_size(READ_BUFFER);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let agent = signed.agent.username.clone();
        let ended = serve(state, signed, resume, socket).await;
        tracing::info!(agent = agent.as_str(), ?ended, "socket closed");
    }))
}

/// `?after=SEQ&epoch=E`: where the page left off.
fn resume(query: &str) -> Result<Option<Resume>, ApiError> {
    /// Longer than any engine's.
    const LONGEST_EPOCH: usize = 128;
    let mut pairs = Pairs::parse(query)?;
    let after = pairs.number("after", 0, u64::MAX)?;
    let epoch = pairs.text("epoch").filter(|epoch| !epoch.is_empty());
    if epoch.as_ref().is_some_and(|epoch| epoch.len() > LONGEST_EPOCH) {
        return Err(ApiError::invalid("epoch", "is too long."));
    }
    pairs.done()?;
    Ok(after.map(|after| Resume { epoch, after }))
}

/// Why a socket ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// The page closed it, or its connection broke.
    ByPage,
    /// Nothing came from the page for too long.
    Silent,
    /// The page did not take what was sent.
    NotReading,
    /// The page sent what no page of ours sends.
    Nonsense,
    /// The page sent too much.
    TooFast,
    /// The agent signed out.
    SignedOut,
    /// The session has run out, perhaps in the middle of a call.
    Expired,
    /// Newer sockets of the same agent took its place.
    TooMany,
    /// It could not keep up with the events, or the desk could not do what it asked.
    Behind,
    /// The relay stops.
    Stopping,
}

async fn serve(state: Shared, signed: Signed, resume: Option<Resume>, socket: WebSocket) -> Ended {
    let agent = signed.agent.username.clone();
    let seat = state.sockets.take(agent.clone(), signed.claims.id, signed.claims.since);
    tracing::info!(agent = agent.as_str(), "socket open");
    let attached = time::timeout(ATTACHES_WITHIN, state.desk.attach(&agent, resume)).await;
    let mut attachment = match attached {
        Ok(Ok(attachment)) => attachment,
        Ok(Err(error)) => {
            tracing::warn!(agent = agent.as_str(), %error, "no events for a socket");
            return Line { socket }.close(Ended::Behind).await;
        }
        Err(_) => {
            tracing::warn!(agent = agent.as_str(), "the desk is too busy for a socket");
            return Line { socket }.close(Ended::Behind).await;
        }
    };
    let mut line = Line { socket };
    let ended = converse(&state, &signed, seat, &mut attachment, &mut line).await;
    if matches!(ended, Ended::SignedOut | Ended::Expired) {
        // The page learns why before the connection goes.
        let _ = line.send(&Downlink::SignedOut).await;
    }
    if ended == Ended::Expired {
        attachment.excuse();
    } else {
        drop(attachment);
    }
    line.close(ended).await
}

async fn converse(
    state: &Shared,
    signed: &Signed,
    mut seat: Seat,
    attachment: &mut Attachment,
    line: &mut Line,
) -> Ended {
    let agent = &signed.agent.username;
    for frame in &attachment.first {
        if let Err(ended) = line.send(frame).await {
            return ended;
        }
    }
    let mut bucket = Bucket::new(UPLINK, Instant::now());
    let mut heard = Instant::now();
    let mut nonce = 0;
    let mut ticks = time::interval(PING_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let left = state.sessions.ends(&signed.claims).saturating_sub(clock::now());
    let mut stopping = state.stopping.clone();
    let mut session = std::pin::pin!(time::sleep(Duration::from_millis(left)));
    loop {
        tokio::select! {
            frame = attachment.live.recv() => {
                let Some(frame) = frame else { return Ended::Behind };
                if let Err(ended) = line.send(&frame).await {
                    return ended;
                }
            }
            message = line.socket.recv() => {
                let Some(Ok(message)) = message else { return Ended::ByPage };
                heard = Instant::now();
                if bucket.take(UPLINK, heard).is_err() {
                    return Ended::TooFast;
                }
                match frames::read(&message) {
                    Inbound::Said(said) => if let Err(ended) = hear(state, agent, said).await {
                        return ended;
                    },
                    Inbound::Alive => {}
                    Inbound::Closed => return Ended::ByPage,
                    Inbound::Nonsense => return Ended::Nonsense,
                }
            }
            _ = ticks.tick() => {
                if heard.elapsed() > SILENCE {
                    return Ended::Silent;
                }
                nonce += 1;
                if let Err(ended) = line.send(&Downlink::Ping { nonce }).await {
                    return ended;
                }
            }
            () = time::sleep_until((heard + SILENCE).into()) => return Ended::Silent,
            () = &mut session => return Ended::Expired,
            closing = &mut seat.closing => return match closing {
                Ok(Closing::SignedOut) => Ended::SignedOut,
                Ok(Closing::TooMany) | Err(_) => Ended::TooMany,
            },
            () = stopping.heard() => return Ended::Stopping,
        }
    }
}

async fn hear(state: &Shared, agent: &AgentName, said: Uplink) -> Result<(), Ended> {
    match said {
        // That it came is all that counts.
        Uplink::Pong { nonce: _ } => Ok(()),
        Uplink::Available { available } => {
            state.desk.set_available(agent, available).await.map_err(|error| {
                // Closed, the page comes back and is told how it really stands.
                tracing::warn!(agent = agent.as_str(), %error, "presence could not be changed");
                Ended::Behind
            })
        }
        Uplink::Ready => state.desk.ready(agent).await.map_err(|error| {
            tracing::warn!(agent = agent.as_str(), %error, "presence could not be changed");
            Ended::Behind
        }),
        Uplink::Prepared { call, sdp } => {
            state.desk.prepared(agent, &call, sdp).await;
            Ok(())
        }
        Uplink::Accept { call, sdp } => {
            accept(state, agent, call, sdp);
            Ok(())
        }
        Uplink::RingAck { call, audible } => {
            state.desk.ring_ack(agent, &call, audible).await;
            Ok(())
        }
        Uplink::CallReport { call, quality } => {
            tracing::info!(agent = agent.as_str(), call = call.as_str(), ?quality, "the line of a call");
            state.desk.report(agent, &call, quality).await;
            Ok(())
        }
    }
}

/// Begins an accept whose request is still on its way. What it is refused for, the request tells.
fn accept(state: &Shared, agent: &AgentName, call: CallId, sdp: String) {
    let Some(tell) = state.ahead.begin(agent, call.as_str(), &sdp, Instant::now()) else { return };
    let (desk, agent) = (state.desk.clone(), agent.clone());
    tokio::spawn(async move {
        // Where nobody collects it, the events say it.
        let _ = tell.send(desk.action(&agent, call.as_str(), Action::Accept, Some(sdp)).await);
    });
}

/// The sending side.
struct Line {
    socket: WebSocket,
}

impl Line {
    async fn send(&mut self, frame: &Downlink) -> Result<(), Ended> {
        let Ok(text) = serde_json::to_string(frame) else { return Err(Ended::Behind) };
        match time::timeout(SENT_WITHIN, self.socket.send(Message::text(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Ended::ByPage),
            Err(_) => Err(Ended::NotReading),
        }
    }

    /// Says goodbye, as far as there is anybody to hear it.
    async fn close(mut self, ended: Ended) -> Ended {
        let code = match ended {
            Ended::ByPage | Ended::Silent | Ended::NotReading => return ended,
            Ended::Nonsense | Ended::TooFast | Ended::TooMany => close_code::POLICY,
            Ended::SignedOut | Ended::Expired => close_code::NORMAL,
            Ended::Behind => close_code::AGAIN,
            Ended::Stopping => close_code::RESTART,
        };
        let goodbye = Message::Close(Some(CloseFrame { code, reason: "".into() }));
        // If it can't be said, the connection is gone already.
        let _ = time::timeout(SENT_WITHIN, self.socket.send(goodbye)).await;
        ended
    }
}
