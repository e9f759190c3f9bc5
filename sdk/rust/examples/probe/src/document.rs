//! The steps of `post-map`, and its export.
//!
//! The Rust SDK does not list the fields of a document's line, as the contract's `line-fields` does. So this export
//! stands before the SDK's: it asks for them itself, keeps them, and hands the call on.

use crate::text::{comma, outcome, value};
use crossdock_sdk::{Document, EditError, Field, Value, dec, log};
use std::cell::RefCell;

thread_local! {
    static LINES: RefCell<Vec<Vec<Field>>> = const { RefCell::new(Vec::new()) };
}

pub(crate) fn describe_and_edit(document: &mut Document) -> Result<(), EditError> {
    log::info(format!("document key={} warehouse={}", document.key(), document.warehouse()));
    for field in document.fields() {
        log::info(format!("field {}={}", field.name, value(&field.value)));
    }
    for (index, fields) in LINES.take().iter().enumerate() {
        let fields: String = fields.iter().map(|field| format!(" {}={}", field.name, value(&field.value))).collect();
        log::info(format!("line {index}{fields}"));
    }
    log::info(format!("column Quantity={}", comma(document.column("Quantity").iter().map(value))));
    document.set_field("Comment", "probed", "noted")?;
    document.set_line_field(0, "GLCode", "4000", "coded")?;
    let sites: Vec<Value> = (0..document.line_count()).map(|line| format!("S{line}").into()).collect();
    document.set_column("Site", &sites, "sited")
}

pub(crate) fn locked(document: &mut Document) {
    log::info(outcome(document.set_field("TotalAmount", dec!(1), "try")));
}

#[cfg(target_family = "wasm")]
mod glue {
    use crossdock_sdk::{
        Context, Glue, HookError, Verdict,
        bindings::{
            imports::crossdock::plugin::{documents::Document, orders::Order},
            post_map::exports::crossdock::plugin::post_map::Guest,
        },
    };

    pub(crate) struct WithLineFields;

    impl Guest for WithLineFields {
        fn run(context: Context, order: &Order, document: &Document) -> Result<Verdict, HookError> {
            super::LINES.set((0..document.line_count()).map(|line| document.line_fields(line)).collect());
            Glue::<crate::Probe>::run(context, order, document)
        }
    }

    crossdock_sdk::bindings::post_map::export_post_map!(WithLineFields with_types_in crossdock_sdk::bindings::post_map);
}
