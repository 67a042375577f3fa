//! The call log: filters, pages and the table. Filters and page are in the address.

use leptos::prelude::*;
use phone::decimal::decimal;
use phone::event::Agent;
use phone::list::List as _;
use phone::locale::Text;
use phone::log::LogStatus;
use phone::route::{LogQuery, Route, direction_name, direction_named};
use phone::view::LogPhase;
use phone::{t, text as words};
use wire::Direction;

use crate::components::calls::{calls, is_awaited};
use crate::components::el::{El, el, el_of};
use crate::components::icon::{self, Symbol, icon};
use crate::components::notices::notice;
use crate::components::part::{Part, group, keyed, text};
use crate::runtime::Handle;
use crate::runtime::figures::whole;

/// The value and the word of a filter that filters nothing.
const ALL: (&str, Text) = ("", t!("All"));

/// The page.
pub(crate) fn log(handle: Handle) -> El {
    el_of("div", "page log")
        .kid(el_of("div", "page-head").kid(el("h1").kid(t!("Call log"))))
        .kid(el_of("div", "log-tools").kids(filters(handle)).kid(pager(handle)))
        .kid(trouble(handle))
        .kid(el_of("div", "calls-frame").kid(calls(handle, t!("Call log"))).kid(nothing(handle)))
}

fn filters(handle: Handle) -> [El; 3] {
    let query = move || handle.view.read().log.query;
    let go = move |query: LogQuery| handle.send(Agent::Navigate(Route::Log(query)));
    let directions = [Direction::Inbound, Direction::Outbound]
        .into_iter()
        .map(|direction| (direction_name(direction).to_owned(), words::direction(direction).into()));
    let statuses = LogStatus::ALL
        .into_iter()
        .map(|status| (status.as_str().to_owned(), words::log_status(status).into()));
    let limits = LogQuery::LIMITS.into_iter().map(|limit| (decimal(limit), whole(limit.into())));
    [
        choice(
            t!("Direction"),
            with_all(directions),
            move || query().direction.map_or(ALL.0, direction_name).to_owned(),
            move |value| go(untrack(query).with_direction(direction_named(&value))),
        ),
        choice(
            t!("Status"),
            with_all(statuses),
            move || query().status.map_or(ALL.0, LogStatus::as_str).to_owned(),
            move |value| go(untrack(query).with_status(LogStatus::named(&value))),
        ),
        choice(
            t!("Rows per page"),
            limits.list(),
            move || decimal(query().limit),
            move |value| go(untrack(query).with_limit(value.parse().unwrap_or(LogQuery::DEFAULT_LIMIT))),
        ),
    ]
}

fn with_all(options: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut all = vec![(ALL.0.to_owned(), ALL.1.into())];
    all.append(&mut options.list());
    all
}

/// A named choice among values, each with its word.
fn choice(
    name: Text,
    options: Vec<(String, String)>,
    chosen: impl Fn() -> String + Copy + 'static,
    choose: impl Fn(String) + 'static,
) -> El {
    let options = options.into_iter().map(|(value, word)| {
        let own = value.clone();
        el("option").set("value", &value).property("selected", move || chosen() == own).kid(word)
    });
    let select = el_of("select", "select").kids(options).input(choose);
    el_of("label", "field")
        .kid(el("span").kid(name))
        .kid(el_of("span", "choice").kid(select).kid(icon(icon::DOWN)))
}

fn pager(handle: Handle) -> El {
    let says = move || {
        let view = handle.view.read();
        let log = &view.log;
        match log.phase {
            LogPhase::Failed(_) if log.rows.is_empty() => String::new(),
            LogPhase::Idle | LogPhase::Loading | LogPhase::Ready | LogPhase::Failed(_) if is_awaited(log) => {
                t!("Loading…").into()
            }
            LogPhase::Idle | LogPhase::Loading | LogPhase::Ready | LogPhase::Failed(_) => {
                let figures = [u64::from(log.query.page), u64::from(log.pages), log.total].map(whole);
                t!("Page {0} of {1}, {2} calls").with(&figures.each_ref().map(String::as_str))
            }
        }
    };
    let here = move || handle.view.read().log.query;
    let is_first = move || here().page <= 1;
    let is_last = move || here().page >= handle.view.read().log.pages;
    let turn = move |page: u32| handle.send(Agent::Navigate(Route::Log(untrack(here).at_page(page))));
    el_of("div", "pager")
        .kid(el("p").set("role", "status").kid(text(says)))
        .kid(
            turner(t!("Previous page"), icon::LEFT)
                .flag("disabled", is_first)
                .click(move || turn(untrack(here).page.saturating_sub(1))),
        )
        .kid(
            turner(t!("Next page"), icon::RIGHT)
                .flag("disabled", is_last)
                .click(move || turn(untrack(here).page.saturating_add(1))),
        )
}

fn turner(name: Text, symbol: Symbol) -> El {
    el_of("button", "button square").say("aria-label", name).say("title", name).kid(icon(symbol))
}

/// That the rows are old, why, and Retry.
pub(crate) fn trouble(handle: Handle) -> Part {
    let problem = move || match &handle.view.read().log.phase {
        LogPhase::Failed(problem) => Some(words::problem(problem)),
        LogPhase::Idle | LogPhase::Loading | LogPhase::Ready => None,
    };
    keyed(problem, move |problem| {
        group(problem.clone().map(|words| {
            let retry = el_of("button", "button quiet")
                .click(move || handle.send(Agent::ReloadLog))
                .kid(icon(icon::RETRY))
                .kid(t!("Retry"));
            notice("warn", words, retry).into()
        }))
    })
}

/// The words of a table without rows.
pub(crate) fn nothing(handle: Handle) -> Part {
    let is_empty = move || {
        let view = handle.view.read();
        view.log.rows.is_empty() && view.log.phase == LogPhase::Ready
    };
    let is_narrowed = move || {
        let query = handle.view.read().log.query;
        query.direction.is_some() || query.status.is_some() || query.page > 1
    };
    keyed(
        move || is_empty().then(is_narrowed),
        move |narrowed| {
            let words = |title: Text, advice: Text| {
                el_of("div", "nothing")
                    .kid(icon(icon::LOG))
                    .kid(el("h2").kid(title))
                    .kid(el_of("p", "soft").kid(advice))
            };
            group(narrowed.map(|narrowed| {
                if narrowed {
                    let all = el_of("button", "button")
                        .click(move || handle.send(Agent::Navigate(Route::Log(LogQuery::default()))))
                        .kid(t!("Show all calls"));
                    words(t!("No such calls"), t!("No call fits these filters.")).kid(all).into()
                } else {
                    words(t!("No calls yet"), t!("Every call, made or received, will be listed here.")).into()
                }
            }))
        },
    )
}
