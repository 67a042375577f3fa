//! Notifications: <https://notifications.spec.whatwg.org/>.
//!
//! They are shown by a service worker (`notify.mjs`) where there can be one, because
//! only those have buttons; else by the page.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Object, Reflect};
use phone::attention::{Choice, Permission};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    MessageEvent, Notification, NotificationOptions, NotificationPermission, ServiceWorkerContainer,
    ServiceWorkerRegistration,
};

use super::listener::Listener;
use super::task::spawn;
use super::{console, window, words};

/// Address of the service worker.
const WORKER: &str = "/notify.mjs";

/// What the person is offered, as the worker names it, and as it reads.
const ACTIONS: [(&str, &str); 2] = [("accept", "Accept"), ("reject", "Reject")];

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Whether notifications may be shown.
    Permission(Permission),
    /// The person chose something on the notification of this call.
    Chosen(String, Choice),
}

/// The page's notifications. Dropping it takes those away that the page itself shows.
pub struct Notices {
    tell: Rc<dyn Fn(Told)>,
    worker: Rc<RefCell<Option<ServiceWorkerRegistration>>>,
    /// Those without a worker, each with its call.
    own: Vec<(String, Notification, Listener)>,
    _chosen: Option<Listener>,
}

impl Notices {
    /// Tells what is chosen on them.
    pub fn new(tell: impl Fn(Told) + 'static) -> Self {
        let tell: Rc<dyn Fn(Told)> = Rc::new(tell);
        let on_choice = Rc::clone(&tell);
        let chosen = container().map(|container| {
            Listener::new(&container, "message", move |event| {
                if let Some((call, choice)) = event.dyn_ref::<MessageEvent>().and_then(choice) {
                    on_choice(Told::Chosen(call, choice));
                }
            })
        });
        let notices = Self { tell, worker: Rc::default(), own: Vec::new(), _chosen: chosen };
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
    pub fn show(&mut self, call: &str, title: &str, body: &str) {
        let options = NotificationOptions::new();
        options.set_body(body);
        options.set_tag(call);
        options.set_require_interaction(true);
        // The page itself rings.
        options.set_silent(Some(true));
        options.set_data(&call.into());
        match &*self.worker.borrow() {
            Some(worker) => {
                options.set_actions(&actions());
                report(worker.show_notification_with_options(title, &options));
            }
            None => {
                let Ok(shown) = Notification::new_with_options(title, &options) else { return };
                let (tell, of) = (Rc::clone(&self.tell), call.to_owned());
                let clicked = Listener::new(&shown, "click", move |_| {
                    if let Some(window) = window() {
                        // Refused where a browser lets no page come forward.
                        let _ = window.focus();
                    }
                    tell(Told::Chosen(of.clone(), Choice::Look));
                });
                self.own.push((call.to_owned(), shown, clicked));
            }
        }
    }

    /// Takes the notification of a call away.
    pub fn withdraw(&mut self, call: &str) {
        self.own.retain(|(shown, notification, _)| {
            if shown == call {
                notification.close();
            }
            shown != call
        });
        let call = call.to_owned();
        let found = self.worker.borrow().as_ref().map(ServiceWorkerRegistration::get_notifications);
        if let Some(Ok(found)) = found {
            spawn(async move {
                let Ok(found) = JsFuture::from(found).await else { return };
                for notification in Array::from(&found).iter() {
                    if let Ok(notification) = notification.dyn_into::<Notification>()
                        && notification.tag().as_deref() == Some(&call)
                    {
                        notification.close();
                    }
                }
            });
        }
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        for (_, notification, _) in &self.own {
            notification.close();
        }
    }
}

/// Whether notifications may be shown, now.
pub fn permission() -> Permission {
    let is_there = window().is_some_and(|window| Reflect::has(&window, &"Notification".into()) == Ok(true));
    if !is_there {
        return Permission::Unsupported;
    }
    match Notification::permission() {
        NotificationPermission::Granted => Permission::Granted,
        NotificationPermission::Denied => Permission::Refused,
        _ => Permission::Askable,
    }
}

/// The browser's service workers; none on a page that did not come over a secure
/// connection, and in some private windows.
fn container() -> Option<ServiceWorkerContainer> {
    let navigator = window()?.navigator();
    Reflect::get(&navigator, &"serviceWorker".into()).ok()?.dyn_into().ok()
}

/// Has the worker ready before the first call rings.
fn employ(worker: Rc<RefCell<Option<ServiceWorkerRegistration>>>) {
    let Some(container) = container() else { return };
    let registered = container.register(WORKER);
    spawn(async move {
        if let Err(error) = JsFuture::from(registered).await {
            // The page shows its notifications itself, without buttons.
            console::warn(&words(&error));
            return;
        }
        let Ok(ready) = container.ready() else { return };
        if let Ok(ready) = JsFuture::from(ready).await {
            worker.replace(ready.dyn_into().ok());
        }
    });
}

fn actions() -> Array {
    ACTIONS
        .into_iter()
        .map(|(action, title)| {
            let object = Object::new();
            for (name, value) in [("action", action), ("title", title)] {
                // A plain object takes any member.
                let _ = Reflect::set(&object, &name.into(), &value.into());
            }
            object
        })
        .collect()
}

/// What the worker says of a click: `{call, action}`.
fn choice(event: &MessageEvent) -> Option<(String, Choice)> {
    let data = event.data();
    let text = |name: &str| Reflect::get(&data, &name.into()).ok()?.as_string();
    let choice = match text("action").as_deref() {
        Some("accept") => Choice::Accept,
        Some("reject") => Choice::Reject,
        Some(_) | None => Choice::Look,
    };
    Some((text("call")?, choice))
}

fn report(shown: Result<js_sys::Promise, JsValue>) {
    spawn(async move {
        let outcome = match shown {
            Ok(shown) => JsFuture::from(shown).await.map(drop),
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            console::warn(&words(&error));
        }
    });
}
