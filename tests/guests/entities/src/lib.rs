//! Answers the hooks of customers and products. On the samples of the rehearsal it checks every getter and edit of the
//! contract and panics on a difference; a company or a product's name of `mode:loop` and the like makes it misbehave.

wit_bindgen::generate!({
    path: "../../../wit",
    inline: "
        package test:entities;
        world entities {
            import crossdock:plugin/customers@0.1.0;
            import crossdock:plugin/products@0.1.0;
            import crossdock:plugin/kv@0.1.0;
            import crossdock:plugin/log@0.1.0;
            export crossdock:plugin/pre-map-customer@0.1.0;
            export crossdock:plugin/pre-map-product@0.1.0;
        }
    ",
    additional_derives: [PartialEq],
    generate_all,
});

use crossdock::plugin::{
    customers::{Customer, Side, Standing},
    kv, log,
    orders::Address,
    products::{Price, Product},
    types::{Context, Decimal, EditError, HookError, Value, Verdict},
};
use exports::crossdock::plugin::{pre_map_customer, pre_map_product};

struct Entities;
export!(Entities);

const WHY: &str = "seen";

impl pre_map_customer::Guest for Entities {
    fn run(_: Context, customer: &Customer) -> Result<Verdict, HookError> {
        let account = customer.account();
        if account.company == "mode:read" {
            // What the plugin's notes say, read twice: the outside may have changed meanwhile.
            for part in ["terms", "tax-code"] {
                let noted = kv::get("terms").unwrap_or_default();
                customer.set(part, &Value::Text(String::from_utf8_lossy(&noted).into_owned()), WHY).unwrap();
            }
            return Ok(Verdict::Proceed);
        }
        if let Some(mode) = account.company.strip_prefix("mode:") {
            return misbehave(mode, || drop(customer.account()));
        }
        if account.web_id == "W10042" {
            check_customer(customer);
        }
        Ok(Verdict::Proceed)
    }
}

impl pre_map_product::Guest for Entities {
    fn run(_: Context, product: &Product) -> Result<Verdict, HookError> {
        let item = product.item();
        if let Some(mode) = item.name.strip_prefix("mode:") {
            return misbehave(mode, || drop(product.item()));
        }
        if item.sku == "LAMP-DESK-01" {
            check_product(product);
        }
        Ok(Verdict::Proceed)
    }
}

fn misbehave(mode: &str, ask: impl Fn()) -> Result<Verdict, HookError> {
    match mode {
        "loop" => loop {
            std::hint::black_box(0);
        },
        "memory" => {
            let mut kept: Vec<Vec<u8>> = Vec::new();
            loop {
                kept.push(vec![1; 1 << 20]);
                std::hint::black_box(&kept);
            }
        }
        "calls" => loop {
            ask();
        },
        "panic" => panic!("asked to"),
        "note" => match kv::set("seen", b"1") {
            Ok(()) => Ok(Verdict::Proceed),
            Err(kv::KvError::Invalid(why) | kv::KvError::Full(why)) => Err(HookError::Failed(why)),
        },
        "reject" => Ok(Verdict::Reject("not for the other side".into())),
        other => Err(HookError::Unsupported(format!("there is no mode {other}"))),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn check_customer(customer: &Customer) {
    let account = customer.account();
    assert_eq!((customer.comes_from(), account.standing, account.currency.as_str()), (Side::Shop, Standing::Active, "CAD"));
    assert_eq!((account.segment.as_str(), account.email.as_str(), account.credit_limit), ("wholesale", "sam@example.com", None));
    assert_eq!((account.number.as_str(), account.company.as_str(), account.contact.as_str()), ("", "Sample Supplies", "Sam Sample"));
    assert_eq!(customer.billing_address().city, "Toronto");
    let places = customer.ship_to();
    assert_eq!((places.len(), places[0].code.as_str(), places[0].address.country.as_str()), (1, "HOME", "CA"));
    customer.set("price-list", &text("TRADE"), WHY).unwrap();
    customer.set("credit-limit", &Value::Number(Decimal { units: 50_050, scale: 2 }), WHY).unwrap();
    customer.set("standing", &text("on-hold"), WHY).unwrap();
    let account = customer.account();
    assert_eq!(
        (account.price_list.as_str(), account.credit_limit, account.standing),
        ("TRADE", Some(Decimal { units: 50_050, scale: 2 }), Standing::OnHold)
    );
    let place = Address { city: "Ajax".into(), ..customer.billing_address() };
    customer.set_billing_address(&place, WHY).unwrap();
    customer.set_ship_to("SHED", &place, WHY).unwrap();
    assert_eq!((customer.billing_address().city.as_str(), customer.ship_to().len()), ("Ajax", 2));
    customer.set_field("rep", &text("RB"), WHY).unwrap();
    assert_eq!((customer.field("rep"), customer.field("none"), customer.fields().len()), (Some(text("RB")), None, 1));
    for key in ["web-id", "number", "email", "currency"] {
        assert!(matches!(customer.set(key, &text("x"), WHY), Err(EditError::NotAllowed(_))), "{key}");
    }
    assert!(matches!(customer.set("price-list", &Value::Flag(true), WHY), Err(EditError::Invalid(_))));
    assert!(matches!(customer.set("credit-limit", &Value::Number(Decimal { units: 1, scale: 10 }), WHY), Err(EditError::OutOfRange(_))));
    log::write(log::Level::Info, "the customer is as it should be");
}

fn check_product(product: &Product) {
    let item = product.item();
    assert_eq!((item.name.as_str(), item.product_type.as_str(), item.is_sold, item.tax_class.as_str()), ("Desk lamp", "electronics", true, "STD"));
    let decimal = |units, scale| Decimal { units, scale };
    let price = |list: &str, from, amount| Price { currency: "CAD".into(), price_list: list.into(), from_units: from, amount };
    assert_eq!(product.prices(), [price("", decimal(0, 0), decimal(8900, 2))]);
    product.set_price(&price("", decimal(0, 1), decimal(170_125, 4)), WHY).unwrap();
    product.set_price(&price("web", decimal(0, 0), decimal(85, 0)), WHY).unwrap();
    assert_eq!(product.prices().len(), 2);
    product.remove_price("CAD", "web", decimal(0, 0), WHY).unwrap();
    assert_eq!(product.prices(), [price("", decimal(0, 0), decimal(170_125, 4))]);
    assert!(matches!(product.set_price(&price("", decimal(0, 0), decimal(-1, 0)), WHY), Err(EditError::Invalid(_))));
    assert!(matches!(product.set_price(&price("", decimal(0, 0), decimal(1, 5)), WHY), Err(EditError::OutOfRange(_))));
    assert!(matches!(product.remove_price("XYZ", "", decimal(0, 0), WHY), Err(EditError::Invalid(_))));
    product.set("name", &text("Lamp"), WHY).unwrap();
    product.set("is-sold", &Value::Flag(false), WHY).unwrap();
    product.set_field("web", &Value::Flag(true), WHY).unwrap();
    assert_eq!((product.item().name.as_str(), product.item().is_sold, product.field("web")), ("Lamp", false, Some(Value::Flag(true))));
    assert_eq!(product.fields().len(), 1);
    assert!(matches!(product.set("sku", &text("x"), WHY), Err(EditError::NotAllowed(_))));
    log::write(log::Level::Info, "the product is as it should be");
}
