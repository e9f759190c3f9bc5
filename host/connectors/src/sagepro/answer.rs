//! What Sage Pro's answers to writes mean, and its stock. Pure, so that every rule is a line in a test.

use crate::{
    http::{Cut, Reply, busy, unreadable},
    number,
};
use crossdock_flow::{
    Code, Decimal, Fault,
    fault::shorten,
    target::{Answer, Busy, Receipt, Stock},
};
use serde::Deserialize;
use serde_json::value::RawValue;

/// What came of a write. `number` reads the ERP's number out of a good answer.
pub(crate) fn of_write(erp: &str, reply: Reply, number: impl Fn(&[u8]) -> Option<String>) -> Answer {
    let unknown = |why: String| Answer::Unknown(Fault::new(Code::Unknown, format!("{erp} {why}: whether it was done is looked up")));
    let (status, retry_after, body) = match reply {
        Reply::NotSent(_) => return Answer::Busy(busy(erp, &reply)),
        Reply::Lost(why) => return unknown(format!("did not answer ({why})")),
        Reply::Answered { status, retry_after, ref body } => (status.as_u16(), retry_after, body.as_deref()),
    };
    match status {
        200..=299 => match body {
            Err(Cut::BrokeOff) => unknown(format!("answered {status}, but the answer broke off")),
            Err(Cut::TooLarge(most)) => unknown(format!("answered {status} with more than {most} bytes")),
            // Sage Pro answers 200 with an error inside, so the status alone proves nothing.
            Ok(body) => match (error(body), number(body)) {
                (Some(error), _) => Answer::Refused(error.fault(erp, status)),
                (None, Some(number)) => Answer::Done(Receipt { number }),
                (None, None) => unknown(format!("answered {status} without the order's number")),
            },
        },
        400 | 404 | 409 | 422 => Answer::Refused(body.ok().and_then(error).unwrap_or_default().fault(erp, status)),
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

/// Whether an answer of 404 is Sage Pro's own word that it has no such order, and not a proxy's page.
pub(super) fn says_unknown(body: &[u8]) -> bool {
    has_code(body, "UNKNOWN_ORDER")
}

/// Whether an answer is an error of the partner's own with this code.
pub(crate) fn has_code(body: &[u8], code: &str) -> bool {
    error(body).is_some_and(|error| error.code.as_deref() == Some(code))
}

/// A text, or the digits of a number, without padding. `None` when it is empty or something else.
pub(super) fn text(json: &RawValue) -> Option<String> {
    let text = match json.get().as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(json.get()).ok()?,
        b'0'..=b'9' => json.get().to_owned(),
        _ => return None,
    };
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

pub(super) fn decimal(json: &RawValue) -> Option<Decimal> {
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
        // The same words as when it was seen before the write: it makes no difference who was faster.
        let code = match (status, self.code.as_deref()) {
            (409, Some("SHIPPED")) => Code::AlreadyShipped,
            (409, Some("CANCELLED")) => Code::AlreadyExported,
            _ => Code::Refused,
        };
        let mut message = format!("{erp} refused it ({status}");
        if let Some(code) = self.code {
            message = format!("{message}, {}", clean(code));
        }
        message.push(')');
        if let Some(text) = self.message {
            message = format!("{message}: {}", clean(text));
        }
        let fault = Fault::new(code, message);
        match self.field {
            Some(field) => fault.at(clean(field)),
            None => fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::StatusCode;
    use std::time::Duration;

    fn answered(status: u16, retry_after: Option<u64>, body: &str) -> Answer {
        let reply = Reply::Answered {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: retry_after.map(Duration::from_secs),
            body: Ok(body.as_bytes().to_vec()),
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
}
