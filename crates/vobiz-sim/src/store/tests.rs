use super::*;
use crate::options::Business;
use crate::settings::LogSdp;

const UNTIL: u64 = 1_790_000_000;

fn store(rows: u32) -> Store {
    Store::new(Seed::new(rows, UNTIL, "MA_TEST".into(), Business::default(), vec!["+919800000001".into()]))
}

fn all(page: u32, limit: u32) -> Query {
    Query { page, limit, direction: None, status: None }
}

fn live(status: Status) -> Row {
    Row { id: Uuid::from_u128(7), status, started: UNTIL + 10, ..store(1).seed.row(0) }
}

#[test]
fn pages_cover_everything_once_newest_first() {
    let store = store(130);
    let mut seen = Vec::new();
    for page in 1..=6 {
        let page = store.page(&all(page, 25), LogSdp::Absent);
        assert_eq!(page.total, 130);
        assert_eq!(page.has_more, page.page < 6);
        seen.extend(page.items);
    }
    assert_eq!(seen.len(), 130);
    let started: Vec<_> = seen.iter().map(|row| row.started_at.clone()).collect();
    assert!(started.is_sorted_by(|a, b| a >= b));
    let mut ids: Vec<_> = seen.iter().map(|row| row.id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 130);
}

#[test]
fn a_page_past_the_end_is_empty() {
    let page = store(10).page(&all(4_000_000, 100), LogSdp::Absent);
    assert!(page.items.is_empty() && !page.has_more && page.total == 10);
}

#[test]
fn filters_leave_only_what_they_name() {
    let store = store(5_000);
    let mut sum = 0;
    for direction in DIRECTIONS {
        for status in STATUSES {
            let query = Query {
                page: 1,
                limit: 100,
                direction: Some(direction.clone()),
                status: Some(status.clone()),
            };
            let page = store.page(&query, LogSdp::Absent);
            // Only who is called can answer early.
            let is_possible = (&direction, &status) != (&Direction::Outbound, &Status::PreAccepted);
            assert_eq!(!page.items.is_empty(), is_possible, "{direction} {status}");
            for row in &page.items {
                assert_eq!(row.direction.as_ref(), Some(&direction));
                assert_eq!(row.status.as_ref(), Some(&status));
            }
            sum += page.total;
        }
    }
    assert_eq!(sum, 5_000);
}

#[test]
fn a_new_call_is_first_and_moves_through_the_statuses() {
    let mut store = store(100);
    store.record(live(Status::Initiated));
    assert_eq!(store.page(&all(1, 1), LogSdp::Absent).items[0].status, Some(Status::Initiated));
    store.record(live(Status::Missed));
    let page = store.page(&all(1, 1), LogSdp::Absent);
    assert_eq!(page.items[0].status, Some(Status::Missed));
    assert_eq!(page.total, 101);
    let initiated = Query { status: Some(Status::Initiated), ..all(1, 100) };
    assert!(
        store
            .page(&initiated, LogSdp::Absent)
            .items
            .iter()
            .all(|row| row.id != live(Status::Missed).id.to_string())
    );
}

#[test]
fn the_history_is_believable_and_the_same_every_time() {
    let (first, second) = (store(2_000), store(2_000));
    assert_eq!(first.page(&all(3, 50), LogSdp::Absent), second.page(&all(3, 50), LogSdp::Absent));
    for number in 0..2_000 {
        let row = first.seed.row(number);
        assert!(row.started < UNTIL, "row {number} lies in the future");
        assert!(row.answered.is_none_or(|at| at > row.started));
        let person = if row.direction == Direction::Inbound { &row.from } else { &row.to };
        assert!(vobiz::Number::parse(person).is_ok(), "{person}");
        assert_eq!((row.direction.clone(), row.status.clone()), first.seed.kind(number));
    }
}

/// How long a page takes depends on the rows that are looked at for it, and these are the
/// rows on it, however long the log is and however deep the page lies. The milliseconds
/// are measured by `cargo xtask bench sim-log`.
#[test]
fn a_page_of_a_million_rows_looks_at_its_own_rows_only() {
    const LIMIT: u32 = 100;
    let mut store = store(1_000_000);
    store.record(live(Status::Missed));
    let directions = [None, Some(Direction::Inbound), Some(Direction::Outbound)];
    let statuses = STATUSES.map(Some).into_iter().chain([None]);
    for (direction, status) in
        statuses.flat_map(|status| directions.clone().map(|direction| (direction, status.clone())))
    {
        let query = |page| Query { page, limit: LIMIT, direction: direction.clone(), status: status.clone() };
        let total = store.total(&query(1));
        let last = total.div_ceil(u64::from(LIMIT)) as u32;
        for page in [1, last / 2, last, last + 1] {
            store.seed.looked_at.set(0);
            let shown = store.page(&query(page.max(1)), LogSdp::Absent);
            assert!(
                page > last || total == 0 || !shown.items.is_empty(),
                "{direction:?} {status:?} page {page}"
            );
            assert!(store.seed.looked_at.get() <= shown.items.len(), "{direction:?} {status:?} page {page}");
        }
    }
}
