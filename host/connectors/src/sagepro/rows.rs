//! Sage Pro's rows: an order as a look-up, a look at one order and the list of changes show it. Pure. What cannot be read
//! is never taken for "nothing there": a wrong silence would send an order twice.

use super::answer::{decimal, text};
use crate::http::{self, unreadable};
use crossdock_flow::{
    Code, Document, Fault,
    fault::shorten,
    target::{Booked, Busy, Found, Page, Receipt, Standing},
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;
use std::borrow::Cow;

#[derive(Deserialize)]
struct Listed<'a> {
    #[serde(borrow)]
    orders: Vec<Row<'a>>,
    next: Option<String>,
    /// Sage Pro answers 200 with an error inside, perhaps beside an empty list.
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row<'a> {
    #[serde(borrow)]
    sales_order_no: &'a RawValue,
    #[serde(borrow)]
    purchase_order_no: &'a RawValue,
    #[serde(borrow)]
    customer_no: &'a RawValue,
    #[serde(borrow)]
    total_amount: &'a RawValue,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
}

fn listed<'a>(erp: &str, body: &'a [u8], what: &str) -> Result<Listed<'a>, Busy> {
    serde_json::from_slice::<Listed>(body).ok().filter(|listed| listed.error.is_none()).ok_or_else(|| unreadable(erp, what))
}

/// What stands under the document's number.
pub(super) fn found(erp: &str, body: &[u8], document: &Document) -> Found {
    let listed = match listed(erp, body, "the orders under a purchase-order number") {
        Ok(listed) => listed,
        Err(busy) => return Found::Busy(busy),
    };
    let mut other = None;
    for row in listed.orders {
        let numbers = (text(row.sales_order_no), text(row.purchase_order_no), blank_or_text(row.customer_no), decimal(row.total_amount));
        let (Some(sales), Some(key), Some(customer), Some(total)) = numbers else {
            return Found::Busy(unreadable(erp, "an order's numbers"));
        };
        // An order under another number means that the filter did nothing: then silence proves nothing either.
        if key != document.key.trim() {
            return Found::Busy(unreadable(erp, "orders that were not asked for"));
        }
        let same_customer = customer == document.customer.trim();
        // One that was cancelled may be an earlier one of ours, or somebody took it out: a person must look, unless there is
        // another.
        let cancelled = row.status.and_then(text).is_some_and(|status| status.eq_ignore_ascii_case("cancelled"));
        if same_customer && total == document.total && !cancelled {
            return Found::Here(Receipt { number: sales });
        }
        let what = if cancelled {
            "it is cancelled".into()
        } else if same_customer {
            format!("its total is {total}, ours is {}", document.total)
        } else {
            "it is another customer's".into()
        };
        other.get_or_insert_with(|| Fault::new(Code::Conflict, format!("{erp} has order {} under {}: {what}", shorten(&sales), shorten(&key))));
    }
    other.map_or(Found::Missing, Found::Other)
}

/// How far the order of this number is.
pub(super) fn standing(erp: &str, body: &[u8], number: &str) -> Result<Standing, Busy> {
    let row = serde_json::from_slice::<Row>(body).ok().filter(|row| text(row.sales_order_no).as_deref() == Some(number.trim()));
    row.and_then(|row| status(row.status)).ok_or_else(|| unreadable(erp, "an order and its status"))
}

/// A page of what was booked or changed; `page` is what it was asked with.
pub(super) fn booked(erp: &str, body: &[u8], page: Option<&str>) -> Result<Page<Booked>, Busy> {
    let listed = listed(erp, body, "the orders that changed")?;
    let rows = listed.orders.into_iter().enumerate().map(|(place, row)| {
        let read = || {
            Some(Booked {
                number: text(row.sales_order_no)?,
                // An order of another origin has no web order's number, and perhaps no customer.
                key: blank_or_text(row.purchase_order_no)?,
                customer: blank_or_text(row.customer_no)?,
                total: decimal(row.total_amount)?,
                standing: status(row.status)?,
            })
        };
        read().ok_or_else(|| unreadable(erp, &format!("row {} of the orders that changed", place + 1)))
    });
    Ok(Page { rows: rows.collect::<Result<_, _>>()?, next: http::next(erp, page, listed.next)? })
}

/// A text that may be blank or null. `None` when it is something else.
fn blank_or_text(json: &RawValue) -> Option<String> {
    match serde_json::from_str::<Option<Cow<str>>>(json.get()) {
        Ok(read) => Some(read.unwrap_or_default().trim().to_owned()),
        Err(_) => text(json),
    }
}

/// A status that is not agreed on is none: what it means for a change is not for us to guess.
fn status(json: Option<&RawValue>) -> Option<Standing> {
    match serde_json::from_str::<Cow<str>>(json?.get()).ok()?.trim() {
        "" => Some(Standing::Open),
        "Shipped" | "PartlyShipped" => Some(Standing::Shipped),
        "Cancelled" => Some(Standing::Cancelled),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossdock_flow::sample;

    #[test]
    fn an_order_is_ours_only_with_customer_and_total() {
        let mut document = sample::document(&sample::order(1));
        (document.key, document.customer, document.total) = ("4711".into(), "C10042".into(), "19.90".parse().unwrap());
        let row = |sales: &str, key: &str, customer: &str, total: &str| {
            format!(r#"{{"SalesOrderNo":"{sales}","PurchaseOrderNo":"{key}","CustomerNo":"{customer}","TotalAmount":{total},"Status":""}}"#)
        };
        let find = |rows: &[String]| found("erp", format!(r#"{{"orders":[{}]}}"#, rows.join(",")).as_bytes(), &document);
        let here = |number: &str| Found::Here(Receipt { number: number.into() });

        assert_eq!(find(&[]), Found::Missing);
        assert_eq!(find(&[row("     10042", "4711      ", "C10042", "19.9")]), here("10042"));
        assert_eq!(find(&[row("1", "4711", "C10042", "20.00"), row("2", "4711", "C10042", "19.90"), row("3", "4711", "C10042", "19.90")]), here("2"));
        assert!(
            matches!(find(&[row("1", "4711", "C10042", "19.91")]), Found::Other(fault) if fault.code == Code::Conflict && fault.message.contains("19.91"))
        );
        assert!(matches!(find(&[row("1", "4711", "C99", "19.90")]), Found::Other(fault) if fault.code == Code::Conflict));
        // One that was cancelled is not ours to count on, and never nothing.
        let cancelled = row("1", "4711", "C10042", "19.90").replace(r#""Status":"""#, r#""Status":"Cancelled""#);
        assert!(matches!(find(std::slice::from_ref(&cancelled)), Found::Other(fault) if fault.message.contains("it is cancelled")));
        assert_eq!(find(&[cancelled, row("2", "4711", "C10042", "19.90")]), here("2"));
        // What cannot be trusted is never taken for "nothing there".
        let listless = row("1", "4711", "C10042", "19.90").replace(r#""C10042""#, "[]");
        for rows in [vec![row("1", "4712", "C10042", "19.90")], vec![row("1", "4711", "C10042", "null")], vec!["{}".into()], vec![listless]] {
            assert!(matches!(find(&rows), Found::Busy(busy) if busy.fault.code == Code::PartnerAnswer), "{rows:?}");
        }
        for body in ["<html>", r#"{"orders":[],"error":{"code":"DB_DOWN"}}"#, r#"{"orders":[],"error":"down"}"#] {
            assert!(matches!(found("erp", body.as_bytes(), &document), Found::Busy(_)), "{body}");
        }
    }

    #[test]
    fn an_order_of_another_origin_may_have_no_number_of_ours() {
        let row = |key: &str| {
            let row = format!(r#"{{"SalesOrderNo":7,"PurchaseOrderNo":{key},"CustomerNo":null,"TotalAmount":1.50,"Status":"Shipped "}}"#);
            booked("erp", format!(r#"{{"orders":[{row}],"next":null}}"#).as_bytes(), None).map(|page| page.rows.into_iter().next().unwrap())
        };
        let (number, customer, total, standing) = ("7".to_owned(), String::new(), "1.50".parse().unwrap(), Standing::Shipped);
        for (key, read) in [("null", ""), (r#""  ""#, ""), (r#""4711 ""#, "4711"), ("4711", "4711")] {
            let wanted = Booked { number: number.clone(), key: read.into(), customer: customer.clone(), total, standing };
            assert_eq!(row(key), Ok(wanted), "{key}");
        }
        for key in ["[]", "{}", "true", "-1", r#""\ud800""#] {
            assert!(row(key).is_err_and(|busy| busy.fault.code == Code::PartnerAnswer), "{key}");
        }
    }
}
