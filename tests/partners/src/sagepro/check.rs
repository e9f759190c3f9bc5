//! What Sage Pro checks before it books: shape, widths, and that the amounts add up to the cent.

use super::BookedLine;
use crate::number;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::HashMap};

/// Fields with a width, in characters. Those of lines begin with `LineItems.`.
pub const WIDTHS: [(&str, usize); 28] = [
    ("PurchaseOrderNo", 20),
    ("CustomerNo", 6),
    ("Currency", 3),
    ("PaymentTerms", 20),
    ("Warehouse", 3),
    ("Salesperson", 4),
    ("Territory", 3),
    ("ShipToAddress.Name", 35),
    ("ShipToAddress.Company", 35),
    ("ShipToAddress.Address1", 35),
    ("ShipToAddress.Address2", 35),
    ("ShipToAddress.City", 20),
    ("ShipToAddress.State", 10),
    ("ShipToAddress.ZipCode", 10),
    ("ShipToAddress.Country", 15),
    ("BillToAddress.Name", 35),
    ("BillToAddress.Company", 35),
    ("BillToAddress.Address1", 35),
    ("BillToAddress.Address2", 35),
    ("BillToAddress.City", 20),
    ("BillToAddress.State", 10),
    ("BillToAddress.ZipCode", 10),
    ("BillToAddress.Country", 15),
    ("LineItems.ItemCode", 15),
    ("LineItems.Description", 35),
    ("LineItems.Warehouse", 3),
    ("LineItems.GLCode", 24),
    ("OrderDate", 10),
];

/// The widths in the order of [`WIDTHS`], with a site's own where it has some.
pub(super) fn widths(own: &HashMap<String, usize>) -> Vec<usize> {
    WIDTHS.iter().map(|(name, width)| own.get(*name).copied().unwrap_or(*width)).collect()
}

/// Why an order is refused: status 400 or 422, code, field, message.
#[derive(Debug)]
pub(super) struct Refusal(pub u16, pub &'static str, pub String, pub String);

/// An order whose numbers have been read.
#[derive(Default)]
pub(super) struct Checked {
    pub purchase_order_no: String,
    pub customer: String,
    pub warehouse: String,
    pub total: Decimal,
    pub lines: Vec<BookedLine>,
}

type Text<'a> = Option<Cow<'a, str>>;
type Raw<'a> = Option<&'a RawValue>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Order<'a> {
    #[serde(borrow)]
    purchase_order_no: Text<'a>,
    #[serde(borrow)]
    customer_no: Text<'a>,
    #[serde(borrow)]
    order_date: Text<'a>,
    #[serde(borrow)]
    currency: Text<'a>,
    #[serde(borrow)]
    payment_terms: Text<'a>,
    #[serde(borrow)]
    warehouse: Text<'a>,
    #[serde(borrow)]
    salesperson: Text<'a>,
    #[serde(borrow)]
    territory: Text<'a>,
    #[serde(borrow, default)]
    ship_to_address: Address<'a>,
    #[serde(borrow, default)]
    bill_to_address: Address<'a>,
    #[serde(borrow)]
    freight: Raw<'a>,
    #[serde(borrow)]
    freight_tax: Raw<'a>,
    #[serde(borrow)]
    order_discount: Raw<'a>,
    #[serde(borrow)]
    total_amount: Raw<'a>,
    #[serde(borrow, default)]
    line_items: Vec<Line<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Address<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    company: Text<'a>,
    #[serde(borrow)]
    address1: Text<'a>,
    #[serde(borrow)]
    address2: Text<'a>,
    #[serde(borrow)]
    city: Text<'a>,
    #[serde(borrow)]
    state: Text<'a>,
    #[serde(borrow)]
    zip_code: Text<'a>,
    #[serde(borrow)]
    country: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line<'a> {
    #[serde(borrow)]
    item_code: Text<'a>,
    #[serde(borrow)]
    description: Text<'a>,
    #[serde(borrow)]
    quantity: Raw<'a>,
    #[serde(borrow)]
    unit_price: Raw<'a>,
    #[serde(borrow)]
    discount: Raw<'a>,
    #[serde(borrow)]
    ext_price: Raw<'a>,
    #[serde(borrow)]
    tax_amount: Raw<'a>,
    #[serde(borrow)]
    warehouse: Text<'a>,
    #[serde(borrow, rename = "GLCode")]
    gl_code: Text<'a>,
}

impl Address<'_> {
    fn texts(&self) -> [&Text<'_>; 8] {
        [&self.name, &self.company, &self.address1, &self.address2, &self.city, &self.state, &self.zip_code, &self.country]
    }
}

impl Checked {
    /// Reads an order without checking widths. `None` when it cannot be read.
    pub(super) fn read(body: &[u8]) -> Option<Checked> {
        Checked::check(body, &[usize::MAX; WIDTHS.len()]).ok()
    }

    /// Reads and checks an order.
    pub(super) fn check(body: &[u8], widths: &[usize]) -> Result<Checked, Refusal> {
        let order: Order = serde_json::from_slice(body)
            .map_err(|error| Refusal(400, "BAD_JSON", String::new(), format!("line {} column {}", error.line(), error.column())))?;
        let head = [
            &order.purchase_order_no,
            &order.customer_no,
            &order.currency,
            &order.payment_terms,
            &order.warehouse,
            &order.salesperson,
            &order.territory,
        ];
        let texts = head.into_iter().chain(order.ship_to_address.texts()).chain(order.bill_to_address.texts());
        for (place, text) in texts.enumerate() {
            fits(text, place, widths)?;
        }
        fits(&order.order_date, 27, widths)?;
        let present = |text: &Text, field: &str| match text.as_deref().map(str::trim) {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => Err(missing(field)),
        };
        let mut checked = Checked {
            purchase_order_no: present(&order.purchase_order_no, "PurchaseOrderNo")?,
            customer: present(&order.customer_no, "CustomerNo")?,
            warehouse: order.warehouse.unwrap_or_default().into_owned(),
            total: needed(order.total_amount, "TotalAmount")?,
            lines: Vec::with_capacity(order.line_items.len()),
        };
        if order.line_items.is_empty() {
            return Err(missing("LineItems"));
        }
        let mut sum =
            optional(order.freight, "Freight")? + optional(order.freight_tax, "FreightTax")? - optional(order.order_discount, "OrderDiscount")?;
        for line in order.line_items {
            for (place, text) in [(23, &line.item_code), (24, &line.description), (25, &line.warehouse), (26, &line.gl_code)] {
                fits(text, place, widths)?;
            }
            let line = BookedLine {
                item: present(&line.item_code, "LineItems.ItemCode")?,
                quantity: needed(line.quantity, "LineItems.Quantity")?,
                unit_price: needed(line.unit_price, "LineItems.UnitPrice")?,
                discount: optional(line.discount, "LineItems.Discount")?,
                ext_price: needed(line.ext_price, "LineItems.ExtPrice")?,
                tax: optional(line.tax_amount, "LineItems.TaxAmount")?,
                warehouse: line.warehouse.unwrap_or_default().into_owned(),
                gl_code: line.gl_code.unwrap_or_default().into_owned(),
            };
            sum += line.ext_price + line.tax;
            checked.lines.push(line);
        }
        if sum != checked.total {
            let message = format!("lines, tax, freight and discount make {sum}, but TotalAmount is {}", checked.total);
            return Err(Refusal(422, "TOTAL_MISMATCH", "TotalAmount".into(), message));
        }
        Ok(checked)
    }
}

fn fits(text: &Text, place: usize, widths: &[usize]) -> Result<(), Refusal> {
    let width = widths[place];
    match text {
        // Bytes are at least as many as characters: the usual text needs no counting.
        Some(text) if text.len() > width && text.chars().count() > width => {
            let message = format!("the field holds {width} characters");
            Err(Refusal(422, "FIELD_TOO_LONG", WIDTHS[place].0.to_owned(), message))
        }
        _ => Ok(()),
    }
}

fn optional(raw: Raw, field: &str) -> Result<Decimal, Refusal> {
    raw.map_or(Ok(Decimal::ZERO), |raw| needed(Some(raw), field))
}

fn needed(raw: Raw, field: &str) -> Result<Decimal, Refusal> {
    let raw = raw.ok_or_else(|| missing(field))?;
    number::read(raw).ok_or_else(|| Refusal(400, "BAD_NUMBER", field.to_owned(), "a number is expected".into()))
}

fn missing(field: &str) -> Refusal {
    Refusal(400, "MISSING_FIELD", field.to_owned(), "the field is needed".into())
}
