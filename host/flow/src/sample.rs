//! Sample orders, candidates, documents, customers and products: for rehearsing a plugin at load, for benchmarks and for tests.
//! They obey every rule of the canonical model, the sum rule included.

use crate::{
    Currency, Decimal, Document, Order, OrderNumber,
    entity::{
        customer::{self, Standing},
        product::{Price, Product},
    },
    hook::Context,
    order::{Address, Customer, Field, Instant, Line, Payment, Shipping, Value},
    route::{Candidates, Warehouse},
};
use std::sync::Arc;

const ARTICLES: [(&str, &str, &str, i64); 4] = [
    ("SHIRT-OX-M", "Oxford shirt, medium", "apparel", 4995),
    ("LAMP-DESK-01", "Desk lamp", "electronics", 8900),
    ("SOLVENT-1L", "Solvent, 1 litre", "hazmat", 1250),
    ("MUG-BLUE", "Mug, blue", "housewares", 799),
];

/// Where everybody in the samples lives.
fn address() -> Address {
    Address {
        name: "Sam Sample".into(),
        company: "Sample Supplies".into(),
        line1: "1 Example Street".into(),
        city: "Toronto".into(),
        region: "ON".into(),
        postal_code: "M5V 1A1".into(),
        country: "CA".into(),
        phone: "+1 416 555 0100".into(),
        email: "sam@example.com".into(),
        ..Address::default()
    }
}

/// A customer of the shop: `W10042`, wholesale, of Toronto.
pub fn customer() -> customer::Customer {
    customer::Customer {
        web_id: "W10042".into(),
        number: None,
        standing: Standing::Active,
        company: "Sample Supplies".into(),
        contact: "Sam Sample".into(),
        email: "sam@example.com".into(),
        phone: "+1 416 555 0100".into(),
        segment: "wholesale".into(),
        billing: address(),
        ship_to: vec![("HOME".into(), address())],
        currency: Currency::parse("CAD").unwrap_or_else(|_| unreachable!("CAD is a currency")),
        credit_limit: None,
        terms: String::new(),
        price_list: String::new(),
        tax_code: String::new(),
        changed_at: context().now,
        fields: Vec::new(),
    }
}

/// A product of the ERP: a desk lamp at 89.00 for everybody.
pub fn product() -> Product {
    let currency = Currency::parse("CAD").unwrap_or_else(|_| unreachable!("CAD is a currency"));
    Product {
        sku: "LAMP-DESK-01".into(),
        name: "Desk lamp".into(),
        description: String::new(),
        product_type: "electronics".into(),
        is_sold: true,
        tax_class: "STD".into(),
        weight: None,
        prices: vec![Price { currency, list: String::new(), from: Decimal::ZERO, amount: Decimal::new(8900, 2) }],
        kit: None,
        changed_at: context().now,
        fields: Vec::new(),
    }
}

/// A wholesale order of so many lines (at least one) in Canadian dollars, 13 % tax, number `SAMPLE-n`.
pub fn order(lines: usize) -> Order {
    let currency = Currency::parse("CAD").unwrap_or_else(|_| unreachable!("CAD is a currency"));
    let rate = Decimal::new(13, 2);
    let lines: Vec<Line> = (0..lines.max(1))
        .map(|index| {
            let (sku, name, product_type, cents) = ARTICLES[index % ARTICLES.len()];
            let quantity = Decimal::from(1 + index % 12);
            let unit_price = Decimal::new(cents, 2);
            let total = quantity * unit_price;
            Line {
                id: format!("L{}", index + 1),
                sku: sku.into(),
                name: name.into(),
                product_type: product_type.into(),
                quantity,
                unit_price,
                discount: Decimal::ZERO,
                tax_rate: rate,
                tax: currency.round(total * rate),
                total,
                fields: Vec::new(),
            }
        })
        .collect();
    let shipping =
        Shipping { method: "ground".into(), amount: Decimal::new(1500, 2), tax_rate: rate, tax: currency.round(Decimal::new(1500, 2) * rate) };
    let address = address();
    let mut order = Order {
        number: OrderNumber::parse(&format!("SAMPLE-{}", lines.len())).unwrap_or_else(|_| unreachable!("a valid number")),
        version: 1,
        status: "placed".into(),
        currency,
        ordered_at: Instant { at: at(), offset_minutes: -240 },
        customer: Customer { id: "C10042".into(), segment: "wholesale".into() },
        billing: address.clone(),
        shipping_to: address,
        payment: Payment { method: "on-account".into(), status: "pending".into(), ..Payment::default() },
        lines,
        shipping,
        discount: Decimal::ZERO,
        total: Decimal::ZERO,
        fields: vec![Field { name: "po-reference".into(), value: Value::Text("PO-7781".into()) }],
        tags: Vec::new(),
    };
    order.total = order.subtotal() + order.shipping.amount + order.tax();
    order.payment.amount = order.total;
    order
}

/// Two warehouses, one in Canada and one in the United States, each with enough of every line.
pub fn candidates(order: &Order) -> Candidates {
    let warehouse = |id: &str, country: &str, region: &str| Warehouse {
        id: id.into(),
        country: country.into(),
        region: region.into(),
        product_types: Vec::new(),
    };
    Candidates {
        warehouses: Arc::new([warehouse("TOR", "CA", "ON"), warehouse("BUF", "US", "NY")]),
        stock: vec![Decimal::from(1000); order.lines.len() * 2],
    }
}

/// A document with the fields of the shipped template that matter to rules, for the whole order from one warehouse.
pub fn document(order: &Order) -> Document {
    let field = |name: &str, value: Value| Field { name: name.into(), value };
    let lines = order.lines.iter().map(|line| {
        vec![
            field("ItemCode", Value::Text(line.sku.clone())),
            field("Quantity", Value::Number(line.quantity)),
            field("UnitPrice", Value::Number(line.unit_price)),
            field("TaxAmount", Value::Number(line.tax)),
        ]
    });
    Document {
        part: 0,
        key: order.number.to_string(),
        customer: order.customer.id.clone(),
        total: order.total,
        warehouse: "TOR".into(),
        backorder: false,
        fields: vec![
            field("PurchaseOrderNo", Value::Text(order.number.to_string())),
            field("CustomerNo", Value::Text(order.customer.id.clone())),
            field("PaymentTerms", Value::Text("NET30".into())),
            field("TotalAmount", Value::Number(order.total)),
        ],
        lines: lines.collect(),
        locked: ["PurchaseOrderNo", "TotalAmount", "ItemCode", "Quantity", "UnitPrice", "TaxAmount"].map(Arc::from).into(),
    }
}

/// A context whose time is fixed.
pub fn context() -> Context {
    Context { integration: "sample".into(), event_id: "evt-sample".into(), attempt: 1, now: Instant::utc(at()), kept: Arc::default() }
}

fn at() -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_772_000_000).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    #[test]
    fn samples_obey_the_sum_rule() {
        for lines in [1, 10, 100, 1000] {
            crate::sum::check(&super::order(lines)).unwrap();
        }
    }
}
