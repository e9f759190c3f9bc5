//! The conformance probe in Rust, the reference for the other languages: asks for everything the contract has and says
//! what it got, as `sdk/conformance/README.md` describes it. No example of a good rule: see `plugins/` for those.

mod arithmetic;
mod document;
mod order;
mod text;

use crossdock_sdk::{
    Candidates, Context, Decimal, Document, HookError, Order, PostMap, PreMap, Route, RouteOrder, Shipment, Verdict, dec, log, settings,
};
use text::{comma, plain};

struct Probe;

const PRE_MAP: &[&str] = &[
    "describe",
    "settings",
    "levels",
    "edit",
    "sums",
    "refused",
    "arithmetic",
    "hold",
    "hold-until",
    "reject",
    "error-settings",
    "error-unsupported",
    "error-failed",
    "panic",
    "loop",
];
const ROUTE_ORDER: &[&str] = &["route", "halves", "hold", "reject", "error-failed"];
const POST_MAP: &[&str] = &["document", "locked", "hold", "reject", "error-failed"];

/// The steps of `act` that are this hook's to answer.
fn steps(own: &[&str], without: &[&str]) -> Vec<String> {
    let passed_over = |step: &str| !own.contains(&step) && [PRE_MAP, ROUTE_ORDER, POST_MAP].iter().any(|steps| steps.contains(&step));
    let act = settings::get("act").unwrap_or_default();
    let steps: Vec<&str> = act.split('+').filter(|step| !step.is_empty() && !passed_over(step)).collect();
    if steps.is_empty() { without } else { &steps }.iter().map(|step| step.to_string()).collect()
}

impl PreMap for Probe {
    fn pre_map(context: &Context, order: &mut Order) -> Result<Verdict, HookError> {
        let mut answer = Verdict::Proceed;
        for step in steps(PRE_MAP, &[]) {
            answer = pre_map_step(&step, context, order)?;
        }
        Ok(answer)
    }
}

fn pre_map_step(step: &str, context: &Context, order: &mut Order) -> Result<Verdict, HookError> {
    match step {
        "describe" => order::describe(context, order),
        "settings" => settings::with_prefix("").iter().for_each(|(key, value)| log::info(format!("{key}={value}"))),
        "levels" => {
            log::debug("one");
            log::info("two");
            log::warn("three");
            log::error("four");
        }
        "edit" => order::edit(order)?,
        "sums" => order::sums(order)?,
        "refused" => order::refused(order),
        "arithmetic" => arithmetic::run(),
        "hold" => return Ok(Verdict::hold("waiting")),
        "hold-until" => return Ok(Verdict::hold_until("later", context.now.plus_minutes(90))),
        "reject" => return Ok(Verdict::reject("not this one")),
        "error-settings" => return Err(HookError::Settings("probe says so".into())),
        "error-unsupported" => return Err(HookError::Unsupported("probe says so".into())),
        "error-failed" => return Err(HookError::Failed("probe says so".into())),
        "panic" => panic!("probe says so"),
        "loop" => spin(),
        _ => return Err(unknown(step)),
    }
    Ok(Verdict::Proceed)
}

impl RouteOrder for Probe {
    fn route_order(_: &Context, order: &Order, candidates: &Candidates) -> Result<Route, HookError> {
        let mut answer = Route::ship(Vec::new());
        for step in steps(ROUTE_ORDER, &["route"]) {
            answer = match step.as_str() {
                "route" => route(order, candidates),
                "halves" => halves(order, candidates),
                "hold" => Route::hold("waiting"),
                "reject" => Route::reject("not this one"),
                "error-failed" => return Err(HookError::Failed("probe says so".into())),
                _ => return Err(unknown(&step)),
            };
        }
        Ok(answer)
    }
}

fn route(order: &Order, candidates: &Candidates) -> Route {
    for (at, warehouse) in candidates.warehouses().iter().enumerate() {
        let stock = comma(order.lines().map(|line| plain(candidates.stock(at, line.index()))));
        let types = comma(warehouse.product_types.iter().cloned());
        log::info(format!("warehouse {} country={} region={} types={types} stock={stock}", warehouse.id, warehouse.country, warehouse.region));
    }
    let mut shipments: Vec<Shipment> = candidates.warehouses().iter().map(|warehouse| Shipment::from(&warehouse.id)).collect();
    for line in order.lines() {
        if let Some(at) = (0..shipments.len()).find(|&at| candidates.stock(at, line.index()) >= line.quantity()) {
            shipments[at].add(line.index(), line.quantity());
        }
    }
    Route::ship(shipments.into_iter().filter(|shipment| !shipment.lines.is_empty()).collect())
}

fn halves(order: &Order, candidates: &Candidates) -> Route {
    let quantity = order.line(0).map_or(Decimal::ZERO, |line| line.quantity());
    let exact = quantity * dec!(0.5);
    let rounded = exact.round(0);
    let half = if rounded > exact { rounded - Decimal::ONE } else { rounded };
    let parts = candidates.warehouses().iter().zip([half, quantity - half]).filter(|(_, units)| !units.is_zero());
    Route::ship(parts.map(|(warehouse, units)| Shipment::from(&warehouse.id).line(0, units)).collect())
}

impl PostMap for Probe {
    fn post_map(_: &Context, _: &Order, document: &mut Document) -> Result<Verdict, HookError> {
        let mut answer = Verdict::Proceed;
        for step in steps(POST_MAP, &["document"]) {
            answer = Verdict::Proceed;
            match step.as_str() {
                "document" => document::describe_and_edit(document)?,
                "locked" => document::locked(document),
                "hold" => answer = Verdict::hold("waiting"),
                "reject" => answer = Verdict::reject("not this one"),
                "error-failed" => return Err(HookError::Failed("probe says so".into())),
                _ => return Err(unknown(&step)),
            }
        }
        Ok(answer)
    }
}

fn unknown(step: &str) -> HookError {
    HookError::Settings(format!("setting `act` is unknown: {step}"))
}

fn spin() -> ! {
    let mut turns = 0_u64;
    loop {
        turns = std::hint::black_box(turns.wrapping_add(1));
    }
}

crossdock_sdk::export!(Probe: pre_map, route_order);
