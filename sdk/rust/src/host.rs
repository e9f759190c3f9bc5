//! Inside the sandbox: the records are resources that the host lends for the length of the call.

#![allow(unsafe_code, reason = "a borrowed handle is kept without its lifetime, see `lend`")]

use crate::bindings::imports::crossdock::plugin as wit;
use std::{mem::ManuallyDrop, sync::OnceLock};

/// The host's order.
pub(crate) type Order = ManuallyDrop<wit::orders::Order>;
/// The host's document.
pub(crate) type Document = ManuallyDrop<wit::documents::Document>;
/// The host's candidates.
pub(crate) type Candidates = ManuallyDrop<wit::routing::Candidates>;
/// The host's customer.
pub(crate) type Customer = ManuallyDrop<wit::customers::Customer>;
/// The host's product.
pub(crate) type Product = ManuallyDrop<wit::products::Product>;

/// A second wrapper of each borrowed handle, so that an author's `Order` needs no lifetime. It never drops the handle:
/// the glue that lent it does. Used after the call, a handle is an index that the host does not know: a trap, no more.
pub(crate) fn order(lent: &wit::orders::Order) -> Order {
    // SAFETY: the handle is valid while the call runs, and ManuallyDrop keeps it from being dropped twice.
    ManuallyDrop::new(unsafe { wit::orders::Order::from_handle(lent.handle()) })
}

pub(crate) fn document(lent: &wit::documents::Document) -> Document {
    // SAFETY: as above.
    ManuallyDrop::new(unsafe { wit::documents::Document::from_handle(lent.handle()) })
}

pub(crate) fn candidates(lent: &wit::routing::Candidates) -> Candidates {
    // SAFETY: as above.
    ManuallyDrop::new(unsafe { wit::routing::Candidates::from_handle(lent.handle()) })
}

pub(crate) use wit::settings::get as setting;

/// They stand for the length of a call, and a sandbox lives for one call: they cross once, however often they are read.
pub(crate) fn all_settings() -> &'static [(String, String)] {
    static ALL: OnceLock<Vec<(String, String)>> = OnceLock::new();
    ALL.get_or_init(wit::settings::all)
}
pub(crate) fn customer(lent: &wit::customers::Customer) -> Customer {
    // SAFETY: as above.
    ManuallyDrop::new(unsafe { wit::customers::Customer::from_handle(lent.handle()) })
}

pub(crate) fn product(lent: &wit::products::Product) -> Product {
    // SAFETY: as above.
    ManuallyDrop::new(unsafe { wit::products::Product::from_handle(lent.handle()) })
}

pub(crate) fn log(level: crate::log::Level, message: &str) {
    wit::log::write(level, message);
}

pub(crate) fn look_up(what: &str, key: &str) -> Option<Vec<(String, String)>> {
    match what {
        "customer" => wit::lookup::customer(key),
        "product" => wit::lookup::product(key),
        _ => wit::lookup::stock(key),
    }
}

pub(crate) use wit::{
    clock::now,
    http::send as http_send,
    kv::{get as kv_get, remove as kv_remove, set as kv_set},
    random::bytes as random,
};
