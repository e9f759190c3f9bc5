//! Functions of points in time. Dates and times of day are those where the company is.

use super::{Made, number, text};
use crate::{
    Decimal, Fault,
    fault::shorten,
    mapping::{datum::Datum, expression::function::fault, schema::Scope},
};
use jiff::{Timestamp, ToSpan, Zoned, civil};

/// The point in time that a text says: with an offset, or a date where the company is.
pub(in crate::mapping) fn parse(text: &str, scope: &dyn Scope) -> Result<Timestamp, Fault> {
    if let Ok(at) = text.trim().parse::<Timestamp>() {
        return Ok(at);
    }
    let date = text.trim().parse::<civil::Date>().and_then(|date| date.to_zoned(scope.zone().clone()));
    date.map(|zoned| zoned.timestamp()).map_err(|_| fault(format!("`{}` is no point in time", shorten(text))))
}

/// The date of a point in time.
pub(in crate::mapping) fn day_of(at: Timestamp, scope: &dyn Scope) -> civil::Date {
    scope.zone().to_datetime(at).date()
}

fn at<'s>(given: &mut impl Iterator<Item = Datum<'s>>) -> Timestamp {
    match given.next() {
        Some(Datum::Instant(at)) => at,
        _ => Timestamp::UNIX_EPOCH,
    }
}

fn here<'s>(given: &mut impl Iterator<Item = Datum<'s>>, scope: &dyn Scope) -> Zoned {
    at(given).to_zoned(scope.zone().clone())
}

pub(in super::super) fn date<'s>(given: Vec<Datum<'s>>, scope: &'s dyn Scope) -> Made<'s> {
    let mut given = given.into_iter();
    let here = here(&mut given, scope);
    let form = text(&mut given);
    if form.is_empty() {
        return Ok(Datum::owned(here.date().to_string()));
    }
    let made = jiff::fmt::strtime::format(&*form, &here);
    made.map(Datum::owned).map_err(|error| fault(format!("`{}` is no form of a date: {error}", shorten(&form))))
}

pub(in super::super) fn time<'s>(given: Vec<Datum<'s>>, scope: &'s dyn Scope) -> Made<'s> {
    Ok(Datum::owned(here(&mut given.into_iter(), scope).strftime("%H:%M:%S").to_string()))
}

pub(in super::super) fn instant<'s>(given: Vec<Datum<'s>>, scope: &'s dyn Scope) -> Made<'s> {
    parse(&text(&mut given.into_iter()), scope).map(Datum::Instant)
}

pub(in super::super) fn add_days<'s>(given: Vec<Datum<'s>>, scope: &'s dyn Scope) -> Made<'s> {
    let mut given = given.into_iter();
    let (here, days) = (here(&mut given, scope), number(&mut given).normalize());
    let whole = i64::try_from(days.mantissa()).ok().filter(|whole| days.scale() == 0 && whole.abs() < 1_000_000);
    let later = whole.and_then(|days| here.checked_add(days.days()).ok());
    later.map(|later| Datum::Instant(later.timestamp())).ok_or_else(|| fault(format!("{days} days cannot be added")))
}

pub(in super::super) fn days_between<'s>(given: Vec<Datum<'s>>, scope: &'s dyn Scope) -> Made<'s> {
    let mut given = given.into_iter();
    let (from, to) = (here(&mut given, scope).date(), here(&mut given, scope).date());
    Ok(Datum::Number(from.until(to).map_or(0, |span| span.get_days()).into()))
}

fn part<'s>(given: Vec<Datum<'s>>, scope: &'s dyn Scope, of: impl Fn(civil::Date) -> i64) -> Made<'s> {
    Ok(Datum::Number(Decimal::from(of(here(&mut given.into_iter(), scope).date()))))
}

pub(in super::super) fn year<'s>(given: Vec<Datum<'s>>, scope: &'s dyn Scope) -> Made<'s> {
    part(given, scope, |date| date.year().into())
}

pub(in super::super) fn month<'s>(given: Vec<Datum<'s>>, scope: &'s dyn Scope) -> Made<'s> {
    part(given, scope, |date| date.month().into())
}

pub(in super::super) fn day<'s>(given: Vec<Datum<'s>>, scope: &'s dyn Scope) -> Made<'s> {
    part(given, scope, |date| date.day().into())
}

pub(in super::super) fn weekday<'s>(given: Vec<Datum<'s>>, scope: &'s dyn Scope) -> Made<'s> {
    part(given, scope, |date| date.weekday().to_monday_one_offset().into())
}
