//! Dates as people and shops write them, rewritten as the instants that an order needs: `2026-11-23T10:00:00Z`.

use jiff::{
    Timestamp,
    civil::{Date, Time},
    fmt::{rfc2822, temporal::Pieces},
};

/// In which order day, month and year stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    DayFirst,
    MonthFirst,
    /// The year first, or a notation that leaves no doubt: RFC 2822, seconds or milliseconds since 1970.
    Certain,
}

/// What had to be assumed, because it was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assumed {
    Nothing,
    Offset,
    TimeAndOffset,
}

/// Rewrites a date. Without a time it becomes noon, without an offset UTC. `None` when it is right already, or no date
/// even if it is read so.
pub(super) fn rewrite(text: &str, order: Order) -> Option<(String, Assumed)> {
    let text = text.trim();
    if is_instant(text) {
        return None;
    }
    if order == Order::Certain
        && let Some(instant) = rfc2822::parse(text).ok().map(|zoned| zoned.timestamp()).or_else(|| since_1970(text))
    {
        return Some((instant.to_string(), Assumed::Nothing));
    }
    let (date, rest) = text.split_once([' ', 'T', ',']).unwrap_or((text, ""));
    let rest = rest.trim_start_matches([',', ' ']);
    let date = day(date, order)?;
    if rest.is_empty() {
        return Some((format!("{date}T12:00:00Z"), Assumed::TimeAndOffset));
    }
    let (time, offset) = clock(rest)?;
    Some(match offset {
        Some(offset) => (format!("{date}T{time}{offset}"), Assumed::Nothing),
        None => (format!("{date}T{time}Z"), Assumed::Offset),
    })
}

/// Whether it is an instant with its offset, as an order needs it.
fn is_instant(text: &str) -> bool {
    Pieces::parse(text).is_ok_and(|pieces| pieces.time().is_some() && pieces.to_numeric_offset().is_some())
}

fn day(text: &str, order: Order) -> Option<Date> {
    let sign = text.chars().find(|c| matches!(c, '.' | '/' | '-'))?;
    let mut parts = text.split(sign);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = match order {
        Order::DayFirst => (third, second, first),
        Order::MonthFirst => (third, first, second),
        Order::Certain => (first, second, third),
    };
    let year = match year.len() {
        2 if order != Order::Certain => 2000 + number(year)?,
        4 => number(year)?,
        _ => return None,
    };
    let short = |text: &str| number(text).filter(|_| text.len() <= 2).and_then(|number| i8::try_from(number).ok());
    Date::new(year, short(month)?, short(day)?).ok()
}

/// The time and the offset after a date.
fn clock(text: &str) -> Option<(Time, Option<String>)> {
    let upper = text.to_ascii_uppercase();
    let (bare, half) = match (upper.strip_suffix("AM"), upper.strip_suffix("PM")) {
        (Some(bare), _) => (bare.trim_end(), Some(0)),
        (_, Some(bare)) => (bare.trim_end(), Some(12)),
        _ => (upper.as_str(), None),
    };
    let start = bare.find(['+', '-', 'Z']).unwrap_or(bare.len());
    let (bare, offset) = (bare[..start].trim_end(), &bare[start..]);
    let mut parts = bare.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next().unwrap_or("0"));
    let second = second.split_once('.').map_or(second, |(whole, _)| whole);
    let hour = match half {
        None => number(hour)?,
        Some(half) => Some(number(hour)?).filter(|hour| (1..=12).contains(hour))? % 12 + half,
    };
    let short = |number: i16| i8::try_from(number).ok();
    let time = Time::new(short(hour)?, short(number(minute)?)?, short(number(second)?)?, 0).ok().filter(|_| parts.next().is_none())?;
    // An offset that nobody can read makes the whole unreadable.
    let readable = offset.is_empty() || is_instant(&format!("2000-01-01T00:00:00{offset}"));
    readable.then(|| (time, (!offset.is_empty()).then(|| offset.to_owned())))
}

/// Seconds or milliseconds since 1970, of a time between 2001 and 2286.
fn since_1970(text: &str) -> Option<Timestamp> {
    let count = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i64>().ok())??;
    match text.len() {
        10 => Timestamp::from_second(count).ok(),
        13 => Timestamp::from_millisecond(count).ok(),
        _ => None,
    }
}

fn number(text: &str) -> Option<i16> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_people_and_shops_write_them() {
        for (text, day_first, month_first, certain) in [
            ("23.11.2026", Some("2026-11-23T12:00:00Z"), None, None),
            ("11/23/2026", None, Some("2026-11-23T12:00:00Z"), None),
            ("3/4/26", Some("2026-04-03T12:00:00Z"), Some("2026-03-04T12:00:00Z"), None),
            ("03-04-2026 14:05", Some("2026-04-03T14:05:00Z"), Some("2026-03-04T14:05:00Z"), None),
            ("11/23/2026, 2:05:09 pm", None, Some("2026-11-23T14:05:09Z"), None),
            ("11/23/2026 12:05 AM", None, Some("2026-11-23T00:05:00Z"), None),
            ("23.11.2026 10:00 +02:00", Some("2026-11-23T10:00:00+02:00"), None, None),
            ("2026-11-23", None, None, Some("2026-11-23T12:00:00Z")),
            ("2026/11/23 10:00", None, None, Some("2026-11-23T10:00:00Z")),
            ("2026-11-23T10:00:00", None, None, Some("2026-11-23T10:00:00Z")),
            ("2026-11-23T10:00:00.123", None, None, Some("2026-11-23T10:00:00Z")),
            ("Mon, 23 Nov 2026 10:00:00 -0500", None, None, Some("2026-11-23T15:00:00Z")),
            ("1795446000", None, None, Some("2026-11-23T15:00:00Z")),
            ("1795446000000", None, None, Some("2026-11-23T15:00:00Z")),
            // Right as it stands, and no date at all.
            ("2026-11-23T10:00:00Z", None, None, None),
            ("2026-11-23T10:00:00-05:00", None, None, None),
            ("31.02.2026", None, None, None),
            ("23.11.2026 25:00", None, None, None),
            ("23.11.2026 13:00 pm", None, None, None),
            ("23.11.2026 10:00 somewhere", None, None, None),
            ("1.2.3.2026", None, None, None),
            ("1.2.326", None, None, None),
            ("tomorrow", None, None, None),
            ("4711", None, None, None),
            ("", None, None, None),
        ] {
            let read = [Order::DayFirst, Order::MonthFirst, Order::Certain].map(|order| rewrite(text, order).map(|(instant, _)| instant));
            assert_eq!(read.each_ref().map(Option::as_deref), [day_first, month_first, certain], "{text}");
            for instant in read.into_iter().flatten() {
                assert!(is_instant(&instant), "{text} became {instant}");
            }
        }
    }

    #[test]
    fn what_is_assumed_is_said() {
        for (text, assumed) in
            [("2026-11-23", Assumed::TimeAndOffset), ("2026-11-23 10:00", Assumed::Offset), ("Mon, 23 Nov 2026 10:00:00 -0500", Assumed::Nothing)]
        {
            assert_eq!(rewrite(text, Order::Certain).unwrap().1, assumed, "{text}");
        }
    }
}
