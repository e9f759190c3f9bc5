//! The shop's list of what changed: each order with its own bytes, and where the list goes on.

use super::{convert, envelope, wire};
use crate::{explain::check_depth, http::unreadable};
use crossdock_flow::{
    OrderNumber,
    source::Listed,
    target::{Busy, Page},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::value::RawValue;

/// How the shop counts time.
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Where a page begins: what was modified after this time, and the number of the page within that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    after: Timestamp,
    pub page: u32,
}

impl Cursor {
    /// The first page of what changed since then, or the one that a cursor of ours names: `2026-11-23T15:00:00Z/1`.
    pub(super) fn read(since: Timestamp, page: Option<&str>) -> Option<Cursor> {
        let Some(page) = page else {
            // `modified_after` leaves out the second that it names.
            return Some(Cursor { after: since.checked_sub(SECOND).ok()?, page: 1 });
        };
        let (after, page) = page.split_once('/')?;
        Some(Cursor { after: after.parse().ok()?, page: page.parse().ok().filter(|page| *page > 0)? })
    }

    /// The time as WooCommerce reads it with `dates_are_gmt`.
    pub(super) fn after(&self) -> String {
        self.after.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S").to_string()
    }

    /// The page after this one, whose rows have these versions: what was modified since the last of them, where that leads
    /// on, because then nothing is skipped when an order moves to the end meanwhile.
    fn next(self, versions: &[i64]) -> Option<Cursor> {
        let last = Timestamp::from_millisecond(*versions.last()?).ok()?.checked_sub(SECOND).ok()?;
        match last > self.after && versions.is_sorted() {
            true => Some(Cursor { after: last, page: 1 }),
            false => Some(Cursor { after: self.after, page: self.page.checked_add(1)? }),
        }
    }
}

/// Reads an answer to what was asked with `cursor`; `pages` is its header. Fails with E405.
pub(super) fn page(shop: &str, body: &[u8], pages: Option<&str>, cursor: Cursor, fee_sku: Option<&str>) -> Result<Page<Listed>, Busy> {
    let rows: Vec<&RawValue> = serde_json::from_slice(body).map_err(|_| unreadable(shop, "the orders that changed"))?;
    // A list that is cut short must not look like one that ended.
    let pages: u32 = pages.and_then(|pages| pages.trim().parse().ok()).ok_or_else(|| unreadable(shop, "the number of pages"))?;
    let rows = rows.iter().enumerate();
    let rows = rows.map(|(place, row)| listed(row, fee_sku).ok_or_else(|| unreadable(shop, &format!("`[{place}].id` or its `date_modified_gmt`"))));
    let rows: Vec<Listed> = rows.collect::<Result<_, _>>()?;
    let versions: Vec<i64> = rows.iter().map(|row| row.version).collect();
    let next = match cursor.page < pages {
        false => None,
        true => Some(cursor.next(&versions).ok_or_else(|| unreadable(shop, "an empty page in the middle of a list"))?),
    };
    Ok(Page { rows, next: next.map(|next| format!("{}/{}", next.after, next.page)) })
}

/// What is known of one order of the list, whole or broken. `None` when it cannot be told which order it is.
fn listed(row: &RawValue, fee_sku: Option<&str>) -> Option<Listed> {
    let row = row.get();
    let head: wire::Head = serde_json::from_str(row).ok()?;
    let whole = check_depth(row.as_bytes()).ok().and_then(|()| convert::order(serde_json::from_str(row).ok()?, fee_sku).ok());
    Some(Listed {
        order: OrderNumber::parse(&head.id.0).ok()?.to_string(),
        version: envelope::modified(head.date_modified_gmt, head.date_created_gmt)?.as_millisecond(),
        cancelled: envelope::is_cancelled(&head.status.0),
        total: whole.map(|order| (order.total, order.currency)),
        body: row.as_bytes().to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_on_and_never_back() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let first = Cursor::read(at(1000), None).unwrap();
        assert_eq!((first, first.after()), (Cursor { after: at(999), page: 1 }, "1970-01-01T00:16:39".to_owned()));
        assert_eq!(first.next(&[1_000_000, 1_005_000]), Some(Cursor { after: at(1004), page: 1 }));
        // More than a page in one second, or in an order of the shop's own.
        assert_eq!(first.next(&[1_000_000]), Some(Cursor { after: at(999), page: 2 }));
        assert_eq!(first.next(&[1_009_000, 1_005_000]), Some(Cursor { after: at(999), page: 2 }));
        assert_eq!(first.next(&[]), None);
        assert_eq!(Cursor::read(at(0), Some("1970-01-01T00:16:44Z/3")), Some(Cursor { after: at(1004), page: 3 }));
        for wrong in ["", "3", "1970-01-01T00:16:44Z/0", "yesterday/1", "1970-01-01T00:16:44Z/-1"] {
            assert_eq!(Cursor::read(at(0), Some(wrong)), None, "{wrong}");
        }
    }
}
