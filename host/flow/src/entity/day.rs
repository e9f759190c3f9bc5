//! Days and instants. The ERP knows days only, and its days are those of the company; the shop knows instants, with the
//! offset they were written in. An order of an evening in Vancouver is of the next day in Toronto's books, or is not:
//! that depends on the company's zone alone, never on the shop's, the host's or UTC.

use crate::order::Instant;
use jiff::{civil::Date, tz::TimeZone};

/// The day of an instant in the company's books.
pub fn of(instant: Instant, company: &TimeZone) -> Date {
    instant.at.to_zoned(company.clone()).date()
}

/// The beginning of one of the company's days as an instant, with the offset that holds there then. The ERP gives no time
/// of day, so this is the earliest that it can have been. Nothing for a day that the calendar cannot place.
pub fn begin(day: Date, company: &TimeZone) -> Option<Instant> {
    let zoned = day.to_zoned(company.clone()).ok()?;
    let offset_minutes = i16::try_from(zoned.offset().seconds() / 60).ok()?;
    Some(Instant { at: zoned.timestamp(), offset_minutes })
}
