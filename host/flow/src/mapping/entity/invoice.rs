//! The paths of an invoice, in the shop's terms: its order and its lines.

use super::{Datum, Schema};
use crate::{entity::invoice::Invoice, mapping::List};

pub(super) static SCHEMA: Schema = Schema { entity: "invoice", lists: &[List { name: "lines", item: "line", has_fields: false }], paths: PATHS };

super::paths! {
    Invoice:
    "number" Text locks = |one, _| Datum::text(&one.number);
    "order" Text locks = |one, _| Datum::text(one.order.as_str());
    "shipments" list = |one, _| Datum::List(one.shipments.iter().map(|number| Datum::text(number)).collect());
    "invoiced-at" Instant = |one, _| one.invoiced_at.map_or(Datum::Empty, |invoiced| Datum::Instant(invoiced.at));
    "currency" Text locks = |one, _| Datum::text(one.currency.code());
    "discount" Number locks = |one, _| Datum::Number(one.discount);
    "shipping" Number locks = |one, _| Datum::Number(one.shipping);
    "shipping-tax" Number locks = |one, _| Datum::Number(one.shipping_tax);
    "total" Number locks = |one, _| Datum::Number(one.total);
    "line.id" Text locks = |one, at| one.lines.get(at).map_or(Datum::Empty, |line| Datum::text(&line.line));
    "line.sku" Text locks = |one, at| one.lines.get(at).map_or(Datum::Empty, |line| Datum::text(&line.sku));
    "line.quantity" Number locks = |one, at| one.lines.get(at).map_or(Datum::Empty, |line| Datum::Number(line.quantity));
    "line.unit-price" Number locks = |one, at| one.lines.get(at).map_or(Datum::Empty, |line| Datum::Number(line.unit_price));
    "line.discount" Number locks = |one, at| one.lines.get(at).map_or(Datum::Empty, |line| Datum::Number(line.discount));
    "line.total" Number locks = |one, at| one.lines.get(at).map_or(Datum::Empty, |line| Datum::Number(line.total));
    "line.tax" Number locks = |one, at| one.lines.get(at).map_or(Datum::Empty, |line| Datum::Number(line.tax));
}
