//! Answers all three hooks. On the sample order it checks every getter and edit of the contract and panics on a
//! difference. An event id `mode:NAME` or `mode:NAME#ANYTHING`, or the setting `mode` makes it do something else: see `misbehave` and `pre-map`.

mod check;
mod misbehave;

wit_bindgen::generate!({
    path: "../../../wit",
    inline: "
        package test:guest;
        world everything {
            import crossdock:plugin/orders@0.1.0;
            import crossdock:plugin/documents@0.1.0;
            import crossdock:plugin/routing@0.1.0;
            import crossdock:plugin/log@0.1.0;
            import crossdock:plugin/settings@0.1.0;
            export crossdock:plugin/pre-map@0.1.0;
            export crossdock:plugin/route-order@0.1.0;
            export crossdock:plugin/post-map@0.1.0;
        }
    ",
    generate_all,
});

use crossdock::plugin::{documents::Document, orders::Order, routing::Candidates, settings, types};
use exports::crossdock::plugin::{post_map, pre_map, route_order};
use types::{Context, Decimal, Decimals, Hold, HookError, Instant, Verdict};

struct Hooks;
export!(Hooks);

fn mode(context: &Context) -> String {
    match context.event_id.strip_prefix("mode:") {
        Some(mode) => mode.split('#').next().unwrap_or_default().to_owned(),
        None => settings::get("mode").unwrap_or_default(),
    }
}

fn d(units: i64, scale: u8) -> Decimal {
    Decimal { units, scale }
}

impl pre_map::Guest for Hooks {
    fn run(context: Context, order: &Order) -> Result<Verdict, HookError> {
        match mode(&context).as_str() {
            "" => {
                check::pre_map(&context, order);
                Ok(Verdict::Proceed)
            }
            "nothing" => Ok(Verdict::Proceed),
            "discount" => {
                discount(order);
                Ok(Verdict::Proceed)
            }
            "discount-then-reject" => {
                discount(order);
                Ok(Verdict::Reject("no".into()))
            }
            "hold" => Ok(Verdict::Hold(Hold { reason: "wait".into(), until: Some(Instant { unix_ms: 1_800_000_000_000, offset_minutes: 0 }) })),
            "hold-forever" => Ok(Verdict::Hold(Hold { reason: "wait".into(), until: None })),
            "hold-badly" => Ok(Verdict::Hold(Hold { reason: "wait".into(), until: Some(Instant { unix_ms: i64::MAX, offset_minutes: 0 }) })),
            "settings" => Err(HookError::Settings("`percent` is missing: expected a number such as 5".into())),
            "unsupported" => Err(HookError::Unsupported("too odd".into())),
            "failed" => Err(HookError::Failed("no price list".into())),
            "long-answer" => Ok(Verdict::Reject("x".repeat(64 << 20))),
            mode => {
                misbehave::now(mode, order);
                Ok(Verdict::Proceed)
            }
        }
    }
}

/// A cheap rule that reads columns and edits in bulk: 10 % off every line of a wholesale order.
fn discount(order: &Order) {
    let amounts = order.line_amounts();
    let scale = amounts.quantity.scale + amounts.unit_price.scale;
    let rows = amounts.quantity.units.iter().zip(&amounts.unit_price.units);
    // One tenth of the line's worth, in cents, rounded down.
    let tenths = rows.map(|(quantity, price)| quantity * price / 10i64.pow(u32::from(scale) - 1)).collect();
    let lines: Vec<u32> = (0..).take(amounts.quantity.units.len()).collect();
    order.set_discounts(&lines, &Decimals { scale: 2, units: tenths }, "10 % for wholesale").expect("a discount of 10 % is allowed");
}

impl route_order::Guest for Hooks {
    fn run(context: Context, order: &Order, candidates: &Candidates) -> Result<route_order::Route, HookError> {
        let ship = |quantity: Decimal| {
            let lines = vec![route_order::ShipmentLine { line: 0, quantity }];
            Ok(route_order::Route::Ship(vec![route_order::Shipment { warehouse: "TOR".into(), lines }]))
        };
        match mode(&context).as_str() {
            "hold" => Ok(route_order::Route::Hold(Hold { reason: "wait".into(), until: None })),
            "reject" => Ok(route_order::Route::Reject("no".into())),
            "quantity-units" => ship(d(1 << 53, 0)),
            "quantity-scale" => ship(d(1, 10)),
            "quantity-digits" => ship(d(123_456, 5)),
            mode => {
                if mode.is_empty() {
                    check::route_order(order, candidates);
                }
                ship(d(10, 1))
            }
        }
    }
}

impl post_map::Guest for Hooks {
    fn run(context: Context, order: &Order, document: &Document) -> Result<Verdict, HookError> {
        match mode(&context).as_str() {
            "" => check::post_map(order, document),
            "nothing" => {}
            _ => {
                document.set_field("Misbehaved", &types::Value::Flag(true), "test").expect("a new field");
                panic!("after an edit");
            }
        }
        Ok(Verdict::Proceed)
    }
}
