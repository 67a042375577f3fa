//! The team: who can be reached, what rings and who talks. For supervisors, to look at.

use phone::list::List as _;
use phone::locale::Text;
use phone::t;
use wire::{
    AgentName, BOARD_EVERY_MS, BOARD_PATH, Board, BoardAgent, BoardCall, BoardPresence, BoardStage, Direction,
};

use crate::components::el::{El, el, el_of};
use crate::components::part::{group, keyed};
use crate::components::show;
use crate::components::trouble::trouble;
use crate::runtime::office::LookUp;

/// The page.
pub(crate) fn team() -> El {
    let told = LookUp::every(BOARD_PATH, BOARD_EVERY_MS);
    let board = move || told.read::<Board>();
    let people = move || board().and_then(Result::ok).map(|board| board.agents.iter().map(person).list());
    let calls = move || {
        let board = board().and_then(Result::ok)?;
        Some(board.calls.iter().map(|call| self::call(&board, call)).list())
    };
    el_of("div", "page settings")
        .kid(el("h1").kid(t!("Team")))
        .kid(trouble(move || board().and_then(Result::err)))
        .kid(list(t!("People"), t!("Nobody can sign in yet."), people))
        .kid(list(t!("Calls"), t!("Nobody calls at the moment."), calls))
}

/// A line of the board: what it is about, and how that stands.
#[derive(PartialEq)]
struct Line {
    name: String,
    detail: String,
    /// For the style sheets.
    tone: &'static str,
    state: String,
}

/// A list that is made anew when a line of it has changed: there is nothing in it to be
/// in the middle of.
fn list(name: Text, nothing: Text, lines: impl Fn() -> Option<Vec<Line>> + 'static) -> El {
    let lines = keyed(lines, move |lines| match lines.as_deref() {
        Some([]) => el_of("p", "soft").kid(nothing).into(),
        lines => group(lines.into_iter().flatten().map(|line| line_of(line).into())),
    });
    el_of("section", "group").say("aria-label", name).kid(el("h2").kid(name)).kid(lines)
}

fn line_of(line: &Line) -> El {
    let about =
        el("div").kid(el("p").kid(line.name.clone())).kid(el_of("p", "soft").kid(line.detail.clone()));
    let state = el_of("span", "pill figures").set("data-tone", line.tone).kid(line.state.clone());
    el_of("div", "line").kid(about).kid(state)
}

fn person(agent: &BoardAgent) -> Line {
    let (tone, state) = match agent.presence {
        BoardPresence::OnCall => ("now", t!("On a call")),
        BoardPresence::WrapUp { .. } => ("warn", t!("Wrap-up")),
        BoardPresence::Available if !agent.reachable => ("bad", t!("Not reachable")),
        BoardPresence::Available => ("good", t!("Available")),
        BoardPresence::Away => ("", t!("Away")),
    };
    Line { name: agent.name.clone(), detail: agent.username.0.clone(), tone, state: state.into() }
}

fn call(board: &Board, call: &BoardCall) -> Line {
    let name_of = |name: &AgentName| {
        let agent = board.agents.iter().find(|agent| agent.username == *name);
        agent.map_or(name.as_str(), |agent| &agent.name).to_owned()
    };
    let ringing_for = |agents: &[AgentName]| agents.iter().map(name_of).joined(", ");
    let (tone, state, whose) = match &call.stage {
        BoardStage::Ringing { agents, .. } => ("warn", t!("Rings"), ringing_for(agents)),
        BoardStage::Answering => ("now", t!("Is answered"), String::new()),
        BoardStage::Dialing => ("", t!("Is called"), String::new()),
        BoardStage::FarEndRinging => ("", t!("Rings there"), String::new()),
        BoardStage::Talking { .. } => ("good", t!("Talk"), String::new()),
    };
    let since = if let BoardStage::Talking { since } = call.stage { since } else { call.since };
    let far_end = call.party.name.as_ref().or(call.party.number.as_ref());
    let way = match call.direction {
        Direction::Inbound => t!("Called"),
        Direction::Outbound => t!("Was called"),
    };
    let whose = call.owner.as_ref().map_or(whose, name_of);
    Line {
        name: far_end.cloned().unwrap_or_else(|| t!("Number withheld").into()),
        detail: [&*way, if whose.is_empty() { "" } else { " · " }, &whose].concat(),
        tone,
        state: [&*state, " ", &show::clock(show::seconds_since(since, board.now))].concat(),
    }
}
