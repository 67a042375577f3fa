//! Steps that take time.

use std::pin::Pin;

/// Runs a future on the browser's own loop.
///
/// It is boxed first: what carries a future is compiled once, not once for each.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    let future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(future);
    wasm_bindgen_futures::spawn_local(future);
}
