//! The operators on values: exact arithmetic, joining, comparing.

use super::function::{fault, wrong};
use crate::{
    Decimal, Fault,
    mapping::datum::{Datum, Kind},
};
use std::cmp::Ordering;

/// What is done with two numbers; `+` joins texts and lists, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Arithmetic {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Arithmetic::Add => "+",
            Arithmetic::Subtract => "-",
            Arithmetic::Multiply => "*",
            Arithmetic::Divide => "/",
            Arithmetic::Remainder => "%",
        }
    }
}

pub(super) fn arithmetic<'s>(what: Arithmetic, one: Datum<'s>, other: Datum<'s>) -> Result<Datum<'s>, Fault> {
    match (one, other) {
        (Datum::Number(one), Datum::Number(other)) => numbers(what, one, other).map(Datum::Number),
        (Datum::Text(one), Datum::Text(other)) if what == Arithmetic::Add => Ok(Datum::owned(one.into_owned() + &other)),
        (Datum::List(mut one), Datum::List(other)) if what == Arithmetic::Add => {
            one.extend(other);
            Ok(Datum::List(one))
        }
        // To a text or a list nothing adds nothing; a number with nothing is nothing.
        (Datum::Empty, other @ (Datum::Text(_) | Datum::List(_))) | (other @ (Datum::Text(_) | Datum::List(_)), Datum::Empty)
            if what == Arithmetic::Add =>
        {
            Ok(other)
        }
        (Datum::Empty, Datum::Number(_) | Datum::Empty) | (Datum::Number(_), Datum::Empty) => Ok(Datum::Empty),
        (one, other) => Err(fault(format!("`{}` cannot take {} and {}", what.sign(), one.kind(), other.kind()))),
    }
}

fn numbers(what: Arithmetic, one: Decimal, other: Decimal) -> Result<Decimal, Fault> {
    if other.is_zero() && matches!(what, Arithmetic::Divide | Arithmetic::Remainder) {
        return Err(fault(format!("{one} cannot be divided by zero")));
    }
    let made = match what {
        Arithmetic::Add => one.checked_add(other),
        Arithmetic::Subtract => one.checked_sub(other),
        Arithmetic::Multiply => one.checked_mul(other),
        Arithmetic::Divide => one.checked_div(other).map(|quotient| quotient.normalize()),
        Arithmetic::Remainder => one.checked_rem(other),
    };
    made.ok_or_else(|| fault(format!("{one} {} {other} is too large", what.sign())))
}

pub(super) fn compare(how: Order, one: &Datum<'_>, other: &Datum<'_>) -> Result<bool, Fault> {
    match how {
        Order::Equal => return Ok(one == other),
        Order::NotEqual => return Ok(one != other),
        _ => {}
    }
    let found = match (one, other) {
        (Datum::Number(one), Datum::Number(other)) => one.cmp(other),
        (Datum::Text(one), Datum::Text(other)) => one.cmp(other),
        (Datum::Instant(one), Datum::Instant(other)) => one.cmp(other),
        (Datum::Empty, _) | (_, Datum::Empty) => return Ok(false),
        (one, other) => return Err(fault(format!("{} and {} cannot be compared", one.kind(), other.kind()))),
    };
    Ok(match how {
        Order::Less => found == Ordering::Less,
        Order::LessOrEqual => found != Ordering::Greater,
        Order::Greater => found == Ordering::Greater,
        _ => found != Ordering::Less,
    })
}

/// One element of a list, from 0; nothing beyond its end.
pub(super) fn item<'s>(list: Datum<'s>, place: Datum<'s>) -> Result<Datum<'s>, Fault> {
    match (list, place) {
        (Datum::List(mut list), Datum::Number(place)) => {
            let place = usize::try_from(place.mantissa()).ok().filter(|at| place.scale() == 0 && *at < list.len());
            Ok(place.map_or(Datum::Empty, |place| list.swap_remove(place)))
        }
        (Datum::Empty, _) | (_, Datum::Empty) => Ok(Datum::Empty),
        (Datum::List(_), other) => Err(wrong("[…]", Kind::Number, &other)),
        (other, _) => Err(wrong("[…]", Kind::List(&Kind::Any), &other)),
    }
}
