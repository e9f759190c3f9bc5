//! Months of the books: which are locked, and on what day an event is posted. Days are days in the company's time zone.

use super::Close;
use crate::{
    fault::{Code, Fault},
    order::Instant,
};
use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// A month of the books, written `2026-08`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month(Date);

impl Month {
    /// Parses `2026-08`. Fails with E202.
    pub fn parse(text: &str) -> Result<Month, Fault> {
        let day = (text.len() == 7).then(|| format!("{text}-01").parse().ok()).flatten();
        day.map(Month).ok_or_else(|| Fault::new(Code::InvalidField, format!("`{}` is no month such as 2026-08", crate::fault::shorten(text))))
    }

    /// The month of a day.
    pub fn of(day: Date) -> Month {
        Month(day.first_of_month())
    }

    /// Its first day.
    pub fn first(self) -> Date {
        self.0
    }

    /// The month after it; itself at the end of time.
    pub fn next(self) -> Month {
        Month::of(self.0.last_of_month().tomorrow().unwrap_or(self.0))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl TryFrom<String> for Month {
    type Error = Fault;
    fn try_from(text: String) -> Result<Month, Fault> {
        Month::parse(&text)
    }
}

impl From<Month> for String {
    fn from(month: Month) -> String {
        month.to_string()
    }
}

/// The day of an instant for the company: what was sold at 23:30 in Vancouver was sold the next day in Toronto.
pub fn day(at: Instant, zone: &TimeZone) -> Date {
    at.at.to_zoned(zone.clone()).date()
}

/// When an event is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dated {
    /// The day.
    pub on: Date,
    /// The locked month in which it belongs, when it came too late for it.
    pub corrects: Option<Month>,
}

/// The months that are locked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Periods {
    locked: BTreeSet<Month>,
}

impl FromIterator<Month> for Periods {
    fn from_iter<M: IntoIterator<Item = Month>>(months: M) -> Periods {
        Periods { locked: months.into_iter().collect() }
    }
}

impl Periods {
    /// Whether nothing may be posted in the month.
    pub fn is_locked(&self, month: Month) -> bool {
        self.locked.contains(&month)
    }

    /// The locked months, earliest first.
    pub fn locked(&self) -> impl Iterator<Item = Month> {
        self.locked.iter().copied()
    }

    /// Locks the month that was closed. Fails with E704 while something in it does not match.
    pub fn lock(&mut self, close: &Close) -> Result<(), Fault> {
        if let Some(first) = close.unmatched.first() {
            let told = format!("{} do not match, first {first}", close.unmatched.len());
            return Err(Fault::new(Code::Period, told).at(close.month.to_string()));
        }
        self.locked.insert(close.month);
        Ok(())
    }

    /// When an event of that day is posted: on the day, or, where its month is locked, on the first open day after it, as
    /// a correction that names the month.
    pub fn date(&self, day: Date) -> Dated {
        let month = Month::of(day);
        if !self.is_locked(month) {
            return Dated { on: day, corrects: None };
        }
        let mut open = month.next();
        while self.is_locked(open) && open.next() != open {
            open = open.next();
        }
        Dated { on: open.first(), corrects: Some(month) }
    }
}
