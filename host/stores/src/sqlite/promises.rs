//! The SQL of stock and of what orders were promised of it. All of it runs in the writer's transaction: nobody comes between
//! reading a stock and writing it, nor between a promise and the order that it is made with.

use super::{
    column::{Column, fault},
    operation::{Done, Outcome, json, number},
};
use crossdock_flow::{
    Code, Decimal, Fault,
    entity::{
        lag,
        stock::{Set, Stock},
    },
    promise::{Figure, Promise, Units},
    record::State,
    sync::{
        Level,
        ledger::{Counted, Step},
    },
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

/// A promise that can be kept: the stocks as they are with it, not written yet.
pub(super) struct Made(Vec<Stock>);

/// The stock of an article in a warehouse.
fn read(connection: &Connection, sku: &str, warehouse: &str) -> rusqlite::Result<Option<Result<Stock, Fault>>> {
    let text: Option<String> = connection
        .prepare_cached("SELECT stock FROM stocks WHERE sku = ?1 AND warehouse = ?2")?
        .query_row([sku, warehouse], |row| row.get(0))
        .optional()?;
    Ok(text.map(|text| decode(&text, sku, warehouse)))
}

fn decode(text: &str, sku: &str, warehouse: &str) -> Result<Stock, Fault> {
    serde_json::from_str(text).map_err(|_| Fault::new(Code::Store, format!("the stock of {sku} in {warehouse} cannot be read")))
}

/// Writes a stock, and makes what the shop is told of it due again.
fn write(connection: &Connection, stock: &Stock, now: Option<Timestamp>) -> rusqlite::Result<Result<(), Fault>> {
    let text = match json(stock) {
        Ok(text) => text,
        Err(fault) => return Ok(Err(fault)),
    };
    connection
        .prepare_cached("INSERT INTO stocks (sku, warehouse, stock) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET stock = excluded.stock")?
        .execute([&stock.sku, &stock.warehouse, &text])?;
    if let Some(now) = now {
        // A step up of the version: one that is under way comes again, because what it tells is outdated.
        connection
            .prepare_cached(
                "UPDATE changes SET version = version + 1, state = CASE state WHEN 1 THEN 1 ELSE 0 END, due_at = ?2, tries = 0, fault = NULL,
                     reason = NULL, received_at = ?2, settled_at = NULL WHERE kind = 'stock' AND key = ?1 AND length(body) > 0",
            )?
            .execute(params![Level::key(&stock.sku, &stock.warehouse), Column(now)])?;
    }
    Ok(Ok(()))
}

/// What is done to one stock. The shop is told of counts and promises only: these are steps of tests and of shipments, which
/// change nothing of what can be sold.
pub(super) fn step(connection: &Connection, sku: &str, warehouse: &str, step: &Step) -> Outcome {
    let stock = read(connection, sku, warehouse)?.unwrap_or_else(|| Stock::new(sku, warehouse, Decimal::ZERO));
    let stock = match stock.and_then(|mut stock| step.apply(&mut stock).map(|()| stock)) {
        Ok(stock) => stock,
        Err(fault) => return Ok(Err(fault)),
    };
    if let Err(fault) = write(connection, &stock, None)? {
        return Ok(Err(fault));
    }
    match step {
        Step::Reserve { order, .. } | Step::Release(order) | Step::Keep { order, .. } | Step::Ship { order, .. } => note(connection, order, &stock)?,
        Step::Count(_) => {}
    }
    Ok(Ok(Done::Stock(Box::new(stock))))
}

/// Writes down whether a stock holds something for an order.
fn note(connection: &Connection, order: &str, stock: &Stock) -> rusqlite::Result<()> {
    let sql = if stock.reserved.contains_key(order) {
        "INSERT INTO promises (order_key, sku, warehouse) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"
    } else {
        "DELETE FROM promises WHERE order_key = ?1 AND sku = ?2 AND warehouse = ?3"
    };
    connection.prepare_cached(sql)?.execute([order, &stock.sku, &stock.warehouse])?;
    Ok(())
}

/// Where something is held for an order.
fn held(connection: &Connection, order: &str) -> rusqlite::Result<Vec<(String, String)>> {
    connection
        .prepare_cached("SELECT sku, warehouse FROM promises WHERE order_key = ?1")?
        .query_map([order], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Sees whether an order can be promised what it takes, in the place of what it was promised before. Writes nothing. Fails
/// with E224 when others were promised it meanwhile.
pub(super) fn make(connection: &Connection, order: &str, promise: &Promise, at: Timestamp) -> rusqlite::Result<Result<Made, Fault>> {
    let holds = promise.holds();
    let mut stocks = Vec::with_capacity(holds.len());
    for Units { sku, warehouse, units } in &holds {
        let Some(stock) = read(connection, sku, warehouse)? else { continue };
        let made = stock.and_then(|mut stock| {
            let before = stock.reserved.get(order).copied().unwrap_or_default();
            stock.reserve(order, *units)?;
            stock.sell(at, *units - before);
            Ok(stock)
        });
        match made {
            Ok(stock) => stocks.push(stock),
            Err(fault) => return Ok(Err(fault)),
        }
    }
    for (sku, warehouse) in held(connection, order)? {
        if holds.iter().any(|units| units.is(&sku, &warehouse)) {
            continue;
        }
        match read(connection, &sku, &warehouse)? {
            Some(Ok(mut stock)) => {
                stock.release(order);
                stocks.push(stock);
            }
            Some(Err(fault)) => return Ok(Err(fault)),
            None => {}
        }
    }
    Ok(Ok(Made(stocks)))
}

/// Writes a promise that was made.
pub(super) fn keep(connection: &Connection, order: &str, Made(stocks): &Made, at: Timestamp) -> rusqlite::Result<Result<(), Fault>> {
    for stock in stocks {
        if let Err(fault) = write(connection, stock, Some(at))? {
            return Ok(Err(fault));
        }
        note(connection, order, stock)?;
    }
    Ok(Ok(()))
}

/// The ERP counts by itself what an order takes from these warehouses.
pub(super) fn counted(connection: &Connection, order: &str, warehouses: &[String], at: Timestamp) -> rusqlite::Result<Result<(), Fault>> {
    change(connection, order, at, |stock| if warehouses.contains(&stock.warehouse) { stock.keep(order, Decimal::ZERO) } else { Ok(()) })
}

/// All that an order was promised is free again.
pub(super) fn release(connection: &Connection, order: &str, at: Timestamp) -> rusqlite::Result<Result<(), Fault>> {
    change(connection, order, at, |stock| {
        stock.release(order);
        Ok(())
    })
}

/// A record of an order was given up: where no other is open or in the ERP, nothing is promised to it any more.
pub(super) fn give_up(connection: &Connection, order: &str, at: Timestamp) -> rusqlite::Result<Result<(), Fault>> {
    let alive = [State::Due, State::Sending, State::Held, State::Parked, State::Delivered];
    for state in alive {
        let mut query = connection.prepare_cached("SELECT 1 FROM records WHERE order_key = ?1 AND state = ?2")?;
        if query.exists(params![order, Column(state)])? {
            return Ok(Ok(()));
        }
    }
    release(connection, order, at)
}

/// What is done to every stock that holds something for an order. One that cannot be read is told, and stops nobody.
fn change(
    connection: &Connection,
    order: &str,
    at: Timestamp,
    mut what: impl FnMut(&mut Stock) -> Result<(), Fault>,
) -> rusqlite::Result<Result<(), Fault>> {
    for (sku, warehouse) in held(connection, order)? {
        let Some(stock) = read(connection, &sku, &warehouse)? else { continue };
        match stock.and_then(|before| {
            let mut stock = before.clone();
            what(&mut stock).map(|()| (before != stock).then_some(stock))
        }) {
            Ok(Some(stock)) => {
                if let Err(fault) = write(connection, &stock, Some(at))? {
                    return Ok(Err(fault));
                }
                note(connection, order, &stock)?;
            }
            Ok(None) => {}
            Err(fault) => tracing::error!(order, %fault, "what was promised to it stays promised"),
        }
    }
    Ok(Ok(()))
}

/// Sets what is there, where it still is what was read.
pub(super) fn count(connection: &Connection, counted: &[Counted], counts: Figure, now: Timestamp) -> Outcome {
    let mut set = 0;
    for Counted { sku, warehouse, read: before, units } in counted {
        let made = match (read(connection, sku, warehouse)?, before) {
            (None, None) => Stock::new(sku, warehouse, *units).map(Some),
            (Some(Ok(stock)), Some(_)) if counts == Figure::Available && stock.explains(*units, under_way(connection, &stock)?) => Ok(None),
            (Some(stock), Some((version, on_hand))) => stock.and_then(|mut stock| match stock.set_absolute(*version, *on_hand, *units)? {
                Set::Set { .. } => Ok(Some(stock)),
                Set::Conflict { .. } => Ok(None),
            }),
            _ => Ok(None),
        };
        let written = match made {
            Ok(Some(stock)) => write(connection, &stock, Some(now))?.map(|()| 1),
            Ok(None) => Ok(0),
            Err(fault) => Err(fault),
        };
        match written {
            Ok(one) => set += one,
            Err(fault) => tracing::warn!(sku, warehouse, %fault, "a stock level could not be kept"),
        }
    }
    number(set)
}

/// Units that are promised to orders that the ERP may have by now, or not.
fn under_way(connection: &Connection, stock: &Stock) -> rusqlite::Result<Decimal> {
    let mut query = connection.prepare_cached("SELECT 1 FROM records WHERE order_key = ?1 AND state = ?2")?;
    let mut units = Decimal::ZERO;
    for (order, held) in &stock.reserved {
        if query.exists(params![order, Column(State::Sending)])? {
            units += held;
        }
    }
    Ok(units)
}

/// One stock, for whoever tells it.
pub(super) fn one(connection: &Connection, sku: &str, warehouse: &str) -> Result<Option<Stock>, Fault> {
    read(connection, sku, warehouse).map_err(|error| fault("read a stock", error))?.transpose()
}

/// What is there of everything.
pub(super) fn all(connection: &mut Connection) -> Result<Vec<Counted>, Fault> {
    let mut all = Vec::new();
    each(connection, |stock| {
        let Stock { sku, warehouse, version, on_hand, .. } = stock;
        all.push(Counted { sku, warehouse, read: Some((version, on_hand)), units: on_hand });
    })?;
    Ok(all)
}

/// Stocks of which something else is to be kept back than is: article and warehouse.
pub(super) fn kept_otherwise(
    connection: &mut Connection,
    policy: lag::Policy,
    late: SignedDuration,
    now: Timestamp,
) -> Result<Vec<(String, String)>, Fault> {
    let mut otherwise = Vec::new();
    each(connection, |mut stock| {
        if stock.keep_back(now, late, policy) {
            otherwise.push((stock.sku, stock.warehouse));
        }
    })?;
    Ok(otherwise)
}

fn each(connection: &Connection, mut what: impl FnMut(Stock)) -> Result<(), Fault> {
    let cannot = |error| fault("read the stock", error);
    let mut query = connection.prepare_cached("SELECT sku, warehouse, stock FROM stocks").map_err(cannot)?;
    let mut rows = query.query([]).map_err(cannot)?;
    while let Some(row) = rows.next().map_err(cannot)? {
        let (sku, warehouse): (String, String) = (row.get(0).map_err(cannot)?, row.get(1).map_err(cannot)?);
        what(decode(row.get_ref(2).map_err(cannot)?.as_str().unwrap_or_default(), &sku, &warehouse)?);
    }
    Ok(())
}

/// Keeps back of these stocks what is called for now; what the shop is told of those that change is due again.
pub(super) fn keep_back(connection: &Connection, stocks: &[(String, String)], policy: lag::Policy, late: SignedDuration, now: Timestamp) -> Outcome {
    let mut changed = 0;
    for (sku, warehouse) in stocks {
        let Some(Ok(mut stock)) = read(connection, sku, warehouse)? else { continue };
        if stock.keep_back(now, late, policy) {
            if let Err(fault) = write(connection, &stock, Some(now))? {
                return Ok(Err(fault));
            }
            changed += 1;
        }
    }
    number(changed)
}

/// What may be promised to an order of these articles, in every warehouse that has a figure.
pub(super) fn free(connection: &mut Connection, order: &str, skus: &[String]) -> Result<Vec<Units>, Fault> {
    let cannot = |error| fault("read what is free", error);
    let mut query = connection.prepare_cached("SELECT warehouse, stock FROM stocks WHERE sku = ?1").map_err(cannot)?;
    let mut free: Vec<Units> = Vec::new();
    for sku in skus {
        if free.iter().any(|units| units.sku == *sku) {
            continue;
        }
        let mut rows = query.query([sku]).map_err(cannot)?;
        while let Some(row) = rows.next().map_err(cannot)? {
            let warehouse: String = row.get(0).map_err(cannot)?;
            let stock = decode(row.get_ref(1).map_err(cannot)?.as_str().unwrap_or_default(), sku, &warehouse)?;
            free.push(Units { sku: sku.clone(), warehouse, units: stock.free_for(order) });
        }
    }
    Ok(free)
}
