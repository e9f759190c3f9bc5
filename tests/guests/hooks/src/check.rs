//! Every getter and edit of the contract, on the host's sample: an order of three lines.

use crate::{
    crossdock::plugin::{
        documents::Document,
        log::{self, Level},
        orders::Order,
        routing::Candidates,
        settings,
        types::{Context, Decimal, Decimals, EditError, Value},
    },
    d,
};

/// Numbers are equal by value, whatever their scale.
fn same(a: Decimal, b: Decimal) -> bool {
    let power = |scale: u8| 10i128.pow(scale.into());
    i128::from(a.units) * power(b.scale) == i128::from(b.units) * power(a.scale)
}

fn row(column: &Decimals, row: usize) -> Decimal {
    d(column.units[row], column.scale)
}

fn text(value: &Option<Value>) -> &str {
    match value {
        Some(Value::Text(text)) => text,
        other => panic!("expected a text, found {other:?}"),
    }
}

fn number(value: &Option<Value>) -> Decimal {
    match value {
        Some(Value::Number(number)) => *number,
        other => panic!("expected a number, found {other:?}"),
    }
}

fn read_order(order: &Order) {
    let header = order.header();
    assert_eq!((header.number.as_str(), header.status.as_str()), ("SAMPLE-3", "placed"));
    assert_eq!((header.currency.as_str(), header.currency_digits), ("CAD", 2));
    assert_eq!((header.customer_id.as_str(), header.segment.as_str()), ("C10042", "wholesale"));
    assert_eq!((header.ordered_at.unix_ms, header.ordered_at.offset_minutes), (1_772_000_000_000, -240));
    assert!(same(header.discount, d(0, 0)));
    assert!(same(header.shipping, d(1500, 2)));
    let total = header.subtotal.units + header.shipping.units + header.tax.units - header.discount.units;
    assert!(same(header.total, d(total, 2)), "{header:?}");

    assert_eq!(order.line_count(), 3);
    let lines = order.lines();
    let (amounts, texts) = (order.line_amounts(), order.line_texts());
    assert_eq!(texts.ends.len(), 12);
    let mut start = 0;
    let mut texts = texts.ends.iter().map(|end| {
        let text = &texts.pool[start..*end as usize];
        start = *end as usize;
        text
    });
    for (index, line) in lines.iter().enumerate() {
        for expected in [&line.id, &line.sku, &line.name, &line.product_type] {
            assert_eq!(texts.next(), Some(expected.as_str()));
        }
        assert!(same(line.quantity, row(&amounts.quantity, index)));
        assert!(same(line.unit_price, row(&amounts.unit_price, index)));
        assert!(same(line.discount, row(&amounts.discount, index)));
        assert!(same(line.tax_rate, row(&amounts.tax_rate, index)));
        assert!(same(line.tax, row(&amounts.tax, index)));
        assert!(same(line.total, row(&amounts.total, index)));
    }
    assert_eq!((lines[1].id.as_str(), lines[1].sku.as_str()), ("L2", "LAMP-DESK-01"));
    assert_eq!((lines[1].name.as_str(), lines[1].product_type.as_str()), ("Desk lamp", "electronics"));
    assert!(same(lines[1].quantity, d(2, 0)) && same(lines[1].tax_rate, d(13, 2)));

    let address = order.billing_address();
    assert_eq!((address.name.as_str(), address.company.as_str()), ("Sam Sample", "Sample Supplies"));
    assert_eq!((address.line1.as_str(), address.line2.as_str(), address.city.as_str()), ("1 Example Street", "", "Toronto"));
    assert_eq!((address.region.as_str(), address.postal_code.as_str(), address.country.as_str()), ("ON", "M5V 1A1", "CA"));
    assert_eq!((address.phone.as_str(), address.email.as_str()), ("+1 416 555 0100", "sam@example.com"));
    assert_eq!(order.shipping_address().city, "Toronto");
    let payment = order.payment();
    assert_eq!((payment.method.as_str(), payment.status.as_str(), payment.transaction_id.as_str()), ("on-account", "pending", ""));
    assert!(payment.amount.units > 0);

    assert_eq!(text(&order.field("po-reference")), "PO-7781");
    assert!(order.field("nothing").is_none());
    assert!(order.line_field(99, "x").is_none());
}

pub(crate) fn pre_map(context: &Context, order: &Order) {
    assert_eq!((context.integration.as_str(), context.event_id.as_str(), context.attempt), ("sample", "evt-sample", 1));
    assert_eq!((context.now.unix_ms, context.now.offset_minutes), (1_772_000_000_000, 0));
    assert_eq!(settings::get("breaks.10").as_deref(), Some("5"));
    assert!(settings::get("breaks").is_none());
    assert_eq!(settings::all(), [("a".to_owned(), "b".to_owned()), ("breaks.10".to_owned(), "5".to_owned())]);
    read_order(order);
    assert_eq!(order.fields().len(), 1);
    assert!(order.tags().is_empty());

    // Prices: one, many, and everything that is refused.
    order.set_unit_price(0, d(40_0000, 4), "price").unwrap();
    assert!(same(order.lines()[0].total, d(4000, 2)));
    order.set_unit_prices(&[1, 2], &Decimals { scale: 2, units: vec![8000, 1000] }, "prices").unwrap();
    assert!(matches!(order.set_unit_price(3, d(1, 0), "r"), Err(EditError::NoSuchLine(3))));
    assert!(matches!(order.set_unit_price(0, d(-1, 0), "r"), Err(EditError::Invalid(_))));
    assert!(matches!(order.set_unit_price(0, d(1, 10), "r"), Err(EditError::OutOfRange(_))));
    assert!(matches!(order.set_unit_price(0, d(1 << 53, 4), "r"), Err(EditError::OutOfRange(_))));
    assert!(matches!(order.set_unit_price(0, d(-(1 << 53), 4), "r"), Err(EditError::OutOfRange(_))));
    assert!(matches!(order.set_unit_price(0, d(1, 5), "r"), Err(EditError::OutOfRange(_))));
    assert!(matches!(order.set_unit_prices(&[0], &Decimals { scale: 0, units: vec![] }, "r"), Err(EditError::Invalid(_))));
    assert!(matches!(order.set_unit_prices(&[0, 9], &Decimals { scale: 0, units: vec![1, 1] }, "r"), Err(EditError::NoSuchLine(9))));
    assert!(same(order.lines()[0].unit_price, d(40, 0)), "nothing of a refused call is applied");

    // Discounts. The second line is worth 160.00.
    order.set_discount(0, d(400, 2), "discount").unwrap();
    order.set_discounts(&[1, 2], &Decimals { scale: 2, units: vec![1600, 300] }, "discounts").unwrap();
    assert!(matches!(order.set_discount(1, d(16001, 2), "r"), Err(EditError::Invalid(_))));
    assert!(matches!(order.set_discount(1, d(-1, 0), "r"), Err(EditError::Invalid(_))));
    let lines = order.lines();
    assert!(same(lines[0].total, d(3600, 2)) && same(lines[1].total, d(14400, 2)) && same(lines[2].total, d(2700, 2)), "{lines:?}");

    order.set_shipping(d(1000, 2), "shipping").unwrap();
    assert!(matches!(order.set_shipping(d(-1, 0), "r"), Err(EditError::Invalid(_))));
    // 207.00 of goods and 10.00 of shipping, all at 13 %: 28.21 tax.
    let header = order.header();
    assert!(same(header.subtotal, d(20700, 2)) && same(header.shipping, d(1000, 2)), "{header:?}");
    assert!(same(header.tax, d(2821, 2)) && same(header.total, d(24521, 2)), "{header:?}");

    order.set_field("colour", &Value::Text("blue".into()), "field").unwrap();
    order.set_field("count", &Value::Number(d(15, 1)), "field").unwrap();
    order.set_field("rush", &Value::Flag(true), "field").unwrap();
    order.set_field("po-reference", &Value::Empty, "gone").unwrap();
    assert_eq!(text(&order.field("colour")), "blue");
    assert!(same(number(&order.field("count")), d(15, 1)));
    assert!(matches!(order.field("rush"), Some(Value::Flag(true))));
    assert!(order.field("po-reference").is_none());
    assert!(matches!(order.set_field("", &Value::Flag(true), "r"), Err(EditError::Invalid(_))));
    assert!(matches!(order.set_field("x", &Value::Number(d(i64::MAX, 0)), "r"), Err(EditError::OutOfRange(_))));
    order.set_line_field(2, "gift", &Value::Flag(false), "field").unwrap();
    assert!(matches!(order.line_field(2, "gift"), Some(Value::Flag(false))));
    assert!(matches!(order.set_line_field(3, "gift", &Value::Flag(true), "r"), Err(EditError::NoSuchLine(3))));
    order.add_tag("rush", "tag").unwrap();
    order.add_tag("big", "tag").unwrap();
    order.add_tag("big", "tag").unwrap();
    assert_eq!(order.tags(), ["big", "rush"]);

    for (level, text) in [(Level::Debug, "d"), (Level::Info, "i"), (Level::Warn, "w"), (Level::Error, "e")] {
        log::write(level, text);
    }
    println!("out");
    eprintln!("err");
}

fn read_only(order: &Order) {
    let one = Decimals { scale: 0, units: vec![1] };
    let refused = [
        order.set_unit_price(0, d(1, 0), "r"),
        order.set_unit_prices(&[0], &one, "r"),
        order.set_discount(0, d(0, 0), "r"),
        order.set_discounts(&[0], &one, "r"),
        order.set_shipping(d(1, 0), "r"),
        order.set_field("x", &Value::Flag(true), "r"),
        order.set_line_field(0, "x", &Value::Flag(true), "r"),
        order.add_tag("x", "r"),
    ];
    assert!(refused.iter().all(|result| matches!(result, Err(EditError::ReadOnly))), "{refused:?}");
}

pub(crate) fn route_order(order: &Order, candidates: &Candidates) {
    read_order(order);
    read_only(order);
    let warehouses = candidates.warehouses();
    assert_eq!(warehouses.len(), 2);
    assert_eq!((warehouses[1].id.as_str(), warehouses[1].country.as_str(), warehouses[1].region.as_str()), ("BUF", "US", "NY"));
    assert!(warehouses[0].product_types.is_empty());
    let stock = candidates.stock();
    assert_eq!(stock.units.len(), 6);
    assert!(same(row(&stock, 5), d(1000, 0)));
}

pub(crate) fn post_map(order: &Order, document: &Document) {
    read_order(order);
    read_only(order);
    assert_eq!((document.key().as_str(), document.warehouse().as_str()), ("SAMPLE-3", "TOR"));
    let names: Vec<String> = document.fields().into_iter().map(|field| field.name).collect();
    assert_eq!(names, ["PurchaseOrderNo", "CustomerNo", "PaymentTerms", "TotalAmount"]);
    assert_eq!(text(&document.field("PaymentTerms")), "NET30");
    assert!(document.field("Nothing").is_none());
    assert_eq!(document.line_count(), 3);
    assert_eq!(document.line_fields(2).len(), 4);
    assert!(document.line_fields(3).is_empty());
    let codes = document.column("ItemCode");
    assert!(matches!(&codes[..], [Value::Text(_), Value::Text(lamp), Value::Text(_)] if lamp == "LAMP-DESK-01"));
    assert!(matches!(document.column("Nothing")[..], [Value::Empty, Value::Empty, Value::Empty]));

    document.set_field("PaymentTerms", &Value::Text("NET60".into()), "terms").unwrap();
    assert_eq!(text(&document.field("PaymentTerms")), "NET60");
    document.set_field("SalespersonNo", &Value::Text("0100".into()), "who").unwrap();
    document.set_line_field(1, "WarehouseCode", &Value::Text("TOR".into()), "where").unwrap();
    assert_eq!(document.line_fields(1).len(), 5);
    document.set_column("CommentText", vec![Value::Text("a".into()), Value::Number(d(25, 1)), Value::Empty].as_slice(), "note").unwrap();
    assert!(matches!(&document.column("CommentText")[..], [Value::Text(_), Value::Number(_), Value::Empty]));
    let refused = [
        document.set_field("TotalAmount", &Value::Number(d(1, 0)), "r"),
        document.set_line_field(0, "UnitPrice", &Value::Number(d(1, 0)), "r"),
        document.set_column("Quantity", &[Value::Empty, Value::Empty, Value::Empty], "r"),
    ];
    assert!(refused.iter().all(|result| matches!(result, Err(EditError::NotAllowed(_)))), "{refused:?}");
    assert!(matches!(document.set_line_field(9, "x", &Value::Flag(true), "r"), Err(EditError::NoSuchLine(9))));
    assert!(matches!(document.set_column("x", &[], "r"), Err(EditError::Invalid(_))));
    assert!(matches!(document.set_column("x", &[Value::Number(d(1, 200)), Value::Empty, Value::Empty], "r"), Err(EditError::OutOfRange(_))));
}
