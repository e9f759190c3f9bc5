//! Where in an event of Clarity's something stands that a fault points to, and what should stand there. Decides nothing
//! about the values: what is wrong with them, and what they should be, is `crossdock_flow::correct`'s.

use crossdock_flow::correct::{Place, Sort, values};

/// Finds a place that a fault names: a path of the event itself (`data.lineItems[3].sku`, or `lineItems[3].sku` of a bare
/// order) or of the canonical order (`lines[3].sku`; `lines.sku` for every line). Empty when nothing stands there.
pub(super) fn locate(body: &[u8], place: &str) -> Vec<Place> {
    // Malformed JSON is told with its line after the path.
    let place = place.split(" (line ").next().unwrap_or_default();
    let here = |path: &str| -> Vec<Place> {
        // In an event the order stands under `data`; a bare order is the root itself.
        let found = [format!("data.{path}"), path.to_owned()].into_iter().map(|path| values(body, &path)).find(|found| !found.is_empty());
        found.unwrap_or_default().into_iter().map(|(path, _)| Place { sort: sort(&path), path }).collect()
    };
    let found = here(place);
    if found.is_empty() { canonical(place).iter().flat_map(|path| here(path)).collect() } else { found }
}

/// The paths, within Clarity's order, that a canonical path may mean. The first of each pair of alternatives comes first.
fn canonical(place: &str) -> Vec<String> {
    let (head, rest) = crate::place::apart(place);
    let below = |object: &str, name: Option<&str>| name.map(|name| format!("{object}.{name}")).into_iter().collect();
    match head {
        "lines" | "line" => {
            let (index, field) = match rest.split_once("].") {
                Some((index, field)) => (format!("{index}]"), field),
                None => ("[*]".to_owned(), rest),
            };
            let name = field.strip_prefix("fields.").map(|name| format!("customFields.{name}")).or_else(|| line(field).map(str::to_owned));
            below(&format!("lineItems{index}"), name.as_deref())
        }
        "shipping-to" | "shipping-address" => below("shippingAddress", address(rest)),
        "billing" | "billing-address" => below("billingAddress", address(rest)),
        "fields" => vec![format!("customFields.{rest}")],
        _ => SINGLE.iter().filter(|(canonical, _)| *canonical == place).map(|(_, path)| (*path).to_owned()).collect(),
    }
}

/// Canonical paths, those of documents included, and where they come from.
const SINGLE: [(&str, &str); 24] = [
    ("number", "orderId"),
    ("version", "version"),
    ("status", "status"),
    ("currency", "currency"),
    ("ordered-at", "orderDate"),
    ("customer.id", "customerId"),
    ("customer.segment", "customer.segment"),
    ("customer.segment", "customerSegment"),
    ("payment.method", "paymentInfo.method"),
    ("payment.status", "paymentInfo.status"),
    ("payment.transaction-id", "paymentInfo.transactionId"),
    ("payment.amount", "paymentInfo.amount"),
    ("shipping.method", "shipping.method"),
    ("shipping.amount", "shipping.amount"),
    ("shipping.tax-rate", "shipping.taxRate"),
    ("shipping.tax", "shipping.taxAmount"),
    ("discount", "discountAmount"),
    ("total", "totalAmount"),
    ("tags", "tags[*]"),
    ("document.key", "orderId"),
    ("document.discount", "discountAmount"),
    ("document.shipping", "shipping.amount"),
    ("document.shipping-tax", "shipping.taxAmount"),
    ("document.total", "totalAmount"),
];

fn line(field: &str) -> Option<&'static str> {
    Some(match field {
        "id" => "lineId",
        "sku" => "sku",
        "name" => "name",
        "product-type" => "productType",
        "quantity" => "quantity",
        "unit-price" => "unitPrice",
        "discount" => "discountAmount",
        "tax-rate" => "taxRate",
        "tax" => "taxAmount",
        "total" => "lineTotal",
        _ => return None,
    })
}

fn address(field: &str) -> Option<&'static str> {
    const FIELDS: [&str; 9] = ["name", "company", "line1", "line2", "city", "region", "country", "phone", "email"];
    if field == "postal-code" {
        return Some("postalCode");
    }
    FIELDS.into_iter().find(|name| *name == field)
}

/// What should stand at a path of the event, by the name of its field.
fn sort(path: &str) -> Sort {
    if path.contains("customFields.") {
        return Sort::Text;
    }
    match path.rsplit('.').next().unwrap_or_default() {
        "sku" => Sort::Sku,
        "customerId" => Sort::Customer,
        "country" => Sort::Country,
        "region" => Sort::Region,
        "orderDate" | "updatedAt" | "timestamp" => Sort::Date,
        "version" | "quantity" | "unitPrice" | "discountAmount" | "taxRate" | "taxAmount" | "lineTotal" | "amount" | "totalAmount" => Sort::Number,
        _ => Sort::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = r#"{"orderId":"4711","orderDate":"1.2.2026","customerId":"C1","customerSegment":"retail","totalAmount":"12,50",
        "shippingAddress":{"country":"Canada","region":"Ontario","postalCode":"M5V"},"billingAddress":{"name":"Sam"},
        "paymentInfo":{"method":"card","amount":1},"customFields":{"sku":"x","gift.note":"y"},"tags":["a","b"],
        "lineItems":[{"sku":"A","quantity":1,"unitPrice":2},{"sku":"B","quantity":"2","customFields":{"colour":"red"}}]}"#;

    fn found(place: &str) -> Vec<(String, Sort)> {
        let event = format!(r#"{{"type":"order.created","timestamp":"now","data":{ORDER}}}"#);
        let in_event: Vec<_> = locate(event.as_bytes(), place).into_iter().map(|place| (place.path, place.sort)).collect();
        // A bare order has the same places without `data`.
        let bare = locate(ORDER.as_bytes(), place.strip_prefix("data.").unwrap_or(place))
            .into_iter()
            .map(|place| (format!("data.{}", place.path), place.sort));
        assert!(place == "timestamp" || bare.eq(in_event.iter().cloned()), "{place}");
        in_event
    }

    #[test]
    fn places_of_the_event_and_of_the_canonical_order() {
        for (place, path, sort) in [
            ("data.lineItems[1].quantity (line 5 column 12)", "data.lineItems[1].quantity", Sort::Number),
            ("data.lineItems[1].sku", "data.lineItems[1].sku", Sort::Sku),
            ("lineItems[0].unitPrice", "data.lineItems[0].unitPrice", Sort::Number),
            ("timestamp", "timestamp", Sort::Date),
            ("lines[1].sku", "data.lineItems[1].sku", Sort::Sku),
            ("lines[1].fields.colour", "data.lineItems[1].customFields.colour", Sort::Text),
            ("lines.unit-price", "data.lineItems[0].unitPrice", Sort::Number),
            ("line.fields.colour", "data.lineItems[1].customFields.colour", Sort::Text),
            ("shipping-address.country", "data.shippingAddress.country", Sort::Country),
            ("shipping-to.region", "data.shippingAddress.region", Sort::Region),
            ("shipping-to.postal-code", "data.shippingAddress.postalCode", Sort::Text),
            ("billing.name", "data.billingAddress.name", Sort::Text),
            ("customer.id", "data.customerId", Sort::Customer),
            ("customer.segment", "data.customerSegment", Sort::Text),
            ("ordered-at", "data.orderDate", Sort::Date),
            ("total", "data.totalAmount", Sort::Number),
            ("document.key", "data.orderId", Sort::Text),
            ("payment.amount", "data.paymentInfo.amount", Sort::Number),
            // A field of the merchant's own says nothing by its name.
            ("fields.sku", "data.customFields.sku", Sort::Text),
            ("fields.gift.note", "data.customFields.gift.note", Sort::Text),
        ] {
            assert_eq!(found(place), [(path.to_owned(), sort)], "{place}");
        }
        assert_eq!(found("lines.sku"), [("data.lineItems[0].sku".to_owned(), Sort::Sku), ("data.lineItems[1].sku".to_owned(), Sort::Sku)]);
        assert_eq!(found("tags").len(), 2);
    }

    #[test]
    fn what_is_not_there_is_nowhere() {
        for place in [
            "",
            "lines",
            "lines[2].sku",
            "lines[1].colour",
            "lines[0].fields.colour",
            "shipping-to.company",
            "documents",
            "data",
            "line 1 column 2",
            "x.y",
        ] {
            assert_eq!(found(place), [], "{place}");
        }
        assert!(locate(b"{\"data\":", "data.orderId").is_empty());
        // A thin event has nothing but the order's number.
        assert_eq!(locate(br#"{"data":{"orderId":"1"}}"#, "number").len(), 1);
    }

    /// Every path that a template can name leads somewhere, except what is not the shop's.
    #[test]
    fn no_path_of_a_template_is_forgotten() {
        let erps = ["document.warehouse", "document.backorder", "document.tax"];
        let mut seen = 0;
        for path in crossdock_flow::mapping::ORDER.paths {
            assert_eq!(canonical(path.name).is_empty(), erps.contains(&path.name), "{}", path.name);
            seen += 1;
        }
        assert!(seen > 40, "the table of paths is not where it was");
    }
}
