//! What the orders of several shops are called in one host. Two shops count from the same numbers, so each of them but one has a
//! prefix, which is put before its numbers at its door: from there on that is the order's number, in its lane, in the ERP
//! and in the books, and nothing behind the door has to know that there are several shops. Pure.

use crate::{
    Code, Fault, OrderNumber,
    entity::{echo::Kind, invoice::Invoice, shipment::Shipment},
    finance::{Dispute, Payment, Payout, Refund},
    sync::{Subject, peer::News},
};
use std::{borrow::Cow, sync::Arc};

/// The longest prefix, in characters: what is left of the ERP's purchase-order number is for the shop's own.
pub const LONGEST: usize = 12;

/// How one of the shops calls its orders, and what it may not call them because another one does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    shop: Arc<str>,
    prefix: Arc<str>,
    /// The other shops that have a prefix.
    others: Arc<[(Arc<str>, Arc<str>)]>,
    is_only: bool,
}

impl Names {
    /// The names of each of these shops, in their order: connection and prefix, which may be empty.
    pub fn of(shops: &[(String, String)]) -> Vec<Names> {
        let all: Vec<(Arc<str>, Arc<str>)> = shops.iter().map(|(shop, prefix)| (shop.as_str().into(), prefix.as_str().into())).collect();
        let names = all.iter().map(|(shop, prefix)| Names {
            shop: shop.clone(),
            prefix: prefix.clone(),
            others: all.iter().filter(|(other, prefix)| other != shop && !prefix.is_empty()).cloned().collect(),
            is_only: all.len() == 1,
        });
        names.collect()
    }

    /// The shop: its connection's name.
    pub fn shop(&self) -> &str {
        &self.shop
    }

    /// Whether the shop's own names are the names here, whatever they are.
    pub fn is_plain(&self) -> bool {
        self.prefix.is_empty() && self.others.is_empty()
    }

    /// Whether something of this name is this shop's. The only shop's is everything, whoever brought it.
    pub fn owns(&self, name: &str) -> bool {
        self.is_only || self.gave(name)
    }

    /// Whether this shop would call something so: no prefix begins another, so at most one shop does.
    pub fn gave(&self, name: &str) -> bool {
        if self.prefix.is_empty() { self.another(name).is_none() } else { name.starts_with(&*self.prefix) }
    }

    /// The name here of what the shop calls so. Fails with E202 where it would be another shop's name.
    pub fn name(&self, own: &str) -> Result<String, Fault> {
        match self.another(own).filter(|_| self.prefix.is_empty()) {
            Some((shop, prefix)) => {
                let what = format!("`{own}` begins with `{prefix}`, which is what names of the shop `{shop}` begin with here");
                Err(Fault::new(Code::InvalidField, what))
            }
            None => Ok(self.before(own)),
        }
    }

    /// The lane of an order. One whose name would be another shop's has a lane of its own until a person has looked at it:
    /// reading it fails.
    pub fn lane(&self, own: &str) -> String {
        self.name(own).unwrap_or_else(|_| format!("event:{}:{own}", self.shop))
    }

    /// What the shop itself calls what has this name here.
    pub fn own<'n>(&self, name: &'n str) -> &'n str {
        name.strip_prefix(&*self.prefix).unwrap_or(name)
    }

    /// The number here of an order of the shop's. Fails with E202.
    pub fn number(&self, own: &OrderNumber) -> Result<OrderNumber, Fault> {
        OrderNumber::parse(&self.name(own.as_str())?)
    }

    /// What the shop gave, under its names here: orders, and papers of money with their transactions. Articles are the same
    /// in all shops, and customers are kept alike with one of them. Fails with E202.
    pub fn hear(&self, subject: Subject) -> Result<Subject, Fault> {
        Ok(match subject {
            Subject::Shipment(one) => Subject::Shipment(Shipment { order: self.number(&one.order)?, ..one }),
            Subject::Invoice(one) => Subject::Invoice(Box::new(Invoice { order: self.number(&one.order)?, ..*one })),
            Subject::Payment(mut one) => {
                one.tenders.iter_mut().try_for_each(|tender| self.rename(&mut tender.transaction_id))?;
                Subject::Payment(Box::new(Payment { id: self.name(&one.id)?, order: self.number(&one.order)?, ..*one }))
            }
            Subject::Refund(mut one) => {
                one.transactions.iter_mut().try_for_each(|transaction| self.rename(&mut transaction.id))?;
                Subject::Refund(Box::new(Refund { id: self.name(&one.id)?, order: self.number(&one.order)?, ..*one }))
            }
            Subject::Dispute(mut one) => {
                one.transaction.iter_mut().try_for_each(|transaction| self.rename(transaction))?;
                let order = one.order.as_ref().map(|order| self.number(order)).transpose()?;
                Subject::Dispute(Box::new(Dispute { id: self.name(&one.id)?, order, ..*one }))
            }
            Subject::Payout(mut one) => {
                one.lines.iter_mut().try_for_each(|line| self.rename(&mut line.transaction))?;
                Subject::Payout(Box::new(Payout { id: self.name(&one.id)?, ..*one }))
            }
            same @ (Subject::Product(_) | Subject::Customer(_) | Subject::Stock(_) | Subject::Entry(_)) => same,
        })
    }

    /// What the shop is told, under its own names. It is told of shipments and invoices, and of what has the same name everywhere.
    pub fn tell<'s>(&self, subject: &'s Subject) -> Result<Cow<'s, Subject>, Fault> {
        let own = |order: &OrderNumber| OrderNumber::parse(self.own(order.as_str()));
        Ok(match subject {
            Subject::Shipment(one) => Cow::Owned(Subject::Shipment(Shipment { order: own(&one.order)?, ..one.clone() })),
            Subject::Invoice(one) => Cow::Owned(Subject::Invoice(Box::new(Invoice { order: own(&one.order)?, ..(**one).clone() }))),
            same => Cow::Borrowed(same),
        })
    }

    /// News of the shop's under its key here: papers of money have names of their own in each shop.
    pub fn news(&self, kind: Kind, news: News) -> News {
        if kind.is_money() { News { key: self.before(&news.key), ..news } } else { news }
    }

    /// What a number may mean that a person says: the names that it may be here, the likelier first.
    pub fn meant(&self, said: &str) -> Vec<String> {
        let mut meant: Vec<String> = self.name(said).into_iter().collect();
        if self.owns(said) && !meant.iter().any(|name| name == said) {
            meant.push(said.to_owned());
        }
        meant
    }

    fn before(&self, own: &str) -> String {
        format!("{}{own}", self.prefix)
    }

    fn rename(&self, own: &mut String) -> Result<(), Fault> {
        // Not every tender has a transaction.
        if !own.is_empty() {
            *own = self.name(own)?;
        }
        Ok(())
    }

    fn another(&self, name: &str) -> Option<&(Arc<str>, Arc<str>)> {
        self.others.iter().find(|(_, prefix)| name.starts_with(&**prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn two() -> [Names; 2] {
        let [shop, outlet] = &Names::of(&[("shop".into(), String::new()), ("outlet".into(), "O-".into())])[..] else { unreachable!() };
        [shop.clone(), outlet.clone()]
    }

    #[test]
    fn the_same_number_is_two_orders_and_each_has_one_owner() {
        let [shop, outlet] = two();
        assert_eq!((shop.lane("4711"), outlet.lane("4711")), ("4711".into(), "O-4711".into()));
        assert_eq!((shop.own("4711"), outlet.own("O-4711"), outlet.own("O-O-1")), ("4711", "4711", "O-1"));
        // Parts of a split order, too.
        for (name, owner) in [("4711", "shop"), ("4711-2", "shop"), ("O-4711", "outlet"), ("O-4711-2", "outlet"), ("o-4711", "shop")] {
            let owners: Vec<&str> = [&shop, &outlet].into_iter().filter(|one| one.owns(name)).map(Names::shop).collect();
            assert_eq!(owners, [owner], "{name}");
        }
    }

    #[test]
    fn nobody_may_call_an_order_as_another_shop_does() {
        let [shop, outlet] = two();
        let fault = shop.name("O-4711").unwrap_err();
        assert!(fault.code == Code::InvalidField && fault.message.contains("`O-`") && fault.message.contains("`outlet`"), "{fault}");
        assert_eq!(shop.lane("O-4711"), "event:shop:O-4711", "it waits by itself, and is not taken for the outlet's");
        assert_eq!(outlet.lane("O-4711"), "O-O-4711");
        assert!(outlet.number(&OrderNumber::parse(&"9".repeat(63)).unwrap()).is_err(), "with the prefix it is too long for a number");
    }

    #[test]
    fn a_single_shop_is_asked_for_nothing() {
        let [only] = &Names::of(&[("shop".into(), String::new())])[..] else { unreachable!() };
        assert!(only.is_plain() && only.owns("O-1") && only.lane("O-1") == "O-1");
        let [only] = &Names::of(&[("shop".into(), "W-".into())])[..] else { unreachable!() };
        assert!(!only.is_plain() && only.owns("4711") && !only.gave("4711"), "what came before it had a prefix");
        assert_eq!(only.meant("4711"), ["W-4711", "4711"]);
    }

    #[test]
    fn what_a_person_says_is_taken_for_what_it_may_be() {
        let [shop, outlet] = two();
        assert_eq!((shop.meant("4711"), outlet.meant("4711")), (vec!["4711".to_owned()], vec!["O-4711".to_owned()]));
        assert_eq!((shop.meant("O-4711"), outlet.meant("O-4711")), (Vec::<String>::new(), vec!["O-O-4711".to_owned(), "O-4711".to_owned()]));
    }

    #[test]
    fn papers_of_money_are_told_apart_and_what_the_shop_is_told_is_its_own() {
        let [_, outlet] = two();
        let order = sample::order(1).number.clone();
        let payment = Payment {
            id: "p-1".into(),
            order: order.clone(),
            tenders: ["tx-1", ""]
                .map(|id| crate::finance::payment::Tender {
                    kind: crate::finance::payment::TenderKind::Card,
                    amount: crate::finance::Amounts { presentment: 1.into(), shop: 1.into() },
                    transaction_id: id.into(),
                })
                .into(),
            status: crate::finance::payment::PaymentStatus::Captured,
            at: crate::order::Instant::utc(jiff::Timestamp::UNIX_EPOCH),
            exchange: crate::finance::Exchange::none(sample::order(1).currency, jiff::civil::Date::constant(2026, 1, 1)),
        };
        let Subject::Payment(heard) = outlet.hear(Subject::Payment(Box::new(payment))).unwrap() else { panic!("a payment stays one") };
        assert_eq!((heard.id.as_str(), heard.order.to_string()), ("O-p-1", format!("O-{order}")));
        assert_eq!(heard.tenders.iter().map(|tender| tender.transaction_id.as_str()).collect::<Vec<_>>(), ["O-tx-1", ""]);
        let shipment = Shipment {
            number: "SH-1".into(),
            order: heard.order.clone(),
            warehouse: "TOR".into(),
            lines: Vec::new(),
            parcels: Vec::new(),
            fields: Vec::new(),
            shipped_at: crate::order::Instant::utc(jiff::Timestamp::UNIX_EPOCH),
        };
        let told = outlet.tell(&Subject::Shipment(shipment.clone())).unwrap().into_owned();
        let Subject::Shipment(own) = &told else { panic!("a shipment stays one") };
        assert_eq!(own.order, order);
        assert_eq!(outlet.hear(told).unwrap(), Subject::Shipment(shipment), "there and back it is the same");
    }
}
