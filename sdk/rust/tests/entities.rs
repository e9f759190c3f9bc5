//! Customers and products in memory follow the host's rules: what is refused there is refused here, and every edit is recorded.

use crossdock_sdk::{Address, EditError, Price, Value, dec, sample};

#[test]
fn a_customer_is_edited_part_by_part_and_keeps_its_keys() {
    let mut customer = sample::customer().segment("wholesale").build();
    customer.set("price-list", "TRADE", "wholesale").unwrap();
    customer.set("credit-limit", dec!(500), "new").unwrap();
    customer.set("standing", "on-hold", "new").unwrap();
    customer.set("company", "Sample Supplies", "as it was").unwrap();
    customer.set_ship_to("SHED", &Address { city: "Ajax".into(), ..Address::default() }, "seen").unwrap();
    customer.set_ship_to("HOME", &Address::default(), "gone").unwrap();
    customer.set_field("rep", "RB", "north").unwrap();
    let paths: Vec<String> = customer.changes().iter().map(|change| change.path.clone()).collect();
    assert_eq!(paths[..4], ["customer.price-list", "customer.credit-limit", "customer.standing", "customer.ship-to[SHED].city"]);
    assert!(paths[4..paths.len() - 1].iter().all(|path| path.starts_with("customer.ship-to[HOME].")), "{paths:?}");
    assert_eq!(paths.last().map(String::as_str), Some("customer.fields.rep"));
    assert_eq!(customer.ship_to().into_iter().map(|place| place.code).collect::<Vec<_>>(), ["SHED"]);
    for key in ["web-id", "number", "email", "currency"] {
        assert!(matches!(customer.set(key, "x", "no"), Err(EditError::NotAllowed(_))), "{key}");
    }
    let wrong = [("price-list", Value::Flag(true)), ("credit-limit", dec!(-1).into()), ("standing", "gone".into()), ("colour", "red".into())];
    for (part, value) in wrong {
        assert!(matches!(customer.set(part, value, "no"), Err(EditError::Invalid(_))), "{part}");
    }
    assert!(matches!(customer.set("credit-limit", dec!(0.00001), "no"), Err(EditError::OutOfRange(_))));
}

#[test]
fn prices_are_set_by_currency_list_and_quantity() {
    let mut product = sample::product("LAMP").price("CAD", "89").build();
    let price = |list: &str, amount| Price { currency: "CAD".into(), price_list: list.into(), from_units: dec!(0), amount };
    product.set_price(&price("", dec!(17.0125)), "new").unwrap();
    product.set_price(&price("web", dec!(16)), "web").unwrap();
    product.remove_price("CAD", "web", dec!(0), "not any more").unwrap();
    product.remove_price("USD", "", dec!(0), "is not there").unwrap();
    let told: Vec<String> = product.changes().into_iter().map(|change| change.path).collect();
    assert_eq!(told, ["product.price[CAD//0]", "product.price[CAD/web/0]", "product.price[CAD/web/0]"]);
    assert_eq!(product.prices(), [price("", dec!(17.0125))]);
    assert!(matches!(product.set_price(&price("", dec!(-1)), "no"), Err(EditError::Invalid(_))));
    assert!(matches!(product.set_price(&price("", dec!(0.00001)), "no"), Err(EditError::OutOfRange(_))));
    assert!(matches!(product.set("sku", "x", "no"), Err(EditError::NotAllowed(_))));
    assert!(matches!(product.set("is-sold", "no", "no"), Err(EditError::Invalid(_))));
}
