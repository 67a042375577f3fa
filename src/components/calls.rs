//! The table of calls. Where it is narrow each row becomes two lines by style alone;
//! the roles are written out, because that would take them from a plain table.

use leptos::prelude::*;
use phone::decimal::decimal;
use phone::event::Agent;
use phone::locale::Text;
use phone::log::{LogRow, LogStatus, RowStatus};
use phone::view::{LogPhase, LogView};
use phone::{View, number, t, text};
use wire::Direction;

use super::el::{El, el, el_of};
use super::icon::{self, Symbol, icon};
use super::part::{group, keyed};
use super::show;
use crate::runtime::{self, Handle};

/// What stands for a value that there is not.
const NONE: &str = "—";

/// Classes of the columns, in their order.
const COLUMNS: [&str; 7] =
    ["c-direction", "c-from other", "c-to own", "c-status", "c-started", "c-duration", "c-act"];
/// Their headers; the last column has buttons and needs none.
const HEADERS: [Text; 6] =
    [t!("Direction"), t!("From"), t!("To"), t!("Status"), t!("Started"), t!("Duration")];

/// The table of the log's rows; rows of nothing while they are on their way.
pub(crate) fn calls(handle: Handle, name: Text) -> El {
    let headers = HEADERS
        .into_iter()
        .zip(COLUMNS)
        .map(|(name, class)| el_of("th", class).set("role", "columnheader").set("scope", "col").kid(name));
    let head = el("tr").set("role", "row").kids(headers).kid(el_of("td", "c-act"));
    let body = keyed(
        move || version(&handle.view.read()),
        move |_| {
            let view = handle.view.read();
            if is_awaited(&view.log) {
                group((0..view.log.query.limit).map(|_| bones().into()))
            } else {
                group(view.log.rows.iter().map(|call| row(handle, call).into()))
            }
        },
    );
    el_of("table", "calls")
        .set("role", "table")
        .say("aria-label", name)
        .mark("aria-busy", move || handle.view.read().log.phase == LogPhase::Loading)
        .kid(el("thead").set("role", "rowgroup").kid(head))
        .kid(el("tbody").set("role", "rowgroup").kid(body))
}

/// Whether nothing is known yet.
pub(crate) fn is_awaited(log: &LogView) -> bool {
    log.rows.is_empty() && matches!(log.phase, LogPhase::Idle | LogPhase::Loading)
}

/// Differs whenever other rows are to be shown.
fn version(view: &View) -> String {
    if is_awaited(&view.log) {
        return decimal(view.log.query.limit);
    }
    view.log.rows.iter().map(|row| [&row.id, text::row_status(&row.status), " "].concat()).collect()
}

fn row(handle: Handle, call: &LogRow) -> El {
    let inbound = call.direction != Some(Direction::Outbound);
    let (from, to) = if inbound { ("c-from other", "c-to own") } else { ("c-from own", "c-to other") };
    let (symbol, direction) = match call.direction {
        Some(Direction::Inbound) => (Some(icon::IN), text::direction(Direction::Inbound)),
        Some(Direction::Outbound) => (Some(icon::OUT), text::direction(Direction::Outbound)),
        None => (None, t!("Unknown")),
    };
    let party = |number: &Option<String>| {
        number.as_deref().map_or_else(|| t!("WhatsApp user").into(), number::grouped)
    };
    let (tone, sign) = status_sign(&call.status);
    let pill = el_of("span", "pill")
        .set("data-tone", tone)
        .kid(icon(sign))
        .kid(text::row_status(&call.status).to_owned());
    let started = call.started.map(|at| {
        let moment = runtime::moment(at, handle.now.get_untracked());
        el("time").set("datetime", &moment.machine).set("title", &moment.full).kid(moment.short)
    });
    el("tr")
        .set("role", "row")
        .kid(
            cell("c-direction")
                .say("title", direction)
                .kid(symbol.map(icon))
                .kid(el_of("span", "unseen").kid(direction)),
        )
        .kid(cell(from).kid(party(&call.from)))
        .kid(cell(to).kid(party(&call.to)))
        .kid(cell("c-status").kid(pill))
        .kid(cell("c-started").kid(started))
        .kid(cell("c-duration").kid(call.talk_s.map_or_else(|| NONE.to_owned(), show::clock)))
        .kid(cell("c-act").kid(call.far_end().map(|number| call_button(handle, number))))
}

fn cell(class: &'static str) -> El {
    el_of("td", class).set("role", "cell")
}

fn call_button(handle: Handle, number: &str) -> El {
    let label = t!("Call {0}").with(&[&number::grouped(number)]);
    let number = number.to_owned();
    el_of("button", "button quiet square")
        .set("aria-label", &label)
        .set("title", &label)
        .click(move || handle.send(Agent::Redial { attempt: handle.attempt(), number: number.clone() }))
        .kid(icon(icon::PHONE))
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
fn bones() -> El {
    let [content @ .., act] = COLUMNS;
    let cells = content.map(|class| el_of("td", class).kid(el_of("span", "bone")));
    el("tr").set("aria-hidden", "true").kids(cells).kid(el_of("td", act))
}
