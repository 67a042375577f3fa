//! Whether the microphone may be opened without a question:
//! <https://www.w3.org/TR/permissions/>.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{PermissionState, PermissionStatus};

use super::listener::Listener;
use super::task::spawn;
use super::window;

/// Watches the permission until it is dropped.
pub struct Permission {
    _watch: Rc<RefCell<Option<Listener>>>,
}

impl Permission {
    /// Tells it now, and whenever it changes. Nothing is told where the browser does not
    /// say: the microphone is then opened when a call needs it.
    pub fn watch(tell: impl Fn(bool) + 'static) -> Self {
        let watch = Rc::new(RefCell::new(None));
        let weak = Rc::downgrade(&watch);
        spawn(async move {
            let Ok(status) = ask().await else { return };
            let Some(watch) = weak.upgrade() else { return };
            let granted = |status: &PermissionStatus| status.state() == PermissionState::Granted;
            tell(granted(&status));
            let now = status.clone();
            watch.replace(Some(Listener::new(&status, "change", move |_| tell(granted(&now)))));
        });
        Self { _watch: watch }
    }
}

async fn ask() -> Result<PermissionStatus, JsValue> {
    let permissions = window().ok_or(JsValue::NULL)?.navigator().permissions()?;
    let descriptor = js_sys::Object::new();
    js_sys::Reflect::set(&descriptor, &"name".into(), &"microphone".into())?;
    JsFuture::from(permissions.query(&descriptor)?).await?.dyn_into()
}
