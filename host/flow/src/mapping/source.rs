//! Where a row's value comes from: the paths of the canonical order, of the shipment and of the document to be.

use crate::{
    Decimal, Order,
    order::{Address, Line, Value, find},
    route::Shipment,
    share::{LineShare, Share},
};
use jiff::tz::TimeZone;
use std::fmt;

/// What a row can see.
pub(super) struct Scope<'o> {
    pub(super) order: &'o Order,
    pub(super) shipment: &'o Shipment,
    pub(super) share: &'o Share,
    pub(super) key: &'o str,
    pub(super) zone: &'o TimeZone,
    pub(super) line: Option<(&'o Line, &'o LineShare)>,
}

/// A source, resolved at load.
#[derive(Clone)]
pub(super) enum Source {
    /// A constant.
    Constant(Value),
    /// A path of the table below.
    Path(&'static Path),
    /// `fields.NAME`
    Field(String),
    /// `line.fields.NAME`
    LineField(String),
}

/// One path that a template can name.
pub(super) struct Path {
    name: &'static str,
    read: fn(&Scope<'_>) -> Value,
    /// Carries money, quantity or identity: rules may not change the field it goes to.
    locks: bool,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Constant(value) => write!(f, "the constant `{value}`"),
            Source::Path(path) => f.write_str(path.name),
            Source::Field(name) => write!(f, "fields.{name}"),
            Source::LineField(name) => write!(f, "line.fields.{name}"),
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Source {
    /// Finds a path; `in_line` says whether the row stands under `[lines]`. The error lists what is known.
    pub(super) fn parse(path: &str, in_line: bool) -> Result<Source, String> {
        if let Some(name) = path.strip_prefix("line.fields.").filter(|_| in_line) {
            return Ok(Source::LineField(name.to_owned()));
        }
        if let Some(name) = path.strip_prefix("fields.") {
            return Ok(Source::Field(name.to_owned()));
        }
        let known = PATHS.iter().filter(|known| in_line || !known.name.starts_with("line."));
        if let Some(path) = known.clone().find(|known| known.name == path) {
            return Ok(Source::Path(path));
        }
        let names: Vec<String> = known.map(|path| path.name.to_owned()).collect();
        Err(match crate::written::nearest(path, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known paths: {}, fields.NAME{}", names.join(", "), if in_line { ", line.fields.NAME" } else { "" }),
        })
    }

    /// The path in the whole order: what stands under `line.` in a row is of `lines.` there.
    pub(super) fn path(&self) -> Option<Box<str>> {
        let path = match self {
            Source::Constant(_) => return None,
            path => path.to_string(),
        };
        Some(path.strip_prefix("line.").map(|rest| format!("lines.{rest}")).unwrap_or(path).into())
    }

    pub(super) fn locks(&self) -> bool {
        matches!(self, Source::Path(path) if path.locks)
    }

    pub(super) fn value(&self, scope: &Scope<'_>) -> Value {
        match self {
            Source::Constant(value) => value.clone(),
            Source::Path(path) => (path.read)(scope),
            Source::Field(name) => find(&scope.order.fields, name).cloned().unwrap_or(Value::Empty),
            Source::LineField(name) => scope.line.and_then(|(line, _)| find(&line.fields, name).cloned()).unwrap_or(Value::Empty),
        }
    }
}

fn text(text: &str) -> Value {
    if text.is_empty() { Value::Empty } else { Value::Text(text.to_owned()) }
}

fn line(scope: &Scope<'_>, read: impl Fn(&Line, &LineShare) -> Value) -> Value {
    scope.line.map(|(line, share)| read(line, share)).unwrap_or(Value::Empty)
}

macro_rules! paths {
    ($($name:literal $lock:literal => $read:expr;)*) => {
        const PATHS: &[Path] = &[$(Path { name: $name, read: $read, locks: $lock }),*];
    };
}

macro_rules! number {
    ($get:expr) => {
        |scope| {
            let get: fn(&Scope<'_>) -> Decimal = $get;
            Value::Number(get(scope))
        }
    };
}
macro_rules! line_text {
    ($get:expr) => {
        |scope| {
            line(scope, |of, _| {
                let get: fn(&Line) -> &String = $get;
                text(get(of))
            })
        }
    };
}
macro_rules! line_share {
    ($get:expr) => {
        |scope| {
            line(scope, |_, part| {
                let get: fn(&LineShare) -> Decimal = $get;
                Value::Number(get(part))
            })
        }
    };
}
macro_rules! ship {
    ($get:expr) => {
        |scope| {
            let get: fn(&Address) -> &String = $get;
            text(get(&scope.order.shipping_to))
        }
    };
}
macro_rules! bill {
    ($get:expr) => {
        |scope| {
            let get: fn(&Address) -> &String = $get;
            text(get(&scope.order.billing))
        }
    };
}

paths! {
    "number" false => |scope| text(scope.order.number.as_str());
    "status" false => |scope| text(&scope.order.status);
    "currency" true => |scope| text(scope.order.currency.code());
    "ordered-at" false => |scope| Value::Text(scope.order.ordered_at.at.to_string());
    "customer.id" false => |scope| text(&scope.order.customer.id);
    "customer.segment" false => |scope| text(&scope.order.customer.segment);
    "payment.method" false => |scope| text(&scope.order.payment.method);
    "payment.status" false => |scope| text(&scope.order.payment.status);
    "payment.transaction-id" false => |scope| text(&scope.order.payment.transaction_id);
    "payment.amount" true => number!(|scope| scope.order.payment.amount);
    "shipping.method" false => |scope| text(&scope.order.shipping.method);
    "tags" false => |scope| text(&scope.order.tags.join(" "));
    "total" true => number!(|scope| scope.order.total);
    "shipping-to.name" false => ship!(|a| &a.name);
    "shipping-to.company" false => ship!(|a| &a.company);
    "shipping-to.line1" false => ship!(|a| &a.line1);
    "shipping-to.line2" false => ship!(|a| &a.line2);
    "shipping-to.city" false => ship!(|a| &a.city);
    "shipping-to.region" false => ship!(|a| &a.region);
    "shipping-to.postal-code" false => ship!(|a| &a.postal_code);
    "shipping-to.country" false => ship!(|a| &a.country);
    "shipping-to.phone" false => ship!(|a| &a.phone);
    "shipping-to.email" false => ship!(|a| &a.email);
    "billing.name" false => bill!(|a| &a.name);
    "billing.company" false => bill!(|a| &a.company);
    "billing.line1" false => bill!(|a| &a.line1);
    "billing.line2" false => bill!(|a| &a.line2);
    "billing.city" false => bill!(|a| &a.city);
    "billing.region" false => bill!(|a| &a.region);
    "billing.postal-code" false => bill!(|a| &a.postal_code);
    "billing.country" false => bill!(|a| &a.country);
    "billing.phone" false => bill!(|a| &a.phone);
    "billing.email" false => bill!(|a| &a.email);
    "document.key" true => |scope| text(scope.key);
    "document.warehouse" false => |scope| text(&scope.shipment.warehouse);
    "document.backorder" false => |scope| Value::Flag(scope.shipment.backorder);
    "document.discount" true => number!(|scope| scope.share.discount);
    "document.shipping" true => number!(|scope| scope.share.shipping);
    "document.shipping-tax" true => number!(|scope| scope.share.shipping_tax);
    "document.tax" true => number!(|scope| scope.share.lines.iter().map(|line| line.tax).sum::<Decimal>() + scope.share.shipping_tax);
    "document.total" true => number!(|scope| scope.share.total);
    "line.id" false => line_text!(|line| &line.id);
    "line.sku" true => line_text!(|line| &line.sku);
    "line.name" false => line_text!(|line| &line.name);
    "line.product-type" false => line_text!(|line| &line.product_type);
    "line.unit-price" true => |scope| line(scope, |line, _| Value::Number(line.unit_price));
    "line.tax-rate" true => |scope| line(scope, |line, _| Value::Number(line.tax_rate));
    "line.quantity" true => line_share!(|part| part.quantity);
    "line.discount" true => line_share!(|part| part.discount);
    "line.total" true => line_share!(|part| part.ext);
    "line.tax" true => line_share!(|part| part.tax);
}
