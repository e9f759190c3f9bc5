//! Edits on a customer or a product by a rule: each is checked, applied and recorded with before and after, as those on an
//! order are. What both sides know somebody or something by cannot be set.

use super::{Subject, compare};
use crate::{
    Currency, Decimal,
    edit::{self, Change, Editor, Path, Refusal},
    entity::{content::Content, customer::Customer, product::Price, product::Product},
    order::{Address, Value, put},
    schema,
};
use std::sync::Arc;

/// Parts of a customer that are a text and may be set.
const CUSTOMER_TEXTS: [&str; 7] = ["company", "contact", "phone", "segment", "terms", "price-list", "tax-code"];
/// Those of a product.
const PRODUCT_TEXTS: [&str; 4] = ["name", "description", "product-type", "tax-class"];
/// What somebody or something is known by, on either side.
const KEYS: [&str; 5] = ["web-id", "number", "email", "currency", "sku"];
/// What a customer's standing may be.
const STANDINGS: [&str; 3] = ["active", "on-hold", "closed"];

/// Which address of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'p> {
    /// Where invoices go.
    Billing,
    /// Where goods go: the side's code of the address.
    ShipTo(&'p str),
}

/// A customer or a product while a rule edits it. It can be given back as it was: see [`Editor::revert`].
pub struct SubjectEditor {
    subject: Subject,
    /// As it was before the first edit.
    before: Option<Subject>,
    /// What it says now, once something was edited.
    content: Option<Content>,
    changes: Vec<Change>,
}

impl SubjectEditor {
    /// Starts on a customer or a product.
    pub fn new(subject: Subject) -> SubjectEditor {
        SubjectEditor { subject, before: None, content: None, changes: Vec::new() }
    }

    /// As edited so far.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The customer, if it is one.
    pub fn customer(&self) -> Option<&Customer> {
        if let Subject::Customer(customer) = &self.subject { Some(customer) } else { None }
    }

    /// The product, if it is one.
    pub fn product(&self) -> Option<&Product> {
        if let Subject::Product(product) = &self.subject { Some(product) } else { None }
    }

    /// What changed so far, in order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Sets a part by its name. Of a customer: the texts `company`, `contact`, `phone`, `segment`, `terms`, `price-list` and
    /// `tax-code`, `credit-limit` (zero or more; empty for none) and `standing` (`active`, `on-hold`, `closed`). Of a
    /// product: the texts `name`, `description`, `product-type` and `tax-class`, and `is-sold`.
    pub fn set(&mut self, name: &str, value: Value, reason: &str) -> Result<(), Refusal> {
        if KEYS.contains(&name) {
            return Err(Refusal::NotAllowed(format!("`{name}` is what both sides know it by: no rule changes it")));
        }
        let value = edit::check_field(name, value)?;
        let invalid = |what: &str| Err(Refusal::Invalid(format!("{name}: {what}")));
        let texts: &[&str] = if self.product().is_some() { &PRODUCT_TEXTS } else { &CUSTOMER_TEXTS };
        match (name, &value) {
            (name, Value::Text(_) | Value::Empty) if texts.contains(&name) => {}
            (name, _) if texts.contains(&name) => return invalid("it is a text"),
            ("credit-limit", Value::Empty) if self.customer().is_some() => {}
            ("credit-limit", Value::Number(limit)) if self.customer().is_some() => {
                if *limit < Decimal::ZERO {
                    return invalid("a limit is zero or more");
                }
            }
            ("credit-limit", _) if self.customer().is_some() => return invalid("it is a number, or empty"),
            ("standing", Value::Text(text)) if self.customer().is_some() && STANDINGS.contains(&text.as_str()) => {}
            ("standing", _) if self.customer().is_some() => return invalid("it is `active`, `on-hold` or `closed`"),
            ("is-sold", Value::Flag(_)) if self.product().is_some() => {}
            ("is-sold", _) if self.product().is_some() => return invalid("it is a flag"),
            _ => return Err(Refusal::Invalid(format!("a {} has no part `{}` to set", self.subject.kind(), crate::fault::shorten(name)))),
        }
        self.apply(reason, |subject| match subject {
            Subject::Customer(customer) => compare::set(customer, name, &value),
            Subject::Product(product) => set_product(product, name, &value),
            _ => {}
        });
        Ok(())
    }

    /// Sets the whole of an address of a customer; one that the customer does not have yet is added. One that is empty is
    /// taken away.
    pub fn set_address(&mut self, place: Place<'_>, address: Address, reason: &str) -> Result<(), Refusal> {
        let Address { name, company, line1, line2, city, region, postal_code, country, phone, email } = &address;
        if [name, company, line1, line2, city, region, postal_code, country, phone, email].into_iter().any(|part| part.len() > edit::MAX_TEXT) {
            return Err(Refusal::Invalid(format!("a part of an address has at most {} bytes", edit::MAX_TEXT)));
        }
        if let Place::ShipTo(code) = place {
            edit::check_name(code)?;
            if code.contains(['[', ']']) {
                return Err(Refusal::Invalid("the code of an address has no brackets".into()));
            }
        }
        self.apply(reason, |subject| {
            let Subject::Customer(customer) = subject else { return };
            match place {
                Place::Billing => customer.billing = address,
                Place::ShipTo(code) => match customer.ship_to.iter().position(|(known, _)| known == code) {
                    Some(known) if address == Address::default() => drop(customer.ship_to.remove(known)),
                    Some(known) => customer.ship_to[known].1 = address,
                    None if address == Address::default() => {}
                    None => customer.ship_to.push((code.to_owned(), address)),
                },
            }
        });
        Ok(())
    }

    /// Sets the price of a product for a currency, a list and a quantity; one that is not there yet is added.
    pub fn set_price(&mut self, price: Price, reason: &str) -> Result<(), Refusal> {
        let path = || Path::Product(format!("price[{}/{}]", price.currency, price.list).into());
        let (from, amount) = (edit::fit(price.from, path)?, edit::fit(price.amount, path)?);
        if from < Decimal::ZERO || amount < Decimal::ZERO {
            return Err(Refusal::Invalid(format!("{}: a price and its quantity are zero or more", path())));
        }
        if price.list.len() > edit::MAX_NAME || price.list.contains(['/', '[', ']']) {
            return Err(Refusal::Invalid(format!("the name of a price list has at most {} bytes and no `/`, `[` or `]`", edit::MAX_NAME)));
        }
        let wanted = Price { from, amount, ..price };
        self.apply(reason, |subject| {
            let Subject::Product(product) = subject else { return };
            match product.prices.iter_mut().find(|known| is_same(known, wanted.currency, &wanted.list, wanted.from)) {
                Some(known) => known.amount = wanted.amount,
                None => product.prices.push(wanted),
            }
        });
        Ok(())
    }

    /// Takes a price of a product away; one that is not there is none.
    pub fn remove_price(&mut self, currency: Currency, list: &str, from: Decimal, reason: &str) {
        self.apply(reason, |subject| {
            if let Subject::Product(product) = subject {
                product.prices.retain(|known| !is_same(known, currency, list, from));
            }
        });
    }

    /// Sets, adds or removes a custom field.
    pub fn set_field(&mut self, name: &str, value: Value, reason: &str) -> Result<(), Refusal> {
        let value = edit::check_field(name, value)?;
        if schema::is_never_read(name) {
            return Err(Refusal::NotAllowed(format!("`{name}` is a field that never travels")));
        }
        self.apply(reason, |subject| {
            let fields = match subject {
                Subject::Customer(customer) => &mut customer.fields,
                Subject::Product(product) => &mut product.fields,
                _ => return,
            };
            put(fields, name, value);
        });
        Ok(())
    }

    /// Edits, and writes down by name what is otherwise than before.
    fn apply(&mut self, reason: &str, edit: impl FnOnce(&mut Subject)) {
        self.before.get_or_insert_with(|| self.subject.clone());
        let before = self.content.take().unwrap_or_else(|| self.subject.content());
        edit(&mut self.subject);
        let after = self.subject.content();
        let (reason, is_product): (Arc<str>, bool) = (reason.into(), self.product().is_some());
        for difference in before.compare(&after) {
            let name: Arc<str> = difference.field.into();
            let path = if is_product { Path::Product(name) } else { Path::Customer(name) };
            self.changes.push(Change { path, before: difference.from, after: difference.to, reason: reason.clone() });
        }
        self.content = Some(after);
    }
}

impl Editor for SubjectEditor {
    type Subject = Subject;

    fn finish(self) -> (Subject, Vec<Change>) {
        (self.subject, self.changes)
    }

    fn revert(self) -> Subject {
        self.before.unwrap_or(self.subject)
    }
}

fn is_same(price: &Price, currency: Currency, list: &str, from: Decimal) -> bool {
    price.currency == currency && price.list == list && price.from == from
}

fn set_product(product: &mut Product, name: &str, value: &Value) {
    let text = value.to_string();
    match name {
        "name" => product.name = text,
        "description" => product.description = text,
        "product-type" => product.product_type = text,
        "tax-class" => product.tax_class = text,
        "is-sold" => product.is_sold = *value == Value::Flag(true),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn every_edit_is_recorded_by_name_and_can_be_undone() {
        let before = Subject::Customer(Box::new(sample::customer()));
        let mut editor = SubjectEditor::new(before.clone());
        editor.set("price-list", text("TRADE"), "wholesale").unwrap();
        editor.set("credit-limit", Value::Number(d("500")), "new").unwrap();
        editor.set("standing", text("on-hold"), "new").unwrap();
        editor.set_field("rep", text("RB"), "north").unwrap();
        let place = Address { city: "Ajax".into(), country: "CA".into(), ..Address::default() };
        editor.set_address(Place::ShipTo("SHED"), place, "seen").unwrap();
        let told: Vec<String> = editor.changes().iter().map(|change| format!("{} {}>{}", change.path, change.before, change.after)).collect();
        assert_eq!(
            told,
            [
                "customer.price-list >TRADE",
                "customer.credit-limit >500",
                "customer.standing active>on-hold",
                "customer.fields.rep >RB",
                "customer.ship-to[SHED].city >Ajax",
                "customer.ship-to[SHED].country >CA"
            ]
        );
        let json = serde_json::to_string(editor.changes()).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Change>>(&json).unwrap(), editor.changes());
        assert_eq!(editor.customer().unwrap().price_list, "TRADE");
        assert_eq!(editor.revert(), before);
        assert_eq!(SubjectEditor::new(before.clone()).revert(), before);
    }

    #[test]
    fn what_both_sides_know_it_by_stays() {
        let mut customer = SubjectEditor::new(Subject::Customer(Box::new(sample::customer())));
        let mut product = SubjectEditor::new(Subject::Product(Box::new(sample::product())));
        for name in ["web-id", "number", "email", "currency"] {
            assert!(matches!(customer.set(name, text("x"), "no"), Err(Refusal::NotAllowed(_))), "{name}");
        }
        assert!(matches!(product.set("sku", text("x"), "no"), Err(Refusal::NotAllowed(_))));
        assert!(matches!(customer.set_field("CardNumber", text("4111"), "no"), Err(Refusal::NotAllowed(_))));
        for (name, value) in
            [("sku-like", text("x")), ("price-list", Value::Flag(true)), ("credit-limit", Value::Number(d("-1"))), ("standing", text("gone"))]
        {
            assert!(matches!(customer.set(name, value, "no"), Err(Refusal::Invalid(_))), "{name}");
        }
        assert!(matches!(product.set("price-list", text("x"), "no"), Err(Refusal::Invalid(_))), "a product has none");
        assert!(customer.changes().is_empty() && product.changes().is_empty());
    }

    #[test]
    fn prices_are_exact_and_each_has_its_place() {
        let mut editor = SubjectEditor::new(Subject::Product(Box::new(sample::product())));
        let cad = Currency::parse("CAD").unwrap();
        let price = |list: &str, from: &str, amount: &str| Price { currency: cad, list: list.into(), from: d(from), amount: d(amount) };
        editor.set_price(price("", "0.0", "17.0125"), "list price").unwrap();
        editor.set_price(price("trade", "10", "15"), "trade").unwrap();
        editor.remove_price(cad, "trade", d("10"), "not any more");
        assert!(matches!(editor.set_price(price("", "0", "1.00001"), "no"), Err(Refusal::OutOfRange(_))));
        assert!(matches!(editor.set_price(price("", "0", "-1"), "no"), Err(Refusal::Invalid(_))));
        let told: Vec<String> = editor.changes().iter().map(|change| format!("{} {}>{}", change.path, change.before, change.after)).collect();
        assert_eq!(told, ["product.price[CAD//0] 89>17.0125", "product.price[CAD/trade/10] >15", "product.price[CAD/trade/10] 15>"]);
        assert_eq!(editor.finish().0.content().get("price[CAD//0]"), &Value::Number(d("17.0125")));
    }
}
