//! Steps that take time.

use std::pin::Pin;
use std::task::{Context, Waker};

/// A future that is boxed: what carries it is compiled once, not once for each.
type Steps = Pin<Box<dyn Future<Output = ()>>>;

/// Runs a future on the browser's own loop, from the next microtask on.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    go_on(Box::pin(future));
}

/// Runs a future like [`spawn`], but its first steps at once: what they begin does not wait
/// until the page has drawn.
pub fn begin(future: impl Future<Output = ()> + 'static) {
    let mut steps: Steps = Box::pin(future);
    // Whom to wake is told when it goes on.
    if steps.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
        go_on(steps);
    }
}

fn go_on(steps: Steps) {
    wasm_bindgen_futures::spawn_local(steps);
}
