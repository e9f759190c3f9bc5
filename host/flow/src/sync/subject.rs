//! What is kept alike: one entity of any kind, and what every kind has in common.

use crate::{
    Code, Decimal, Fault,
    entity::{
        content::Content,
        customer::Customer,
        echo::Kind,
        invoice::Invoice,
        product::Product,
        shipment::{Parcel, Shipment},
    },
    finance::{Dispute, Journal, Payment, Payout, Refund},
    order::{Field, Instant, Value},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How much of an article a warehouse can give away. What the ERP says is available has its own open orders taken off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Level {
    /// The article.
    pub sku: String,
    /// The warehouse.
    pub warehouse: String,
    /// Units, zero or more.
    pub available: Decimal,
    /// When it was last changed, on the side it comes from.
    pub changed_at: Instant,
}

impl Level {
    /// The key of an article in a warehouse: `LAMP-01@TOR`.
    pub fn key(sku: &str, warehouse: &str) -> String {
        format!("{sku}@{warehouse}")
    }

    /// Takes a key apart. A warehouse's id has no `@`; an article's code may have one.
    pub fn split(key: &str) -> Option<(&str, &str)> {
        key.rsplit_once('@')
    }
}

/// An entity of any kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A product.
    Product(Box<Product>),
    /// A customer.
    Customer(Box<Customer>),
    /// A stock level.
    Stock(Level),
    /// A shipment.
    Shipment(Shipment),
    /// An invoice.
    Invoice(Box<Invoice>),
    /// A payment.
    Payment(Box<Payment>),
    /// A refund.
    Refund(Box<Refund>),
    /// A dispute.
    Dispute(Box<Dispute>),
    /// A payout.
    Payout(Box<Payout>),
    /// A journal entry.
    Entry(Box<Journal>),
}

impl Subject {
    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            Subject::Product(_) => Kind::Product,
            Subject::Customer(_) => Kind::Customer,
            Subject::Stock(_) => Kind::Stock,
            Subject::Shipment(_) => Kind::Shipment,
            Subject::Invoice(_) => Kind::Invoice,
            Subject::Payment(_) => Kind::Payment,
            Subject::Refund(_) => Kind::Refund,
            Subject::Dispute(_) => Kind::Dispute,
            Subject::Payout(_) => Kind::Payout,
            Subject::Entry(_) => Kind::Entry,
        }
    }

    /// Its custom fields. One that is empty is to be taken away where it is written.
    pub fn custom(&self) -> &[Field] {
        match self {
            Subject::Product(product) => &product.fields,
            Subject::Customer(customer) => &customer.fields,
            Subject::Shipment(shipment) => &shipment.fields,
            Subject::Invoice(invoice) => &invoice.fields,
            _ => &[],
        }
    }

    /// The same, to be changed; nothing for what has none.
    pub fn custom_mut(&mut self) -> Option<&mut Vec<Field>> {
        match self {
            Subject::Product(product) => Some(&mut product.fields),
            Subject::Customer(customer) => Some(&mut customer.fields),
            Subject::Shipment(shipment) => Some(&mut shipment.fields),
            Subject::Invoice(invoice) => Some(&mut invoice.fields),
            _ => None,
        }
    }

    /// Checks what a template may have computed: amounts and units are zero or more, prices are there once. Fails with E202.
    pub fn check(&self) -> Result<(), Fault> {
        let least = |place: &str, number: Decimal| match number < Decimal::ZERO {
            true => Err(Fault::new(Code::InvalidField, format!("{number}: zero or more")).at(place)),
            false => Ok(()),
        };
        match self {
            Subject::Product(product) => product.check(),
            Subject::Stock(level) => least("available", level.available),
            Subject::Customer(customer) => least("credit-limit", customer.credit_limit.unwrap_or_default()),
            _ => Ok(()),
        }
    }

    /// What comparing and merging see of it: all but the keys and the times.
    pub fn content(&self) -> Content {
        match self {
            Subject::Product(product) => product.content(),
            Subject::Customer(customer) => customer.content(),
            Subject::Stock(level) => {
                let mut content = Content::new();
                content.number("available", level.available);
                content
            }
            Subject::Shipment(shipment) => of_shipment(shipment),
            Subject::Invoice(invoice) => of_invoice(invoice),
            Subject::Payment(payment) => of_paper(payment),
            Subject::Refund(refund) => of_paper(refund),
            Subject::Dispute(dispute) => of_paper(dispute),
            Subject::Payout(payout) => of_paper(payout),
            Subject::Entry(journal) => journal.content(),
        }
    }
}

/// Papers of the money side are never merged; whether one is another is all that is asked.
fn of_paper(paper: &impl Serialize) -> Content {
    let mut content = Content::new();
    content.text("paper", &serde_json::to_string(paper).unwrap_or_default());
    content
}

fn of_shipment(shipment: &Shipment) -> Content {
    let mut content = Content::new();
    content.text("order", shipment.order.as_str());
    content.text("warehouse", &shipment.warehouse);
    shipment.lines.iter().for_each(|line| content.number(format!("line[{}]", line.line), line.units));
    for Parcel { carrier, tracking, link } in &shipment.parcels {
        content.put(format!("parcel[{} {tracking}]", carrier.trim().to_lowercase()), Value::Flag(true));
        content.text(format!("link[{tracking}]"), link);
    }
    content.fields(&shipment.fields);
    content
}

fn of_invoice(invoice: &Invoice) -> Content {
    let mut content = Content::new();
    content.text("order", invoice.order.as_str());
    content.text("currency", invoice.currency.code());
    content.text("shipments", &invoice.shipments.join(" "));
    for line in &invoice.lines {
        let parts =
            [("quantity", line.quantity), ("unit-price", line.unit_price), ("discount", line.discount), ("total", line.total), ("tax", line.tax)];
        parts.into_iter().for_each(|(name, number)| content.number(format!("line[{}].{name}", line.line), number));
    }
    let parts = [("discount", invoice.discount), ("shipping", invoice.shipping), ("shipping-tax", invoice.shipping_tax), ("total", invoice.total)];
    parts.into_iter().for_each(|(name, number)| content.number(name, number));
    content.fields(&invoice.fields);
    content
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Product(product) => product.fmt(f),
            Subject::Customer(customer) => customer.fmt(f),
            Subject::Stock(Level { sku, warehouse, available, .. }) => write!(f, "{available} of {sku} in {warehouse}"),
            Subject::Shipment(shipment) => shipment.fmt(f),
            Subject::Invoice(invoice) => invoice.fmt(f),
            Subject::Payment(payment) => payment.fmt(f),
            Subject::Refund(refund) => refund.fmt(f),
            Subject::Dispute(dispute) => dispute.fmt(f),
            Subject::Payout(payout) => payout.fmt(f),
            Subject::Entry(journal) => journal.fmt(f),
        }
    }
}
