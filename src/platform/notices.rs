//! Notifications: <https://notifications.spec.whatwg.org/>.
//!
//! They are shown by a service worker (`notify.mjs`), because only one that a worker
//! shows has buttons. Page and worker tell each other plain texts.

use std::cell::RefCell;
use std::rc::Rc;

use phone::attention::{Choice, Permission};
use phone::t;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    MessageEvent, Notification, NotificationPermission, ServiceWorker, ServiceWorkerContainer,
    ServiceWorkerRegistration,
};

use super::listener::Listener;
use super::task::spawn;
use super::{console, window, words};

/// Address of the service worker.
const WORKER: &str = "/notify.mjs";

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Whether notifications may be shown.
    Permission(Permission),
    /// The person chose something on the notification of this call.
    Chosen(String, Choice),
}

/// The page's notifications.
pub struct Notices {
    tell: Rc<dyn Fn(Told)>,
    worker: Rc<RefCell<Option<ServiceWorker>>>,
    _chosen: Option<Listener>,
}

impl Notices {
    /// Tells what is chosen on them.
    pub fn new(tell: impl Fn(Told) + 'static) -> Self {
        let tell: Rc<dyn Fn(Told)> = Rc::new(tell);
        let on_choice = Rc::clone(&tell);
        let chosen = container().map(|container| {
            Listener::new(&container, "message", move |event| {
                let text = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
                if let Some((action, call)) = text.as_deref().and_then(|text| text.split_once('\t')) {
                    on_choice(Told::Chosen(call.to_owned(), choice(action)));
                }
            })
        });
        let notices = Self { tell, worker: Rc::default(), _chosen: chosen };
        if permission() == Permission::Granted {
            employ(Rc::clone(&notices.worker));
        }
        notices
    }

    /// Asks the person; works within a click.
    pub fn ask(&self) {
        let Ok(asked) = Notification::request_permission() else { return };
        let (tell, worker) = (Rc::clone(&self.tell), Rc::clone(&self.worker));
        spawn(async move {
            // Whatever was answered, the permission says it.
            let _ = JsFuture::from(asked).await;
            let now = permission();
            if now == Permission::Granted {
                employ(worker);
            }
            tell(Told::Permission(now));
        });
    }

    /// Shows the notification of a call.
    pub fn show(&self, call: &str, title: &str, body: &str) {
        self.post(&["show", call, title, body, &t!("Accept"), &t!("Reject")]);
    }

    /// Takes the notification of a call away.
    pub fn withdraw(&self, call: &str) {
        self.post(&["withdraw", call]);
    }

    fn post(&self, parts: &[&str]) {
        if let Some(worker) = &*self.worker.borrow()
            && let Err(error) = worker.post_message(&parts.join("\t").into())
        {
            console::warn(&words(&error));
        }
    }
}

/// Whether notifications may be shown, now.
pub fn permission() -> Permission {
    let has =
        |name: &str| window().is_some_and(|window| js_sys::Reflect::has(&window, &name.into()) == Ok(true));
    if container().is_none() || !has("Notification") {
        return Permission::Unsupported;
    }
    match Notification::permission() {
        NotificationPermission::Granted => Permission::Granted,
        NotificationPermission::Denied => Permission::Refused,
        NotificationPermission::Default | _ => Permission::Askable,
    }
}

/// The browser's service workers; none on a page that did not come over a secure
/// connection, and in some private windows.
fn container() -> Option<ServiceWorkerContainer> {
    let navigator = window()?.navigator();
    js_sys::Reflect::get(&navigator, &"serviceWorker".into()).ok()?.dyn_into().ok()
}

/// Has the worker ready before the first call rings.
fn employ(worker: Rc<RefCell<Option<ServiceWorker>>>) {
    let Some(container) = container() else { return };
    let registered = container.register(WORKER);
    spawn(async move {
        let employed = async {
            JsFuture::from(registered).await?;
            JsFuture::from(container.ready()?).await
        };
        match employed.await {
            Ok(ready) => {
                worker.replace(ready.unchecked_into::<ServiceWorkerRegistration>().active());
            }
            Err(error) => console::warn(&words(&error)),
        }
    });
}

fn choice(action: &str) -> Choice {
    match action {
        "accept" => Choice::Accept,
        "reject" => Choice::Reject,
        _ => Choice::Look,
    }
}
