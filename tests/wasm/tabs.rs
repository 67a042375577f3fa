//! The lock that makes one tab the phone, and what tabs say to each other.

use softphone::platform::channel::Channel;
use softphone::platform::lock::{Lock, Told};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::wait;

#[wasm_bindgen_test]
async fn the_lock_goes_from_one_to_the_next() {
    let [first, second, thief] = [wait::Heard::nothing(), wait::Heard::nothing(), wait::Heard::nothing()];
    let holder = Lock::ask(false, first.ear());
    wait::until("the lock", || first.has(&Told::Held)).await;
    let waiting = Lock::ask(false, second.ear());
    wait::until("the queue", || second.has(&Told::Waiting)).await;
    drop(holder);
    wait::until("the next in the queue", || second.has(&Told::Held)).await;
    assert_eq!(first.all(), [Told::Held], "a lock that was given up tells nothing");

    let stolen = Lock::ask(true, thief.ear());
    wait::until("a theft", || thief.has(&Told::Held) && second.has(&Told::Taken)).await;
    assert_eq!(thief.all(), [Told::Held]);
    drop((waiting, stolen));
    let last = wait::Heard::nothing();
    let freed = Lock::ask(false, last.ear());
    wait::until("the lock being free", || last.has(&Told::Held)).await;
    drop(freed);
}

#[wasm_bindgen_test]
async fn a_wish_that_was_given_up_gets_nothing() {
    let [first, second] = [wait::Heard::nothing(), wait::Heard::nothing()];
    let holder = Lock::ask(false, first.ear());
    wait::until("the lock", || first.has(&Told::Held)).await;
    let wish = Lock::ask(false, second.ear());
    wait::until("the queue", || second.has(&Told::Waiting)).await;
    drop(wish);
    drop(holder);
    let third = wait::Heard::nothing();
    let next = Lock::ask(false, third.ear());
    wait::until("the lock", || third.has(&Told::Held)).await;
    assert_eq!(second.all(), [Told::Waiting]);
    drop(next);
}

#[wasm_bindgen_test]
async fn what_one_says_the_others_hear() {
    let [one, other] = [wait::Heard::nothing(), wait::Heard::nothing()];
    let here = Channel::join(one.ear()).unwrap();
    let there = Channel::join(other.ear()).unwrap();
    here.say("hello");
    wait::until("the word", || other.has(&"hello".to_owned())).await;
    assert!(one.all().is_empty(), "nobody hears oneself");
    drop(there);
    here.say("anybody?");
    wait::pass(50).await;
    assert_eq!(other.all(), ["hello"], "a closed channel hears nothing");
}
