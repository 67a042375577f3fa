//! The call log: filters, pages and the table. Filters and page are in the address.

use leptos::prelude::*;
use phone::event::Agent;
use phone::log::LogStatus;
use phone::route::{LogQuery, Route, direction_name, direction_named};
use phone::text;
use phone::view::{LogPhase, LogView};
use wire::Direction;

use crate::components::calls::{Shown, calls};
use crate::components::icon::{self, Symbol, icon};
use crate::runtime::Handle;

/// The value and the word of a filter that filters nothing.
const ALL: (&str, &str) = ("", "All");

/// The page.
pub(crate) fn log(handle: Handle) -> AnyView {
    let rows = Memo::new(move |_| handle.view.with(|view| shown(&view.log)));
    let busy = Signal::derive(move || handle.view.with(|view| view.log.phase == LogPhase::Loading));
    view! {
        <div class="page log">
            <div class="page-head"><h1>"Call log"</h1></div>
            <div class="log-tools">{filters(handle)} {pager(handle)}</div>
            {trouble(handle)}
            <div class="calls-frame">{calls(handle, "Call log", rows, busy)} {nothing(handle, rows)}</div>
        </div>
    }
    .into_any()
}

/// What the table shows: what is known, or that it is on its way.
pub(crate) fn shown(log: &LogView) -> Shown {
    match log.phase {
        LogPhase::Idle | LogPhase::Loading if log.rows.is_empty() => Shown::Bones(log.query.limit),
        LogPhase::Idle | LogPhase::Loading | LogPhase::Ready | LogPhase::Failed(_) => Shown::Rows(log.rows.clone()),
    }
}

fn filters(handle: Handle) -> AnyView {
    let query = Memo::new(move |_| handle.view.with(|view| view.log.query));
    let directions = [Direction::Inbound, Direction::Outbound]
        .into_iter()
        .map(|direction| (direction_name(direction).to_owned(), text::direction(direction).to_owned()));
    let statuses =
        LogStatus::ALL.into_iter().map(|status| (status.as_str().to_owned(), text::log_status(status).to_owned()));
    let limits = LogQuery::LIMITS.into_iter().map(|limit| (limit.to_string(), limit.to_string()));
    let go = move |query: LogQuery| handle.send(Agent::Navigate(Route::Log(query)));
    view! {
        {choice(
            "Direction",
            with_all(directions),
            Signal::derive(move || query.get().direction.map_or(ALL.0, direction_name).to_owned()),
            Callback::new(move |value: String| go(query.get_untracked().with_direction(direction_named(&value)))),
        )}
        {choice(
            "Status",
            with_all(statuses),
            Signal::derive(move || query.get().status.map_or(ALL.0, LogStatus::as_str).to_owned()),
            Callback::new(move |value: String| go(query.get_untracked().with_status(LogStatus::named(&value)))),
        )}
        {choice(
            "Rows per page",
            limits.collect(),
            Signal::derive(move || query.get().limit.to_string()),
            Callback::new(move |value: String| {
                go(query.get_untracked().with_limit(value.parse().unwrap_or(LogQuery::DEFAULT_LIMIT)));
            }),
        )}
    }
    .into_any()
}

fn with_all(options: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    std::iter::once((ALL.0.to_owned(), ALL.1.to_owned())).chain(options).collect()
}

/// A named choice among values, each with its word.
fn choice(
    name: &'static str,
    options: Vec<(String, String)>,
    chosen: Signal<String>,
    choose: Callback<String>,
) -> AnyView {
    let options = options
        .into_iter()
        .map(|(value, word)| {
            let own = value.clone();
            view! { <option value=value prop:selected=move || chosen.with(|chosen| *chosen == own)>{word}</option> }
        })
        .collect_view();
    view! {
        <label class="field">
            <span>{name}</span>
            <span class="choice">
                <select class="select" on:change=move |event| choose.run(event_target_value(&event))>
                    {options}
                </select>
                {icon(icon::DOWN)}
            </span>
        </label>
    }
    .into_any()
}

fn pager(handle: Handle) -> AnyView {
    let words = move || {
        handle.view.with(|view| {
            let log = &view.log;
            match log.phase {
                LogPhase::Idle | LogPhase::Loading if log.rows.is_empty() => "Loading…".to_owned(),
                LogPhase::Failed(_) if log.rows.is_empty() => String::new(),
                LogPhase::Idle | LogPhase::Loading | LogPhase::Ready | LogPhase::Failed(_) => {
                    let [page, pages, total] = [u64::from(log.query.page), u64::from(log.pages), log.total];
                    ["Page ", &page.to_string(), " of ", &pages.to_string(), ", ", &total.to_string(), " calls"].concat()
                }
            }
        })
    };
    let at = Memo::new(move |_| handle.view.with(|view| (view.log.query, view.log.pages)));
    let turn = move |page: u32| {
        let (query, _) = at.get_untracked();
        handle.send(Agent::Navigate(Route::Log(query.at_page(page))));
    };
    view! {
        <div class="pager">
            <p role="status">{words}</p>
            {turner("Previous page", icon::LEFT, Signal::derive(move || at.get().0.page <= 1), Callback::new(move |()| {
                turn(at.get_untracked().0.page.saturating_sub(1));
            }))}
            {turner("Next page", icon::RIGHT, Signal::derive(move || at.get().0.page >= at.get().1), Callback::new(move |()| {
                turn(at.get_untracked().0.page.saturating_add(1));
            }))}
        </div>
    }
    .into_any()
}

fn turner(name: &'static str, symbol: Symbol, off: Signal<bool>, turn: Callback<()>) -> AnyView {
    view! {
        <button class="button square" aria-label=name title=name prop:disabled=off on:click=move |_| turn.run(())>
            {icon(symbol)}
        </button>
    }
    .into_any()
}

/// That the rows are old, why, and Retry.
pub(crate) fn trouble(handle: Handle) -> AnyView {
    let problem = Memo::new(move |_| {
        handle.view.with(|view| match &view.log.phase {
            LogPhase::Failed(problem) => Some(text::problem(problem)),
            LogPhase::Idle | LogPhase::Loading | LogPhase::Ready => None,
        })
    });
    let notice = move || {
        problem.get().map(|words| {
            view! {
                <div class="notice" role="alert" data-tone="warn">
                    {icon(icon::ALERT)}
                    <p>
                        <strong>{words.title}</strong>
                        " "
                        {words.advice}
                    </p>
                    <button class="button quiet" on:click=move |_| handle.send(Agent::ReloadLog)>
                        {icon(icon::RETRY)}
                        "Retry"
                    </button>
                </div>
            }
        })
    };
    notice.into_any()
}

/// The words of a table without rows.
pub(crate) fn nothing(handle: Handle, rows: Memo<Shown>) -> AnyView {
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Empty {
        /// No call at all.
        Wholly,
        /// None that fits the filters, or none on this page.
        Here,
    }
    let empty = Memo::new(move |_| {
        let none = rows.with(|rows| matches!(rows, Shown::Rows(rows) if rows.is_empty()));
        let ready = handle.view.with(|view| view.log.phase == LogPhase::Ready);
        (none && ready).then(|| {
            let query = handle.view.with(|view| view.log.query);
            let narrowed = query.direction.is_some() || query.status.is_some() || query.page > 1;
            if narrowed { Empty::Here } else { Empty::Wholly }
        })
    });
    let words = move || {
        empty.get().map(|empty| match empty {
            Empty::Wholly => view! {
                <div class="nothing">
                    {icon(icon::LOG)}
                    <h2>"No calls yet"</h2>
                    <p class="soft">"Every call, made or received, will be listed here."</p>
                </div>
            }
            .into_any(),
            Empty::Here => view! {
                <div class="nothing">
                    {icon(icon::LOG)}
                    <h2>"No such calls"</h2>
                    <p class="soft">"No call fits these filters."</p>
                    <button
                        class="button"
                        on:click=move |_| handle.send(Agent::Navigate(Route::Log(LogQuery::default())))
                    >
                        "Show all calls"
                    </button>
                </div>
            }
            .into_any(),
        })
    };
    words.into_any()
}
