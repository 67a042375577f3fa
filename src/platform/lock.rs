//! The lock that makes one tab the phone: <https://w3c.github.io/web-locks/>.
//!
//! It is reached by name: `web-sys` counts this interface as not settled, though every
//! browser has had it since 2022.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use super::task::spawn;
use super::window;

/// The lock's name, the same in all tabs.
const NAME: &str = "softphone";

/// What becomes of the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// This tab holds it.
    Held,
    /// Another tab holds it; this one is in the queue.
    Waiting,
    /// Another tab has taken it.
    Taken,
}

/// A wish for the lock, and the lock once it is held. Dropping it gives up either.
pub struct Lock {
    wish: Rc<Wish>,
}

struct Wish {
    tell: Box<dyn Fn(Told)>,
    /// Ends the wait in the queue.
    abort: Option<AbortController>,
    /// Gives the lock back.
    release: RefCell<Option<Function>>,
    is_held: Cell<bool>,
    is_dropped: Cell<bool>,
}

impl Lock {
    /// Asks for the lock; `steal` takes it from the tab that holds it.
    pub fn ask(steal: bool, tell: impl Fn(Told) + 'static) -> Self {
        let wish = Rc::new(Wish {
            tell: Box::new(tell),
            abort: AbortController::new().ok(),
            release: RefCell::new(None),
            is_held: Cell::new(false),
            is_dropped: Cell::new(false),
        });
        spawn(wish.clone().run(steal));
        Self { wish }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.wish.is_dropped.set(true);
        if let Some(abort) = &self.wish.abort {
            abort.abort();
        }
        self.wish.give_back();
    }
}

impl Wish {
    async fn run(self: Rc<Self>, steal: bool) {
        let at_once = if steal { "steal" } else { "ifAvailable" };
        self.clone().request(at_once, JsValue::TRUE).await;
        if self.is_held.get() || self.is_dropped.get() {
            return;
        }
        (self.tell)(Told::Waiting);
        let signal = self.abort.as_ref().map_or(JsValue::UNDEFINED, |abort| abort.signal().into());
        self.request("signal", signal).await;
    }

    /// Asks once; comes back when the lock is refused, given back or taken.
    async fn request(self: Rc<Self>, option: &str, value: JsValue) {
        let wish = self.clone();
        let granted = Closure::wrap(
            Box::new(move |lock: JsValue| wish.granted(&lock)) as Box<dyn FnMut(JsValue) -> JsValue>
        );
        let asked = request(option, &value, granted.as_ref());
        let Some(asked) = asked else {
            // Without locks each tab is a phone of its own.
            self.is_held.set(true);
            (self.tell)(Told::Held);
            return;
        };
        let outcome = JsFuture::from(asked).await;
        if outcome.is_err() && self.is_held.get() && !self.is_dropped.get() {
            (self.tell)(Told::Taken);
        }
    }

    /// The browser calls it with the lock, or with nothing where it is not available.
    /// The lock is held for as long as the promise it gives is not settled.
    fn granted(&self, lock: &JsValue) -> JsValue {
        if lock.is_null() {
            return JsValue::UNDEFINED;
        }
        self.is_held.set(true);
        let held = Promise::new(&mut |resolve, _| {
            self.release.replace(Some(resolve));
        });
        if self.is_dropped.get() {
            self.give_back();
        } else {
            (self.tell)(Told::Held);
        }
        held.into()
    }

    fn give_back(&self) {
        if let Some(release) = self.release.take() {
            // A promise's own function does not throw.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// `navigator.locks.request(name, {option: value}, granted)`; none where there are no
/// locks: a page that did not come over a secure connection.
fn request(option: &str, value: &JsValue, granted: &JsValue) -> Option<Promise> {
    let locks = Reflect::get(&window()?.navigator(), &"locks".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &option.into(), value).ok()?;
    request.call3(&locks, &NAME.into(), &options, granted).ok()?.dyn_into().ok()
}
