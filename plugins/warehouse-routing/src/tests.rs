//! The routing rule on sample orders, without a sandbox.

use super::WarehouseRouting;
use crossdock_sdk::{Route, Shipment, dec, sample};

fn order() -> sample::OrderBuilder {
    sample::order().line("SHIRT", 3, 10).product_type("apparel").line("SOLVENT", 2, 5).product_type("hazmat").line("SHIRT", 4, 10)
}

#[test]
fn one_warehouse_that_has_everything_ships_it_from_the_country_of_the_customer() {
    let order = order().build();
    let candidates = sample::candidates(&order).warehouse("BUF", "US", "NY").stock("SHIRT", 9).stock("SOLVENT", 9);
    let candidates = candidates.warehouse("VAN", "CA", "BC").stock("SHIRT", 6).stock("SOLVENT", 2);
    let candidates = candidates.warehouse("TOR", "CA", "ON").stock("SHIRT", 7).stock("SOLVENT", 2).build();
    let whole = Shipment::from("TOR").line(0, dec!(3)).line(1, dec!(2)).line(2, dec!(4));
    assert_eq!(sample::route_order::<WarehouseRouting>(&order, &candidates).unwrap(), Route::ship(vec![whole]));
}

#[test]
fn lines_are_split_and_the_rest_is_left_to_the_backorder() {
    let order = order().build();
    let candidates = sample::candidates(&order).warehouse("TOR", "CA", "ON").carries(&["apparel", ""]).stock("SHIRT", 5).stock("SOLVENT", 9);
    let candidates = candidates.warehouse("BUF", "US", "NY").stock("SHIRT", 1).stock("SOLVENT", 1).build();
    // TOR may not ship hazmat; both shirt lines share its stock of 5, and BUF has one more. One shirt, one solvent stay.
    let split = [Shipment::from("TOR").line(0, dec!(3)).line(2, dec!(2)), Shipment::from("BUF").line(1, dec!(1)).line(2, dec!(1))];
    assert_eq!(sample::route_order::<WarehouseRouting>(&order, &candidates).unwrap(), Route::ship(split.into()));
}

#[test]
fn a_line_that_one_warehouse_has_whole_is_not_split() {
    let order = sample::order().line("SHIRT", 3, 10).line("MUG", 5, 10).build();
    let candidates = sample::candidates(&order).warehouse("TOR", "CA", "ON").stock("SHIRT", 3).stock("MUG", 1);
    let candidates = candidates.warehouse("BUF", "US", "NY").stock("MUG", 5).build();
    let expected = vec![Shipment::from("TOR").line(0, dec!(3)), Shipment::from("BUF").line(1, dec!(5))];
    assert_eq!(sample::route_order::<WarehouseRouting>(&order, &candidates).unwrap(), Route::ship(expected));
}

#[test]
fn an_order_that_nobody_has_ships_nothing() {
    let order = order().build();
    let candidates = sample::candidates(&order).warehouse("TOR", "CA", "ON").build();
    assert_eq!(sample::route_order::<WarehouseRouting>(&order, &candidates).unwrap(), Route::ship(vec![]));
}
