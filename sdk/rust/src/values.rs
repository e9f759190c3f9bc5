//! The plain values of the contract that deserve more than the generated form: field values, addresses, payment,
//! errors and verdicts. Accounts, addresses and payments do not show their content in `Debug`, so that it cannot slip into a log.

use crate::{Decimal, Hold, Instant, Standing, Verdict};
use std::fmt;

/// The value of a custom field or of a document field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text.
    Text(String),
    /// An exact number.
    Number(Decimal),
    /// Yes or no.
    Flag(bool),
    /// Nothing. Setting a field to it removes the field.
    Empty,
}

impl Value {
    /// The text, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, when it is one.
    pub fn as_number(&self) -> Option<Decimal> {
        match self {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Yes or no, when it is a flag or the text `true` or `false`: shops write both.
    pub fn as_flag(&self) -> Option<bool> {
        match self {
            Value::Flag(flag) => Some(*flag),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<Decimal> for Value {
    fn from(number: Decimal) -> Value {
        Value::Number(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Value {
        Value::Flag(flag)
    }
}

/// A postal address. Unknown parts are empty.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// Person.
    pub name: String,
    /// Company.
    pub company: String,
    /// First line.
    pub line1: String,
    /// Second line.
    pub line2: String,
    /// City.
    pub city: String,
    /// State, province or county, as the shop writes it.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2 code, upper case.
    pub country: String,
    /// Phone.
    pub phone: String,
    /// E-mail.
    pub email: String,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("region", &self.region).field("country", &self.country).finish_non_exhaustive()
    }
}

/// What is true of a whole customer. Unknown texts are empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The shop's id; empty for one that the ERP alone knows.
    pub web_id: String,
    /// The ERP's number; empty where it has none yet.
    pub number: String,
    /// Whether sold to.
    pub standing: Standing,
    /// Company.
    pub company: String,
    /// Person.
    pub contact: String,
    /// E-mail.
    pub email: String,
    /// Phone.
    pub phone: String,
    /// The merchant's segment, for example `wholesale`.
    pub segment: String,
    /// ISO 4217 code of the account and of its limit.
    pub currency: String,
    /// What may be owed; `None` when there is no limit.
    pub credit_limit: Option<Decimal>,
    /// The ERP's code of the terms of payment.
    pub terms: String,
    /// The ERP's price list; empty for the usual prices.
    pub price_list: String,
    /// The ERP's tax code.
    pub tax_code: String,
    /// When it was last changed, on the side that it comes from.
    pub changed_at: Instant,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("web_id", &self.web_id).field("number", &self.number).field("segment", &self.segment).finish_non_exhaustive()
    }
}

/// How the customer pays.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Payment {
    /// For example `card`, `on-account`, `bank-transfer`.
    pub method: String,
    /// For example `authorized`, `captured`, `pending`.
    pub status: String,
    /// The gateway's id of the transaction; empty when there is none.
    pub transaction_id: String,
    /// What was authorized or captured.
    pub amount: Decimal,
}

impl fmt::Debug for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payment").field("method", &self.method).field("status", &self.status).finish_non_exhaustive()
    }
}

/// Why the host refused an edit. Nothing of the refused call was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// There is no line with this index.
    NoSuchLine(u32),
    /// The record may not be edited in this hook.
    ReadOnly,
    /// The number does not fit: more than 4 decimals after trailing zeros are dropped, or 10^11 and more.
    OutOfRange(String),
    /// The value is not allowed there. Says which and why.
    Invalid(String),
    /// The operator's guardrails forbid it. Names the rule.
    NotAllowed(String),
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EditError::NoSuchLine(line) => {
                f.write_str("there is no line ")?;
                fmt::Display::fmt(line, f)
            }
            EditError::ReadOnly => f.write_str("the record may not be edited in this hook"),
            EditError::OutOfRange(text) | EditError::Invalid(text) | EditError::NotAllowed(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for EditError {}

/// Why a plugin could not decide. The operator's failure policy applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookError {
    /// A setting of this plugin is missing or wrong: name it and say what is expected.
    Settings(String),
    /// The record has a shape that this plugin cannot handle.
    Unsupported(String),
    /// Anything else.
    Failed(String),
}

impl fmt::Display for HookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HookError::Settings(text) | HookError::Unsupported(text) | HookError::Failed(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for HookError {}

impl From<EditError> for HookError {
    fn from(refused: EditError) -> HookError {
        HookError::Failed(format!("an edit was refused: {refused}"))
    }
}

impl Verdict {
    /// Keep the order and wait for a person. The reason is one sentence that the merchant's staff reads.
    pub fn hold(reason: impl Into<String>) -> Verdict {
        Verdict::Hold(Hold { reason: reason.into(), until: None })
    }

    /// Keep the order and run the hook again at this time.
    pub fn hold_until(reason: impl Into<String>, until: Instant) -> Verdict {
        Verdict::Hold(Hold { reason: reason.into(), until: Some(until) })
    }

    /// Do not deliver. The reason is one sentence that the merchant reads.
    pub fn reject(reason: impl Into<String>) -> Verdict {
        Verdict::Reject(reason.into())
    }
}

impl Instant {
    /// So many minutes later.
    pub fn plus_minutes(self, minutes: i64) -> Instant {
        Instant { unix_ms: self.unix_ms + minutes * 60_000, ..self }
    }
}
