//! Goods and people: every decider's rules, one line each where that is enough, and what must hold for any input as
//! properties. The numbers in names (`pitfall_13_…`) are those of docs/pitfalls.md.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod address;
mod customer;
mod day;
mod echo;
mod invoice;
mod kit;
mod merge;
mod places;
mod product;
mod shipment;
mod stock;
mod tables;

use crossdock_flow::Decimal;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn at(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(second).unwrap()
}

/// Through its JSON and back: what a console shows is what we have.
fn round<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
}
