//! Functions of lists, and the choice of what is there.

use super::{Made, list};
use crate::{
    Decimal,
    mapping::{
        datum::{Datum, Kind},
        expression::function::{fault, wrong},
        schema::Scope,
    },
};

pub(in super::super) fn size<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let size = match given.first() {
        Some(Datum::List(items)) => items.len(),
        Some(other) => other.to_text().chars().count(),
        None => 0,
    };
    Ok(Datum::Number(size.into()))
}

pub(in super::super) fn first<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    Ok(list(&mut given.into_iter()).into_iter().find(|item| !item.is_empty()).unwrap_or_default())
}

pub(in super::super) fn last<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    Ok(list(&mut given.into_iter()).into_iter().rev().find(|item| !item.is_empty()).unwrap_or_default())
}

/// The numbers of a list; what is empty is left out.
fn numbers(of: &str, given: Vec<Datum<'_>>) -> Result<Vec<Decimal>, crate::Fault> {
    let number = |item: Datum<'_>| match item {
        Datum::Number(number) => Some(Ok(number)),
        Datum::Empty => None,
        other => Some(Err(wrong(of, Kind::Number, &other))),
    };
    list(&mut given.into_iter()).into_iter().filter_map(number).collect()
}

pub(in super::super) fn sum<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let mut sum = Decimal::ZERO;
    for number in numbers("sum", given)? {
        sum = sum.checked_add(number).ok_or_else(|| fault("the sum is too large"))?;
    }
    Ok(Datum::Number(sum))
}

pub(in super::super) fn smallest<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    Ok(numbers("smallest", given)?.into_iter().min().map_or(Datum::Empty, Datum::Number))
}

pub(in super::super) fn largest<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    Ok(numbers("largest", given)?.into_iter().max().map_or(Datum::Empty, Datum::Number))
}

pub(in super::super) fn distinct<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let mut kept: Vec<Datum<'s>> = Vec::new();
    for item in list(&mut given.into_iter()) {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    Ok(Datum::List(kept))
}

pub(in super::super) fn default<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    Ok(given.into_iter().find(|datum| !datum.is_empty()).unwrap_or_default())
}
