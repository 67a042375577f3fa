//! How the line of a call is judged: two ways, with patience, and reported at its end.

use phone::event::{Agent, PeerId, Relay, TransportEvent};
use phone::line::{Concern, Grade, LIMITS, Measure, Proof, Sample, figures, mos};
use phone::{Effect, Event};
use wire::{CallEvent, EndReason, Uplink};

use crate::desk::{Desk, ended, has, id, ringing};

/// A live call whose line is measured.
struct Line {
    desk: Desk,
    peer: PeerId,
    sample: Sample,
}

impl Line {
    fn open() -> Self {
        let mut desk = Desk::open();
        let event = ringing(&desk);
        desk.call("a", event);
        desk.described("a");
        desk.agent(Agent::Accept(id("a")));
        desk.microphone_ready();
        desk.call("a", CallEvent::AnswerDelivered);
        let effects = desk.tell(Event::Relay(Relay::AcceptReplied(id("a"), Ok(()))));
        let metered = |effect: &Effect| matches!(effect, Effect::Meter(Some(peer)) if peer.call == id("a"));
        assert!(has(&effects, metered), "its line is measured from the answer on");
        desk.transport("a", TransportEvent::Connected);
        let peer = desk.world.known_peers.iter().next().expect("a connection").clone();
        let sample = Sample {
            round_trip_ms: Some(40),
            jitter_ms: Some(3),
            you: Some(60),
            them: Some(60),
            ..Sample::default()
        };
        Self { desk, peer, sample }
    }

    /// So many seconds of 50 packets each way, changed by `edit`.
    fn seconds(&mut self, seconds: usize, edit: impl Fn(&mut Sample)) -> Vec<Effect> {
        let mut effects = Vec::new();
        for _ in 0..seconds {
            self.sample.received += 50;
            self.sample.sent += 50;
            let mut sample = self.sample.clone();
            edit(&mut sample);
            (self.sample.received, self.sample.sent) = (sample.received, sample.sent);
            self.sample.lost = sample.lost;
            effects.extend(self.desk.tell(Event::Line(self.peer.clone(), sample)));
        }
        effects
    }

    fn is(&self) -> phone::line::QualityView {
        self.desk.active().quality
    }
}

#[test]
fn both_ways_are_proven_within_a_second_of_sound() {
    let mut line = Line::open();
    assert_eq!((line.is().you, line.is().them), (Proof::Awaited, Proof::Awaited));
    line.seconds(1, |_| {});
    assert_eq!((line.is().you, line.is().them), (Proof::Carries, Proof::Carries));
    assert_eq!(line.is().concern, None);
}

#[test]
fn a_silent_side_is_named_within_three_seconds_and_cleared_by_its_first_sound() {
    let mut line = Line::open();
    line.seconds(2, |sample| sample.you = Some(0));
    assert_eq!(line.is().concern, None, "people take a breath");
    line.seconds(1, |sample| sample.you = Some(0));
    assert_eq!((line.is().you, line.is().concern), (Proof::Silent, Some(Concern::MicrophoneSilent)));
    line.seconds(1, |_| {});
    assert_eq!((line.is().you, line.is().concern), (Proof::Carries, None));
    line.seconds(30, |sample| (sample.you, sample.them) = (Some(0), Some(0)));
    assert_eq!(line.is().concern, None, "a pause is no fault once both were heard");

    let mut line = Line::open();
    line.seconds(3, |sample| sample.them = Some(0));
    assert_eq!(line.is().concern, Some(Concern::FarEndSilent));
}

#[test]
fn a_side_that_stops_is_named_at_any_time() {
    let mut line = Line::open();
    line.seconds(20, |_| {});
    line.seconds(2, |sample| sample.received -= 50);
    assert_eq!(line.is().them, Proof::Carries);
    line.seconds(1, |sample| sample.received -= 50);
    assert_eq!((line.is().them, line.is().concern), (Proof::Nothing, Some(Concern::NothingHeard)));
    line.seconds(1, |_| {});
    assert_eq!((line.is().them, line.is().concern), (Proof::Carries, None));
    line.seconds(3, |sample| sample.sent -= 50);
    assert_eq!(line.is().concern, Some(Concern::NothingSent));
}

#[test]
fn where_loudness_is_unknown_packets_have_to_do() {
    let mut line = Line::open();
    line.seconds(1, |sample| (sample.you, sample.them) = (None, None));
    assert_eq!((line.is().you, line.is().them), (Proof::Carries, Proof::Carries));
}

#[test]
fn talking_while_muted_is_said_until_it_stops() {
    let mut line = Line::open();
    line.seconds(1, |_| {});
    assert_eq!(line.is().concern, None);
    line.desk.agent(Agent::ToggleMute(id("a")));
    line.seconds(1, |_| {});
    assert_eq!(line.is().concern, Some(Concern::TalkingMuted));
    line.seconds(2, |sample| sample.you = Some(0));
    assert_eq!(line.is().concern, Some(Concern::TalkingMuted), "not in the pause of a sentence");
    line.seconds(1, |sample| sample.you = Some(0));
    assert_eq!(line.is().concern, None);
    line.seconds(1, |_| {});
    line.desk.agent(Agent::ToggleMute(id("a")));
    line.seconds(1, |_| {});
    assert_eq!(line.is().concern, None);
}

#[test]
fn muted_from_the_start_is_no_silent_microphone() {
    let mut line = Line::open();
    line.desk.agent(Agent::ToggleMute(id("a")));
    line.seconds(10, |sample| sample.you = Some(0));
    assert_eq!((line.is().you, line.is().concern), (Proof::Awaited, None));
}

#[test]
fn each_limit_raises_after_three_seconds_and_clears_after_five() {
    for limit in LIMITS.iter().filter(|limit| limit.measure != Measure::Mos) {
        let mut line = Line::open();
        let set = |sample: &mut Sample, value: u32| match limit.measure {
            Measure::RoundTrip => sample.round_trip_ms = Some(value),
            Measure::Jitter => sample.jitter_ms = Some(value),
            Measure::Loss => sample.missed_permille = Some(value),
            Measure::Mos => {}
        };
        let raised = |line: &Line| line.is().grade >= limit.grade;
        line.seconds(2, |sample| set(sample, limit.raise));
        assert!(!raised(&line), "{limit:?}");
        line.seconds(1, |sample| set(sample, limit.raise));
        assert!(raised(&line), "{limit:?}");
        // Between the two values nothing changes.
        line.seconds(20, |sample| set(sample, limit.raise - 1));
        assert!(raised(&line), "{limit:?}");
        line.seconds(4, |sample| set(sample, limit.clear));
        assert!(raised(&line), "{limit:?}");
        line.seconds(1, |sample| set(sample, limit.clear));
        assert!(!raised(&line), "{limit:?}");
    }
}

#[test]
fn loss_is_counted_over_some_seconds() {
    let mut line = Line::open();
    line.seconds(10, |_| {});
    line.seconds(1, |sample| sample.lost += 2);
    assert_eq!(figures(&line.desk.phone).loss_permille, 7, "2 of 252");
    line.seconds(10, |sample| sample.lost += 15);
    assert_eq!(figures(&line.desk.phone).loss_permille, 230);
    assert_eq!(line.is().grade, Grade::Poor);
    assert_eq!(line.is().concern, Some(Concern::Limit(Measure::Mos)));
}

#[test]
fn the_score_follows_the_e_model() {
    // R = 92.7, 89.4, 80.9 and 64.0 by the formula; MOS by G.107, annex B.
    assert_eq!(mos(None, None, 0), 44);
    assert_eq!(mos(Some(200), Some(20), 0), 43);
    assert_eq!(mos(Some(100), Some(10), 30), 41);
    assert_eq!(mos(Some(100), Some(10), 100), 33);
    assert_eq!(mos(Some(3_000), Some(200), 500), 10);
    assert_eq!(mos(Some(u32::MAX), Some(u32::MAX), u32::MAX), 10);
}

#[test]
fn a_call_is_reported_once_at_its_end() {
    let mut line = Line::open();
    let during = line.seconds(70, |sample| sample.lost += 5);
    assert!(!has(&during, |effect| matches!(effect, Effect::Send(..))));
    assert_eq!(figures(&line.desk.phone).history.len(), 60);
    let effects = line.desk.call("a", ended(EndReason::FarEndHungUp));
    let reports: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(_, Uplink::CallReport { call, quality }) => Some((call, quality)),
            _ => None,
        })
        .collect();
    assert_eq!(reports.len(), 1, "{effects:?}");
    let (call, quality) = reports[0];
    assert_eq!(*call, id("a"));
    assert_eq!((quality.seconds, quality.round_trip_ms, quality.jitter_ms), (70, 40, 3));
    assert_eq!((quality.loss_permille, quality.heard, quality.was_heard), (90, true, true));
    assert!(quality.lowest_mos_tenths <= quality.mos_tenths && quality.mos_tenths < 40, "{quality:?}");
    assert!(has(&effects, |effect| matches!(effect, Effect::Meter(None))), "nothing is measured any more");
    line.seconds(1, |_| {});
    assert_eq!(line.desk.phone.ignored(), 1, "a late second changes nothing");
}

#[test]
fn an_interrupted_path_is_not_judged() {
    let mut line = Line::open();
    line.seconds(1, |_| {});
    line.desk.transport("a", TransportEvent::Disconnected);
    line.seconds(5, |sample| (sample.received, sample.sent) = (50, 50));
    assert_eq!((line.is().you, line.is().them), (Proof::Carries, Proof::Carries));
    // For half a minute it may come back; then the end is said, with a way to call back.
    line.desk.pass(29_000);
    assert_eq!(line.desk.active().status, phone::view::Status::Reconnecting);
    line.desk.pass(2_000);
    let card = line.desk.ended();
    assert_eq!(card.why, phone::view::EndedWhy::ConnectionLost);
    assert!(card.call_back.is_some());
}
