//! The transition table: every kind of command against every stage of a call.

use std::fmt::Write as _;

use crate::common::{
    Board, CALLEE, CALLER, answer, connect, failure, response, status, terminate, terminate_with_code,
};
use switchboard::command::{AcceptFate, AgentWish, UpstreamNews};
use switchboard::settings::{ACCEPT_WINDOW_MS, DIAL_WINDOW_MS};
use switchboard::{Outcome, Refusal};
use vobiz::meta::{Direction, Signal, StatusKind};

const IN: &str = "wacid.in";
const OUT: &str = "attempt";
const WACID: &str = "wacid.out";

type Result = std::result::Result<Vec<&'static str>, Refusal>;

#[test]
fn every_command_in_every_stage() {
    let mut table = String::new();
    for (name, call, make) in stages() {
        writeln!(table, "{name}").unwrap();
        for (command, run) in commands(call) {
            let mut board = make();
            // Times of the same second would make a webhook look like a repetition.
            board.now += 1;
            let result = match run(&mut board) {
                Ok(facts) if facts.is_empty() => "so already".to_owned(),
                Ok(facts) => facts.join(", "),
                Err(refusal) => format!("refused: {refusal}"),
            };
            writeln!(table, "    {command:<28} {result}").unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

type Make = fn() -> Board;

fn stages() -> Vec<(&'static str, &'static str, Make)> {
    vec![
        ("unheard of", IN, || Board::with_agents(&["asha", "ben"])),
        ("ringing", IN, ringing),
        ("ringing, asha declined", IN, || {
            let mut board = ringing();
            board.decline("asha", IN).unwrap();
            board
        }),
        ("answering (asha)", IN, answering),
        ("answering (asha), delivered", IN, || {
            let mut board = answering();
            board.delivered(IN).unwrap();
            board
        }),
        ("talking (asha), inbound", IN, || {
            let mut board = answering();
            board.news(IN, UpstreamNews::AcceptTaken).unwrap();
            board
        }),
        ("ended, inbound, reject due", IN, || {
            let mut board = ringing();
            board.decline("asha", IN).unwrap();
            board.decline("ben", IN).unwrap();
            board
        }),
        ("ended before it began", IN, || {
            let mut board = Board::with_agents(&["asha", "ben"]);
            board.hear(terminate(IN, Direction::UserInitiated, None)).unwrap();
            board
        }),
        ("dialing (asha), asked", OUT, dialing),
        ("dialing (asha), uncertain", OUT, || {
            let mut board = dialing();
            board.news(OUT, UpstreamNews::InitiateUncertain).unwrap();
            board
        }),
        ("dialing (asha), taken", OUT, taken),
        ("dialing (asha), rings, linked", OUT, || {
            let mut board = taken();
            board.hear(status(WACID, Some(CALLEE), StatusKind::Ringing)).unwrap();
            board
        }),
        ("talking (asha), outbound", OUT, || {
            let mut board = taken();
            board.hear(status(WACID, Some(CALLEE), StatusKind::Accepted)).unwrap();
            board
        }),
        ("ended, outbound, hang-up due", OUT, || {
            let mut board = taken();
            board.terminate("asha", OUT).unwrap();
            board
        }),
    ]
}

fn ringing() -> Board {
    let mut board = Board::with_agents(&["asha", "ben"]);
    board.hear(connect(IN)).unwrap();
    board
}

fn answering() -> Board {
    let mut board = ringing();
    board.accept("asha", IN).unwrap();
    board
}

fn dialing() -> Board {
    let mut board = Board::with_agents(&["asha", "ben"]);
    board.dial("asha", OUT).unwrap();
    board
}

fn taken() -> Board {
    let mut board = dialing();
    board.news(OUT, UpstreamNews::InitiateTaken(response("uuid-1"))).unwrap();
    board
}

type Run = Box<dyn Fn(&mut Board) -> Result>;

fn commands(call: &'static str) -> Vec<(&'static str, Run)> {
    let mut commands: Vec<(&'static str, Run)> = vec![
        ("asha accepts", Box::new(move |board| board.accept("asha", call))),
        ("ben accepts", Box::new(move |board| board.accept("ben", call))),
        ("asha declines", Box::new(move |board| board.decline("asha", call))),
        ("ben declines", Box::new(move |board| board.decline("ben", call))),
        ("asha terminates", Box::new(move |board| board.terminate("asha", call))),
        ("ben terminates", Box::new(move |board| board.terminate("ben", call))),
        (
            "asha shows the ring",
            Box::new(move |board| {
                board.wish("asha", AgentWish::RingShown { call: call.into(), audible: true })
            }),
        ),
        ("asha dials", Box::new(move |board| board.dial("asha", OUT))),
        (
            "the window passes",
            Box::new(|board| {
                let before = board.journal.len();
                board.pass(ACCEPT_WINDOW_MS.max(DIAL_WINDOW_MS));
                let names = board.facts();
                let agents = board.journal[..before].iter().filter(|(_, fact)| {
                    matches!(fact, switchboard::Fact::Agent { .. } | switchboard::Fact::Relay { .. })
                });
                let seen = before - agents.count();
                Ok(names[seen..].to_vec())
            }),
        ),
    ];
    commands.extend(webhooks(call).into_iter().map(|(name, signal)| {
        let run: Run = Box::new(move |board| board.hear(signal.clone()));
        (name, run)
    }));
    commands.extend(upstream().into_iter().map(|(name, news)| {
        let run: Run = Box::new(move |board| board.news(call, news.clone()));
        (name, run)
    }));
    commands
}

fn webhooks(call: &str) -> Vec<(&'static str, Signal)> {
    if call == IN {
        let inbound = Direction::UserInitiated;
        return vec![
            ("webhook: connect", later(connect(IN))),
            ("webhook: terminate", later(terminate(IN, inbound.clone(), Some(CALLER)))),
            ("webhook: terminate, 138021", later(terminate_with_code(IN, inbound, 138_021))),
        ];
    }
    let to = Some(CALLEE);
    vec![
        ("webhook: connect (answer)", later(answer(WACID, to))),
        ("webhook: RINGING", later(status(WACID, to, StatusKind::Ringing))),
        ("webhook: ACCEPTED", later(status(WACID, to, StatusKind::Accepted))),
        ("webhook: REJECTED", later(status(WACID, to, StatusKind::Rejected))),
        ("webhook: a status of tomorrow", later(status(WACID, to, StatusKind::from("PARKED")))),
        ("webhook: terminate", later(terminate(WACID, Direction::BusinessInitiated, to))),
    ]
}

/// The same, said at another second, so that it is no repetition.
fn later(mut signal: Signal) -> Signal {
    match &mut signal {
        Signal::Connect { head, .. } | Signal::Status { head, .. } | Signal::Terminate { head, .. } => {
            head.timestamp = head.timestamp.map(|at| at + 7);
        }
        Signal::Unknown(_) => {}
    }
    signal
}

fn upstream() -> Vec<(&'static str, UpstreamNews)> {
    vec![
        ("upstream: answer delivered", UpstreamNews::AnswerDelivered { sdp: "answer of asha".into() }),
        ("upstream: accept taken", UpstreamNews::AcceptTaken),
        (
            "upstream: accept refused",
            UpstreamNews::AcceptFailed { fate: AcceptFate::Refused, failure: failure() },
        ),
        (
            "upstream: accept unknown",
            UpstreamNews::AcceptFailed { fate: AcceptFate::Unknown, failure: failure() },
        ),
        (
            "upstream: accept too late",
            UpstreamNews::AcceptFailed { fate: AcceptFate::Over, failure: failure() },
        ),
        ("upstream: initiate taken", UpstreamNews::InitiateTaken(response("uuid-1"))),
        ("upstream: initiate refused", UpstreamNews::InitiateRefused(failure())),
        ("upstream: initiate uncertain", UpstreamNews::InitiateUncertain),
        ("upstream: initiate lost", UpstreamNews::InitiateLost(failure())),
        ("upstream: not in the log", UpstreamNews::NotFound),
        ("upstream: settled", UpstreamNews::Settled(Outcome::Done)),
    ]
}
