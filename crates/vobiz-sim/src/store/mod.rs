//! The call log. A sorted list of row numbers for each filter answers any page
//! in the time that its rows take to write, however deep it lies; a database
//! would have to count its way to the offset.

mod row;
mod seed;

use std::collections::HashMap;

use uuid::Uuid;
use vobiz::log::{CallLog, Direction, LogPage, Status};

pub(crate) use row::Row;
pub(crate) use seed::Seed;

use crate::settings::LogSdp;

/// Rows of calls made while the simulator runs that are kept; the oldest is
/// then frozen out of change but stays in the log.
const MAX_LIVE_ROWS: usize = 100_000;

/// The directions and statuses that can be filtered by, in the order of the
/// indexes.
const DIRECTIONS: [Direction; 2] = [Direction::Inbound, Direction::Outbound];
const STATUSES: [Status; 8] = [
    Status::Initiated,
    Status::Ringing,
    Status::PreAccepted,
    Status::Accepted,
    Status::Rejected,
    Status::Terminated,
    Status::Failed,
    Status::Missed,
];

/// A page of the log and which rows it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    /// From 1.
    pub(crate) page: u32,
    /// Rows on a page.
    pub(crate) limit: u32,
    pub(crate) direction: Option<Direction>,
    pub(crate) status: Option<Status>,
}

/// Seeded history followed by the calls made since.
pub(crate) struct Store {
    seed: Seed,
    live: Vec<Row>,
    numbers: HashMap<Uuid, u32>,
    by_direction: [Vec<u32>; 2],
    by_status: [Vec<u32>; 8],
    by_both: [[Vec<u32>; 8]; 2],
}

impl Store {
    pub(crate) fn new(seed: Seed) -> Self {
        let mut store = Self {
            live: Vec::new(),
            numbers: HashMap::new(),
            by_direction: Default::default(),
            by_status: Default::default(),
            by_both: Default::default(),
            seed,
        };
        for number in 0..store.seed.count() {
            let (direction, status) = store.seed.kind(number);
            store.enter(number, &direction, &status);
        }
        store
    }

    /// Adds a call's row or brings it up to date.
    pub(crate) fn record(&mut self, row: Row) {
        if let Some(number) = self.numbers.get(&row.id).copied() {
            let index = (number - self.seed.count()) as usize;
            let Some(old) = self.live.get(index).cloned() else {
                return;
            };
            self.leave(number, &old.direction, &old.status);
            self.enter(number, &row.direction, &row.status);
            self.live[index] = row;
        } else if self.live.len() < MAX_LIVE_ROWS {
            let number = self.seed.count() + self.live.len() as u32;
            self.numbers.insert(row.id, number);
            self.enter(number, &row.direction, &row.status);
            self.live.push(row);
        } else {
            tracing::warn!("the log is full; a call is not recorded");
        }
    }

    /// A page, newest first.
    pub(crate) fn page(&self, query: &Query, sdp: LogSdp) -> LogPage {
        let total = self.total(query);
        let skip = (u64::from(query.page) - 1) * u64::from(query.limit);
        let left = total.saturating_sub(skip);
        let taken = left.min(u64::from(query.limit));
        let items = (0..taken)
            .map(|n| self.number(query, (left - 1 - n) as usize))
            .map(|number| self.row(number, sdp))
            .collect();
        LogPage { items, total, page: query.page, limit: query.limit, has_more: left > taken }
    }

    fn total(&self, query: &Query) -> u64 {
        match self.list(query) {
            Some(list) => list.len() as u64,
            None => u64::from(self.seed.count()) + self.live.len() as u64,
        }
    }

    /// The number of the row at a place in the order from old to new.
    fn number(&self, query: &Query, place: usize) -> u32 {
        match self.list(query) {
            Some(list) => list[place],
            None => place as u32,
        }
    }

    /// The rows that a query's filters leave; `None` for all of them.
    fn list(&self, query: &Query) -> Option<&Vec<u32>> {
        let direction = query.direction.as_ref().map(direction_index);
        let status = query.status.as_ref().map(status_index);
        match (direction, status) {
            (None, None) => None,
            (Some(direction), None) => Some(&self.by_direction[direction]),
            (None, Some(status)) => Some(&self.by_status[status]),
            (Some(direction), Some(status)) => Some(&self.by_both[direction][status]),
        }
    }

    fn row(&self, number: u32, sdp: LogSdp) -> CallLog {
        match number.checked_sub(self.seed.count()) {
            None => self.seed.row(number).to_wire(sdp),
            Some(index) => self.live[index as usize].to_wire(sdp),
        }
    }

    fn enter(&mut self, number: u32, direction: &Direction, status: &Status) {
        self.change(direction, status, |list| {
            if let Err(place) = list.binary_search(&number) {
                list.insert(place, number);
            }
        });
    }

    fn leave(&mut self, number: u32, direction: &Direction, status: &Status) {
        self.change(direction, status, |list| {
            if let Ok(place) = list.binary_search(&number) {
                list.remove(place);
            }
        });
    }

    fn change(&mut self, direction: &Direction, status: &Status, mut edit: impl FnMut(&mut Vec<u32>)) {
        let (direction, status) = (direction_index(direction), status_index(status));
        edit(&mut self.by_direction[direction]);
        edit(&mut self.by_status[status]);
        edit(&mut self.by_both[direction][status]);
    }
}

/// Whether the log knows this direction.
pub(crate) fn is_direction(direction: &Direction) -> bool {
    DIRECTIONS.contains(direction)
}

/// Whether the log knows this status.
pub(crate) fn is_status(status: &Status) -> bool {
    STATUSES.contains(status)
}

fn direction_index(direction: &Direction) -> usize {
    DIRECTIONS.iter().position(|known| known == direction).unwrap_or(0)
}

fn status_index(status: &Status) -> usize {
    STATUSES.iter().position(|known| known == status).unwrap_or(0)
}

#[cfg(test)]
mod tests;
