//! Answers `route-order` alone.

wit_bindgen::generate!({ path: "../../../wit", world: "route-order-plugin", generate_all });

use crossdock::plugin::{orders::Order, routing::Candidates, types};
use exports::crossdock::plugin::route_order::{Guest, Route};

struct One;
export!(One);

impl Guest for One {
    fn run(_: types::Context, order: &Order, _: &Candidates) -> Result<Route, types::HookError> {
        Ok(Route::Reject(format!("{} lines are nobody's business", order.line_count())))
    }
}
