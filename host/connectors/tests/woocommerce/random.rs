//! Orders that nobody thought of: random ones that add up are read to the cent, random ones that do not are refused, and
//! damaged bytes never lead to a panic.

use super::{ORDER, SECRET, d, settings, sign};
use crossdock_connectors::woocommerce::{Settings, WooCommerce};
use crossdock_flow::{
    Code, Decimal,
    source::{Content, Source},
    sum,
};
use jiff::Timestamp;
use proptest::{prelude::*, sample::Index};

fn shop() -> WooCommerce {
    WooCommerce::new(Settings { fee_sku: Some("FEE".into()), ..settings(&[SECRET]) }).unwrap()
}

fn cents(cents: i64) -> Decimal {
    Decimal::new(cents, 2)
}

proptest! {
    #[test]
    fn random_orders_are_read_to_the_cent_or_refused(
        lines in prop::collection::vec((1u32..2000, 0i64..10_000_000, 0i64..=100, 0i64..=30), 1..20),
        fee in -500i64..500,
        shipping in 0i64..5000,
        off in prop_oneof![3 => Just(0i64), 1 => -3i64..=3],
    ) {
        let (mut total, mut taxes, mut rows) = (Decimal::ZERO, Decimal::ZERO, Vec::new());
        for (nth, (quantity, subtotal, part, rate)) in lines.iter().enumerate() {
            let net = (cents(*subtotal) * cents(*part)).round_dp(2);
            let tax = (net * cents(*rate)).round_dp(2);
            total += net + tax;
            taxes += tax;
            rows.push(format!(r#"{{"id":{nth},"name":"x","quantity":{quantity},"subtotal":"{}","total":"{net}","total_tax":"{tax}","taxes":[],"sku":"S{nth}","price":0.3333333333333333}}"#, cents(*subtotal)));
        }
        total += cents(fee) + cents(shipping);
        let said = total + cents(off);
        let body = format!(
            r#"{{"id":1,"status":"processing","currency":"EUR","date_created":"2026-01-01T12:00:00","date_created_gmt":"2026-01-01T11:00:00","date_modified_gmt":"2026-01-01T11:00:00",
            "billing":{{"country":"DE"}},"shipping":{{}},"line_items":[{}],"shipping_lines":[{{"method_title":"DHL","total":"{}","total_tax":"0.00","taxes":[]}}],
            "fee_lines":[{{"id":99,"name":"f","total":"{}","total_tax":"0.00","taxes":[]}}],"total":"{said}","total_tax":"{taxes}"}}"#,
            rows.join(","), cents(shipping), cents(fee),
        );
        match shop().read(body.as_bytes()) {
            Ok(Content::Order(order)) => {
                prop_assert_eq!(off, 0);
                prop_assert_eq!((order.total, order.tax()), (said, taxes));
                prop_assert!(sum::check(&order).is_ok());
                for (line, (quantity, subtotal, ..)) in order.lines.iter().zip(&lines) {
                    prop_assert!(line.discount >= Decimal::ZERO && line.unit_price.scale() <= 4);
                    // Never further from the shop's own worth than four decimals of the price are.
                    let worth = order.currency.round(line.unit_price * Decimal::from(*quantity));
                    prop_assert!(worth >= cents(*subtotal) && worth - cents(*subtotal) <= d("0.0001") * Decimal::from(*quantity) + d("0.01"));
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
            "x-wc-webhook-signature" => sign(SECRET, &bytes),
            "x-wc-webhook-topic" => "order.updated".into(),
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
