//! What Sage Pro's answers mean. Pure, so that every rule is a line in a test.

use crate::{
    http::{Reply, busy},
    number,
};
use crossdock_flow::{
    Code, Decimal, Document, Fault,
    fault::shorten,
    target::{Answer, Busy, Found, Receipt, Stock},
};
use serde::Deserialize;
use serde_json::value::RawValue;

/// What came of a write. `number` reads the ERP's number out of a good answer.
pub(super) fn of_write(erp: &str, reply: Reply, number: impl Fn(&[u8]) -> Option<String>) -> Answer {
    let unknown = |why: String| Answer::Unknown(Fault::new(Code::Unknown, format!("{erp} {why}: whether it was done is looked up")));
    let (status, retry_after, body) = match reply {
        Reply::NotSent(_) => return Answer::Busy(busy(erp, &reply)),
        Reply::Lost(why) => return unknown(format!("did not answer ({why})")),
        Reply::Answered { status, retry_after, ref body } => (status.as_u16(), retry_after, body.as_deref()),
    };
    match status {
        200..=299 => match body {
            None => unknown(format!("answered {status}, but the answer broke off or is too large")),
            // Sage Pro answers 200 with an error inside, so the status alone proves nothing.
            Some(body) => match (error(body), number(body)) {
                (Some(error), _) => Answer::Refused(error.fault(erp, status)),
                (None, Some(number)) => Answer::Done(Receipt { number }),
                (None, None) => unknown(format!("answered {status} without an order number")),
            },
        },
        400 | 404 | 409 | 422 => Answer::Refused(body.and_then(error).unwrap_or_default().fault(erp, status)),
        401 | 403 | 429 => Answer::Busy(busy(erp, &reply)),
        503 if retry_after.is_some() => Answer::Busy(busy(erp, &reply)),
        408 | 500.. => unknown(format!("answered {status}")),
        // Redirects and what a facade does not say: nothing was done, and it will not be another time.
        _ => Answer::Refused(busy(erp, &reply).fault),
    }
}

/// The ERP's number of a new order, without the padding.
pub(super) fn number(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Created<'a> {
        #[serde(rename = "SalesOrderNo", borrow)]
        number: &'a RawValue,
    }
    let created: Created = serde_json::from_slice(body).ok()?;
    text(created.number)
}

/// What stands under the document's number.
pub(super) fn found(erp: &str, body: &[u8], document: &Document) -> Found {
    #[derive(Deserialize)]
    struct Listed<'a> {
        #[serde(borrow)]
        orders: Vec<Row<'a>>,
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
    }
    let Ok(listed) = serde_json::from_slice::<Listed>(body) else {
        return Found::Busy(unreadable(erp, "the orders under a purchase-order number"));
    };
    let mut other = None;
    for row in listed.orders {
        let (Some(sales), Some(key), Some(total)) = (text(row.sales_order_no), text(row.purchase_order_no), decimal(row.total_amount)) else {
            return Found::Busy(unreadable(erp, "an order's numbers"));
        };
        // An order under another number means that the filter did nothing: then silence proves nothing either.
        if key != document.key.trim() {
            return Found::Busy(unreadable(erp, "orders that were not asked for"));
        }
        let same_customer = text(row.customer_no).unwrap_or_default() == document.customer.trim();
        if same_customer && total == document.total {
            return Found::Here(Receipt { number: sales });
        }
        let what = if same_customer { format!("its total is {total}, ours is {}", document.total) } else { "it is another customer's".into() };
        other.get_or_insert_with(|| Fault::new(Code::Conflict, format!("{erp} has order {} under {}: {what}", shorten(&sales), shorten(&key))));
    }
    other.map_or(Found::Missing, Found::Other)
}

/// The stock of every warehouse.
pub(super) fn stock(erp: &str, body: &[u8]) -> Result<Stock, Busy> {
    #[derive(Deserialize)]
    struct Listed<'a> {
        #[serde(borrow)]
        inventory: Vec<Row<'a>>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Row<'a> {
        item_code: String,
        warehouse: String,
        #[serde(borrow)]
        available: &'a RawValue,
    }
    let listed: Listed = serde_json::from_slice(body).map_err(|_| unreadable(erp, "the inventory"))?;
    let mut stock = Stock::default();
    for row in listed.inventory {
        let available = decimal(row.available).ok_or_else(|| unreadable(erp, "an available quantity"))?;
        *stock.units.entry(row.warehouse.trim().to_owned()).or_default().entry(row.item_code.trim().to_owned()).or_default() += available;
    }
    Ok(stock)
}

fn unreadable(erp: &str, what: &str) -> Busy {
    let message = format!("{erp} answered with {what} in a form we cannot read");
    Busy { fault: Fault::new(Code::PartnerAnswer, message), retry_after: None, counts: true }
}

/// A text, or the digits of a number, without padding. `None` when it is empty or something else.
fn text(json: &RawValue) -> Option<String> {
    let text = match json.get().as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(json.get()).ok()?,
        b'0'..=b'9' => json.get().to_owned(),
        _ => return None,
    };
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn decimal(json: &RawValue) -> Option<Decimal> {
    number::parse(json.get()).ok()?
}

/// The ERP's own error.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ErpError {
    code: Option<String>,
    field: Option<String>,
    message: Option<String>,
}

fn error(body: &[u8]) -> Option<ErpError> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Detailed(ErpError),
        Text(String),
        Other(serde::de::IgnoredAny),
    }
    #[derive(Deserialize)]
    struct Failed {
        error: Option<Either>,
    }
    match serde_json::from_slice::<Failed>(body).ok()?.error? {
        Either::Detailed(error) => Some(error),
        Either::Text(text) => Some(ErpError { message: Some(text), ..ErpError::default() }),
        Either::Other(_) => Some(ErpError::default()),
    }
}

impl ErpError {
    fn fault(self, erp: &str, status: u16) -> Fault {
        let clean = |text: String| shorten(&text.replace(|c: char| c.is_control(), " "));
        let mut message = format!("{erp} refused it ({status}");
        if let Some(code) = self.code {
            message = format!("{message}, {}", clean(code));
        }
        message.push(')');
        if let Some(text) = self.message {
            message = format!("{message}: {}", clean(text));
        }
        let fault = Fault::new(Code::Refused, message);
        match self.field {
            Some(field) => fault.at(clean(field)),
            None => fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossdock_flow::sample;
    use reqwest::StatusCode;
    use std::time::Duration;

    fn answered(status: u16, retry_after: Option<u64>, body: &str) -> Answer {
        let reply = Reply::Answered {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: retry_after.map(Duration::from_secs),
            body: Some(body.as_bytes().to_vec()),
        };
        of_write("erp", reply, number)
    }

    #[test]
    fn every_answer_to_a_write_has_its_outcome() {
        let done = Answer::Done(Receipt { number: "10042".into() });
        assert_eq!(answered(201, None, r#"{"SalesOrderNo":"     10042"}"#), done);
        assert_eq!(answered(200, None, r#"{"SalesOrderNo":10042,"error":null}"#), done);

        for (status, body) in [
            (200, r#"{"error":{"code":"X"}}"#),
            (201, r#"{"SalesOrderNo":"1","error":"no"}"#),
            (200, r#"{"error":true}"#),
            (400, ""),
            (404, "<html>"),
            (409, "{}"),
            (422, "[]"),
        ] {
            assert!(matches!(answered(status, None, body), Answer::Refused(fault) if fault.code == Code::Refused), "{status} {body}");
        }
        for status in [301, 307, 405, 410, 413, 415] {
            assert!(matches!(answered(status, None, ""), Answer::Refused(fault) if fault.code == Code::PartnerAnswer), "{status}");
        }
        for (status, retry_after, code, counts) in [
            (401, None, Code::Credentials, true),
            (403, None, Code::Credentials, true),
            (429, Some(7), Code::PartnerBusy, false),
            (429, None, Code::PartnerBusy, false),
            (503, Some(7), Code::PartnerBusy, true),
        ] {
            let Answer::Busy(busy) = answered(status, retry_after, "") else { panic!("{status}") };
            assert_eq!((busy.fault.code, busy.counts, busy.retry_after), (code, counts, retry_after.map(Duration::from_secs)), "{status}");
        }
        for (status, body) in
            [(500, ""), (502, ""), (503, ""), (504, ""), (408, ""), (200, "ok"), (201, "{}"), (201, r#"{"SalesOrderNo":"  "}"#), (204, "")]
        {
            assert!(matches!(answered(status, None, body), Answer::Unknown(fault) if fault.code == Code::Unknown), "{status} {body}");
        }
    }

    #[test]
    fn a_refusal_says_what_the_erp_said_but_not_at_length() {
        let long = "x".repeat(10_000);
        let Answer::Refused(fault) = answered(
            422,
            None,
            &format!(r#"{{"error":{{"code":"FIELD_TOO_LONG","field":"ShipToAddress.City","message":"20 characters\n{long}"}}}}"#),
        ) else {
            panic!()
        };
        assert_eq!(fault.place.as_deref(), Some("ShipToAddress.City"));
        assert!(fault.message.starts_with("erp refused it (422, FIELD_TOO_LONG): 20 characters x"), "{}", fault.message);
        assert!(fault.message.len() < 300);
    }

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
        // What cannot be trusted is never taken for "nothing there".
        for rows in [vec![row("1", "4712", "C10042", "19.90")], vec![row("1", "4711", "C10042", "null")], vec!["{}".into()]] {
            assert!(matches!(find(&rows), Found::Busy(busy) if busy.fault.code == Code::PartnerAnswer), "{rows:?}");
        }
        assert!(matches!(found("erp", b"<html>", &document), Found::Busy(_)));
    }
}
