//! Orders that nobody thought of: random ones that add up are read to the cent, random ones that do not are refused, and
//! damaged bytes never lead to a panic.

use super::{ORDER, SECRET, shop, sign};
use crossdock_flow::{
    Code, Decimal,
    source::{Content, Source},
    sum,
};
use jiff::Timestamp;
use proptest::{prelude::*, sample::Index};

fn cents(cents: i64) -> Decimal {
    Decimal::new(cents, 2)
}

proptest! {
    #[test]
    fn random_orders_are_read_to_the_cent_or_refused(
        lines in prop::collection::vec((1u32..2000, 0i64..1_000_000, 0i64..=100, 0i64..=30), 1..20),
        included: bool,
        shipping in 0i64..5000,
        off in prop_oneof![3 => Just(0i64), 1 => -3i64..=3],
    ) {
        let (mut subtotal, mut taxes, mut discounts, mut rows) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO, Vec::new());
        for (nth, (quantity, price, part, rate)) in lines.iter().enumerate() {
            let worth = cents(*price) * Decimal::from(*quantity);
            let discount = (worth * cents(*part)).round_dp(2);
            let gross = worth - discount;
            let tax = if included { (gross - gross / (Decimal::ONE + cents(*rate))).round_dp(2) } else { (gross * cents(*rate)).round_dp(2) };
            subtotal += gross;
            taxes += tax;
            discounts += discount;
            rows.push(format!(
                r#"{{"id":{nth},"sku":"S{nth}","name":"x","quantity":{quantity},"price":"{}","discount_allocations":[{{"amount":"{discount}"}}],"tax_lines":[{{"price":"{tax}","rate":{}}}]}}"#,
                cents(*price), cents(*rate),
            ));
        }
        let total = subtotal + cents(shipping) + if included { Decimal::ZERO } else { taxes };
        let said = total + cents(off);
        let body = format!(
            r#"{{"id":1,"created_at":"2026-01-01T12:00:00+01:00","updated_at":"2026-01-01T12:00:00+01:00","currency":"EUR","taxes_included":{included},
            "billing_address":{{"country_code":"DE"}},"line_items":[{}],"shipping_lines":[{{"title":"DHL","price":"{}"}}],
            "subtotal_price":"{subtotal}","total_discounts":"{discounts}","total_tax":"{taxes}","total_price":"{said}"}}"#,
            rows.join(","), cents(shipping),
        );
        match shop().read(body.as_bytes()) {
            Ok(Content::Order(order)) => {
                prop_assert_eq!(off, 0);
                prop_assert_eq!((order.total, order.tax()), (said, taxes));
                prop_assert!(sum::check(&order).is_ok());
                for (line, (quantity, price, part, _)) in order.lines.iter().zip(&lines) {
                    prop_assert!(line.discount >= Decimal::ZERO && line.unit_price.scale() <= 4);
                    prop_assert!(line.unit_price <= cents(*price) + Decimal::new(1, 4), "never dearer than with tax");
                    // Without a discount of the shop's, what is on the line is what four decimals cannot say.
                    prop_assert!(*part > 0 || line.discount <= Decimal::new(1, 4) * Decimal::from(*quantity) + Decimal::new(1, 2));
                }
            }
            Ok(Content::Thin(id)) => prop_assert!(false, "{} is thin", id),
            Err(fault) => prop_assert!(fault.code == Code::SumsDiffer && off != 0 || said < Decimal::ZERO, "{}", fault),
        }
    }

    #[test]
    fn damaged_webhooks_are_read_or_refused(damages in prop::collection::vec((any::<Index>(), any::<Index>(), any::<Index>()), 1..8)) {
        const PIECES: [&str; 16] = ["null", "true", "-1", "0", "1e400", "99999999999999999999999999999", "\"\"", "\"12,50\"", "{}", "[]", "[[[[", "\\ud800", "\"", ",", "\"99999999999.99\"", "1e-4"];
        let mut bytes = ORDER.as_bytes().to_vec();
        for (from, length, piece) in &damages {
            let from = from.index(bytes.len());
            let until = (from + length.index(12)).min(bytes.len());
            drop(bytes.splice(from..until, piece.get(&PIECES).bytes()));
        }
        let shop = shop();
        let header = |name: &str| Some(match name {
            "x-shopify-hmac-sha256" => sign(SECRET, &bytes),
            "x-shopify-topic" => "orders/updated".into(),
            _ => "1".into(),
        });
        prop_assert!(shop.receive(&header, &bytes, Timestamp::UNIX_EPOCH).is_ok());
        match shop.read(&bytes) {
            Ok(Content::Order(order)) => prop_assert!(sum::check(&order).is_ok() && order.lines.iter().all(|line| line.quantity > Decimal::ZERO)),
            Ok(Content::Thin(id)) => prop_assert!(!id.is_empty()),
            Err(fault) => {
                prop_assert!(fault.code.id().starts_with("E2") && fault.to_string().len() < 1000, "{}", fault);
                drop(fault.place.map(|place| shop.locate(&bytes, &place)));
            }
        }
    }
}
