//! A peer connection: <https://www.w3.org/TR/webrtc/>.
//!
//! Two facts of real browsers shape it. A description is posted **as it was created**,
//! without candidates: the far end learns our address from the checks. And the checks
//! begin when both descriptions are set, so an answer is set only when the far end
//! has it.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;

use futures_util::future::{AbortHandle, abortable};
use phone::digit::Digit;
use phone::event::{Peer as Told, TransportEvent};
use phone::find::{has, replaced};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    EventTarget, MediaStreamTrack, RtcConfiguration, RtcIceServer, RtcPeerConnection, RtcPeerConnectionState,
    RtcRtpTransceiver, RtcRtpTransceiverDirection, RtcRtpTransceiverInit, RtcSdpType,
    RtcSessionDescriptionInit, RtcdtmfSender,
};
use wire::IceServer;

use super::listener::Listener;
use super::microphone::Former;
use super::task::spawn;
use super::words;

type Tell = Rc<dyn Fn(Told)>;
type Steps = Pin<Box<dyn Future<Output = Result<(), JsValue>>>>;

/// A peer connection that is closed when it is dropped; a dropped one tells nothing.
pub struct PeerConnection {
    inner: Rc<Inner>,
}

struct Inner {
    connection: RtcPeerConnection,
    tell: Tell,
    /// Steps that may still be going on. A closed connection settles no promise, so
    /// they are ended here.
    steps: RefCell<Vec<AbortHandle>>,
    /// The answer, until it is set.
    answer: RefCell<Option<String>>,
    last: Cell<Option<TransportEvent>>,
    listeners: RefCell<Vec<Listener>>,
}

impl Drop for PeerConnection {
    fn drop(&mut self) {
        self.inner.listeners.borrow_mut().clear();
        for step in self.inner.steps.borrow_mut().drain(..) {
            step.abort();
        }
        self.inner.connection.close();
    }
}

impl PeerConnection {
    /// Opens a connection, sets the far end's offer and creates the answer to it,
    /// without setting it.
    ///
    /// # Errors
    ///
    /// The browser's words, when it opens none.
    pub fn to_answer(
        ice_servers: &[IceServer],
        offer: String,
        tell: impl Fn(Told) + 'static,
    ) -> Result<Self, String> {
        let peer = Self::new(ice_servers, tell)?;
        peer.run(|inner| async move { create_answer(&inner, &offer).await });
        Ok(peer)
    }

    /// Opens a connection, creates an offer and sets it.
    ///
    /// # Errors
    ///
    /// The browser's words, when it opens none.
    pub fn to_offer(ice_servers: &[IceServer], tell: impl Fn(Told) + 'static) -> Result<Self, String> {
        let peer = Self::new(ice_servers, tell)?;
        peer.run(|inner| async move { create_offer(&inner).await });
        Ok(peer)
    }

    /// Sets the answer that was created. ICE begins.
    pub fn set_local(&self) {
        self.run(|inner| async move {
            let Some(sdp) = inner.answer.take() else { return Ok(()) };
            let answer = description(RtcSdpType::Answer, &sdp);
            JsFuture::from(inner.connection.set_local_description(&answer)).await?;
            watch_transport(&inner);
            Ok(())
        });
    }

    /// Sets the far end's answer. ICE begins.
    pub fn set_remote(&self, answer: String) {
        self.run(|inner| async move {
            let answer = description(RtcSdpType::Answer, &active(&answer));
            JsFuture::from(inner.connection.set_remote_description(&answer)).await?;
            watch_transport(&inner);
            Ok(())
        });
    }

    /// Sends this track's sound; nothing before that, nor with `None` after it. The track
    /// sent until then is let go when the new one is sent.
    pub fn send_track(&self, track: Option<MediaStreamTrack>, former: Option<Former>) {
        self.run(|inner| async move {
            let Some(transceiver) = transceiver(&inner.connection) else { return Ok(()) };
            JsFuture::from(transceiver.sender().replace_track(track.as_ref())).await?;
            drop(former);
            if inner.last.get() == Some(TransportEvent::Connected) {
                (inner.tell)(Told::Keys(takes_keys(&inner.connection)));
            }
            Ok(())
        });
    }

    /// The browser's own object, to be measured.
    pub(super) fn connection(&self) -> RtcPeerConnection {
        self.inner.connection.clone()
    }

    /// The track that carries the far end's sound.
    pub fn remote_track(&self) -> Option<MediaStreamTrack> {
        Some(transceiver(&self.inner.connection)?.receiver().track())
    }

    /// Sends a keypad digit: <https://www.w3.org/TR/webrtc/#rtcdtmfsender>. Nothing,
    /// when the far end takes none.
    pub fn send_digit(&self, digit: Digit) {
        // `insertDTMF` throws where it is not negotiated.
        if let Some(dtmf) = keys(&self.inner.connection) {
            // What is still being sent is not cut off.
            let waiting = dtmf.tone_buffer();
            dtmf.insert_dtmf(&[waiting.as_str(), digit.character().encode_utf8(&mut [0; 4])].concat());
        }
    }

    fn new(ice_servers: &[IceServer], tell: impl Fn(Told) + 'static) -> Result<Self, String> {
        let connection = RtcPeerConnection::new_with_configuration(&configuration(ice_servers))
            .map_err(|error| words(&error))?;
        let inner = Rc::new(Inner {
            connection,
            tell: Rc::new(tell),
            steps: RefCell::new(Vec::new()),
            answer: RefCell::new(None),
            last: Cell::new(None),
            listeners: RefCell::new(Vec::new()),
        });
        watch(&inner, inner.connection.as_ref(), "connectionstatechange");
        Ok(Self { inner })
    }

    /// Runs steps that take time; a connection that is dropped meanwhile ends them
    /// without a word.
    fn run<F, S>(&self, steps: S)
    where
        F: Future<Output = Result<(), JsValue>> + 'static,
        S: FnOnce(Rc<Inner>) -> F,
    {
        let inner = Rc::clone(&self.inner);
        let steps: Steps = Box::pin(steps(Rc::clone(&inner)));
        let (steps, handle) = abortable(steps);
        let mut running = self.inner.steps.borrow_mut();
        running.push(handle);
        spawn(async move {
            if let Ok(Err(error)) = steps.await {
                (inner.tell)(Told::Broken { what: words(&error) });
            }
        });
    }
}

async fn create_answer(inner: &Inner, offer: &str) -> Result<(), JsValue> {
    let connection = &inner.connection;
    let offer = description(RtcSdpType::Offer, offer);
    JsFuture::from(connection.set_remote_description(&offer)).await?;
    if let Some(transceiver) = transceiver(connection) {
        // Both ways, though there is nothing to send yet: the track comes later
        // without another negotiation.
        transceiver.set_direction(RtcRtpTransceiverDirection::Sendrecv);
    }
    let answer = JsFuture::from(connection.create_answer()).await?;
    let sdp = sdp_of(&answer);
    inner.answer.replace(Some(sdp.clone()));
    (inner.tell)(Told::Described { sdp });
    Ok(())
}

async fn create_offer(inner: &Inner) -> Result<(), JsValue> {
    let connection = &inner.connection;
    let init = RtcRtpTransceiverInit::new();
    init.set_direction(RtcRtpTransceiverDirection::Sendrecv);
    connection.add_transceiver_with_str_and_init("audio", &init);
    let offer = JsFuture::from(connection.create_offer()).await?;
    let sdp = sdp_of(&offer);
    // No checks begin with this: they need the far end's answer.
    JsFuture::from(connection.set_local_description(&description(RtcSdpType::Offer, &sdp))).await?;
    (inner.tell)(Told::Described { sdp });
    Ok(())
}

/// Whether both sides have telephone events (RFC 4733). Read from the descriptions:
/// `canInsertDTMF` is false, too, for a moment after a track was attached.
fn takes_keys(connection: &RtcPeerConnection) -> bool {
    let descriptions = [connection.local_description(), connection.remote_description()];
    descriptions.iter().all(|side| side.as_ref().is_some_and(|side| has(&side.sdp(), "telephone-event/")))
}

/// What sends keypad digits, where the far end takes them.
fn keys(connection: &RtcPeerConnection) -> Option<RtcdtmfSender> {
    let dtmf = transceiver(connection)?.sender().dtmf()?;
    let can = js_sys::Reflect::get(&dtmf, &"canInsertDTMF".into());
    can.is_ok_and(|can| can.is_truthy()).then_some(dtmf)
}

/// The one audio transceiver.
fn transceiver(connection: &RtcPeerConnection) -> Option<RtcRtpTransceiver> {
    connection.get_transceivers().get(0).dyn_into().ok()
}

/// Once a description is set there is a DTLS transport. It says at once that the far
/// end has closed it; `connectionState` says so seconds later.
fn watch_transport(inner: &Rc<Inner>) {
    if let Some(transport) = dtls_transport(&inner.connection) {
        watch(inner, &transport, "statechange");
    }
}

/// <https://www.w3.org/TR/webrtc/#dom-rtcrtpsender-transport>
fn dtls_transport(connection: &RtcPeerConnection) -> Option<EventTarget> {
    let sender = transceiver(connection)?.sender();
    js_sys::Reflect::get(&sender, &"transport".into()).ok()?.dyn_into().ok()
}

fn watch(inner: &Rc<Inner>, target: &EventTarget, event: &'static str) {
    let weak = Rc::downgrade(inner);
    let listener = Listener::new(target, event, move |_| {
        let Some(inner) = weak.upgrade() else { return };
        let now = transport(&inner.connection);
        if inner.last.replace(Some(now)) != Some(now) {
            let call = Rc::clone(&inner.tell);
            let keys = (now == TransportEvent::Connected).then(|| takes_keys(&inner.connection));
            // What is told may drop the connection.
            drop(inner);
            call(Told::Transport(now));
            keys.into_iter().for_each(|taken| call(Told::Keys(taken)));
        }
    });
    inner.listeners.borrow_mut().push(listener);
}

/// The worse of the connection's state and its DTLS transport's.
fn transport(connection: &RtcPeerConnection) -> TransportEvent {
    let dtls = dtls_transport(connection)
        .and_then(|transport| js_sys::Reflect::get(&transport, &"state".into()).ok()?.as_string());
    match dtls.as_deref() {
        Some("closed") => return TransportEvent::Closed,
        Some("failed") => return TransportEvent::Failed,
        Some(_) | None => {}
    }
    match connection.connection_state() {
        RtcPeerConnectionState::Connected => TransportEvent::Connected,
        RtcPeerConnectionState::Disconnected => TransportEvent::Disconnected,
        RtcPeerConnectionState::Failed => TransportEvent::Failed,
        RtcPeerConnectionState::Closed => TransportEvent::Closed,
        RtcPeerConnectionState::New | RtcPeerConnectionState::Connecting | _ => TransportEvent::Connecting,
    }
}

pub(super) fn configuration(ice_servers: &[IceServer]) -> RtcConfiguration {
    let servers = js_sys::Array::new();
    for server in ice_servers {
        let entry = RtcIceServer::new();
        let urls: js_sys::Array = server.urls.iter().map(|url| JsValue::from_str(url)).collect();
        entry.set_urls(&urls);
        if let Some(username) = &server.username {
            entry.set_username(username);
        }
        if let Some(credential) = &server.credential {
            entry.set_credential(credential);
        }
        servers.push(&entry);
    }
    let configuration = RtcConfiguration::new();
    configuration.set_ice_servers(&servers);
    configuration
}

fn description(kind: RtcSdpType, sdp: &str) -> RtcSessionDescriptionInit {
    let description = RtcSessionDescriptionInit::new(kind);
    description.set_sdp(sdp);
    description
}

fn sdp_of(description: &JsValue) -> String {
    description.unchecked_ref::<RtcSessionDescriptionInit>().get_sdp().unwrap_or_default()
}

/// An answer names its DTLS role (RFC 8842, section 5.3); some far ends repeat the
/// offer's `actpass`, which browsers refuse.
fn active(answer: &str) -> String {
    replaced(answer, "a=setup:actpass", "a=setup:active")
}

/// Makes an offer and throws it away: the first in a page takes far longer than the next.
pub fn warm_up() {
    let Ok(connection) = RtcPeerConnection::new() else { return };
    connection.add_transceiver_with_str("audio");
    let offer = connection.create_offer();
    spawn(async move {
        // Whatever came of it, it is not used.
        let _ = JsFuture::from(offer).await;
        connection.close();
    });
}
