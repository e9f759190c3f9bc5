//! Functions of exact numbers.

use super::{Made, count, number as take};
use crate::{
    Decimal, Fault,
    fault::shorten,
    mapping::{
        datum::{Datum, Kind},
        expression::function::{fault, wrong},
        schema::Scope,
    },
    money::HALF_UP,
};

/// The number that a text says: digits with a point, nothing else.
pub(in crate::mapping) fn parse(text: &str) -> Result<Decimal, Fault> {
    let text = text.trim();
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
    let number = if plain { Decimal::from_str_exact(text).ok() } else { None };
    number.ok_or_else(|| fault(format!("`{}` is no number", shorten(text))))
}

pub(in super::super) fn number<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    match given.into_iter().next() {
        Some(Datum::Text(text)) => parse(&text).map(Datum::Number),
        Some(number @ (Datum::Number(_) | Datum::Empty)) => Ok(number),
        Some(other) => Err(wrong("number", Kind::Text, &other)),
        None => Ok(Datum::Empty),
    }
}

fn decimals<'s>(of: &str, given: &mut impl Iterator<Item = Datum<'s>>) -> Result<u32, Fault> {
    Ok(u32::try_from(count(of, given)?).unwrap_or(u32::MAX).min(28))
}

pub(in super::super) fn round<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let mut given = given.into_iter();
    let number = take(&mut given);
    Ok(Datum::Number(number.round_dp_with_strategy(decimals("round", &mut given)?, HALF_UP)))
}

pub(in super::super) fn floor<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    Ok(Datum::Number(take(&mut given.into_iter()).floor()))
}

pub(in super::super) fn ceil<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    Ok(Datum::Number(take(&mut given.into_iter()).ceil()))
}

pub(in super::super) fn abs<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    Ok(Datum::Number(take(&mut given.into_iter()).abs()))
}

pub(in super::super) fn fixed<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let mut given = given.into_iter();
    let number = take(&mut given);
    let decimals = decimals("fixed", &mut given)?;
    let mut number = number.round_dp_with_strategy(decimals, HALF_UP);
    number.rescale(decimals);
    Ok(Datum::owned(number.to_string()))
}

fn choose<'s>(given: Vec<Datum<'s>>, choose: impl Fn(Decimal, Decimal) -> Decimal) -> Made<'s> {
    let numbers = given.into_iter().filter_map(|datum| match datum {
        Datum::Number(number) => Some(number),
        _ => None,
    });
    Ok(numbers.reduce(choose).map_or(Datum::Empty, Datum::Number))
}

pub(in super::super) fn min<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    choose(given, Decimal::min)
}

pub(in super::super) fn max<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    choose(given, Decimal::max)
}
