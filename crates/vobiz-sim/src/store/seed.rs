//! The history that a log starts with: believable, and the same every time.
//!
//! A row is computed from its number alone, so that a long history costs no
//! memory beyond its indexes.

use uuid::{Builder, Uuid};
use vobiz::log::{Direction, Status};

use super::row::Row;
use crate::ids;
use crate::options::Business;

/// How far back the history reaches, in days.
const DAYS: u64 = 60;
const DAY: u64 = 86_400;

/// The business's day begins at this many seconds before midnight UTC
/// (India, UTC+5:30).
const EAST_OF_UTC: u64 = 5 * 3_600 + 1_800;

/// Distinct people in the history; some call again and again.
const CONTACTS: u64 = 600;

/// One in this many rows is from somebody on the console.
const FAMILIAR: u64 = 40;

/// Country code, leading digits of mobile numbers, and how many digits follow.
const PLANS: [(&str, &[&str], u32); 14] = [
    ("91", &["98", "97", "90", "88", "70"], 8),
    ("91", &["99", "96", "81", "63"], 8),
    ("55", &["119", "219", "319"], 8),
    ("62", &["812", "813", "857"], 8),
    ("52", &["55", "33", "81"], 8),
    ("49", &["151", "160", "176"], 8),
    ("44", &["7700", "7911", "7400"], 6),
    ("1", &["20255501", "41555501", "64655501"], 2),
    ("234", &["803", "806", "903"], 7),
    ("971", &["50", "55", "58"], 7),
    ("34", &["612", "655", "699"], 6),
    ("33", &["6", "7"], 8),
    ("39", &["333", "347"], 7),
    ("27", &["82", "83", "71"], 7),
];

/// How often each status occurs among a thousand rows. The reference's own
/// sample shows a finished call as `accepted`; `initiated`, `ringing` and
/// `pre_accepted` are rows whose end was never reported.
const STATUSES: [(Status, u64); 8] = [
    (Status::Terminated, 480),
    (Status::Accepted, 150),
    (Status::Missed, 200),
    (Status::Rejected, 95),
    (Status::Failed, 45),
    (Status::Ringing, 12),
    (Status::Initiated, 10),
    (Status::PreAccepted, 8),
];

/// A reproducible history.
#[derive(Debug, Clone)]
pub(crate) struct Seed {
    count: u32,
    /// Unix seconds of the newest possible row.
    until: u64,
    account: String,
    business: Business,
    familiar: Vec<String>,
    /// How many rows were looked at, whole or in part.
    #[cfg(test)]
    pub(super) looked_at: std::cell::Cell<usize>,
}

impl Seed {
    /// A history of `count` rows that ends at `until` (unix seconds).
    pub(crate) fn new(
        count: u32,
        until: u64,
        account: String,
        business: Business,
        familiar: Vec<String>,
    ) -> Self {
        Self {
            count,
            until,
            account,
            business,
            familiar,
            #[cfg(test)]
            looked_at: std::cell::Cell::default(),
        }
    }

    /// Rows in all.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Direction and status of a row, without the rest.
    pub(crate) fn kind(&self, number: u32) -> (Direction, Status) {
        kind(&mut self.dice(number))
    }

    /// A whole row. Rows are in the order of their numbers, oldest first.
    pub(crate) fn row(&self, number: u32) -> Row {
        let mut dice = self.dice(number);
        let (direction, status) = kind(&mut dice);
        let started = self.started(number, &mut dice);
        let person = self.person(&mut dice);
        let (answered, ended, cause) = course(&status, started, &mut dice);
        let business = self.business.phone_number.clone();
        let (from, to) =
            if direction == Direction::Inbound { (person, business) } else { (business, person) };
        let id = dice.uuid();
        Row {
            id,
            wacid: ids::wacid_of(dice.uuid(), dice.uuid()),
            account: self.account.clone(),
            channel: self.business.channel_id,
            direction,
            from,
            to,
            status,
            started,
            answered,
            ended,
            cause,
            offer: None,
            answer: None,
        }
    }

    fn dice(&self, number: u32) -> Dice {
        #[cfg(test)]
        self.looked_at.set(self.looked_at.get() + 1);
        Dice::new(number)
    }

    /// Rows are spread evenly over the days and unevenly over each day.
    fn started(&self, number: u32, dice: &mut Dice) -> u64 {
        let span = DAYS * DAY;
        let slot = span as f64 / f64::from(self.count.max(1));
        let position = (f64::from(number) + dice.fraction() * 0.9) * slot;
        let day = (position / DAY as f64).floor();
        let clock = busy_hours(position / DAY as f64 - day) * DAY as f64;
        // The last day is the one before the newest midnight at the business,
        // so that nothing lies in the future.
        let midnight = (self.until + EAST_OF_UTC) / DAY * DAY - EAST_OF_UTC;
        (midnight - span) + day as u64 * DAY + clock as u64
    }

    fn person(&self, dice: &mut Dice) -> String {
        if dice.below(FAMILIAR) == 0 && !self.familiar.is_empty() {
            let index = dice.below(self.familiar.len() as u64) as usize;
            return self.familiar[index].clone();
        }
        // The square makes some contacts much more frequent than others.
        let contact = (dice.fraction().powi(2) * CONTACTS as f64) as u64;
        contact_number(contact)
    }
}

fn contact_number(contact: u64) -> String {
    let mut dice = Dice(contact.wrapping_mul(0x9E37_79B9).wrapping_add(77));
    let (country, leads, digits) = PLANS[dice.below(PLANS.len() as u64) as usize];
    let lead = leads[dice.below(leads.len() as u64) as usize];
    let rest = dice.below(10_u64.pow(digits));
    format!("+{country}{lead}{rest:0width$}", width = digits as usize)
}

/// Maps an even share of a day to the business's hours: nearly all calls come
/// between 8:30 and 20:30.
fn busy_hours(share: f64) -> f64 {
    const OPENS: f64 = 8.5 / 24.0;
    const CLOSES: f64 = 20.5 / 24.0;
    const BEFORE: f64 = 0.03;
    const AFTER: f64 = 0.95;
    if share < BEFORE {
        share / BEFORE * OPENS
    } else if share < AFTER {
        OPENS + (share - BEFORE) / (AFTER - BEFORE) * (CLOSES - OPENS)
    } else {
        CLOSES + (share - AFTER) / (1.0 - AFTER) * (1.0 - CLOSES)
    }
}

fn kind(dice: &mut Dice) -> (Direction, Status) {
    let (direction, status) = (direction(dice), status(dice));
    // Only who is called can answer early.
    if status == Status::PreAccepted { (Direction::Inbound, status) } else { (direction, status) }
}

fn direction(dice: &mut Dice) -> Direction {
    if dice.below(100) < 58 { Direction::Inbound } else { Direction::Outbound }
}

fn status(dice: &mut Dice) -> Status {
    let mut share = dice.below(STATUSES.iter().map(|(_, weight)| weight).sum());
    for (status, weight) in &STATUSES {
        if share < *weight {
            return status.clone();
        }
        share -= weight;
    }
    Status::Terminated
}

/// When a call of this status was answered and ended, and why.
fn course(
    status: &Status,
    started: u64,
    dice: &mut Dice,
) -> (Option<u64>, Option<u64>, Option<&'static str>) {
    match status {
        Status::Terminated | Status::Accepted => {
            let answered = started + 2 + dice.below(16);
            // Most calls are short, a few very long: 8 s to half an hour.
            let talk = 8 + (dice.fraction().powi(3) * 1_800.0) as u64;
            (Some(answered), Some(answered + talk), Some("normal_clearing"))
        }
        Status::Missed => (None, Some(started + 20 + dice.below(26)), Some("no_answer")),
        Status::Rejected => (None, Some(started + 2 + dice.below(20)), Some("rejected")),
        Status::Failed => (None, Some(started + 1 + dice.below(20)), Some("setup_failed")),
        Status::Initiated | Status::Ringing | Status::PreAccepted | _ => (None, None, None),
    }
}

/// A small generator (SplitMix64): the history needs repeatability, not secrecy.
struct Dice(u64);

impl Dice {
    fn new(number: u32) -> Self {
        Self(u64::from(number).wrapping_mul(0xD134_2543_DE82_EF95).wrapping_add(0x5EED))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// Between 0 and 1.
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn uuid(&mut self) -> Uuid {
        let (high, low) = (self.next(), self.next());
        Builder::from_random_bytes(Uuid::from_u64_pair(high, low).into_bytes()).into_uuid()
    }
}
