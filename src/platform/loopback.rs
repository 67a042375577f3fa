//! Whether media can leave and enter this page: two connections of its own reach each
//! other, by the addresses and servers that a call would use.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RtcPeerConnection, RtcPeerConnectionState};
use wire::IceServer;

use super::listener::Listener;
use super::peer::configuration;
use super::task::spawn;
use super::timer::Timeout;
use super::{invoke, words};

/// Longest time the two may take, in milliseconds: gathering with a slow server included.
const PATIENCE_MS: u64 = 6_000;

/// Two connections that are closed when this is dropped.
pub struct Loopback {
    ends: [RtcPeerConnection; 2],
    _listeners: Vec<Listener>,
    _patience: Timeout,
}

impl Loopback {
    /// Tells, once, whether they reached each other.
    ///
    /// # Errors
    ///
    /// The browser's words, when it opens no connection.
    pub fn new(ice_servers: &[IceServer], tell: impl Fn(bool) + 'static) -> Result<Self, String> {
        let open = || {
            let configuration = configuration(ice_servers);
            RtcPeerConnection::new_with_configuration(&configuration).map_err(|error| words(&error))
        };
        let ends = [open()?, open()?];
        let (tell, told) = (Rc::new(tell), Rc::new(Cell::new(false)));
        let say = move |is_there| {
            if !told.replace(true) {
                tell(is_there);
            }
        };
        let [one, other] = &ends;
        let connected = {
            let (end, say) = (one.clone(), say.clone());
            Listener::new(one, "connectionstatechange", move |_| {
                if end.connection_state() == RtcPeerConnectionState::Connected {
                    say(true);
                }
            })
        };
        let listeners = vec![connected, hand_over(one, other), hand_over(other, one)];
        let (offerer, answerer) = (one.clone(), other.clone());
        spawn(async move {
            // What fails here is told by the patience that runs out.
            let _ = shake(&offerer, &answerer).await;
        });
        let patience = Timeout::new(PATIENCE_MS, move || say(false));
        Ok(Self { ends, _listeners: listeners, _patience: patience })
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.ends.iter().for_each(RtcPeerConnection::close);
    }
}

/// Gives the candidates of one to the other.
fn hand_over(from: &RtcPeerConnection, to: &RtcPeerConnection) -> Listener {
    let to = to.clone();
    Listener::new(from, "icecandidate", move |event| {
        let candidate = js_sys::Reflect::get(&event, &"candidate".into()).unwrap_or_default();
        if let Some(taken) =
            candidate.is_truthy().then(|| invoke(&to, "addIceCandidate", &candidate)).flatten()
        {
            spawn(async move {
                // One of many; the others may do.
                let _ = JsFuture::from(taken).await;
            });
        }
    })
}

async fn shake(offerer: &RtcPeerConnection, answerer: &RtcPeerConnection) -> Result<(), JsValue> {
    offerer.add_transceiver_with_str("audio");
    let offer = JsFuture::from(offerer.create_offer()).await?;
    JsFuture::from(answerer.set_remote_description(offer.unchecked_ref())).await?;
    JsFuture::from(offerer.set_local_description(offer.unchecked_ref())).await?;
    let answer = JsFuture::from(answerer.create_answer()).await?;
    JsFuture::from(offerer.set_remote_description(answer.unchecked_ref())).await?;
    JsFuture::from(answerer.set_local_description(answer.unchecked_ref())).await?;
    Ok(())
}
