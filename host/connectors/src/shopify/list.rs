//! What Shopify answers when it is asked: one order, and the list of what changed with each order's own bytes.

use super::{convert, wire};
use crate::{
    explain::check_depth,
    http::{self, unreadable},
};
use crossdock_flow::{
    OrderNumber,
    source::Listed,
    target::{Busy, Page},
};
use reqwest::Url;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct One<'a> {
    #[serde(borrow)]
    order: &'a RawValue,
}

#[derive(Deserialize)]
struct Many<'a> {
    #[serde(borrow)]
    orders: Vec<&'a RawValue>,
}

/// The order in an answer: the same bytes that a webhook has. Fails with E405.
pub(super) fn one(shop: &str, body: &[u8]) -> Result<Vec<u8>, Busy> {
    let answer: One = serde_json::from_slice(body).map_err(|_| unreadable(shop, "an order"))?;
    Ok(answer.order.get().as_bytes().to_vec())
}

/// Reads an answer; `page` is what it was asked with, `link` its header. Fails with E405.
pub(super) fn page(shop: &str, body: &[u8], link: Option<&str>, page: Option<&str>, tip_sku: Option<&str>) -> Result<Page<Listed>, Busy> {
    let answer: Many = serde_json::from_slice(body).map_err(|_| unreadable(shop, "the orders that changed"))?;
    let rows = answer.orders.iter().enumerate();
    let rows = rows.map(|(place, row)| listed(row, tip_sku).ok_or_else(|| unreadable(shop, &format!("`orders[{place}].id` or its `updated_at`"))));
    Ok(Page {
        rows: rows.collect::<Result<_, _>>()?,
        next: http::next(shop, page, next(link).map_err(|()| unreadable(shop, "the cursor of a list"))?)?,
    })
}

/// The cursor in a `Link` header: `<https://…?page_info=…>; rel="next"` among others.
fn next(link: Option<&str>) -> Result<Option<String>, ()> {
    let Some(next) = link.into_iter().flat_map(|link| link.split(',')).find(|part| part.contains("rel=\"next\"") || part.contains("rel=next")) else {
        return Ok(None);
    };
    let url = next.trim().strip_prefix('<').and_then(|rest| rest.split_once('>')).and_then(|(url, _)| Url::parse(url).ok()).ok_or(())?;
    url.query_pairs().find(|(name, _)| name == "page_info").map(|(_, cursor)| Some(cursor.into_owned())).ok_or(())
}

/// What is known of one order of the list, whole or broken. `None` when it cannot be told which order it is.
fn listed(row: &RawValue, tip_sku: Option<&str>) -> Option<Listed> {
    let row = row.get();
    let head: wire::Row = serde_json::from_str(row).ok()?;
    let whole = check_depth(row.as_bytes()).ok().and_then(|()| convert::order(serde_json::from_str(row).ok()?, tip_sku).ok());
    Some(Listed {
        order: OrderNumber::parse(&head.id.0).ok()?.to_string(),
        version: head.updated_at.0.at.as_millisecond(),
        cancelled: head.cancelled_at.is_some(),
        total: whole.map(|order| (order.total, order.currency)),
        body: row.as_bytes().to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_in_the_link() {
        let both = r#"<https://a.example/admin/orders.json?page_info=before>; rel="previous", <https://a.example/admin/orders.json?limit=2&page_info=ab%2Bc>; rel="next""#;
        assert_eq!(next(Some(both)), Ok(Some("ab+c".into())));
        assert_eq!(next(Some(r#"<https://a.example/?page_info=before>; rel="previous""#)), Ok(None));
        assert_eq!(next(None), Ok(None));
        for wrong in [r#"<https://a.example/>; rel="next""#, r#"https://a.example/?page_info=1; rel="next""#, r#"<no url>; rel="next""#] {
            assert_eq!(next(Some(wrong)), Err(()), "{wrong}");
        }
    }
}
