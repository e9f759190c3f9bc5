//! Random goods and people for tests, as a side's rows are read: texts trimmed, numbers exact.

use crossdock_flow::{
    Currency, Decimal, OrderNumber,
    entity::{
        customer::{Customer, Standing},
        invoice::{self, Invoice},
        kit::{Component, Kit},
        product::{Price, Product, Weight, WeightUnit},
        shipment::{Parcel, Quantity, Shipment},
    },
    order::{Address, Field, Instant, Value},
    sync::{Level, Subject},
};
use proptest::{collection::vec, option, prelude::*, sample::select};

fn text() -> impl Strategy<Value = String> {
    "[A-Za-z0-9 .,'\"äßé<&\\\\-]{0,14}".prop_map(|text| text.trim().to_owned())
}

fn word() -> impl Strategy<Value = String> {
    "[A-Z0-9][A-Za-z0-9-]{0,8}"
}

fn number() -> impl Strategy<Value = Decimal> {
    (0i64..1_000_000_000, 0u32..=4).prop_map(|(units, scale)| Decimal::new(units, scale))
}

fn currency() -> impl Strategy<Value = Currency> {
    select(vec!["CAD", "JPY", "KWD"]).prop_map(|code| Currency::parse(code).unwrap())
}

fn instant() -> impl Strategy<Value = Instant> {
    (0i64..2_000_000_000, select(vec![0i16, -300, 330]))
        .prop_map(|(second, offset_minutes)| Instant { at: jiff::Timestamp::from_second(second).unwrap(), offset_minutes })
}

fn fields() -> impl Strategy<Value = Vec<Field>> {
    let value = prop_oneof![word().prop_map(Value::Text), number().prop_map(Value::Number), any::<bool>().prop_map(Value::Flag)];
    proptest::collection::btree_map("f[0-9]{1,3}", value, 0..4)
        .prop_map(|fields| fields.into_iter().map(|(name, value)| Field { name: name.into(), value }).collect())
}

fn address() -> impl Strategy<Value = Address> {
    vec(text(), 10).prop_map(|mut parts| {
        let mut next = || parts.pop().unwrap();
        Address {
            name: next(),
            company: next(),
            line1: next(),
            line2: next(),
            city: next(),
            region: next(),
            postal_code: next(),
            country: next(),
            phone: next(),
            email: next(),
        }
    })
}

/// Any customer.
pub(crate) fn customer() -> impl Strategy<Value = Subject> {
    let standing = select(vec![Standing::Active, Standing::OnHold, Standing::Closed]);
    let people = (vec(text(), 9), option::of(word()), standing, address(), vec((word(), address()), 0..3));
    (people, currency(), option::of(number()), instant(), fields()).prop_map(|(people, currency, credit_limit, changed_at, fields)| {
        let (mut texts, number, standing, billing, ship_to) = people;
        let mut next = || texts.pop().unwrap();
        Subject::Customer(Box::new(Customer {
            web_id: next(),
            number,
            standing,
            company: next(),
            contact: next(),
            email: next(),
            phone: next(),
            segment: next(),
            billing,
            ship_to,
            currency,
            credit_limit,
            terms: next(),
            price_list: next(),
            tax_code: next(),
            changed_at,
            fields,
        }))
    })
}

/// Any product.
pub(crate) fn product() -> impl Strategy<Value = Subject> {
    let unit = select(vec![WeightUnit::Kg, WeightUnit::G, WeightUnit::Lb, WeightUnit::Oz]);
    let weight = option::of((number(), unit).prop_map(|(amount, unit)| Weight { amount, unit }));
    let price = (currency(), text(), number(), number()).prop_map(|(currency, list, from, amount)| Price { currency, list, from, amount });
    let component =
        (word(), text(), number(), option::of(number())).prop_map(|(sku, name, quantity, worth)| Component { sku, name, quantity, worth });
    let what = (word(), vec(text(), 4), any::<bool>(), weight);
    (what, vec(price, 0..4), vec(component, 0..3), instant(), fields()).prop_map(|(what, prices, components, changed_at, fields)| {
        let (sku, mut texts, is_sold, weight) = what;
        let mut next = || texts.pop().unwrap();
        Subject::Product(Box::new(Product {
            sku,
            name: next(),
            description: next(),
            product_type: next(),
            is_sold,
            tax_class: next(),
            weight,
            prices,
            kit: (!components.is_empty()).then_some(Kit { components }),
            changed_at,
            fields,
        }))
    })
}

/// Any stock level.
pub(crate) fn level() -> impl Strategy<Value = Subject> {
    (word(), word(), number(), instant())
        .prop_map(|(sku, warehouse, available, changed_at)| Subject::Stock(Level { sku, warehouse, available, changed_at }))
}

/// Any shipment.
pub(crate) fn shipment() -> impl Strategy<Value = Subject> {
    let line = (word(), number()).prop_map(|(line, units)| Quantity::new(line, units));
    let parcel = (text(), text(), text()).prop_map(|(carrier, tracking, link)| Parcel { carrier, tracking, link });
    (word(), word(), text(), instant(), vec(line, 0..3), vec(parcel, 0..3), fields()).prop_map(
        |(number, order, warehouse, shipped_at, lines, parcels, fields)| {
            Subject::Shipment(Shipment { number, order: OrderNumber::parse(&order).unwrap(), warehouse, shipped_at, lines, parcels, fields })
        },
    )
}

/// Any invoice; that it adds up is not this one's business.
pub(crate) fn invoice() -> impl Strategy<Value = Subject> {
    let line = (word(), word(), vec(number(), 5)).prop_map(|(line, sku, amounts)| invoice::Line {
        line,
        sku,
        quantity: amounts[0],
        unit_price: amounts[1],
        discount: amounts[2],
        total: amounts[3],
        tax: amounts[4],
    });
    (word(), word(), vec(word(), 0..3), instant(), currency(), vec(line, 0..3), vec(number(), 4), fields()).prop_map(
        |(number, order, shipments, invoiced_at, currency, lines, amounts, fields)| {
            Subject::Invoice(Box::new(Invoice {
                number,
                order: OrderNumber::parse(&order).unwrap(),
                shipments,
                invoiced_at: Some(invoiced_at),
                currency,
                lines,
                discount: amounts[0],
                shipping: amounts[1],
                shipping_tax: amounts[2],
                total: amounts[3],
                fields,
            }))
        },
    )
}
