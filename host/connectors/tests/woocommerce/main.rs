//! The WooCommerce connector on orders as its documentation publishes them: signatures, exact reading, its traps.
#![allow(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

mod list;
mod random;

use base64::{Engine, engine::general_purpose::STANDARD};
use crossdock_connectors::{
    Secret,
    woocommerce::{Settings, WooCommerce},
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

const SECRET: &str = "a secret of the hook's own";
const OTHER: &str = "the secret before that one";
const NOW: i64 = 1_795_446_000;

/// Order 727 as the documentation has it, but for the SKU of its first line, which is empty there.
const ORDER: &str = r#"{"id":727,"parent_id":0,"number":"727","status":"processing","currency":"USD","version":"3.0.0","prices_include_tax":false,
"date_created":"2017-03-22T16:28:02","date_created_gmt":"2017-03-22T19:28:02","date_modified":"2017-03-22T16:28:08","date_modified_gmt":"2017-03-22T19:28:08",
"discount_total":"0.00","discount_tax":"0.00","shipping_total":"10.00","shipping_tax":"0.00","cart_tax":"1.35","total":"29.35","total_tax":"1.35",
"customer_id":0,"customer_note":"",
"billing":{"first_name":"John","last_name":"Doe","company":"","address_1":"969 Market","address_2":"","city":"San Francisco","state":"CA","postcode":"94103","country":"US","email":"john.doe@example.com","phone":"(555) 555-5555"},
"shipping":{"first_name":"John","last_name":"Doe","company":"","address_1":"969 Market","address_2":"","city":"San Francisco","state":"CA","postcode":"94103","country":"US"},
"payment_method":"bacs","payment_method_title":"Direct Bank Transfer","transaction_id":"","date_paid":"2017-03-22T16:28:08","date_paid_gmt":"2017-03-22T19:28:08","date_completed":null,
"meta_data":[{"id":13106,"key":"_download_permissions_granted","value":"yes"}],
"line_items":[
{"id":315,"name":"Woo Single #1 &ndash; deluxe","product_id":93,"variation_id":0,"quantity":2,"tax_class":"","subtotal":"6.00","subtotal_tax":"0.45","total":"6.00","total_tax":"0.45","taxes":[{"id":75,"total":"0.45","subtotal":"0.45"}],"meta_data":[],"sku":"WOO-SINGLE","price":3},
{"id":316,"name":"Ship Your Idea &ndash; Color: Black, Size: M Test","product_id":22,"variation_id":23,"quantity":1,"tax_class":"","subtotal":"12.00","subtotal_tax":"0.90","total":"12.00","total_tax":"0.90","taxes":[{"id":75,"total":"0.9","subtotal":"0.9"}],"meta_data":[{"id":2095,"key":"pa_color","value":"black"},{"id":2096,"key":"size","value":"M Test"}],"sku":"Bar3","price":12}],
"tax_lines":[{"id":318,"rate_code":"US-CA-STATE TAX","rate_id":75,"label":"State Tax","compound":false,"tax_total":"1.35","shipping_tax_total":"0.00","meta_data":[]}],
"shipping_lines":[{"id":317,"method_title":"Flat Rate","method_id":"flat_rate","total":"10.00","total_tax":"0.00","taxes":[],"meta_data":[]}],
"fee_lines":[],"coupon_lines":[],"refunds":[]}"#;

fn settings(secrets: &[&str]) -> Settings {
    let secrets = secrets.iter().map(|secret| Secret::new(*secret).unwrap()).collect();
    Settings { name: "shop".into(), secrets, api: None, fee_sku: None, timeout: Duration::from_secs(5) }
}

fn shop() -> WooCommerce {
    WooCommerce::new(settings(&[SECRET])).unwrap()
}

fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

fn receive(shop: &WooCommerce, topic: &str, signature: &str, body: &str) -> Result<Received, Fault> {
    let header = |name: &str| match name {
        "x-wc-webhook-signature" => Some(signature.to_owned()),
        "x-wc-webhook-delivery-id" => Some("0123abcd".to_owned()),
        "x-wc-webhook-topic" => Some(topic.to_owned()),
        _ => None,
    };
    shop.receive(&header, body.as_bytes(), Timestamp::from_second(NOW).unwrap())
}

fn whole(shop: &WooCommerce, body: &str) -> Result<Order, Fault> {
    match shop.read(body.as_bytes())? {
        Content::Order(order) => Ok(*order),
        Content::Thin(id) => panic!("{id} is thin"),
    }
}

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// The order with one thing changed.
fn with(from: &str, to: &str) -> String {
    assert!(ORDER.contains(from), "{from}");
    ORDER.replacen(from, to, 1)
}

#[test]
fn order_727_adds_up_to_29_35() {
    let order = whole(&shop(), ORDER).unwrap();
    // Without a connection it is told by its fields whose it is.
    assert_eq!(crossdock_connectors::read(ORDER.as_bytes()), Ok(Content::Order(Box::new(order.clone()))));
    assert_eq!((order.number.as_str(), order.total, order.subtotal(), order.tax()), ("727", d("29.35"), d("18.00"), d("1.35")));
    // The site is three hours behind Greenwich.
    assert_eq!((order.ordered_at.at, order.ordered_at.offset_minutes), ("2017-03-22T19:28:02Z".parse().unwrap(), -180));
    assert_eq!(order.version, "2017-03-22T19:28:08Z".parse::<Timestamp>().unwrap().as_millisecond());
    let lines: Vec<_> = order.lines.iter().map(|line| (&*line.sku, line.quantity, line.unit_price, line.tax, line.tax_rate, line.total)).collect();
    assert_eq!(
        lines,
        [("WOO-SINGLE", d("2"), d("3"), d("0.45"), d("0.075"), d("6.00")), ("Bar3", d("1"), d("12"), d("0.90"), d("0.075"), d("12.00")),]
    );
    assert_eq!(order.lines[0].name, "Woo Single #1 – deluxe");
    assert_eq!(find(&order.lines[1].fields, "size"), Some(&Value::Text("M Test".into())));
    assert_eq!((order.shipping.amount, &*order.shipping.method, order.shipping.tax_rate), (d("10.00"), "Flat Rate", d("0")));
    assert_eq!((&*order.payment.method, &*order.payment.status, order.payment.amount), ("bacs", "captured", d("29.35")));
    // A guest; the hidden key and the number that is the id are no fields.
    assert_eq!((&*order.customer.id, order.fields.len()), ("", 0));
    assert_eq!((&*order.shipping_to.name, &*order.shipping_to.region, &*order.billing.email), ("John Doe", "CA", "john.doe@example.com"));
}

#[test]
fn lines_without_an_article_park_the_whole_order_and_are_named() {
    // As it is published, the first line has no SKU.
    let fault = whole(&shop(), &with("\"WOO-SINGLE\"", "\"\"")).unwrap_err();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::InvalidField, Some("line_items[0].sku")));
    assert!(fault.message.ends_with("line 315"), "{fault}");
    let fault = whole(&shop(), &with("\"WOO-SINGLE\"", "null").replace("\"Bar3\"", "\" \"")).unwrap_err();
    assert!(fault.message.ends_with("lines 315, 316"), "{fault}");
}

#[test]
fn only_the_hooks_own_signature_opens_the_door() {
    let shop = shop();
    let good = sign(SECRET, ORDER.as_bytes());
    let Received::Event(head) = receive(&shop, "order.updated", &good, ORDER).unwrap() else { panic!() };
    assert_eq!((&*head.event_id, head.kind, &*head.order, head.version), ("0123abcd", Kind::Updated, "727", 1_490_210_888_000));
    let changed = ORDER.replace("29.35", "29.34");
    for (signature, body) in [
        (&*good, &*changed),
        (&*sign(OTHER, ORDER.as_bytes()), ORDER),
        ("", ORDER),
        ("####", ORDER),
        (&good[..good.len() - 4], ORDER),
        (&*hex(&good), ORDER),
    ] {
        assert_eq!(receive(&shop, "order.updated", signature, body).unwrap_err().code, Code::Signature, "{signature}");
    }
    let both = WooCommerce::new(settings(&[SECRET, OTHER])).unwrap();
    for secret in [SECRET, OTHER] {
        assert!(receive(&both, "order.updated", &sign(secret, ORDER.as_bytes()), ORDER).is_ok());
    }
    for missing in ["x-wc-webhook-signature", "x-wc-webhook-delivery-id"] {
        let header = |name: &str| (name != missing).then(|| good.clone());
        let fault = shop.receive(&header, ORDER.as_bytes(), Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!((fault.code, fault.place.as_deref()), (Code::Signature, Some(missing)));
    }
    // Bytes are signed, not texts.
    let header = |name: &str| Some(if name == "x-wc-webhook-signature" { sign(SECRET, b"\xff\xfe") } else { "1".into() });
    assert!(matches!(shop.receive(&header, b"\xff\xfe", Timestamp::UNIX_EPOCH), Ok(Received::Unreadable { .. })));
}

fn hex(base64: &str) -> String {
    STANDARD.decode(base64).unwrap().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_body_says_what_an_event_means() {
    let shop = shop();
    let kind = |topic: &str, body: &str| match receive(&shop, topic, &sign(SECRET, body.as_bytes()), body).unwrap() {
        Received::Event(head) => Ok((head.kind, head.version)),
        Received::Unreadable { fault, .. } => Err((fault.code, fault.place.unwrap())),
        Received::News { .. } => panic!("{topic} is of an order"),
    };
    let (at, modified) = (NOW * 1000, 1_490_210_888_000);
    assert_eq!(kind("order.created", &with("T19:28:08\",\n\"discount", "T19:28:02\",\n\"discount")), Ok((Kind::Created, modified - 6000)));
    assert_eq!(kind("order.created", ORDER), Ok((Kind::Updated, modified)));
    assert_eq!(kind("order.updated", &with("\"processing\"", "\"cancelled\"")), Ok((Kind::Cancelled, modified)));
    assert_eq!(kind("order.updated", &with("\"processing\"", "\"trash\"")), Ok((Kind::Cancelled, modified)));
    // A payment that failed may still be made.
    assert_eq!(kind("order.updated", &with("\"processing\"", "\"failed\"")), Ok((Kind::Updated, modified)));
    assert_eq!(kind("order.deleted", r#"{"id":727}"#), Ok((Kind::Cancelled, at)));
    // No header is signed: it cancels nothing.
    assert_eq!(kind("order.deleted", ORDER), Ok((Kind::Updated, modified)));
    assert_eq!(kind("product.updated", ORDER), Err((Code::InvalidField, "x-wc-webhook-topic".into())));
    assert_eq!(kind("order.updated", r#"{"id":""}"#), Err((Code::InvalidField, "id".into())));
    assert_eq!(kind("order.updated", r#"{"id":727,"line_items":[]}"#), Err((Code::Malformed, "date_modified_gmt".into())));
    assert_eq!(kind("order.updated", r#"{"id":{}}"#).unwrap_err().0, Code::Malformed);
    // Without the arrival there is no version; the order itself is told as at the door.
    assert_eq!(shop.head("e", br#"{"id":727}"#).unwrap_err().code, Code::Malformed);
    let head = shop.head("e", ORDER.as_bytes()).unwrap();
    assert_eq!((head.kind, head.version, head.version), (Kind::Updated, modified, whole(&shop, ORDER).unwrap().version));
    assert_eq!(shop.read(br#"{"id":727}"#), Ok(Content::Thin("727".into())));
    assert_eq!(shop.root(ORDER.as_bytes()), "");
}

#[test]
fn a_secret_that_the_shop_made_up_is_refused() {
    for secret in ["d41d8cd98f00b204e9800998ecf8427e", "D41D8CD98F00B204E9800998ECF8427E", "short", " d41d8cd98f00b204e9800998ecf8427e\n"] {
        let Err(fault) = WooCommerce::new(settings(&[OTHER, secret])) else { panic!("{secret}") };
        assert_eq!((fault.code, fault.place.as_deref()), (Code::Settings, Some("shop.secrets")));
        assert!(!fault.to_string().contains(secret.trim()), "{fault}");
    }
    assert!(WooCommerce::new(settings(&[])).is_err());
}

#[test]
fn coupons_are_in_the_lines_already() {
    // Ten percent off the second line.
    let body = with(
        r#""subtotal":"12.00","subtotal_tax":"0.90","total":"12.00","total_tax":"0.90""#,
        r#""subtotal":"12.00","subtotal_tax":"0.90","total":"10.80","total_tax":"0.81""#,
    )
    .replace("\"29.35\"", "\"28.06\"")
    .replace(r#""total_tax":"1.35""#, r#""total_tax":"1.26""#)
    .replace(r#""coupon_lines":[]"#, r#""coupon_lines":[{"id":1,"code":"ten","discount":"1.20","discount_tax":"0.09"}]"#);
    let order = whole(&shop(), &body).unwrap();
    let line = &order.lines[1];
    assert_eq!((line.unit_price, line.discount, line.total, line.tax_rate), (d("12"), d("1.20"), d("10.80"), d("0.075")));
    assert_eq!((order.discount, order.total), (d("0"), d("28.06")));
}

#[test]
fn a_refund_of_money_alone_changes_nothing() {
    // Refund 726: an amount, and no lines.
    let body = with(r#""refunds":[]"#, r#""refunds":[{"id":726,"reason":"","total":"-10.00"}]"#);
    assert_eq!(whole(&shop(), &body).unwrap(), whole(&shop(), ORDER).unwrap());
}

#[test]
fn fees_need_an_article() {
    let fee = |total: &str, tax: &str, sum: &str, taxes: &str| {
        let line = format!(r#""fee_lines":[{{"id":9,"name":"Gift &amp; wrap","total":"{total}","total_tax":"{tax}","taxes":[]}}]"#);
        with(r#""fee_lines":[]"#, &line)
            .replace("\"29.35\"", &format!("\"{sum}\""))
            .replace(r#""total_tax":"1.35""#, &format!(r#""total_tax":"{taxes}""#))
    };
    let charged = fee("2.00", "0.15", "31.50", "1.50");
    let fault = whole(&shop(), &charged).unwrap_err();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::InvalidField, Some("fee_lines[0].total")));
    assert!(fault.message.contains("fee-sku"));
    let shop = WooCommerce::new(Settings { fee_sku: Some("FEE".into()), ..settings(&[SECRET]) }).unwrap();
    let order = whole(&shop, &charged).unwrap();
    let line = &order.lines[2];
    assert_eq!((&*line.sku, &*line.name, &*line.product_type, line.total, line.tax_rate), ("FEE", "Gift & wrap", "fee", d("2.00"), d("0.075")));
    let order = whole(&shop, &fee("-2.00", "0.00", "27.35", "1.35")).unwrap();
    assert_eq!((order.lines.len(), order.discount, order.total), (2, d("2.00"), d("27.35")));
    let fault = whole(&shop, &fee("-2.00", "-0.15", "27.20", "1.20")).unwrap_err();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::InvalidField, Some("fee_lines[0].total_tax")));
}

#[test]
fn what_is_wrong_is_named() {
    for (from, to, code, place) in [
        ("\"29.35\"", "\"29.36\"", Code::SumsDiffer, "total"),
        (r#""total":"6.00","total_tax":"0.45""#, r#""total":"6.00","total_tax":"0.46""#, Code::SumsDiffer, "total_tax"),
        (r#""total":"6.00","total_tax":"0.45""#, r#""total":"6.00","total_tax":"6.45""#, Code::InvalidField, "line_items[0].total_tax"),
        (r#""quantity":2"#, r#""quantity":0"#, Code::InvalidField, "line_items[0].quantity"),
        (r#""quantity":2"#, r#""quantity":0.0000001"#, Code::InvalidField, "line_items[0].quantity"),
        (r#""subtotal":"6.00""#, r#""subtotal":"6.005""#, Code::InvalidField, "line_items[0].subtotal"),
        (r#""total":"6.00""#, r#""total":"-6.00""#, Code::InvalidField, "line_items[0].total"),
        ("\"USD\"", "\"BTC\"", Code::UnknownCurrency, "currency"),
        ("\"USD\"", "\"JPY\"", Code::InvalidField, "line_items[0].total_tax"),
        (r#""country":"US","email""#, r#""country":"USA","email""#, Code::InvalidField, "billing.country"),
        (r#""country":"US"}"#, r#""country":""}"#, Code::InvalidField, "shipping.country"),
        (r#""id":727"#, r#""id":"""#, Code::InvalidField, "id"),
    ] {
        let fault = whole(&shop(), &with(from, to)).unwrap_err();
        assert_eq!((fault.code, fault.place.as_deref()), (code, Some(place)), "{to}: {fault}");
    }
    let fault = whole(&shop(), &with("\"29.35\"", "\"29.36\"")).unwrap_err();
    assert!(fault.message.contains("29.35") && fault.message.contains("a difference of 0.01"), "{fault}");
    // A time with an offset would be another time than the field says.
    let fault = whole(&shop(), &with("2017-03-22T19:28:02", "2017-03-22T19:28:02Z")).unwrap_err();
    assert!(fault.code == Code::Malformed && fault.place.unwrap().starts_with("date_created_gmt"));
}

#[test]
fn small_things_of_wordpress() {
    // Nothing is shipped: the address of the invoice counts.
    let start = ORDER.find("\"shipping\":{").unwrap();
    let end = start + ORDER[start..].find('}').unwrap() + 1;
    let body = format!("{}\"shipping\":{{\"first_name\":\"\",\"country\":\"\"}}{}", &ORDER[..start], &ORDER[end..]);
    let order = whole(&shop(), &body).unwrap();
    assert_eq!(order.shipping_to, order.billing);
    // Not paid yet.
    let order = whole(&shop(), &with(r#""date_paid_gmt":"2017-03-22T19:28:08""#, r#""date_paid_gmt":null"#)).unwrap();
    assert_eq!((&*order.payment.status, order.payment.amount), ("pending", d("0")));
    // Entities are decoded once, and texts under one key are joined.
    let meta = r#""meta_data":[{"key":"note","value":"a &amp;lt; b"},{"key":"note","value":"c"},{"key":"nested","value":{"a":1}},{"key":"n","value":7},{"key":"none"}],"sku":"Bar3""#;
    let start = ORDER.find(r#""meta_data":[{"id":2095"#).unwrap();
    let end = start + ORDER[start..].find(r#""sku":"Bar3""#).unwrap() + r#""sku":"Bar3""#.len();
    let order = whole(&shop(), &format!("{}{meta}{}", &ORDER[..start], &ORDER[end..])).unwrap();
    let fields: Vec<(&str, &Value)> = order.lines[1].fields.iter().map(|field| (&*field.name, &field.value)).collect();
    assert_eq!(fields, [("note", &Value::Text("a &lt; b, c".into())), ("n", &Value::Number(d("7")))]);
    // Metadata of plugins stops no order.
    let long = format!(r#"[{{"key":"long","value":"{}"}},{{"key":"seen","value":"yes"}},"#, "x".repeat(5000));
    let order = whole(
        &shop(),
        &with(r#"[{"id":13106"#, &format!(r#"{long}{{"id":13106"#)).replace(r#""customer_note":"""#, r#""customer_note":"Ring twice""#),
    )
    .unwrap();
    let names: Vec<&str> = order.fields.iter().map(|field| &*field.name).collect();
    assert_eq!(names, ["seen", "customer-note"]);
    // The shop's own rate counts where it leads to the tax.
    let rated = |percent: &str| {
        whole(&shop(), &with(r#""compound":false"#, &format!(r#""compound":false,"rate_percent":{percent}"#))).unwrap().lines[0].tax_rate
    };
    assert_eq!((rated("7.5"), rated("7.4"), rated("19"), rated("null"), rated("1e9")), (d("0.075"), d("0.074"), d("0.075"), d("0.075"), d("0.075")));
}
