//! What was billed: one invoice for each shipment, which together are worth what the order is.

use super::{Exchange, check_whole};
use crate::{
    Currency, Decimal, Order, OrderNumber,
    fault::{Code, Fault},
    order::Instant,
    route::Shipment,
    share::share,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a line sells, as far as the ledger cares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sells {
    /// Goods or services: income.
    #[default]
    Goods,
    /// A gift card: owed to whoever redeems it, no income yet.
    GiftCard,
    /// A tip.
    Tip,
}

impl Sells {
    /// Read from the line's product type: `gift-card` and `tip` are what they say.
    pub fn read(product_type: &str) -> Sells {
        match product_type {
            "gift-card" => Sells::GiftCard,
            "tip" => Sells::Tip,
            _ => Sells::Goods,
        }
    }
}

/// One line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct InvoiceLine {
    /// The shop's id of the order's line.
    pub line: String,
    /// What it sells.
    pub sells: Sells,
    /// Units.
    pub quantity: Decimal,
    /// Worth without tax, after the line's discount.
    pub amount: Decimal,
    /// Tax.
    pub tax: Decimal,
}

/// An invoice, in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Invoice {
    /// The document's key: the order number, with `-2`, `-3` … for further parts.
    pub key: String,
    /// The order.
    pub order: OrderNumber,
    /// When it was billed.
    pub at: Instant,
    /// The currency of every amount.
    pub currency: Currency,
    /// The lines.
    pub lines: Vec<InvoiceLine>,
    /// Shipping without tax.
    pub shipping: Decimal,
    /// Tax on shipping.
    pub shipping_tax: Decimal,
    /// Its part of the order's discount.
    pub discount: Decimal,
    /// Σ lines + shipping + tax − discount.
    pub total: Decimal,
}

impl Invoice {
    /// All tax.
    pub fn tax(&self) -> Decimal {
        self.lines.iter().map(|line| line.tax).sum::<Decimal>() + self.shipping_tax
    }

    /// The lines that sell this, without tax.
    pub fn sold(&self, sells: Sells) -> Decimal {
        self.lines.iter().filter(|line| line.sells == sells).map(|line| line.amount).sum()
    }

    /// Checks that the parts add up to the total, in whole units of the currency. Fails with E702.
    pub fn check(&self) -> Result<(), Fault> {
        let place = format!("invoice {}", self.key);
        self.parts().into_iter().chain([self.total]).try_for_each(|part| check_whole(part, self.currency, &place))?;
        let sum: Decimal = self.parts().iter().sum();
        if sum != self.total {
            let told = format!("lines − discount + shipping + tax = {sum}, but its total is {}: a residual of {}", self.total, self.total - sum);
            return Err(Fault::new(Code::Residual, told).at(place));
        }
        Ok(())
    }

    /// Signed, so that their sum is the total: amount and tax of each line, shipping, its tax, the discount.
    fn parts(&self) -> Vec<Decimal> {
        let lines = self.lines.iter().flat_map(|line| [line.amount, line.tax]);
        lines.chain([self.shipping, self.shipping_tax, -self.discount]).collect()
    }
}

impl fmt::Display for Invoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invoice {} over {} {}, {} lines", self.key, self.total, self.currency, self.lines.len())
    }
}

/// The invoices of an order, one for each shipment; the shipments have passed [`crate::route::check`]. In the order's
/// currency, and worth together what the order is.
pub fn bill(order: &Order, shipments: &[Shipment], at: Instant) -> Vec<Invoice> {
    let invoice = |(part, share): (usize, crate::share::Share)| {
        let line = |part: crate::share::LineShare| {
            let whole = &order.lines[part.line as usize];
            let sells = Sells::read(&whole.product_type);
            InvoiceLine { line: whole.id.clone(), sells, quantity: part.quantity, amount: part.ext, tax: part.tax }
        };
        Invoice {
            key: if part == 0 { order.number.to_string() } else { format!("{}-{}", order.number, part + 1) },
            order: order.number.clone(),
            at,
            currency: order.currency,
            lines: share.lines.into_iter().map(line).collect(),
            shipping: share.shipping,
            shipping_tax: share.shipping_tax,
            discount: share.discount,
            total: share.total,
        }
    };
    share(order, shipments).into_iter().enumerate().map(invoice).collect()
}

/// The invoices of one order in the shop's currency, by the rate stamped on the order; together they are worth what the
/// order converts to. Fails with E703 when one is not in the customer's currency.
pub fn convert(invoices: &[Invoice], exchange: &Exchange) -> Result<Vec<Invoice>, Fault> {
    for invoice in invoices {
        super::check_currency(invoice.currency, exchange.presentment(), &format!("invoice {}", invoice.key))?;
    }
    let parts: Vec<Decimal> = invoices.iter().flat_map(Invoice::parts).collect();
    let mut parts = exchange.convert_parts(&parts)?.into_iter();
    let mut next = || parts.next().unwrap_or_default();
    let mut converted = Vec::with_capacity(invoices.len());
    for invoice in invoices {
        let mut invoice = invoice.clone();
        for line in &mut invoice.lines {
            (line.amount, line.tax) = (next(), next());
        }
        (invoice.shipping, invoice.shipping_tax, invoice.discount) = (next(), next(), -next());
        invoice.currency = exchange.shop();
        invoice.total = invoice.parts().iter().sum();
        converted.push(invoice);
    }
    Ok(converted)
}
