//! Customers on both sides, and which one of the ERP's an order or a web account belongs to: by web id, then by e-mail,
//! then a new one. Whoever cannot be told for sure is asked about: an order on somebody else's account is worse than one
//! that waits.

use super::content::Content;
use crate::{
    Currency, Decimal, Fault,
    fault::Code,
    order::{Address, Field, Instant, Value},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whether a customer may be sold to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Yes.
    #[default]
    Active,
    /// Orders are taken and wait for the credit office.
    OnHold,
    /// No more.
    Closed,
}

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Customer {
    /// The shop's id; empty for one that the ERP alone knows.
    pub web_id: String,
    /// The ERP's number, where it has one.
    pub number: Option<String>,
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
    /// Where invoices go.
    pub billing: Address,
    /// Where goods go, by the side's code of the address. The first is the usual one.
    pub ship_to: Vec<(String, Address)>,
    /// The currency of the account and of its limit.
    pub currency: Currency,
    /// What may be owed; nothing when there is no limit.
    pub credit_limit: Option<Decimal>,
    /// The ERP's code of the terms of payment.
    pub terms: String,
    /// The ERP's price list; empty for the usual prices.
    pub price_list: String,
    /// The ERP's tax code.
    pub tax_code: String,
    /// When it was last changed, on the side it comes from.
    pub changed_at: Instant,
    /// Custom fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

impl Customer {
    /// What merging and recognising an echo see of it: all but both sides' keys and the time.
    pub fn content(&self) -> Content {
        let mut content = Content::new();
        let standing = match self.standing {
            Standing::Active => "active",
            Standing::OnHold => "on-hold",
            Standing::Closed => "closed",
        };
        let texts = [
            ("standing", standing),
            ("company", &self.company),
            ("contact", &self.contact),
            ("email", &self.email),
            ("phone", &self.phone),
            ("segment", &self.segment),
            ("terms", &self.terms),
            ("price-list", &self.price_list),
            ("tax-code", &self.tax_code),
            ("currency", self.currency.code()),
        ];
        texts.into_iter().for_each(|(name, text)| content.text(name, text));
        content.put("credit-limit", self.credit_limit.map_or(Value::Empty, Value::Number));
        content.address("billing", &self.billing);
        self.ship_to.iter().for_each(|(code, address)| content.address(&format!("ship-to[{code}]"), address));
        content.fields(&self.fields);
        content
    }
}

impl fmt::Display for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.company.is_empty() { &self.contact } else { &self.company };
        write!(f, "{} {name}", self.number.as_deref().unwrap_or(&self.web_id))
    }
}

/// Who is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Sought {
    /// The shop's id of the account; empty for a guest.
    pub web_id: String,
    /// The e-mail; may be empty.
    pub email: String,
}

/// A customer that the ERP found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Match {
    /// Its number.
    pub number: String,
    /// The web id that it carries; may be empty.
    pub web_id: String,
    /// Whether it may be sold to.
    pub standing: Standing,
}

/// What is done with guests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuestPolicy {
    /// All of them are one account of the house.
    House(String),
    /// Each is a customer: found by e-mail, or created.
    Customer,
}

/// Which customer it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resolved {
    /// This one of the ERP.
    Use(String),
    /// None yet: it is created under these two, which are looked for again inside the ERP's lock before a number is taken.
    Create {
        /// The web id it will carry; may be empty.
        web_id: String,
        /// Its e-mail; may be empty.
        email: String,
    },
    /// The account of the house.
    House(String),
    /// A person must say: E221.
    Ask(Fault),
}

impl fmt::Display for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Resolved::Use(number) => write!(f, "customer {number}"),
            Resolved::Create { .. } => f.write_str("a new customer"),
            Resolved::House(number) => write!(f, "account of the house {number}"),
            Resolved::Ask(fault) => fault.fmt(f),
        }
    }
}

/// Says which customer it is, from what the ERP found under the web id and under the e-mail.
///
/// A customer that carries another web id is somebody else who shares the e-mail: a person says whether they are one.
pub fn resolve(sought: &Sought, by_web_id: &[Match], by_email: &[Match], guests: &GuestPolicy) -> Resolved {
    if sought.web_id.is_empty()
        && let GuestPolicy::House(number) = guests
    {
        return Resolved::House(number.clone());
    }
    // What is looked for under an empty key finds whoever has none.
    let by_web_id = if sought.web_id.is_empty() { &[] } else { by_web_id };
    let by_email = if sought.email.is_empty() { &[] } else { by_email };
    if !by_web_id.is_empty() {
        return one(by_web_id, "web id");
    }
    if by_email.is_empty() {
        return Resolved::Create { web_id: sought.web_id.clone(), email: sought.email.clone() };
    }
    match by_email.iter().find(|found| !found.web_id.is_empty() && found.web_id != sought.web_id) {
        // A guest has no account that could be another one.
        Some(other) if !sought.web_id.is_empty() && by_email.len() == 1 => {
            ask(format!("the e-mail is that of {}, who has another account in the shop", other.number))
        }
        _ => one(by_email, "e-mail"),
    }
}

fn one(found: &[Match], by: &str) -> Resolved {
    let mut numbers: Vec<&str> = found.iter().map(|one| one.number.as_str()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    match (&numbers[..], found.iter().any(|one| one.standing == Standing::Closed)) {
        ([number], false) => Resolved::Use((*number).to_owned()),
        ([number], true) => ask(format!("the customer that answers to the {by}, {number}, is closed")),
        _ => ask(format!("several customers answer to the {by}: {}", numbers.join(", "))),
    }
}

fn ask(message: String) -> Resolved {
    Resolved::Ask(Fault::new(Code::CustomerUnclear, message).at("customer"))
}

/// How the ERP's customer numbers are made: the first letters of the name and a number, `JO0001`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Numbering {
    /// Letters of the name.
    pub letters: usize,
    /// Digits after them.
    pub digits: usize,
}

impl Numbering {
    /// The number after the highest that is taken. Called with the ERP's lock held and what it has then, so that two who ask
    /// at once do not get the same; a gap is not filled, because the number of a customer that was deleted is in old invoices.
    /// Fails with E221 when the letters' numbers are used up.
    pub fn next<'t>(self, name: &str, taken: impl IntoIterator<Item = &'t str>) -> Result<String, Fault> {
        let plain = deunicode::deunicode(name);
        let letters = plain.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_uppercase());
        let prefix: String = letters.chain(std::iter::repeat('X')).take(self.letters).collect();
        let number = |taken: &str| -> Option<u64> {
            let taken = taken.trim().to_ascii_uppercase();
            let digits = taken.strip_prefix(&prefix)?;
            (digits.len() == self.digits).then(|| digits.parse().ok()).flatten()
        };
        let next = taken.into_iter().filter_map(number).max().map_or(1, |highest| highest + 1);
        let digits = next.to_string();
        if digits.len() > self.digits {
            return Err(Fault::new(Code::CustomerUnclear, format!("no number is left that begins with {prefix}")).at("customer"));
        }
        Ok(format!("{prefix}{digits:0>width$}", width = self.digits))
    }
}
