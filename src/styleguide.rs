//! `/styleguide`, in development builds only: every component in every state, with fixed
//! data. Nothing on it does anything.

use leptos::prelude::*;
use phone::attention::Permission;
use phone::countries::Country;
use phone::line::{Concern, Grade, Measure, Proof, QualityView};
use phone::log::{LogRow, LogStatus, RowStatus};
use phone::number::NumberFault;
use phone::recents::Recent;
use phone::view::{
    AcceptView, Away, Banner, CallCard, EndedCard, EndedWhy, Fault, FaultView, IncomingCard, KeysView,
    LineView, LogPhase, SessionView, SignInNotice, Status, TabView, Truth, Voice, Who,
};
use phone::{Phone, View, event::FaultId, event::MicrophoneFault, number, text};
use wire::{CallId, Direction, UnixMillis};

use crate::components::el::{El, el, el_of};
use crate::components::part::{Part, fixed, group};
use crate::components::presence::{presence, sign, switch};
use crate::components::{boot, dialler, ended, header, idle, incoming, nav, notices, other_tab, panel};
use crate::pages::{home, log, settings, sign_in};
use crate::runtime::Handle;

/// Its address.
const PATH: &str = "/styleguide";

/// The time on it: 25 November 2026, 14:02 UTC.
const NOW: UnixMillis = 1_795_615_320_000;

/// How the states of a thing stand beside each other. Not in a style sheet: those are shipped.
const CASES: &str =
    "display: grid; grid-template-columns: repeat(auto-fill, minmax(min(23.5rem, 100%), 1fr)); gap: 1.5rem";

/// Milliseconds in a second.
const SECOND_MS: u64 = 1_000;

/// Whether the address asks for it.
pub(crate) fn is_wanted() -> bool {
    window().location().pathname().is_ok_and(|path| path == PATH)
}

/// All of it.
pub(crate) fn styleguide() -> El {
    let parts = [
        controls(),
        presences(),
        dialling(),
        ringing(),
        calls(),
        ends(),
        faults(),
        tabs(),
        tables(),
        places(),
    ];
    el_of("main", "page").kid(el("h1").kid(fixed("Style guide"))).kids(parts)
}

/// Several states of one thing.
fn states(name: &'static str, cases: impl IntoIterator<Item = El>) -> El {
    let frames = el("div").set("style", CASES).kids(cases);
    el("section").set("aria-label", name).kid(el("h2").kid(fixed(name))).kid(frames)
}

/// One state: the page's view with something changed, and what shows it.
fn case(name: impl Into<String>, edit: impl FnOnce(&mut View), show: impl FnOnce(Handle) -> Part) -> El {
    let mut view = phone::view(&Phone::default());
    view.session = SessionView::SignedIn {
        username: "asha".to_owned(),
        name: "Asha".to_owned(),
        business: Some("Demo Traders".to_owned()),
        supervises: true,
    };
    edit(&mut view);
    let handle = Handle::still(view, NOW);
    el("figure").kid(el("figcaption").kid(name.into())).kid(show(handle))
}

/// What stands in the phone's panel.
fn on_stage(show: fn(Handle) -> Part) -> impl FnOnce(Handle) -> Part {
    move |handle| {
        let stage = el_of("div", "stage").kid(show(handle));
        el_of("div", "panel").kid(stage).into()
    }
}

fn controls() -> El {
    let buttons = ["accent", "go", "stop", "quiet", ""].map(|kind| {
        let class = ["button ", kind].concat();
        el("button").set("class", &class).kid(fixed(if kind.is_empty() { "plain" } else { kind }))
    });
    let off = el_of("button", "button accent").set("disabled", "").kid(fixed("disabled"));
    let switches = [true, false].map(|on| switch(move || on).kid(fixed(if on { "on" } else { "off" })));
    let fields = [("", "empty"), ("+91 98000 00001", "filled")].map(|(value, name)| {
        el_of("input", "input")
            .set("aria-label", name)
            .set("value", value)
            .set("placeholder", "+91 98765 43210")
    });
    let wrong =
        el_of("input", "input").set("aria-label", "wrong").set("value", "12").set("aria-invalid", "true");
    let shown = |parts: Vec<Part>| move |_| group(parts);
    states(
        "Controls",
        [
            case("Buttons", |_| {}, shown(buttons.map(Part::from).into_iter().chain([off.into()]).collect())),
            case("Switches", |_| {}, shown(switches.map(Part::from).into())),
            case("Fields", |_| {}, shown(fields.map(Part::from).into_iter().chain([wrong.into()]).collect())),
            case("Waiting", |_| {}, |handle| boot::boot(handle).into()),
        ],
    )
}

fn presences() -> El {
    let all = [
        Truth::Away,
        Truth::Reachable,
        Truth::SoundBlocked,
        Truth::Unreachable,
        Truth::Changing,
        Truth::OnCall,
        Truth::WrapUp,
    ];
    states(
        "Can I be reached?",
        all.map(|truth| {
            case(
                &*sign(truth).title,
                |view| {
                    view.presence.available = truth != Truth::Away;
                    view.presence.truth = truth;
                },
                on_stage(|handle| group([presence(handle).into(), idle::idle(handle).into()])),
            )
        }),
    )
}

fn dialling() -> El {
    let show = || on_stage(|handle| dialler::dialler(handle).into());
    states(
        "Dialling",
        [
            case("Empty", |_| {}, show()),
            case(
                "A number, and recent ones",
                |view| {
                    view.dialler.text = "+91 98000 00001".to_owned();
                    view.dialler.country = india();
                    view.recents = [
                        Recent { number: "+919800000001".to_owned(), name: Some("Asha Rao".to_owned()) },
                        Recent { number: "+12025550104".to_owned(), name: None },
                    ]
                    .into();
                },
                show(),
            ),
            case(
                "Wrong",
                |view| {
                    view.dialler.text = "12".to_owned();
                    view.dialler.problem = Some(NumberFault::NoCountryCode);
                },
                show(),
            ),
        ],
    )
}

fn person(name: Option<&str>) -> Who {
    Who { name: name.map(str::to_owned), number: Some("+91 98000 00001".to_owned()) }
}

fn ring(call: &str, who: Who, accept: AcceptView) -> IncomingCard {
    let (since, expires) = (NOW - 7 * SECOND_MS, NOW + 23 * SECOND_MS);
    IncomingCard { call: CallId::from(call), who, country: india(), since, expires, accept }
}

fn ringing() -> El {
    let case = |name: &str, cards: Vec<IncomingCard>| {
        case(name, |view| view.incoming = cards, on_stage(incoming::incoming))
    };
    let asha = || person(Some("Asha Rao"));
    states(
        "Ringing",
        [
            case("One", vec![ring("a", asha(), AcceptView::Ready)]),
            case("Nobody knows who", vec![ring("b", Who::default(), AcceptView::Ready)]),
            case("The microphone opens", vec![ring("c", asha(), AcceptView::Opening)]),
            case("During a call", vec![ring("d", person(None), AcceptView::Holds)]),
            case(
                "Two",
                vec![ring("e", asha(), AcceptView::Ready), ring("f", person(None), AcceptView::Ready)],
            ),
        ],
    )
}

fn card(status: Status, voice: Voice) -> CallCard {
    let is_live = matches!(status, Status::Connected | Status::Reconnecting);
    CallCard {
        call: CallId::from("a"),
        direction: Direction::Inbound,
        who: person(Some("Asha Rao")),
        country: india(),
        status,
        talking_since: is_live.then_some(NOW - 252 * SECOND_MS),
        voice,
        line: LineView::Open,
        keys: KeysView::Taken,
        quality: QualityView::default(),
    }
}

fn india() -> Option<Country> {
    number::read("+919800000001").country
}

fn calls() -> El {
    let all = [Status::Calling, Status::Ringing, Status::Connecting, Status::Connected, Status::Reconnecting];
    let muted = case(
        "Muted",
        |view| view.active = Some(card(Status::Connected, Voice::Muted)),
        on_stage(panel::active),
    );
    let cases = all.map(|status| {
        case(
            text::status(status),
            |view| view.active = Some(card(status, Voice::Open)),
            on_stage(panel::active),
        )
    });
    states("A call", cases.into_iter().chain([muted]).chain(lines()))
}

/// Grades and concerns of a line.
fn lines() -> Vec<El> {
    let line = |grade, you, them, concern| QualityView { grade, you, them, concern: Some(concern) };
    let heard = Proof::Carries;
    [
        line(Grade::Good, heard, heard, Concern::TalkingMuted),
        line(Grade::Good, Proof::Silent, heard, Concern::MicrophoneSilent),
        line(Grade::Good, heard, Proof::Nothing, Concern::NothingHeard),
        line(Grade::Fair, heard, heard, Concern::Limit(Measure::Jitter)),
        line(Grade::Poor, heard, heard, Concern::Limit(Measure::Mos)),
    ]
    .map(|line| {
        case(
            text::grade(line.grade),
            |view| view.active = Some(CallCard { quality: line, ..card(Status::Connected, Voice::Open) }),
            on_stage(panel::active),
        )
    })
    .into()
}

fn ends() -> El {
    let why = [
        EndedWhy::HungUp,
        EndedWhy::FarEndHungUp,
        EndedWhy::Missed,
        EndedWhy::AnsweredElsewhere { by: "Ben".to_owned(), ms_ago: Some(400) },
        EndedWhy::NoMedia,
        EndedWhy::ConnectionLost,
    ];
    states(
        "A call that ended",
        why.map(|why| {
            let card = EndedCard {
                call: CallId::from("a"),
                direction: Direction::Inbound,
                who: person(Some("Asha Rao")),
                talk_ms: (why == EndedWhy::HungUp).then_some(252 * SECOND_MS),
                call_back: Some("+919800000001".to_owned()),
                why,
            };
            let name = text::ended(&card.why).title;
            case(name, |_| {}, move |handle| ended::ended(handle, card).into())
        }),
    )
}

fn faults() -> El {
    let all = [
        Fault::Microphone(MicrophoneFault::Refused),
        Fault::MicrophoneLost,
        Fault::Interrupted(person(Some("Asha Rao"))),
        Fault::SetAway(Away::Unheard),
        Fault::OnACall,
        Fault::Number(NumberFault::TooShort),
        Fault::Relay(text::offline()),
    ];
    let faults = all.map(|fault| {
        let name = text::fault(&fault).title;
        case(
            name,
            |view| view.faults = vec![FaultView { id: FaultId(1), fault }],
            |handle| notices::notices(handle).into(),
        )
    });
    let banner = Banner::CallElsewhere { call: CallId::from("a"), who: person(Some("Asha Rao")) };
    let elsewhere = case(
        "A call elsewhere",
        |view| view.banners = vec![banner],
        |handle| notices::notices(handle).into(),
    );
    states("What went wrong", faults.into_iter().chain([elsewhere]))
}

fn tabs() -> El {
    let case = |name: &str, can_take| {
        case(name, |view| view.tab = TabView::Remote { can_take }, on_stage(other_tab::other_tab))
    };
    states("A tab that is not the phone", [case("Quiet", true), case("In a call", false)])
}

fn tables() -> El {
    let row = |id: u64, status| LogRow {
        id: id.to_string(),
        direction: Some(if id.is_multiple_of(2) { Direction::Inbound } else { Direction::Outbound }),
        from: Some("+919800000001".to_owned()),
        to: Some("+911140001234".to_owned()),
        status: RowStatus::Known(status),
        started: Some(NOW - id * 40_000 * SECOND_MS),
        talk_s: (status == LogStatus::Terminated).then_some(252),
    };
    let rows: Vec<LogRow> =
        LogStatus::ALL.into_iter().zip(0_u64..).map(|(status, id)| row(id, status)).collect();
    let failed = LogPhase::Failed(text::offline());
    let many = rows.clone();
    states(
        "The log",
        [
            case("On its way", |view| view.log.phase = LogPhase::Loading, |handle| log::log(handle).into()),
            case(
                "Every status",
                |view| (view.log.rows, view.log.phase, view.log.total) = (many.into(), LogPhase::Ready, 8),
                |handle| log::log(handle).into(),
            ),
            case("Empty", |view| view.log.phase = LogPhase::Ready, |handle| home::home(handle).into()),
            case(
                "Failed",
                |view| (view.log.rows, view.log.phase) = (rows.into(), failed),
                |handle| home::home(handle).into(),
            ),
        ],
    )
}

fn places() -> El {
    let failed = SignInNotice::Failed(text::refused(401));
    states(
        "Places",
        [
            case("Header", |_| {}, |handle| header::header(handle).into()),
            case("Navigation", |_| {}, |handle| nav::nav(handle).into()),
            case(
                "Settings",
                |view| view.notices = Permission::Askable,
                |handle| settings::settings(handle).into(),
            ),
            case(
                "Sign-in",
                |view| view.session = SessionView::SignedOut { busy: false, notice: Some(failed) },
                sign_in::sign_in,
            ),
        ],
    )
}
