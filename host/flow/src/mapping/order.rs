//! The order as templates see it: its paths, those of the shipment and of the document to be.

use super::{
    datum::{Datum, Kind},
    schema::{List, Path, Schema, Scope},
};
use crate::{
    Decimal, Order,
    order::{Address, Line, find},
    route::Shipment,
    share::{LineShare, Share},
};
use jiff::tz::TimeZone;

/// One shipment of an order. Its lines are the shipment's: of a split line it sees its part.
pub(super) struct Part<'o> {
    pub(super) order: &'o Order,
    pub(super) shipment: &'o Shipment,
    pub(super) share: &'o Share,
    pub(super) key: &'o str,
    pub(super) zone: &'o TimeZone,
}

impl<'o> Part<'o> {
    fn line(&self, line: usize) -> Option<(&'o Line, &'o LineShare)> {
        let share = self.share.lines.get(line)?;
        Some((self.order.lines.get(share.line as usize)?, share))
    }
}

impl Scope for Part<'_> {
    fn path(&self, path: usize, line: Option<usize>) -> Datum<'_> {
        match READ.get(path) {
            Some(Read::Order(read)) => read(self),
            Some(Read::Line(read)) => line.and_then(|line| self.line(line)).map_or(Datum::Empty, |(line, share)| read(line, share)),
            None => Datum::Empty,
        }
    }

    fn field(&self, name: &str) -> Datum<'_> {
        find(&self.order.fields, name).map_or(Datum::Empty, Datum::of)
    }

    fn line_field(&self, line: usize, name: &str) -> Datum<'_> {
        self.line(line).and_then(|(line, _)| find(&line.fields, name)).map_or(Datum::Empty, Datum::of)
    }

    fn lines(&self, _: usize) -> usize {
        self.share.lines.len()
    }

    fn line_number(&self, line: usize) -> usize {
        self.share.lines.get(line).map_or(line, |share| share.line as usize)
    }

    fn zone(&self) -> &TimeZone {
        self.zone
    }
}

/// The order on its way to the ERP.
pub static SCHEMA: Schema = Schema { entity: "order", lists: &[List { name: "lines", item: "line", has_fields: true }], paths: PATHS };

enum Read {
    Order(for<'s> fn(&'s Part<'_>) -> Datum<'s>),
    Line(for<'s> fn(&'s Line, &'s LineShare) -> Datum<'s>),
}

/// Each row is the path's name, its type, whether it locks, and how it is read.
macro_rules! paths {
    (@kind list) => { Kind::List(&Kind::Text) };
    (@kind $kind:ident) => { Kind::$kind };
    ($($name:literal $kind:ident $($lock:ident)? = $way:ident $read:expr;)*) => {
        const PATHS: &[Path] = &[$(Path { name: $name, kind: paths!(@kind $kind), locks: !matches!(stringify!($($lock)?).as_bytes(), []) }),*];
        const READ: &[Read] = &[$(Read::$way($read)),*];
    };
}

fn ship<'s>(part: &'s Part<'_>) -> &'s Address {
    &part.order.shipping_to
}

fn bill<'s>(part: &'s Part<'_>) -> &'s Address {
    &part.order.billing
}

paths! {
    "number" Text = Order |part| Datum::text(part.order.number.as_str());
    "status" Text = Order |part| Datum::text(&part.order.status);
    "currency" Text locks = Order |part| Datum::text(part.order.currency.code());
    "ordered-at" Instant = Order |part| Datum::Instant(part.order.ordered_at.at);
    "customer.id" Text = Order |part| Datum::text(&part.order.customer.id);
    "customer.segment" Text = Order |part| Datum::text(&part.order.customer.segment);
    "payment.method" Text = Order |part| Datum::text(&part.order.payment.method);
    "payment.status" Text = Order |part| Datum::text(&part.order.payment.status);
    "payment.transaction-id" Text = Order |part| Datum::text(&part.order.payment.transaction_id);
    "payment.amount" Number locks = Order |part| Datum::Number(part.order.payment.amount);
    "shipping.method" Text = Order |part| Datum::text(&part.order.shipping.method);
    "tags" list = Order |part| Datum::List(part.order.tags.iter().map(|tag| Datum::text(tag)).collect());
    "total" Number locks = Order |part| Datum::Number(part.order.total);
    "shipping-to.name" Text = Order |part| Datum::text(&ship(part).name);
    "shipping-to.company" Text = Order |part| Datum::text(&ship(part).company);
    "shipping-to.line1" Text = Order |part| Datum::text(&ship(part).line1);
    "shipping-to.line2" Text = Order |part| Datum::text(&ship(part).line2);
    "shipping-to.city" Text = Order |part| Datum::text(&ship(part).city);
    "shipping-to.region" Text = Order |part| Datum::text(&ship(part).region);
    "shipping-to.postal-code" Text = Order |part| Datum::text(&ship(part).postal_code);
    "shipping-to.country" Text = Order |part| Datum::text(&ship(part).country);
    "shipping-to.phone" Text = Order |part| Datum::text(&ship(part).phone);
    "shipping-to.email" Text = Order |part| Datum::text(&ship(part).email);
    "billing.name" Text = Order |part| Datum::text(&bill(part).name);
    "billing.company" Text = Order |part| Datum::text(&bill(part).company);
    "billing.line1" Text = Order |part| Datum::text(&bill(part).line1);
    "billing.line2" Text = Order |part| Datum::text(&bill(part).line2);
    "billing.city" Text = Order |part| Datum::text(&bill(part).city);
    "billing.region" Text = Order |part| Datum::text(&bill(part).region);
    "billing.postal-code" Text = Order |part| Datum::text(&bill(part).postal_code);
    "billing.country" Text = Order |part| Datum::text(&bill(part).country);
    "billing.phone" Text = Order |part| Datum::text(&bill(part).phone);
    "billing.email" Text = Order |part| Datum::text(&bill(part).email);
    "document.key" Text locks = Order |part| Datum::text(part.key);
    "document.warehouse" Text = Order |part| Datum::text(&part.shipment.warehouse);
    "document.backorder" Flag = Order |part| Datum::Flag(part.shipment.backorder);
    "document.discount" Number locks = Order |part| Datum::Number(part.share.discount);
    "document.shipping" Number locks = Order |part| Datum::Number(part.share.shipping);
    "document.shipping-tax" Number locks = Order |part| Datum::Number(part.share.shipping_tax);
    "document.tax" Number locks = Order |part| {
        Datum::Number(part.share.lines.iter().map(|line| line.tax).sum::<Decimal>() + part.share.shipping_tax)
    };
    "document.total" Number locks = Order |part| Datum::Number(part.share.total);
    "line.id" Text = Line |line, _| Datum::text(&line.id);
    "line.sku" Text locks = Line |line, _| Datum::text(&line.sku);
    "line.name" Text = Line |line, _| Datum::text(&line.name);
    "line.product-type" Text = Line |line, _| Datum::text(&line.product_type);
    "line.unit-price" Number locks = Line |line, _| Datum::Number(line.unit_price);
    "line.tax-rate" Number locks = Line |line, _| Datum::Number(line.tax_rate);
    "line.quantity" Number locks = Line |_, share| Datum::Number(share.quantity);
    "line.discount" Number locks = Line |_, share| Datum::Number(share.discount);
    "line.total" Number locks = Line |_, share| Datum::Number(share.ext);
    "line.tax" Number locks = Line |_, share| Datum::Number(share.tax);
}
