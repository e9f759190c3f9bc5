//! Where in an order of WooCommerce's something stands that a fault points to, and what should stand there.

use crate::place;
use crossdock_flow::correct::{Place, Sort, values};

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
                Some((index, field)) => (index, field),
                None => ("*", rest),
            };
            // Fees follow the lines.
            let lines = values(body, "line_items[*].id").len();
            let fee = index.parse::<usize>().ok().and_then(|index| index.checked_sub(lines));
            let (list, index) = fee.map_or(("line_items", index.to_owned()), |fee| ("fee_lines", fee.to_string()));
            line(field).map(|field| format!("{list}[{index}].{field}")).into_iter().collect()
        }
        "shipping-to" | "shipping-address" => addresses(rest, ["shipping", "billing"]),
        "billing" | "billing-address" => addresses(rest, ["billing", "shipping"]),
        _ => SINGLE.iter().filter(|(canonical, _)| *canonical == place).map(|(_, path)| (*path).to_owned()).collect(),
    }
}

fn addresses(field: &str, objects: [&str; 2]) -> Vec<String> {
    let names: &[&str] = match field {
        "email" => return vec!["billing.email".to_owned()],
        "name" => &["last_name", "first_name"],
        "line1" => &["address_1"],
        "line2" => &["address_2"],
        "region" => &["state"],
        "postal-code" => &["postcode"],
        "company" => &["company"],
        "city" => &["city"],
        "country" => &["country"],
        "phone" => &["phone"],
        _ => &[],
    };
    // The shipping address is there also when it is empty and that of the invoice counts; then the empty one is named.
    objects.iter().flat_map(|object| names.iter().map(move |name| format!("{object}.{name}"))).collect()
}

/// Canonical paths, those of documents included, and where they come from.
const SINGLE: [(&str, &str); 17] = [
    ("number", "id"),
    ("version", "date_modified_gmt"),
    ("status", "status"),
    ("currency", "currency"),
    ("ordered-at", "date_created_gmt"),
    ("customer.id", "customer_id"),
    ("payment.method", "payment_method"),
    ("payment.status", "date_paid_gmt"),
    ("payment.transaction-id", "transaction_id"),
    ("shipping.method", "shipping_lines[0].method_title"),
    ("shipping.amount", "shipping_lines[0].total"),
    ("shipping.tax", "shipping_lines[0].total_tax"),
    ("total", "total"),
    ("document.key", "id"),
    ("document.shipping", "shipping_lines[0].total"),
    ("document.shipping-tax", "shipping_lines[0].total_tax"),
    ("document.total", "total"),
];

fn line(field: &str) -> Option<&'static str> {
    Some(match field {
        "id" => "id",
        "sku" => "sku",
        "name" => "name",
        "quantity" => "quantity",
        "unit-price" | "discount" => "subtotal",
        "tax" | "tax-rate" => "total_tax",
        "total" => "total",
        _ => return None,
    })
}

/// What should stand at a path of the event, by the name of its field.
fn sort(path: &str) -> Sort {
    match path.rsplit('.').next().unwrap_or_default() {
        "sku" => Sort::Sku,
        "customer_id" => Sort::Customer,
        "country" => Sort::Country,
        "state" => Sort::Region,
        "date_created" | "date_created_gmt" | "date_modified_gmt" | "date_paid_gmt" => Sort::Date,
        "quantity" | "subtotal" | "total" | "total_tax" | "subtotal_tax" => Sort::Number,
        _ => Sort::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = r#"{"id":727,"date_created_gmt":"2017-03-22T19:28:02","customer_id":7,"total":"1.00","billing":{"country":"USA","email":"a"},
        "shipping":{"state":"Californa","country":"US"},"line_items":[{"id":1,"sku":"","subtotal":"1.00"},{"id":2,"sku":"B"}],"fee_lines":[{"id":3,"total":"2.00"}]}"#;

    #[test]
    fn places_of_the_event_and_of_the_canonical_order() {
        for (place, path, sort) in [
            ("line_items[1].sku (line 2 column 3)", "line_items[1].sku", Sort::Sku),
            ("lines[0].unit-price", "line_items[0].subtotal", Sort::Number),
            ("lines[2].total", "fee_lines[0].total", Sort::Number),
            ("lines[3].total", "", Sort::Text),
            ("billing.country", "billing.country", Sort::Country),
            ("shipping-address.region", "shipping.state", Sort::Region),
            ("shipping-to.email", "billing.email", Sort::Text),
            ("customer.id", "customer_id", Sort::Customer),
            ("ordered-at", "date_created_gmt", Sort::Date),
            ("total", "total", Sort::Number),
            ("", "", Sort::Text),
        ] {
            let found: Vec<_> = locate(ORDER.as_bytes(), place).into_iter().map(|place| (place.path, place.sort)).collect();
            let wanted: Vec<_> = if path.is_empty() { vec![] } else { vec![(path.to_owned(), sort)] };
            assert_eq!(found, wanted, "{place}");
        }
        assert_eq!(locate(ORDER.as_bytes(), "lines.sku").len(), 2);
    }
}
