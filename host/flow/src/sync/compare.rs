//! What is to be written to the other side, from what came and what is there. Pure. What goes one way is compared; what
//! goes both ways is merged field by field, and only what this side may say is written.

use super::{Carries, Subject};
use crate::{
    entity::{
        Side,
        content::{Content, Difference},
        customer::{Customer, Standing},
        merge::{self, Known, Rules},
    },
    order::{Address, Field, Value, put},
};

/// Lists of which the sender says the whole: an entry that it names no more is gone. Any other field it leaves empty is not
/// its business: the shop's own texts stay.
const LISTS: [&str; 4] = ["price[", "component[", "ship-to[", "line["];

/// In what the other side would be otherwise after a writing. `seen` is what it would say of it then.
pub fn differences(there: &Content, seen: &Content) -> Vec<Difference> {
    let is_said = |one: &Difference| one.to != Value::Empty || LISTS.iter().any(|list| one.field.starts_with(list));
    there.compare(seen).into_iter().filter(is_said).collect()
}

/// What a side will say of custom fields after a writing: those that are not written stay as they are there.
pub fn beside(mut seen: Subject, known: &Subject, wrote: &Subject) -> Subject {
    let mut fields = known.custom().to_vec();
    let cleared = wrote.custom().iter().filter(|field| field.value == Value::Empty);
    for Field { name, value } in seen.custom().iter().chain(cleared) {
        put(&mut fields, name, value.clone());
    }
    if let Some(own) = seen.custom_mut() {
        *own = fields;
    }
    seen
}

/// A customer as both sides are to have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// What the other side is to say.
    pub customer: Customer,
    /// Fields in which both differ, with what was decided.
    pub changes: Vec<merge::Change>,
}

/// Merges a customer that came from a side with what the other one knows. Keys are linked, whatever the rules say: the ERP
/// learns the web id, the shop the ERP's number. Of custom fields only those are said that are to change: what else the
/// other side has is its own, and may have changed there since it was read.
pub fn merge(rules: &Rules, carries: &Carries, from: Side, news: &Customer, there: &Customer, base: Option<&Content>) -> Merged {
    let (ours, theirs) = (news.content(), there.content());
    let came = Known { content: &ours, changed_at: news.changed_at.at };
    let known = Known { content: &theirs, changed_at: there.changed_at.at };
    let (shop, erp) = if from == Side::Shop { (came, known) } else { (known, came) };
    let mut changes = merge::merge(rules, shop, erp, base);
    changes.retain(|change| change.field.strip_prefix("fields.").is_none_or(|name| carries.has(name)));
    let mut customer = Customer { fields: Vec::new(), ..there.clone() };
    for change in changes.iter().filter(|change| change.winner == Some(from)) {
        set(&mut customer, &change.field, change.value().unwrap_or(&Value::Empty));
    }
    // An address whose every part was cleared is none.
    customer.ship_to.retain(|(_, address)| *address != Address::default());
    customer.changed_at = news.changed_at;
    link(&mut customer, from, news);
    Merged { customer, changes }
}

/// Writes the sender's key into a customer of the other side. A key that the sender lacks takes none away.
pub fn link(customer: &mut Customer, from: Side, news: &Customer) {
    match from {
        Side::Shop => customer.web_id.clone_from(&news.web_id),
        Side::Erp => customer.number = news.number.clone().or(customer.number.take()),
    }
}

/// Whether the other side has yet to learn the sender's key.
pub fn is_linked(to: Side, there: &Customer, wanted: &Customer) -> bool {
    match to {
        Side::Shop => there.number == wanted.number,
        Side::Erp => there.web_id == wanted.web_id,
    }
}

/// The fields in which both agree after a writing, over those of before: what later merges start from.
pub fn agreed(base: Option<&Content>, one: &Content, other: &Content) -> Content {
    let mut agreed = base.cloned().unwrap_or_default();
    for (name, value) in one.iter().filter(|(name, value)| other.get(name) == *value) {
        agreed.put(name, value.clone());
    }
    // What both have no more is agreed on, too.
    let gone: Vec<String> = agreed.iter().map(|(name, _)| name.to_owned()).collect();
    for name in gone.iter().filter(|name| *one.get(name) == Value::Empty && *other.get(name) == Value::Empty) {
        agreed.put(name.as_str(), Value::Empty);
    }
    agreed
}

/// Sets a field by the name that [`Customer::content`] gives it. What cannot be read for its field is left alone: it came
/// from such a content, so it can.
pub(super) fn set(customer: &mut Customer, field: &str, value: &Value) {
    let text = value.to_string();
    match field {
        "standing" => {
            customer.standing = match &*text {
                "on-hold" => Standing::OnHold,
                "closed" => Standing::Closed,
                _ => Standing::Active,
            }
        }
        "company" => customer.company = text,
        "contact" => customer.contact = text,
        "email" => customer.email = text,
        "phone" => customer.phone = text,
        "segment" => customer.segment = text,
        "terms" => customer.terms = text,
        "price-list" => customer.price_list = text,
        "tax-code" => customer.tax_code = text,
        "currency" => customer.currency = crate::Currency::parse(&text).unwrap_or(customer.currency),
        "credit-limit" => {
            customer.credit_limit = match value {
                Value::Number(limit) => Some(*limit),
                _ => None,
            }
        }
        _ => {
            if let Some(part) = field.strip_prefix("billing.") {
                set_part(&mut customer.billing, part, text);
            } else if let Some((code, part)) = field.strip_prefix("ship-to[").and_then(|rest| rest.rsplit_once("].")) {
                let place = customer.ship_to.iter().position(|(known, _)| known == code);
                let place = place.unwrap_or_else(|| {
                    customer.ship_to.push((code.to_owned(), Address::default()));
                    customer.ship_to.len() - 1
                });
                set_part(&mut customer.ship_to[place].1, part, text);
            } else if let Some(name) = field.strip_prefix("fields.") {
                // Also when it is empty: that takes it away on the other side.
                customer.fields.retain(|field| &*field.name != name);
                customer.fields.push(Field { name: name.into(), value: value.clone() });
            }
        }
    }
}

fn set_part(address: &mut Address, part: &str, text: String) {
    let place = match part {
        "name" => &mut address.name,
        "company" => &mut address.company,
        "line1" => &mut address.line1,
        "line2" => &mut address.line2,
        "city" => &mut address.city,
        "region" => &mut address.region,
        "postal-code" => &mut address.postal_code,
        "country" => &mut address.country,
        "phone" => &mut address.phone,
        "email" => &mut address.email,
        _ => return,
    };
    *place = text;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Currency, order::Instant};
    use jiff::Timestamp;

    fn customer(email: &str, phone: &str, at: i64) -> Customer {
        Customer {
            web_id: String::new(),
            number: None,
            standing: Standing::Active,
            company: "Ada Ltd".into(),
            contact: String::new(),
            email: email.into(),
            phone: phone.into(),
            segment: String::new(),
            billing: Address { city: "Toronto".into(), ..Address::default() },
            ship_to: vec![("HOME".into(), Address { city: "Ajax".into(), ..Address::default() })],
            currency: Currency::parse("CAD").unwrap(),
            credit_limit: None,
            terms: String::new(),
            price_list: String::new(),
            tax_code: String::new(),
            changed_at: Instant::utc(Timestamp::from_second(at).unwrap()),
            fields: Vec::new(),
        }
    }

    #[test]
    fn each_side_keeps_what_it_changed_and_learns_the_others_key() {
        let base = customer("a@x", "1", 1).content();
        let shop = Customer { web_id: "W1".into(), ..customer("b@x", "1", 20) };
        let erp = Customer { number: Some("C1".into()), terms: "NET30".into(), ..customer("a@x", "2", 30) };
        let to_erp = merge(&Rules::default(), &Carries::All, Side::Shop, &shop, &erp, Some(&base)).customer;
        assert_eq!((&*to_erp.email, &*to_erp.phone, &*to_erp.web_id, &*to_erp.terms), ("b@x", "2", "W1", "NET30"));
        let to_shop = merge(&Rules::default(), &Carries::All, Side::Erp, &erp, &shop, Some(&base)).customer;
        assert_eq!((&*to_shop.email, &*to_shop.phone, to_shop.number.as_deref()), ("b@x", "2", Some("C1")));
        assert_eq!(to_erp.content(), to_shop.content(), "whoever goes first");
    }

    #[test]
    fn every_field_of_a_content_can_be_set() {
        let mut one = customer("a@x", "1", 1);
        let other = Customer {
            standing: Standing::OnHold,
            company: "B".into(),
            contact: "C".into(),
            segment: "vip".into(),
            billing: Address { line1: "1 A St".into(), country: "CA".into(), postal_code: "M5V".into(), ..Address::default() },
            ship_to: vec![("WORK".into(), Address { name: "N".into(), ..Address::default() })],
            credit_limit: Some(5.into()),
            terms: "T".into(),
            price_list: "P".into(),
            tax_code: "X".into(),
            ..customer("z@x", "9", 2)
        };
        for difference in one.content().compare(&other.content()) {
            set(&mut one, &difference.field, &difference.to);
        }
        one.ship_to.retain(|(_, address)| *address != Address::default());
        assert_eq!(one.content(), other.content());
    }

    #[test]
    fn what_the_sender_does_not_say_stays_but_its_lists_are_whole() {
        let mut there = Content::new();
        there.text("description", "the shop's own");
        there.number("price[CAD//0]", 5.into());
        there.number("price[CAD//10]", 4.into());
        let mut seen = Content::new();
        seen.number("price[CAD//0]", 5.into());
        let fields: Vec<String> = differences(&there, &seen).into_iter().map(|one| one.field).collect();
        assert_eq!(fields, ["price[CAD//10]"]);
    }

    #[test]
    fn what_both_have_no_more_is_agreed_on() {
        let (mut base, mut one, mut other) = (Content::new(), Content::new(), Content::new());
        base.text("phone", "1");
        base.text("email", "a");
        one.text("email", "b");
        other.text("email", "c");
        let agreed = agreed(Some(&base), &one, &other);
        assert_eq!((agreed.get("phone"), agreed.get("email")), (&Value::Empty, &Value::Text("a".into())));
    }
}
