//! Instants as text.

use wire::UnixMillis;

/// Reads an RFC 3339 instant. Years before 1970 are no instants of a call.
pub(crate) fn parse_rfc3339(text: &str) -> Option<UnixMillis> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<i64> {
        let part = bytes.get(from..to)?;
        part.iter()
            .try_fold(0_i64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let separators = [(4, b"-"), (7, b"-"), (10, b"Tt "), (13, b":"), (16, b":")] as [(usize, &[u8]); 5];
    if !separators.iter().all(|(at, any)| any.contains(&bytes[*at])) {
        return None;
    }
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (millis, zone_at) = fraction(bytes);
    let offset_minutes = match *bytes.get(zone_at)? {
        b'Z' | b'z' => 0,
        sign @ (b'+' | b'-') => {
            let minutes = number(zone_at + 1, zone_at + 3)? * 60 + number(zone_at + 4, zone_at + 6)?;
            if sign == b'+' { minutes } else { -minutes }
        }
        _ => return None,
    };
    let minutes = days_from_civil(year, month, day) * 24 * 60 + hour * 60 + minute - offset_minutes;
    UnixMillis::try_from((minutes * 60 + second) * 1_000 + millis).ok()
}

/// Milliseconds of the fraction behind the seconds, and where the zone begins.
fn fraction(bytes: &[u8]) -> (i64, usize) {
    const DOT: usize = 19;
    if bytes.get(DOT) != Some(&b'.') {
        return (0, DOT);
    }
    let digits = bytes[DOT + 1..].iter().take_while(|byte| byte.is_ascii_digit());
    let (mut millis, mut weight, mut length) = (0, 100, 0);
    for digit in digits {
        millis += i64::from(digit - b'0') * weight;
        weight /= 10;
        length += 1;
    }
    (millis, DOT + 1 + length)
}

/// Days since 1970-01-01 of a date of the Gregorian calendar, counted in years that
/// begin in March, so that the leap day comes last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    /// Days from 0000-03-01 to 1970-01-01.
    const EPOCH: i64 = 719_468;
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - EPOCH
}

#[cfg(test)]
mod tests {
    use super::parse_rfc3339;

    #[test]
    fn reads_what_the_reference_shows() {
        assert_eq!(parse_rfc3339("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse_rfc3339("2026-03-25T14:00:04Z"), Some(1_774_447_204_000));
        assert_eq!(parse_rfc3339("2026-03-25T19:30:04.5+05:30"), Some(1_774_447_204_500));
        assert_eq!(parse_rfc3339("2024-02-29T23:59:59.123456Z"), Some(1_709_251_199_123));
    }

    #[test]
    fn takes_nothing_else() {
        for text in
            ["", "2026", "2026-03-25", "2026-13-25T14:00:04Z", "2026-03-25T14:00:04", "1969-01-01T00:00:00Z"]
        {
            assert_eq!(parse_rfc3339(text), None, "{text:?}");
        }
    }
}
