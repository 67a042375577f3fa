//! Timers, listeners and tasks, what is on or off, and that dropping ends what is dropped.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::Owner;
use softphone::platform::gesture::Gestures;
use softphone::platform::listener::Listener;
use softphone::platform::task;
use softphone::platform::timer::{Interval, Timeout};
use softphone::runtime::toggle::Toggle;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Event, EventTarget};

use crate::wait;

fn counter() -> (Rc<Cell<u32>>, impl Fn() + Clone + 'static) {
    let count = Rc::new(Cell::new(0));
    let counted = Rc::clone(&count);
    (count, move || counted.set(counted.get() + 1))
}

#[wasm_bindgen_test]
async fn what_is_begun_takes_its_first_steps_at_once_and_goes_on() {
    let (step, stepped) = counter();
    task::begin(async move {
        stepped();
        wait::pass(20).await;
        stepped();
    });
    assert_eq!(step.get(), 1);
    wait::until("the second step", || step.get() == 2).await;
}

#[wasm_bindgen_test]
fn a_toggle_turns_and_flips_and_outlives_its_part_of_the_page() {
    let owner = Owner::new();
    let toggle = owner.with(Toggle::off);
    assert!(!toggle.is_on());
    toggle.flip();
    assert!(toggle.is_on());
    toggle.flip();
    toggle.turn(true);
    assert!(toggle.is_on());
    owner.cleanup();
    toggle.turn(true);
    assert!(!toggle.is_on());
}

#[wasm_bindgen_test]
async fn a_timer_fires_once_and_a_dropped_one_never() {
    let (fired, fire) = counter();
    let _timer = Timeout::new(20, fire.clone());
    drop(Timeout::new(20, fire));
    wait::pass(200).await;
    assert_eq!(fired.get(), 1);
}

#[wasm_bindgen_test]
async fn a_delay_of_years_is_no_delay_of_nothing() {
    let (fired, fire) = counter();
    let _timer = Timeout::new(u64::MAX, fire);
    wait::pass(100).await;
    assert_eq!(fired.get(), 0);
}

#[wasm_bindgen_test]
async fn an_interval_repeats_until_it_is_dropped() {
    let (ticked, tick) = counter();
    let interval = Interval::new(10, tick);
    wait::until("ticks", || ticked.get() >= 3).await;
    drop(interval);
    let before = ticked.get();
    wait::pass(100).await;
    assert_eq!(ticked.get(), before);
}

#[wasm_bindgen_test]
fn a_listener_hears_until_it_is_dropped() {
    let target = EventTarget::new().unwrap();
    let (heard, hear) = counter();
    let listener = Listener::new(&target, "ring", move |_| hear());
    let ring = || target.dispatch_event(&Event::new("ring").unwrap()).unwrap();
    ring();
    assert_eq!(heard.get(), 1);
    drop(listener);
    ring();
    assert_eq!(heard.get(), 1);
}

#[wasm_bindgen_test]
fn any_key_is_a_gesture() {
    let (heard, hear) = counter();
    let gestures = Gestures::new(hear);
    let window = web_sys::window().unwrap();
    window.dispatch_event(&Event::new("keydown").unwrap()).unwrap();
    assert_eq!(heard.get(), 1);
    drop(gestures);
    window.dispatch_event(&Event::new("keydown").unwrap()).unwrap();
    assert_eq!(heard.get(), 1);
}
