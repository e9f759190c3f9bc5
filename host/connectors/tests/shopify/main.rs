//! The Shopify connector on orders of the REST shape: signatures, exact reading, what refunds take out.
#![allow(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

mod list;
mod random;

use base64::{Engine, engine::general_purpose::STANDARD};
use crossdock_connectors::{
    Secret,
    shopify::{Settings, Shopify},
};
use crossdock_flow::{
    Code, Decimal, Fault, Order,
    order::{Value, find},
    record::Kind,
    source::{Content, Received, Source},
};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use std::time::Duration;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "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";
const NOW: i64 = 1_795_446_000;

/// An order that adds up: two lines, one discounted by code, shipping, tax on top.
const ORDER: &str = r##"{"id":5678901234567,"admin_graphql_api_id":"gid://shopify/Order/5678901234567","name":"#1042","email":"jon@example.com","note":"Ring twice",
"created_at":"2026-01-05T09:00:00-05:00","updated_at":"2026-01-05T09:00:03-05:00","cancelled_at":null,"closed_at":null,"currency":"USD","presentment_currency":"USD",
"taxes_included":false,"tags":"vip, first , vip","financial_status":"paid","fulfillment_status":null,"payment_gateway_names":["gift_card","shopify_payments"],
"subtotal_price":"50.00","total_line_items_price":"60.00","total_discounts":"10.00","total_tax":"3.50","total_price":"58.50","total_outstanding":"0.00","current_total_price":"58.50",
"total_price_set":{"shop_money":{"amount":"58.50","currency_code":"USD"},"presentment_money":{"amount":"58.50","currency_code":"USD"}},
"note_attributes":[{"name":"gift","value":"yes"},{"name":"_app","value":{"hidden":1}}],
"customer":{"id":207119551,"email":"jon@example.com","default_address":{"country_code":"US"}},
"billing_address":{"name":"Jon Smith","address1":"1 Main","address2":null,"city":"Louisville","province":"Kentucky","province_code":"KY","zip":"40202","country_code":"US","phone":"1","company":null},
"shipping_address":{"name":"Jo Smith","address1":"2 Main","address2":"Apt 1","city":"Louisville","province":"Kentucky","province_code":"KY","zip":"40202","country_code":"us","phone":null,"company":"ACME"},
"line_items":[
{"id":11,"sku":"MUG","name":"Mug - red","title":"Mug","quantity":2,"price":"20.00","total_discount":"0.00","gift_card":false,"fulfillment_status":null,"taxable":true,
 "discount_allocations":[{"amount":"6.67","discount_application_index":0}],"tax_lines":[{"title":"State","price":"2.33","rate":0.07}],"properties":[{"name":"Engraving","value":"J"}]},
{"id":12,"sku":"CUP","name":"Cup","title":"Cup","quantity":1,"price":"20.00","total_discount":"0.00","gift_card":false,"fulfillment_status":null,"taxable":true,
 "discount_allocations":[{"amount":"3.33","discount_application_index":0}],"tax_lines":[{"title":"State","price":"1.17","rate":0.07}],"properties":[]}],
"shipping_lines":[{"id":1,"title":"Standard","code":"STD","price":"5.00","discounted_price":"5.00","discount_allocations":[],"tax_lines":[]}],
"discount_codes":[{"code":"TENOFF","amount":"10.00","type":"fixed_amount"}],"refunds":[]}"##;

/// Order 450789469 as it is published, cut to what counts: three lines of 199.00 with a subtotal of two.
const SAMPLE: &str = r##"{"id":450789469,"name":"#1001","created_at":"2008-01-10T11:00:00-05:00","updated_at":"2008-01-10T11:00:00-05:00","cancelled_at":null,"currency":"USD",
"email":"bob@example.com","financial_status":"authorized","taxes_included":false,"subtotal_price":"398.00","total_discounts":"0.00","total_price":"409.94","total_tax":"11.94","total_line_items_price":"398.00",
"discount_codes":[{"code":"TENOFF","amount":"10.00"}],"tax_lines":[{"price":"11.94","rate":0.06,"title":"State Tax"}],
"line_items":[{"id":466157049,"price":"199.00","quantity":1,"sku":"IPOD2008GREEN","name":"IPod Nano - 8gb - green"},
{"id":518995019,"price":"199.00","quantity":1,"sku":"IPOD2008RED","name":"IPod Nano - 8gb - red"},{"id":703073504,"price":"199.00","quantity":1,"sku":"IPOD2008BLACK","name":"IPod Nano - 8gb - black"}],
"shipping_lines":[{"code":"Free Shipping","price":"0.00","source":"shopify","title":"Free Shipping"}],
"billing_address":{"country_code":"US"},"shipping_address":{"country_code":"US"},"customer":{"id":207119551}}"##;

fn settings(secrets: &[&str]) -> Settings {
    let secrets = secrets.iter().map(|secret| Secret::new(*secret).unwrap()).collect();
    Settings { name: "shop".into(), secrets, api: None, tip_sku: None, timeout: Duration::from_secs(5) }
}

fn shop() -> Shopify {
    Shopify::new(settings(&[SECRET])).unwrap()
}

fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

fn receive(shop: &Shopify, topic: &str, signature: &str, body: &str) -> Result<Received, Fault> {
    let header = |name: &str| match name {
        "x-shopify-hmac-sha256" => Some(signature.to_owned()),
        "x-shopify-event-id" => Some("98880550-7158".to_owned()),
        "x-shopify-webhook-id" => Some("b54557e4".to_owned()),
        "x-shopify-topic" => Some(topic.to_owned()),
        _ => None,
    };
    shop.receive(&header, body.as_bytes(), Timestamp::from_second(NOW).unwrap())
}

fn whole(body: &str) -> Result<Order, Fault> {
    match shop().read(body.as_bytes())? {
        Content::Order(order) => Ok(*order),
        Content::Thin(id) => panic!("{id} is thin"),
    }
}

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// The order with some things changed, each the first time it stands there.
fn with(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(ORDER.to_owned(), |body, (from, to)| {
        assert!(body.contains(from), "{from}");
        body.replacen(from, to, 1)
    })
}

#[test]
fn an_order_is_read_to_the_cent() {
    let order = whole(ORDER).unwrap();
    // Without a connection it is told by its fields whose it is.
    assert_eq!(crossdock_connectors::read(ORDER.as_bytes()), Ok(Content::Order(Box::new(order.clone()))));
    assert_eq!(
        (order.number.as_str(), order.total, order.subtotal(), order.tax(), order.discount),
        ("5678901234567", d("58.50"), d("50.00"), d("3.50"), d("0"))
    );
    let lines: Vec<_> =
        order.lines.iter().map(|line| (&*line.sku, line.quantity, line.unit_price, line.discount, line.tax_rate, line.total)).collect();
    assert_eq!(lines, [("MUG", d("2"), d("20.00"), d("6.67"), d("0.07"), d("33.33")), ("CUP", d("1"), d("20.00"), d("3.33"), d("0.07"), d("16.67"))]);
    assert_eq!((order.ordered_at.offset_minutes, order.version), (-300, 1_767_621_603_000));
    assert_eq!((&*order.status, &*order.customer.id, &*order.shipping_to.country, &*order.shipping_to.region), ("open", "207119551", "US", "KY"));
    assert_eq!((&*order.billing.name, &*order.shipping_to.line2, &*order.shipping_to.email), ("Jon Smith", "Apt 1", "jon@example.com"));
    // A gift card pays and lowers no total.
    assert_eq!((&*order.payment.method, &*order.payment.status, order.payment.amount), ("shopify_payments", "captured", d("58.50")));
    assert_eq!(order.tags, ["first", "vip"]);
    let fields: Vec<(&str, &Value)> = order.fields.iter().map(|field| (&*field.name, &field.value)).collect();
    let text = |text: &str| Value::Text(text.into());
    assert_eq!(
        fields,
        [
            ("gift", &text("yes")),
            ("order-name", &text("#1042")),
            ("customer-note", &text("Ring twice")),
            ("payment-gateways", &text("gift_card, shopify_payments"))
        ]
    );
    assert_eq!(find(&order.lines[0].fields, "Engraving"), Some(&text("J")));
}

#[test]
fn the_published_sample_is_parked_with_its_reason() {
    let fault = whole(SAMPLE).unwrap_err();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::SumsDiffer, Some("subtotal_price")));
    assert_eq!(fault.message, "quantity × price − discounts of all lines = 597.00, but subtotal_price is 398.00: a difference of -199.00");
    // With two lines the tax is nobody's, and would be missing.
    let line = SAMPLE.find(r#"{"id":703073504"#).unwrap();
    let two = format!("{}{}", &SAMPLE[..line - 1], &SAMPLE[line + SAMPLE[line..].find('}').unwrap() + 1..]);
    let fault = whole(&two).unwrap_err();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::SumsDiffer, Some("total_tax")));
    assert!(fault.message.ends_with("a difference of 11.94"), "{fault}");
}

#[test]
fn only_the_apps_own_signature_opens_the_door() {
    let shop = shop();
    let good = sign(SECRET, ORDER.as_bytes());
    let Received::Event(head) = receive(&shop, "orders/paid", &good, ORDER).unwrap() else { panic!() };
    assert_eq!(
        (&*head.event_id, head.kind, &*head.order, head.version),
        ("98880550-7158/orders/paid", Kind::Updated, "5678901234567", 1_767_621_603_000)
    );
    let changed = ORDER.replace("58.50", "58.51");
    for (signature, body) in
        [(&*good, &*changed), (&*sign(OTHER, ORDER.as_bytes()), ORDER), ("", ORDER), ("####", ORDER), (&good[..good.len() - 4], ORDER)]
    {
        assert_eq!(receive(&shop, "orders/paid", signature, body).unwrap_err().code, Code::Signature, "{signature}");
    }
    let both = Shopify::new(settings(&[SECRET, OTHER])).unwrap();
    for secret in [SECRET, OTHER] {
        assert!(receive(&both, "orders/paid", &sign(secret, ORDER.as_bytes()), ORDER).is_ok());
    }
    let header = |name: &str| (name == "x-shopify-hmac-sha256").then(|| good.clone());
    let fault = shop.receive(&header, ORDER.as_bytes(), Timestamp::UNIX_EPOCH).unwrap_err();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::Signature, Some("x-shopify-event-id")));
    assert_eq!(shop.receive(&|_| None, ORDER.as_bytes(), Timestamp::UNIX_EPOCH).unwrap_err().place.as_deref(), Some("x-shopify-hmac-sha256"));
    for secrets in [&[][..], &["hunter2"]] {
        let Err(fault) = Shopify::new(settings(secrets)) else { panic!() };
        assert!(fault.code == Code::Settings && !fault.to_string().contains("hunter2"));
    }
}

#[test]
fn an_event_has_the_same_id_however_often_it_comes() {
    let shop = shop();
    let id = |event: Option<&str>, webhook: &str, topic: &str| {
        let header = |name: &str| match name {
            "x-shopify-hmac-sha256" => Some(sign(SECRET, ORDER.as_bytes())),
            "x-shopify-event-id" => event.map(str::to_owned),
            "x-shopify-webhook-id" => Some(webhook.to_owned()),
            "x-shopify-topic" => Some(topic.to_owned()),
            _ => None,
        };
        match shop.receive(&header, ORDER.as_bytes(), Timestamp::UNIX_EPOCH).unwrap() {
            Received::Event(head) => head.event_id,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(id(Some("e"), "a", "orders/paid"), id(Some("e"), "b", "orders/paid"));
    // One action of a merchant is an event of several topics, and they carry different bodies.
    assert_ne!(id(Some("e"), "a", "orders/paid"), id(Some("e"), "a", "orders/edited"));
    assert_eq!(id(None, "a", "orders/paid"), "a/orders/paid");
}

#[test]
fn the_body_says_what_an_event_means() {
    let shop = shop();
    let kind = |topic: &str, body: &str| match receive(&shop, topic, &sign(SECRET, body.as_bytes()), body).unwrap() {
        Received::Event(head) => Ok((head.kind, &*head.order == "5678901234567", head.version)),
        Received::Unreadable { fault, .. } => Err((fault.code, fault.place.unwrap())),
        Received::News { .. } => panic!("{topic} is of an order"),
    };
    let version = 1_767_621_603_000;
    let cancelled = with(&[(r#""cancelled_at":null"#, r#""cancelled_at":"2026-01-05T09:00:03-05:00""#)]);
    assert_eq!(kind("orders/create", &with(&[("09:00:03", "09:00:00")])), Ok((Kind::Created, true, version - 3000)));
    assert_eq!(kind("orders/updated", &cancelled), Ok((Kind::Cancelled, true, version)));
    // No header is signed: it cancels nothing.
    assert_eq!(kind("orders/cancelled", ORDER), Ok((Kind::Updated, true, version)));
    assert_eq!(kind("orders/delete", r#"{"id":5678901234567}"#), Ok((Kind::Cancelled, true, NOW * 1000)));
    let edited = r#"{"order_edit":{"id":78912328793,"order_id":5678901234567,"created_at":"2026-01-05T09:00:03-05:00"}}"#;
    assert_eq!(kind("orders/edited", edited), Ok((Kind::Updated, true, version)));
    assert_eq!(kind("customers/redact", ORDER), Err((Code::InvalidField, "x-shopify-topic".into())));
    assert_eq!(kind("orders/updated", r#"{"id":1,"line_items":[]}"#), Err((Code::Malformed, "updated_at".into())));
    assert_eq!(kind("orders/updated", r#"{"id":" "}"#), Err((Code::InvalidField, "id".into())));
    assert_eq!(kind("orders/updated", "[").unwrap_err().0, Code::Malformed);
    assert_eq!(shop.read(edited.as_bytes()), Ok(Content::Thin("5678901234567".into())));
    assert_eq!(shop.read(br#"{"id":7}"#), Ok(Content::Thin("7".into())));
    let head = shop.head("e", cancelled.as_bytes()).unwrap();
    assert_eq!((head.kind, head.version, whole(&cancelled).unwrap().status), (Kind::Cancelled, version, "cancelled".into()));
}

#[test]
fn tax_in_the_prices_is_taken_out_to_the_cent() {
    // 20 % in 3 × 9.99, and in a shipping of 4.99.
    let body = with(&[
        (r#""taxes_included":false"#, r#""taxes_included":true"#),
        (r#""quantity":2,"price":"20.00""#, r#""quantity":3,"price":"9.99""#),
        (r#"[{"amount":"6.67","discount_application_index":0}]"#, "[]"),
        (r#""price":"2.33","rate":0.07"#, r#""price":"5.00","rate":0.2"#),
        (r#"{"amount":"3.33","#, r#"{"amount":"10.00","#),
        (r#""price":"1.17","rate":0.07"#, r#""price":"1.67","rate":0.2"#),
        (
            r#""price":"5.00","discounted_price":"5.00","discount_allocations":[],"tax_lines":[]"#,
            r#""price":"4.99","discount_allocations":[],"tax_lines":[{"price":"0.83","rate":0.2}]"#,
        ),
        (r#""subtotal_price":"50.00""#, r#""subtotal_price":"39.97""#),
        (r#""total_tax":"3.50""#, r#""total_tax":"7.50""#),
        (r#""total_price":"58.50""#, r#""total_price":"44.96""#),
    ]);
    let order = whole(&body).unwrap();
    let lines: Vec<_> = order.lines.iter().map(|line| (line.unit_price, line.discount, line.tax, line.tax_rate, line.total)).collect();
    // 24.97 / 3 and 20.00 / 1.2 as they are charged; half of the second is off.
    assert_eq!(lines, [(d("8.3233"), d("0"), d("5.00"), d("0.2"), d("24.97")), (d("16.66"), d("8.33"), d("1.67"), d("0.2"), d("8.33"))]);
    assert_eq!((order.shipping.amount, order.shipping.tax, order.shipping.tax_rate, order.total), (d("4.16"), d("0.83"), d("0.2"), d("44.96")));
}

#[test]
fn a_discount_that_is_allocated_to_nothing_is_the_orders() {
    let order = whole(&with(&[
        (r#"{"amount":"3.33","#, r#"{"amount":"0.00","#),
        (r#""price":"1.17""#, r#""price":"1.40""#),
        (r#""total_tax":"3.50""#, r#""total_tax":"3.73""#),
        ("58.50", "58.73"),
    ]))
    .unwrap();
    assert_eq!((order.discount, order.lines[1].total, order.total), (d("3.33"), d("20.00"), d("58.73")));
    let fault = whole(&with(&[(r#""total_discounts":"10.00""#, r#""total_discounts":"9.99""#)])).unwrap_err();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::SumsDiffer, Some("total_discounts")));
}

#[test]
fn what_a_refund_took_out_is_not_ordered_any_more() {
    let refund = |rows: &str| format!(r#""refunds":[{{"id":1,"refund_line_items":[{rows}],"transactions":[],"order_adjustments":[]}}]"#);
    let row = |line: u32, quantity: u32, subtotal: &str, tax: &str, how: &str| {
        format!(r#"{{"line_item_id":{line},"quantity":{quantity},"subtotal":"{subtotal}","total_tax":"{tax}","restock_type":"{how}"}}"#)
    };
    let read = |rows: &str, current: &str| {
        whole(&with(&[(r#""refunds":[]"#, &refund(rows)), (r#""current_total_price":"58.50""#, &format!(r#""current_total_price":"{current}""#))]))
    };
    // One of two mugs, and all of the cups.
    for how in ["cancel", "no_restock"] {
        let order = read(&row(11, 1, "16.66", "1.16", how), "40.68").unwrap();
        let line = &order.lines[0];
        assert_eq!((line.quantity, line.unit_price, line.discount, line.total, line.tax), (d("1"), d("20.00"), d("3.33"), d("16.67"), d("1.17")));
        assert_eq!((order.lines.len(), order.total), (2, d("40.68")));
    }
    let order = read(&row(12, 1, "16.67", "1.17", "cancel"), "40.66").unwrap();
    assert_eq!((order.lines.len(), &*order.lines[0].sku, order.total), (1, "MUG", d("40.66")));
    // What came back was ordered, and money alone changes nothing.
    assert_eq!(read(&row(11, 1, "16.66", "1.16", "return"), "40.68").unwrap(), whole(ORDER).unwrap());
    assert_eq!(read("", "48.50").unwrap(), whole(ORDER).unwrap());
    // Both at once: the shop's current total is of more than the order.
    let order = read(&format!("{},{}", row(12, 1, "16.67", "1.17", "cancel"), row(11, 1, "16.66", "1.16", "return")), "22.84").unwrap();
    assert_eq!((order.lines.len(), order.total), (1, d("40.66")));
    // The shop's own current total is what has to come out.
    let fault = read(&row(12, 1, "16.67", "1.17", "cancel"), "40.65").unwrap_err();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::SumsDiffer, Some("total")));
    let fault = read(&row(12, 1, "16.66", "1.17", "cancel"), "40.67").unwrap_err();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::SumsDiffer, Some("line_items[1].quantity")));
    let fault = read(&format!("{},{}", row(11, 2, "33.33", "2.33", "cancel"), row(12, 1, "16.67", "1.17", "cancel")), "5.00").unwrap_err();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::InvalidField, Some("refunds")));
    let fault = read(&row(13, 1, "1.00", "0.00", "cancel"), "57.50").unwrap_err();
    assert_eq!(fault.place.as_deref(), Some("refunds[0].refund_line_items[0].line_item_id"));
    let unclear = with(&[
        (r#""fulfillment_status":null,"taxable""#, r#""fulfillment_status":"partial","taxable""#),
        (r#""refunds":[]"#, &refund(&row(11, 1, "16.66", "1.16", "no_restock"))),
    ]);
    let fault = whole(&unclear).unwrap_err();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::InvalidField, Some("refunds[0].refund_line_items[0].restock_type")));
}

#[test]
fn tips_gift_cards_and_duties() {
    let tip = r#","tip_payment_gateway":null,"discount_allocations":[{"amount":"3.33""#;
    let body = with(&[
        (r#""sku":"CUP""#, r#""sku":null"#),
        (r#""gift_card":false"#, r#""gift_card":true"#),
        (",\n \"discount_allocations\":[{\"amount\":\"3.33\"", tip),
        (r#""subtotal_price":"50.00""#, r#""subtotal_price":"33.33""#),
    ]);
    let fault = whole(&body).unwrap_err();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::InvalidField, Some("line_items[1].sku")));
    assert!(fault.message.contains("tip-sku"), "{fault}");
    let shop = Shopify::new(Settings { tip_sku: Some("TIP".into()), ..settings(&[SECRET]) }).unwrap();
    let Content::Order(order) = shop.read(body.as_bytes()).unwrap() else { panic!() };
    let sorts: Vec<_> = order.lines.iter().map(|line| (&*line.sku, &*line.product_type)).collect();
    assert_eq!(sorts, [("MUG", "gift-card"), ("TIP", "tip")]);
    let fault = whole(&with(&[(r#""refunds":[]"#, r#""refunds":[],"original_total_duties_set":{"shop_money":{"amount":"7.00"}}"#)])).unwrap_err();
    assert!(fault.code == Code::InvalidField && fault.message.contains("7.00"), "{fault}");
}

#[test]
fn the_shops_money_is_posted_and_the_customers_is_kept() {
    let order = whole(&with(&[
        (r#""presentment_currency":"USD""#, r#""presentment_currency":"EUR""#),
        (r#""presentment_money":{"amount":"58.50""#, r#""presentment_money":{"amount":"54.12""#),
    ]))
    .unwrap();
    assert_eq!((order.currency.code(), order.total), ("USD", d("58.50")));
    assert_eq!(find(&order.fields, "presentment-currency"), Some(&Value::Text("EUR".into())));
    assert_eq!(find(&order.fields, "presentment-total"), Some(&Value::Number(d("54.12"))));
}

#[test]
fn what_is_wrong_is_named() {
    for (from, to, code, place) in [
        (r#""total_price":"58.50""#, r#""total_price":"58.49""#, Code::SumsDiffer, "total"),
        (r#""price":"2.33""#, r#""price":"2.34""#, Code::SumsDiffer, "total_tax"),
        (r#""amount":"6.67""#, r#""amount":"40.01""#, Code::InvalidField, "line_items[0].discount_allocations[0].amount"),
        (r#""quantity":2"#, r#""quantity":0"#, Code::InvalidField, "line_items[0].quantity"),
        (r#""price":"20.00""#, r#""price":"-20.00""#, Code::InvalidField, "line_items[0].price"),
        (r#""rate":0.07"#, r#""rate":7"#, Code::InvalidField, "line_items[0].tax_lines[0].rate"),
        ("\"MUG\"", "\"\"", Code::InvalidField, "line_items[0].sku"),
        (r#""currency":"USD""#, r#""currency":"XQX""#, Code::UnknownCurrency, "currency"),
        (r#""country_code":"us""#, r#""country_code":"USA""#, Code::InvalidField, "shipping_address.country_code"),
        ("\"name\":\"gift\"", "\"name\":\"\"", Code::InvalidField, "note_attributes"),
    ] {
        let fault = whole(&with(&[(from, to)])).unwrap_err();
        assert_eq!((fault.code, fault.place.as_deref()), (code, Some(place)), "{to}: {fault}");
    }
    let fault = whole(&with(&[(r#""quantity":2"#, r#""quantity":"two""#)])).unwrap_err();
    assert!(fault.code == Code::Malformed && fault.place.unwrap().starts_with("line_items[0].quantity"));
    // At a counter there is no address; without a customer there is none at all.
    let start = ORDER.find("\"billing_address\"").unwrap();
    let counter = format!("{}{}", &ORDER[..start], &ORDER[ORDER.find("\"line_items\"").unwrap()..]);
    assert_eq!(whole(&counter).unwrap().shipping_to.country, "US");
    let nobody = counter.replace(r#""customer":{"id":207119551,"email":"jon@example.com","default_address":{"country_code":"US"}},"#, "");
    assert_eq!(whole(&nobody).unwrap_err().place.as_deref(), Some("billing_address"));
}
