//! Where in an order of Shopify's something stands that a fault points to, and what should stand there.

use super::{taken_out::TakenOut, wire};
use crate::place;
use crossdock_flow::{
    Currency,
    correct::{Place, Sort},
};

/// Finds a place that a fault names: a path of the event itself (`line_items[3].sku`) or of the canonical order
/// (`lines[3].sku`; `lines.sku` for every line). Empty when nothing stands there.
pub(super) fn locate(body: &[u8], place: &str) -> Vec<Place> {
    place::locate(body, place, |place| canonical(body, place), sort)
}

/// The paths that a canonical path may mean, the first that is there counts.
fn canonical(body: &[u8], place: &str) -> Vec<String> {
    let (head, rest) = place::apart(place);
    match head {
        "lines" | "line" => {
            let (index, field) = match rest.strip_prefix('[').and_then(|rest| rest.split_once("].")) {
                Some((index, field)) => (sent_index(body, index), field),
                None => ("*".to_owned(), rest),
            };
            line(field).iter().map(|field| format!("line_items[{index}].{field}")).collect()
        }
        "shipping-to" | "shipping-address" => addresses(rest, ["shipping_address", "billing_address"]),
        "billing" | "billing-address" => addresses(rest, ["billing_address", "shipping_address"]),
        _ => SINGLE.iter().filter(|(canonical, _)| *canonical == place).map(|(_, path)| (*path).to_owned()).collect(),
    }
}

/// The place of a canonical line in `line_items`: lines that were taken out are not in the canonical order.
fn sent_index(body: &[u8], index: &str) -> String {
    let sent = || {
        let order: wire::Order = serde_json::from_slice(body).ok()?;
        if order.cancelled_at.is_some() {
            return None;
        }
        let out = TakenOut::read(&order, Currency::parse(&order.currency.0).ok()?).ok()?;
        let kept = order.line_items.iter().enumerate().filter(|(_, line)| line.quantity.0 != Some(out.of(&line.id.0).quantity));
        kept.map(|(place, _)| place).nth(index.parse().ok()?)
    };
    sent().map_or_else(|| index.to_owned(), |place| place.to_string())
}

fn addresses(field: &str, objects: [&str; 2]) -> Vec<String> {
    let names: &[&str] = match field {
        "email" => return vec!["email".to_owned()],
        "line1" => &["address1"],
        "line2" => &["address2"],
        "region" => &["province_code", "province"],
        "postal-code" => &["zip"],
        "country" => &["country_code"],
        "name" => &["name"],
        "company" => &["company"],
        "city" => &["city"],
        "phone" => &["phone"],
        _ => &[],
    };
    objects.iter().chain(&["customer.default_address"]).flat_map(|object| names.iter().map(move |name| format!("{object}.{name}"))).collect()
}

/// Canonical paths, those of documents included, and where they come from.
const SINGLE: [(&str, &str); 20] = [
    ("number", "id"),
    ("version", "updated_at"),
    ("status", "cancelled_at"),
    ("status", "closed_at"),
    ("currency", "currency"),
    ("ordered-at", "created_at"),
    ("customer.id", "customer.id"),
    ("payment.method", "payment_gateway_names[0]"),
    ("payment.status", "financial_status"),
    ("payment.amount", "total_outstanding"),
    ("shipping.method", "shipping_lines[0].title"),
    ("shipping.amount", "shipping_lines[0].price"),
    ("shipping.tax", "shipping_lines[0].tax_lines[0].price"),
    ("shipping.tax-rate", "shipping_lines[0].tax_lines[0].rate"),
    ("discount", "total_discounts"),
    ("total", "total_price"),
    ("tags", "tags"),
    ("document.key", "id"),
    ("document.discount", "total_discounts"),
    ("document.total", "total_price"),
];

fn line(field: &str) -> &'static [&'static str] {
    match field {
        "id" => &["id"],
        "sku" => &["sku"],
        "name" => &["name", "title"],
        "quantity" => &["quantity"],
        "unit-price" | "total" => &["price"],
        "discount" => &["discount_allocations[0].amount"],
        "tax-rate" => &["tax_lines[0].rate"],
        "tax" => &["tax_lines[0].price"],
        _ => &[],
    }
}

/// What should stand at a path of the event, by the name of its field.
fn sort(path: &str) -> Sort {
    match path.rsplit('.').next().unwrap_or_default() {
        "sku" => Sort::Sku,
        "id" if path == "customer.id" => Sort::Customer,
        "country_code" => Sort::Country,
        "province_code" | "province" => Sort::Region,
        "created_at" | "updated_at" | "cancelled_at" => Sort::Date,
        "quantity" | "price" | "amount" | "rate" | "subtotal" | "total_tax" => Sort::Number,
        "subtotal_price" | "total_discounts" | "total_price" | "current_total_price" | "total_outstanding" => Sort::Number,
        _ => Sort::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = r##"{"id":1,"created_at":"2026-01-05T10:00:00Z","updated_at":"2026-01-05T10:00:00Z","currency":"USD","total_price":"1.00",
        "customer":{"id":7},"shipping_address":{"country_code":"XX","province":"Ontario"},"email":"a@b.example",
        "line_items":[{"id":1,"sku":"A","quantity":2,"price":"1.00"},{"id":2,"sku":"B","quantity":1,"price":"1.00","tax_lines":[{"price":"0.1"}]}],
        "refunds":[{"refund_line_items":[{"line_item_id":1,"quantity":2,"subtotal":"2.00","total_tax":"0.00","restock_type":"cancel"}]}]}"##;

    #[test]
    fn places_of_the_event_and_of_the_canonical_order() {
        for (place, path, sort) in [
            ("line_items[0].sku", "line_items[0].sku", Sort::Sku),
            ("line_items[1].quantity (line 3 column 4)", "line_items[1].quantity", Sort::Number),
            // The first line was taken out: the canonical order begins with the second.
            ("lines[0].sku", "line_items[1].sku", Sort::Sku),
            ("lines[0].tax", "line_items[1].tax_lines[0].price", Sort::Number),
            ("lines[0].name", "", Sort::Text),
            ("shipping-to.country", "shipping_address.country_code", Sort::Country),
            ("billing.region", "shipping_address.province", Sort::Region),
            ("billing.email", "email", Sort::Text),
            ("customer.id", "customer.id", Sort::Customer),
            ("ordered-at", "created_at", Sort::Date),
            ("total", "total_price", Sort::Number),
            ("discount", "", Sort::Text),
            ("", "", Sort::Text),
        ] {
            let found: Vec<_> = locate(ORDER.as_bytes(), place).into_iter().map(|place| (place.path, place.sort)).collect();
            let wanted: Vec<_> = if path.is_empty() { vec![] } else { vec![(path.to_owned(), sort)] };
            assert_eq!(found, wanted, "{place}");
        }
        assert_eq!(locate(ORDER.as_bytes(), "lines.sku").len(), 2);
    }
}
