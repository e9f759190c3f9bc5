//! The field list that Sage Pro gives of itself: what the fields of a document hold, and the card and password fields that
//! a real site has and that nobody should ever read. Its code page is Unicode, because it books every letter.

use super::check::WIDTHS;
use serde_json::{Value, json};

/// Fields without a width of their own in [`WIDTHS`]: name, type, width, decimals. Those of lines begin with `LineItems.`.
const OTHERS: [(&str, &str, usize, u32); 17] = [
    ("PaymentMethod", "C", 20, 0),
    ("PaymentReference", "C", 40, 0),
    ("ShipVia", "C", 15, 0),
    ("Backorder", "L", 1, 0),
    ("Freight", "N", 16, 4),
    ("FreightTax", "N", 16, 4),
    ("OrderDiscount", "N", 16, 4),
    ("TotalAmount", "N", 16, 4),
    ("Comment", "M", 4, 0),
    ("CC_NUM", "C", 20, 0),
    ("Password", "C", 20, 0),
    ("LineItems.Quantity", "N", 16, 4),
    ("LineItems.UnitPrice", "N", 16, 4),
    ("LineItems.Discount", "N", 16, 4),
    ("LineItems.ExtPrice", "N", 16, 4),
    ("LineItems.TaxRate", "N", 12, 8),
    ("LineItems.TaxAmount", "N", 16, 4),
];

/// The list as JSON text; `widths` stand in the order of [`WIDTHS`].
pub(super) fn tables(widths: &[usize]) -> String {
    let texts = WIDTHS.iter().zip(widths).map(|((name, _), width)| match *name {
        "OrderDate" => (*name, "D", 8, 0),
        name => (name, "C", *width, 0),
    });
    let all: Vec<_> = texts.chain(OTHERS).collect();
    let table = |table: &str, of: &dyn Fn(&'static str) -> Option<&'static str>| {
        let fields = all.iter().filter_map(|(name, kind, width, decimals)| {
            of(name).map(|name| json!({ "Name": name, "Type": kind, "Width": width, "Decimals": decimals }))
        });
        json!({ "Table": table, "CodePage": 65001, "Fields": fields.collect::<Vec<Value>>() })
    };
    let header = table("SalesOrder", &|name| (!name.starts_with("LineItems.")).then_some(name));
    let lines = table("SalesOrderLine", &|name| name.strip_prefix("LineItems."));
    json!({ "tables": [header, lines] }).to_string()
}
