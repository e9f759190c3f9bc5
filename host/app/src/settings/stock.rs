//! `[stock]`: whether orders are promised what they take, and how much is kept back beyond that. Absent: nothing is.

use super::{done, sync::Sides};
use crossdock_flow::{
    Decimal,
    entity::{echo::Kind, lag},
    promise::Figure,
    sync::{Flow, Promises},
    written::Table,
};

const BUFFER: [&str; 3] = ["factor", "least", "most"];

/// Reads `[stock]`. What stands in the warehouse is told of by shipments only, so these have to come.
pub(super) fn read_stock(table: Option<&Table<'_>>, sides: &Sides, sync: &mut [Flow]) -> Option<Option<Promises>> {
    let Some(table) = table else { return Some(None) };
    // A single sale in a day would keep a whole unit back: nobody gets that unasked.
    let nothing = lag::Policy { factor: Decimal::ZERO, ..lag::Policy::default() };
    let read = done(table, |table| {
        let cure = "\"available\" where the ERP takes its open orders off, \"on-hand\" where it does not";
        let counts = table.required("counts", cure).and_then(|entry| {
            let counts = match entry.text()?.as_str() {
                "available" => Some(Figure::Available),
                "on-hand" => Some(Figure::OnHand),
                _ => None,
            };
            if counts.is_none() {
                entry.wrong("is nothing that an ERP's figure counts", cure);
            }
            counts
        });
        let buffer = table.table("buffer").map_or_else(|| Some(nothing), |table| done(&table, read_buffer));
        if let Err(cure) = sides.erp_can() {
            table.wrong("the ERP of [orders] keeps no stock", cure);
        }
        let ships = |shop: &str| sync.iter().any(|flow| flow.kind == Kind::Shipment && *flow.shop == *shop);
        let silent = sides.shops().find(|shop| !ships(shop));
        if let Some(shop) = silent.filter(|_| counts == Some(Figure::OnHand)) {
            let whose = if sides.shops().count() > 1 { format!(" for orders of `{shop}`") } else { String::new() };
            let cure = "add a [sync.NAME] with entity = \"shipment\"; or take counts = \"available\"";
            table.wrong(format!("nothing would tell that goods have left{whose}"), cure);
        }
        Some(Promises { counts: counts?, buffer: buffer? })
    });
    if let Some(promises) = read {
        sync.iter_mut().for_each(|flow| flow.promises = Some(promises));
    }
    read.map(Some)
}

fn read_buffer(table: &Table<'_>) -> Option<lag::Policy> {
    let normal = lag::Policy::default();
    let [factor, least, most] = BUFFER.map(|name| {
        table.entry(name).map(|entry| {
            let number: Option<Decimal> = entry.parse("a number", "write it as text, for example \"1.5\"");
            number.filter(|number| {
                let fits = *number >= Decimal::ZERO;
                if !fits {
                    entry.wrong("is less than nothing", "zero or more");
                }
                fits
            })
        })
    });
    Some(lag::Policy {
        factor: factor.unwrap_or(Some(normal.factor))?,
        least: least.unwrap_or(Some(normal.least))?,
        most: most.map_or(Some(None), |most| most.map(Some))?,
    })
}
