//! The log as it is shown.

use std::sync::Arc;

use wire::{Problem, ProblemKind};

use crate::effect::Effect;
use crate::event::LogRequest;
use crate::log::{LogPage, LogRow};
use crate::phone::{Applied, Ignored, Phone};
use crate::route::{LogQuery, Route};
use crate::session;
use crate::view::{LogPhase, LogView};

/// The log.
#[derive(Debug)]
pub(crate) struct Logbook {
    query: LogQuery,
    phase: LogPhase,
    rows: Arc<[LogRow]>,
    total: u64,
    awaited: LogRequest,
}

impl Default for Logbook {
    fn default() -> Self {
        Self {
            query: LogQuery::default(),
            phase: LogPhase::Idle,
            rows: Arc::new([]),
            total: 0,
            awaited: LogRequest::default(),
        }
    }
}

impl Logbook {
    pub(crate) fn view(&self) -> LogView {
        let limit = u64::from(self.query.limit.max(1));
        let pages = u32::try_from(self.total.div_ceil(limit)).unwrap_or(u32::MAX).max(1);
        LogView {
            query: self.query,
            phase: self.phase.clone(),
            rows: Arc::clone(&self.rows),
            pages,
            total: self.total,
        }
    }
}

/// The page shows another place.
pub(crate) fn go(phone: &mut Phone, route: Route, out: &mut Vec<Effect>) {
    phone.route = route;
    fetch(phone, out);
}

/// Asks for the calls that the place shows: the page of the log that the address names;
/// beside the phone, the latest.
pub(crate) fn fetch(phone: &mut Phone, out: &mut Vec<Effect>) {
    let query = match phone.route {
        Route::Log(query) => query,
        Route::Phone => LogQuery::default(),
        Route::Team | Route::Settings => return,
    };
    if !phone.session.is_signed_in() {
        return;
    }
    let request = phone.names.log();
    phone.log.query = query;
    phone.log.phase = LogPhase::Loading;
    phone.log.awaited = request;
    out.push(Effect::FetchLog(request, query));
}

/// The relay answered.
pub(crate) fn replied(phone: &mut Phone, request: LogRequest, result: Result<LogPage, Problem>) -> Applied {
    if request != phone.log.awaited || phone.log.phase != LogPhase::Loading {
        return Err(Ignored::because("another page of the log was asked for since"));
    }
    match result {
        Ok(page) => {
            phone.log.rows = page.items.into();
            phone.log.total = page.total;
            phone.log.phase = LogPhase::Ready;
        }
        Err(problem) => {
            if problem.kind == ProblemKind::SignedOut {
                session::expire(phone);
            }
            phone.log.phase = LogPhase::Failed(problem);
        }
    }
    Ok(())
}

/// A call is over: the latest calls are asked for again. A page of the log that somebody
/// reads stays as it is.
pub(crate) fn refresh(phone: &mut Phone, out: &mut Vec<Effect>) {
    if phone.route == Route::Phone {
        fetch(phone, out);
    }
}

/// The relay is there again: what failed without it is tried again.
pub(crate) fn recover(phone: &mut Phone, out: &mut Vec<Effect>) {
    if matches!(phone.log.phase, LogPhase::Failed(_)) {
        fetch(phone, out);
    }
}

/// Forgets all rows: nobody is signed in.
pub(crate) fn clear(phone: &mut Phone) {
    phone.log = Logbook::default();
}
