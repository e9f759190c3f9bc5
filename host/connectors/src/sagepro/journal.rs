//! Sage Pro's journal entries on the wire. A posting has a debit or a credit, and never both.
//!
//! ```json
//! {"JournalNo":"J00012","Reference":"payment/tx-91","Date":"2026-11-23","Currency":"CAD","Document":"","Corrects":"",
//!  "Lines":[{"AccountNo":"1050","Debit":118.00,"Credit":0,"About":"transaction tx-91"},…],"UpdatedAt":"…"}
//! ```

use crate::{
    exact::Amount,
    rows::{bytes, shape},
};
use crossdock_flow::{
    Code, Currency, Fault,
    finance::{
        journal::{Journal, Posting},
        ledger::Side,
    },
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JournalRow {
    reference: String,
    date: Date,
    currency: String,
    #[serde(default)]
    document: String,
    #[serde(default)]
    corrects: String,
    lines: Vec<LineRow>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LineRow {
    account_no: String,
    #[serde(default)]
    debit: Amount,
    #[serde(default)]
    credit: Amount,
    #[serde(default)]
    about: String,
}

/// Reads a row. Fails with E201, E202 or E204.
pub(super) fn read(body: &[u8]) -> Result<Journal, Fault> {
    let JournalRow { reference, date, currency, document, corrects, lines } = shape(body)?;
    let posting = |LineRow { account_no, debit, credit, about }: LineRow| {
        let (side, amount) = match (debit.0.is_zero(), credit.0.is_zero()) {
            (false, true) => (Side::Debit, debit.0),
            (true, false) => (Side::Credit, credit.0),
            _ => return Err(Fault::new(Code::InvalidField, "a posting has a debit or a credit").at("Lines")),
        };
        Ok(Posting { account: account_no.trim().to_owned(), side, amount, about: about.trim().to_owned() })
    };
    Ok(Journal {
        reference: reference.trim().to_owned(),
        date,
        currency: Currency::parse(currency.trim()).map_err(|fault| fault.at("Currency"))?,
        document: document.trim().to_owned(),
        corrects: corrects.trim().to_owned(),
        postings: lines.into_iter().map(posting).collect::<Result<_, Fault>>()?,
    })
}

/// Writes a row.
pub(super) fn write(journal: &Journal) -> Result<Vec<u8>, Fault> {
    let line = |Posting { account, side, amount, about }: &Posting| {
        let amount = Amount::from(*amount);
        let (debit, credit) = if *side == Side::Debit { (amount, Amount::default()) } else { (Amount::default(), amount) };
        LineRow { account_no: account.clone(), debit, credit, about: about.clone() }
    };
    bytes(&JournalRow {
        reference: journal.reference.clone(),
        date: journal.date,
        currency: journal.currency.code().into(),
        document: journal.document.clone(),
        corrects: journal.corrects.clone(),
        lines: journal.postings.iter().map(line).collect(),
    })
}
