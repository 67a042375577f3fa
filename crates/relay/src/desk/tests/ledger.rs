//! What a relay decides that has not read yet what another one has kept.

use std::sync::Arc;

use switchboard::command::{AgentWish, RelayWish};
use switchboard::settings::DIAL_WINDOW_MS;
use switchboard::{CallFact, Command, Fact, Refusal, RelayId, Settings, State};
use vobiz::Number;
use wire::AgentName;

use super::{CALLEE, CHANNEL, settings};
use crate::clock;
use crate::desk::ledger::Ledger;
use crate::journal::{Journal as _, NatsJournal, nats::server::Nats};
use crate::secret::Secret;

/// A relay that reads only when it has to.
async fn ledger(nats: &Nats, name: &str) -> Ledger {
    let journal = NatsJournal::open_as("SOFTPHONE", &[Secret::new(nats.address())], 1).await.unwrap();
    let relay = Some(RelayId(name.to_owned()));
    let state = State::new(Settings { relay, ..Settings::default() });
    let mut ledger = Ledger::new(Arc::new(journal), state, settings().names);
    while ledger.read_on().await.unwrap() {}
    ledger.follow();
    decide(&mut ledger, Command::Relay(RelayWish::Alive)).await.unwrap();
    ledger
}

async fn decide(ledger: &mut Ledger, command: Command) -> Result<(), Refusal> {
    ledger.commit(&command, clock::now()).await.unwrap()
}

fn wish(wish: AgentWish) -> Command {
    Command::Agent { agent: AgentName::from("asha"), wish }
}

fn dial(attempt: &str) -> Command {
    wish(AgentWish::Dial { attempt: attempt.into(), channel: CHANNEL, to: Number::parse(CALLEE).unwrap() })
}

fn hang_up(call: &str) -> Command {
    wish(AgentWish::Terminate { call: call.into() })
}

fn is_available(ledger: &Ledger) -> bool {
    ledger.state().agent(&"asha".into()).available
}

#[tokio::test]
async fn nothing_is_refused_or_left_out_for_want_of_reading() {
    let nats = Nats::start().unwrap();
    let (mut a, mut b) = (ledger(&nats, "a").await, ledger(&nats, "b").await);
    decide(&mut a, dial("attempt-1")).await.unwrap();
    assert_eq!(decide(&mut b, hang_up("attempt-1")).await, Ok(()), "b has to read of the call");
    assert!(matches!(decide(&mut a, hang_up("attempt-1")).await, Err(Refusal::Over { .. })));
    decide(&mut a, wish(AgentWish::Available(true))).await.unwrap();
    decide(&mut b, wish(AgentWish::Available(false))).await.unwrap();
    a.catch_up().await.unwrap();
    assert!(!is_available(&a), "the later word counts");
}

#[tokio::test]
async fn every_relay_folds_everything_in_the_journals_order() {
    let nats = Nats::start().unwrap();
    let (mut a, mut b) = (ledger(&nats, "a").await, ledger(&nats, "b").await);
    for round in 0..50 {
        let (one, other) = (format!("a-{round}"), format!("b-{round}"));
        decide(&mut a, dial(&one)).await.unwrap();
        decide(&mut a, hang_up(&one)).await.unwrap();
        decide(&mut b, dial(&other)).await.unwrap();
        decide(&mut b, wish(AgentWish::Available(round % 2 == 0))).await.unwrap();
        decide(&mut b, hang_up(&other)).await.unwrap();
    }
    for ledger in [&mut a, &mut b] {
        ledger.catch_up().await.unwrap();
        ledger.settings_mut().relay = None;
    }
    assert_eq!(a.state(), b.state());
    assert_eq!(a.newest(), b.newest());
    assert_eq!(a.state().calls().count(), 100);
}

#[tokio::test]
async fn what_other_relays_clocks_have_said_of_many_calls_is_no_failure() {
    /// More than the tries that one call is worth.
    const CALLS: u64 = 80;
    let nats = Nats::start().unwrap();
    let (mut a, mut b) = (ledger(&nats, "a").await, ledger(&nats, "b").await);
    for call in 0..CALLS {
        let to = Number::parse(&format!("+9198{call:08}")).unwrap();
        let dial = AgentWish::Dial { attempt: call.to_string().as_str().into(), channel: CHANNEL, to };
        decide(&mut a, wish(dial)).await.unwrap();
    }
    b.catch_up().await.unwrap();
    let late = clock::now() + DIAL_WINDOW_MS;
    for ledger in [&mut a, &mut b] {
        ledger.commit(&Command::Relay(RelayWish::Alive), late).await.unwrap().unwrap();
        ledger.commit(&Command::Clock, late).await.unwrap().unwrap();
    }
    assert_eq!(b.state().open_calls().count(), 0);
}

#[tokio::test]
async fn what_was_decided_before_another_relays_word_came_in_is_decided_anew() {
    let nats = Nats::start().unwrap();
    let (mut a, mut b) = (ledger(&nats, "a").await, ledger(&nats, "b").await);
    for (call, to) in [("1", "+919800000001"), ("2", "+919800000002")] {
        let to = Number::parse(to).unwrap();
        let dial = AgentWish::Dial { attempt: call.into(), channel: CHANNEL, to };
        decide(&mut a, wish(dial)).await.unwrap();
    }
    let late = clock::now() + DIAL_WINDOW_MS;
    for ledger in [&mut a, &mut b] {
        ledger.commit(&Command::Relay(RelayWish::Alive), late).await.unwrap().unwrap();
    }
    b.catch_up().await.unwrap();
    // By the clock b ends both. Of the second one's end it reads while it keeps the first's.
    a.commit(&hang_up("2"), late).await.unwrap().unwrap();
    b.commit(&Command::Clock, late).await.unwrap().unwrap();
    let journal = NatsJournal::open_as("SOFTPHONE", &[Secret::new(nats.address())], 1).await.unwrap();
    let records = journal.read(0, 1_000).await.unwrap();
    let ended = |fact: &Fact| matches!(fact, Fact::Call { what: CallFact::Ended { .. }, .. });
    assert_eq!(records.iter().flat_map(|record| &record.facts).filter(|fact| ended(fact)).count(), 2);
}

/// What a start with a long journal takes; printed with `--nocapture`.
#[tokio::test]
#[expect(clippy::print_stdout, reason = "the time is said")]
async fn a_long_journal_is_replayed_quickly() {
    /// Each call is dialled and hung up: two records, three facts.
    const CALLS: usize = 7_000;
    let nats = Nats::start().unwrap();
    let mut a = ledger(&nats, "a").await;
    for call in 0..CALLS {
        let call = call.to_string();
        decide(&mut a, dial(&call)).await.unwrap();
        decide(&mut a, hang_up(&call)).await.unwrap();
    }
    let begun = std::time::Instant::now();
    let b = ledger(&nats, "b").await;
    let took = begun.elapsed();
    println!("{CALLS} calls replayed in {took:?}");
    assert_eq!(b.state().calls().count(), CALLS);
    assert!(took < std::time::Duration::from_secs(10), "{took:?}");
}
