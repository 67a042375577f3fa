//! This machine's clock against the one of the upstream's `Date` header.

use std::time::{SystemTime, UNIX_EPOCH};

use super::Finding;

/// Most seconds that the clocks may differ: `Date` has whole seconds, an answer takes a
/// moment, and a ring lasts only half a minute.
const MAY_DIFFER: u64 = 5;

/// Compares `Date` (RFC 9110, section 6.6.1) with now.
pub(super) fn check(date: Option<&str>, now: SystemTime) -> Finding {
    const CHECK: &str = "clock";
    let Some(theirs) = date.and_then(seconds) else {
        return Finding::note(
            CHECK,
            "the upstream did not say what time it is",
            "Make sure that this machine's time is set by NTP.",
        );
    };
    let ours = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let apart = ours.abs_diff(theirs);
    if apart <= MAY_DIFFER {
        return Finding::fine(CHECK, format!("within {} s of the upstream's", MAY_DIFFER));
    }
    let way = if ours > theirs { "ahead of" } else { "behind" };
    Finding::wrong(
        CHECK,
        format!("this machine is {apart} s {way} the upstream"),
        "Set the time by NTP (such as `timedatectl set-ntp true`): rings would die early or be taken for old ones.",
    )
}

/// Unix seconds of an IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT`.
fn seconds(date: &str) -> Option<u64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, date) = date.split_once(", ")?;
    let parts: Vec<&str> = date.split(' ').collect();
    let [day, month, year, time, "GMT"] = parts[..] else { return None };
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let (day, year): (u64, u64) = (day.parse().ok()?, year.parse().ok()?);
    let clock: Vec<u64> = time.split(':').filter_map(|part| part.parse().ok()).collect();
    let [hour, minute, second] = clock[..] else { return None };
    if !(1970..=9999).contains(&year) || !(1..=31).contains(&day) {
        return None;
    }
    Some(days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Days from the epoch to a date, counted in years that begin in March, so that leap days
/// come last (<https://howardhinnant.github.io/date_algorithms.html#days_from_civil>).
fn days(year: u64, month: u64, day: u64) -> u64 {
    /// Days from 0000-03-01 to 1970-01-01.
    const EPOCH: u64 = 719_468;
    let year = if month <= 2 { year - 1 } else { year };
    let in_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + in_year - EPOCH
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{super::Verdict, check, seconds};

    #[test]
    fn reads_dates_and_nothing_else() {
        for (date, expected) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Thu, 29 Feb 2024 23:59:59 GMT", Some(1_709_251_199)),
            ("Sun, 22 Nov 2026 22:00:00 GMT", Some(1_795_384_800)),
            ("yesterday", None),
            ("Sun, 06 Nov 1994 08:49 GMT", None),
            ("Sun, 0 Nov 1 08:49:37 GMT", None),
        ] {
            assert_eq!(seconds(date), expected, "{date}");
        }
    }

    #[test]
    fn says_by_how_much_a_clock_is_wrong() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        let at = |seconds: u64| UNIX_EPOCH + Duration::from_secs(784_111_777 + seconds);
        assert_eq!(check(date, at(5)).verdict, Verdict::Fine);
        let late = check(date, at(90));
        assert_eq!(
            (late.verdict, late.seen.as_str()),
            (Verdict::Wrong, "this machine is 90 s ahead of the upstream")
        );
        assert_eq!(check(None, at(0)).verdict, Verdict::Note);
    }
}
