//! The money side from outside: published samples that do not add up, the rules one by one, and the books of ten thousand
//! random orders.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod books;
mod certificate;
mod closing;
mod dates;
mod gateway;
mod golden;
mod rules;
mod shop;

use crossdock_flow::{Currency, Decimal, OrderNumber, order::Instant};

/// An exact number.
fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn number(text: &str) -> OrderNumber {
    OrderNumber::parse(text).unwrap()
}

fn at(text: &str) -> Instant {
    Instant::utc(text.parse().unwrap())
}
