//! The devices of this machine: <https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-enumeratedevices>.

use std::rc::Rc;

use phone::devices::{Device, Listing};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaDeviceInfo, MediaDeviceKind};

use super::listener::Listener;
use super::microphone::devices;
use super::task::spawn;

/// What Chromium calls whatever the system uses: the page has a word of its own for it.
const ALIASES: [&str; 2] = ["default", "communications"];

/// Tells what there is, when asked and whenever it changes.
pub struct Devices {
    look: Rc<dyn Fn()>,
    _on_change: Option<Listener>,
}

impl Devices {
    /// Tells from now on.
    pub fn new(tell: impl Fn(Listing) + Clone + 'static) -> Self {
        let look: Rc<dyn Fn()> = Rc::new(move || {
            let tell = tell.clone();
            spawn(async move {
                if let Some(listing) = list().await {
                    tell(listing);
                }
            });
        });
        let on_change = devices().map(|devices| {
            let look = Rc::clone(&look);
            Listener::new(&devices, "devicechange", move |_| look())
        });
        Self { look, _on_change: on_change }
    }

    /// Tells what there is now.
    pub fn look(&self) {
        (self.look)();
    }
}

async fn list() -> Option<Listing> {
    let all = JsFuture::from(devices()?.enumerate_devices().ok()?).await.ok()?;
    let mut listing = Listing::default();
    for info in js_sys::Array::from(&all).iter() {
        let info: MediaDeviceInfo = info.unchecked_into();
        let device = Device { id: info.device_id(), label: info.label() };
        if device.id.is_empty() || device.label.is_empty() || ALIASES.contains(&device.id.as_str()) {
            continue;
        }
        match info.kind() {
            MediaDeviceKind::Audioinput => listing.inputs.push(device),
            MediaDeviceKind::Audiooutput => listing.outputs.push(device),
            MediaDeviceKind::Videoinput | _ => {}
        }
    }
    // A browser that names microphones and no speaker lets no page choose one.
    let names_speakers = !listing.outputs.is_empty() || listing.inputs.is_empty();
    let can = |class: &str| {
        let prototype = js_sys::Reflect::get(&js_sys::global(), &class.into())
            .and_then(|class| js_sys::Reflect::get(&class, &"prototype".into()));
        prototype.is_ok_and(|prototype: JsValue| {
            js_sys::Reflect::has(&prototype, &"setSinkId".into()).unwrap_or_default()
        })
    };
    listing.speaker = names_speakers && can("HTMLMediaElement");
    listing.ringtone = names_speakers && can("AudioContext");
    Some(listing)
}
