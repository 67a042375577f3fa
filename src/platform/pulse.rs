//! A clock that a hidden page can go by: the timers of a worker are not made late.
//! <https://html.spec.whatwg.org/multipage/workers.html#dedicated-workers-and-the-worker-interface>

use web_sys::Worker;

use super::listener::Listener;

/// Address of the worker.
const WORKER: &str = "/pulse.mjs";

/// Ticks until it is dropped.
pub struct Pulse {
    worker: Worker,
    _on_tick: Listener,
}

impl Pulse {
    /// Calls each second. None where the browser has no workers: there it is late.
    pub fn start(call: impl Fn() + 'static) -> Option<Self> {
        let worker = Worker::new(WORKER).ok()?;
        let on_tick = Listener::new(&worker, "message", move |_| call());
        Some(Self { worker, _on_tick: on_tick })
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}
