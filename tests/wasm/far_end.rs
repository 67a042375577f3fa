//! The far end of a call: a bare peer connection of the same browser that, as
//! WhatsApp's, gives its own candidates in its description and needs none of ours.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RtcPeerConnection, RtcSdpType, RtcSessionDescriptionInit};

use crate::wait;

pub(crate) struct FarEnd(RtcPeerConnection);

impl FarEnd {
    pub(crate) fn new() -> Self {
        Self(RtcPeerConnection::new().unwrap())
    }

    /// Its offer, with candidates.
    pub(crate) async fn offer(&self) -> String {
        self.0.add_transceiver_with_str("audio");
        let offer = JsFuture::from(self.0.create_offer()).await.unwrap();
        JsFuture::from(self.0.set_local_description(offer.unchecked_ref())).await.unwrap();
        self.described().await
    }

    /// Its answer to an offer, with candidates.
    pub(crate) async fn answer(&self, offer: &str) -> String {
        self.set_remote(RtcSdpType::Offer, offer).await;
        let answer = JsFuture::from(self.0.create_answer()).await.unwrap();
        JsFuture::from(self.0.set_local_description(answer.unchecked_ref())).await.unwrap();
        self.described().await
    }

    /// Takes the answer to its offer.
    pub(crate) async fn take_answer(&self, answer: &str) {
        self.set_remote(RtcSdpType::Answer, answer).await;
    }

    pub(crate) fn close(&self) {
        self.0.close();
    }

    /// Packets of sound that came in so far.
    pub(crate) async fn packets(&self) -> f64 {
        let report = JsFuture::from(self.0.get_stats()).await.unwrap();
        let packets = std::rc::Rc::new(std::cell::Cell::new(0.0));
        let count = std::rc::Rc::clone(&packets);
        let each = Closure::<dyn FnMut(JsValue)>::new(move |entry: JsValue| {
            let field = |name: &str| js_sys::Reflect::get(&entry, &name.into()).unwrap();
            if field("type").as_string().as_deref() == Some("inbound-rtp") {
                count.set(count.get() + field("packetsReceived").as_f64().unwrap_or(0.0));
            }
        });
        report.unchecked_ref::<js_sys::Map>().for_each(&mut |value, _| {
            let _ = each.as_ref().unchecked_ref::<js_sys::Function>().call1(&JsValue::NULL, &value);
        });
        packets.get()
    }

    async fn set_remote(&self, kind: RtcSdpType, sdp: &str) {
        let description = RtcSessionDescriptionInit::new(kind);
        description.set_sdp(sdp);
        JsFuture::from(self.0.set_remote_description(&description)).await.unwrap();
    }

    async fn described(&self) -> String {
        wait::until("candidates", || self.0.ice_gathering_state() == web_sys::RtcIceGatheringState::Complete)
            .await;
        self.0.local_description().unwrap().sdp()
    }
}
