//! The table of calls. Where it is narrow each row becomes two lines by style alone;
//! the roles are written out, because that would take them from a plain table.

use std::sync::Arc;

use leptos::prelude::*;
use phone::event::Agent;
use phone::log::{LogRow, LogStatus, RowStatus};
use phone::{number, text};
use wire::Direction;

use super::icon::{self, Symbol, icon};
use super::show;
use crate::runtime::{self, Handle};

/// What stands for a value that there is not.
const NONE: &str = "—";

/// Classes of the columns, in their order.
const COLUMNS: [&str; 7] = ["c-direction", "c-from", "c-to", "c-status", "c-started", "c-duration", "c-act"];
/// Their headers; the last column has buttons and needs none.
const HEADERS: [&str; 6] = ["Direction", "From", "To", "Status", "Started", "Duration"];

/// What the table shows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shown {
    /// These calls.
    Rows(Arc<[LogRow]>),
    /// As many rows of nothing: they are on their way.
    Bones(u32),
}

/// The table.
pub(crate) fn calls(handle: Handle, name: &'static str, shown: Memo<Shown>, busy: Signal<bool>) -> AnyView {
    let headers = HEADERS
        .into_iter()
        .zip(COLUMNS)
        .map(|(name, class)| view! { <th role="columnheader" scope="col" class=class>{name}</th> })
        .collect_view();
    let body = move || match shown.get() {
        Shown::Rows(rows) => rows.iter().map(|call| row(handle, call)).collect_view(),
        Shown::Bones(count) => (0..count).map(|_| bones()).collect_view(),
    };
    view! {
        <table class="calls" role="table" aria-label=name aria-busy=move || busy.get().then_some("true")>
            <thead role="rowgroup">
                <tr role="row">{headers} <td class="c-act"></td></tr>
            </thead>
            <tbody role="rowgroup">{body}</tbody>
        </table>
    }
    .into_any()
}

fn row(handle: Handle, call: &LogRow) -> AnyView {
    let (symbol, from, to) = match call.direction {
        Some(Direction::Inbound) => (Some(icon::IN), "other", "own"),
        Some(Direction::Outbound) => (Some(icon::OUT), "own", "other"),
        None => (None, "other", "own"),
    };
    let direction = call.direction.map_or("Unknown", text::direction);
    let party = |number: &Option<String>| number.as_deref().map_or_else(|| "WhatsApp user".to_owned(), number::grouped);
    let started = call.started.map(|at| {
        let moment = runtime::moment(at, handle.now.get_untracked());
        view! { <time datetime=moment.machine title=moment.full>{moment.short}</time> }
    });
    let (tone, sign) = status_sign(&call.status);
    view! {
        <tr role="row">
            <td role="cell" class="c-direction" title=direction>
                {symbol.map(icon)} <span class="unseen">{direction}</span>
            </td>
            <td role="cell" class=["c-from ", from].concat()>{party(&call.from)}</td>
            <td role="cell" class=["c-to ", to].concat()>{party(&call.to)}</td>
            <td role="cell" class="c-status">
                <span class="pill" data-tone=tone>{icon(sign)} {text::row_status(&call.status).to_owned()}</span>
            </td>
            <td role="cell" class="c-started">{started}</td>
            <td role="cell" class="c-duration">{call.talk_s.map_or_else(|| NONE.to_owned(), show::clock)}</td>
            <td role="cell" class="c-act">{call.far_end().map(|number| call_button(handle, number))}</td>
        </tr>
    }
    .into_any()
}

fn call_button(handle: Handle, number: &str) -> AnyView {
    let label = ["Call ", &number::grouped(number)].concat();
    let number = number.to_owned();
    view! {
        <button
            class="button quiet square"
            aria-label=label.clone()
            title=label
            on:click=move |_| handle.send(Agent::Redial { attempt: handle.attempt(), number: number.clone() })
        >
            {icon(icon::PHONE)}
        </button>
    }
    .into_any()
}

/// Tone and icon of a status.
fn status_sign(status: &RowStatus) -> (&'static str, Symbol) {
    match status {
        RowStatus::Known(LogStatus::Initiated | LogStatus::PreAccepted) => ("now", icon::WAIT),
        RowStatus::Known(LogStatus::Ringing) => ("now", icon::BELL),
        RowStatus::Known(LogStatus::Accepted | LogStatus::Terminated) => ("good", icon::CHECK),
        RowStatus::Known(LogStatus::Rejected) => ("plain", icon::CROSS),
        RowStatus::Known(LogStatus::Failed) => ("warn", icon::ALERT),
        RowStatus::Known(LogStatus::Missed) => ("bad", icon::MISSED),
        RowStatus::Other(_) | RowStatus::Absent => ("plain", icon::WAIT),
    }
}

/// A row of the same geometry with nothing in it yet.
fn bones() -> AnyView {
    let cells = COLUMNS.map(|class| {
        let class = match class {
            "c-from" => "c-from other",
            "c-to" => "c-to own",
            other => other,
        };
        view! { <td class=class><span class="bone"></span></td> }
    });
    view! { <tr aria-hidden="true">{cells}</tr> }.into_any()
}
