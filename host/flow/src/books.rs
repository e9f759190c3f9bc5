//! Compares the books of both sides: what the shop sold, what we delivered, what the ERP has. Pure: lists in, differences
//! out. Rules may have changed a price, so the ERP is compared with what we sent, and we with what the shop sold.

use crate::{
    Currency, Decimal,
    record::{State, Summary},
    source::Listed,
    target::{Booked, Standing},
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::Bound,
};

/// What is not as it should be with one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    /// The shop's order.
    pub order: String,
    /// The ERP's number, where one is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What is wrong.
    #[serde(flatten)]
    pub what: What,
    /// What the shop sold it for, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worth: Option<(Decimal, Currency)>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum What {
    /// The shop has it, and no event of it ever came.
    MissingHere,
    /// It came, and is not in the ERP yet: it waits, or a person must decide.
    Waiting {
        /// Where it stands.
        state: State,
        /// The fault's code, if one stopped it.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<crate::Code>,
    },
    /// We delivered it, and the ERP does not list it.
    MissingInErp {
        /// The document.
        key: String,
    },
    /// The ERP has it under our number, and we did not put it there.
    ExtraInErp {
        /// Its worth there.
        total: Decimal,
    },
    /// The ERP's total is another than the one we sent.
    Differs {
        /// What we sent.
        sent: Decimal,
        /// What stands there.
        there: Decimal,
    },
    /// It is cancelled on one side only.
    CancelledOnce {
        /// On which: `shop` or `erp`.
        side: &'static str,
    },
    /// The shop has a newer version than any that came.
    Outdated {
        /// The newest that came.
        here: i64,
        /// The shop's.
        shop: i64,
    },
}

/// Compares. `shop` are the orders that the shop lists, `ours` every record of these orders, `newest` the newest version
/// of each that came, `erp` what the ERP lists: at least for the same time.
pub fn compare(shop: &[Listed], ours: &[Summary], newest: &HashMap<String, i64>, erp: &[Booked]) -> Vec<Difference> {
    let mut records: HashMap<&str, Vec<&Summary>> = HashMap::new();
    for summary in ours {
        records.entry(&summary.order).or_default().push(summary);
    }
    let there: HashMap<&str, &Booked> = erp.iter().map(|booked| (booked.number.as_str(), booked)).collect();
    // A purchase-order number of ours is the order's, or the order's with the part's: `4711`, `4711-2`.
    let mut by_key: BTreeMap<&str, Vec<&Booked>> = BTreeMap::new();
    for booked in erp {
        by_key.entry(&booked.key).or_default().push(booked);
    }
    let mut found = Vec::new();
    for listed in shop {
        let difference =
            |number: Option<&str>, what| Difference { order: listed.order.clone(), number: number.map(str::to_owned), what, worth: listed.total };
        let records = records.get(listed.order.as_str()).map_or(&[][..], Vec::as_slice);
        if records.is_empty() && !newest.contains_key(&listed.order) {
            found.push(difference(None, What::MissingHere));
        }
        if let Some(here) = newest.get(&listed.order).filter(|here| **here < listed.version) {
            found.push(difference(None, What::Outdated { here: *here, shop: listed.version }));
        }
        for waiting in records.iter().filter(|one| matches!(one.state, State::Due | State::Sending | State::Held | State::Parked | State::Rejected)) {
            let code = waiting.fault.as_ref().map(|fault| fault.code);
            found.push(difference(None, What::Waiting { state: waiting.state, code }));
        }
        let mut known: HashSet<&str> = HashSet::new();
        for (record, part) in records.iter().flat_map(|record| record.parts.iter().map(move |part| (record, part))) {
            let Some(number) = part.number.as_deref() else { continue };
            known.insert(number);
            if record.state != State::Delivered {
                continue;
            }
            match there.get(number) {
                None => found.push(difference(Some(number), What::MissingInErp { key: part.key.clone() })),
                Some(booked) if booked.standing == Standing::Cancelled && !listed.cancelled => {
                    found.push(difference(Some(number), What::CancelledOnce { side: "erp" }));
                }
                Some(booked) if booked.standing != Standing::Cancelled && listed.cancelled => {
                    found.push(difference(Some(number), What::CancelledOnce { side: "shop" }));
                }
                Some(booked) if booked.total != part.total => {
                    found.push(difference(Some(number), What::Differs { sent: part.total, there: booked.total }));
                }
                Some(_) => {}
            }
        }
        let prefix = format!("{}-", listed.order);
        let from = (Bound::Included(listed.order.as_str()), Bound::Unbounded);
        let keys = by_key.range::<str, _>(from).take_while(|(key, _)| key.starts_with(&listed.order));
        let ours =
            keys.filter(|(key, _)| **key == listed.order || key.strip_prefix(&prefix).is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit())));
        for booked in ours.flat_map(|(_, booked)| booked).filter(|booked| booked.standing != Standing::Cancelled) {
            if !known.contains(booked.number.as_str()) {
                found.push(difference(Some(&booked.number), What::ExtraInErp { total: booked.total }));
            }
        }
    }
    found
}

impl Difference {
    /// The difference in words.
    pub fn tell(&self) -> String {
        let number = self.number.as_deref().unwrap_or_default();
        match &self.what {
            What::MissingHere => "the shop has it, and no event of it came".into(),
            What::Waiting { state, code: Some(code) } => format!("not in the ERP: {state}, {code}"),
            What::Waiting { state, code: None } => format!("not in the ERP: {state}"),
            What::MissingInErp { key } => format!("delivered as {number} ({key}), and the ERP does not list it"),
            What::ExtraInErp { total } => format!("the ERP has {number} over {total} under its number, and we did not put it there"),
            What::Differs { sent, there } => format!("{number} is {there} in the ERP, and we sent {sent}: {} off", *there - *sent),
            What::CancelledOnce { side } => format!("{number} is cancelled in the {side} only"),
            What::Outdated { here, shop } => format!("the shop has version {shop}, the newest that came is {here}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Kind, Part};

    fn listed(order: &str, version: i64) -> Listed {
        Listed { order: order.into(), version, cancelled: false, total: None, body: Vec::new() }
    }

    fn ours(order: &str, state: State, parts: &[(&str, &str, i64)]) -> Summary {
        let part = |(key, number, cents): &(&str, &str, i64)| Part {
            part: 0,
            key: (*key).into(),
            warehouse: "TOR".into(),
            total: Decimal::new(*cents, 2),
            number: Some((*number).into()),
        };
        Summary {
            record: 1,
            order: order.into(),
            connection: "shop".into(),
            event_id: order.into(),
            kind: Kind::Created,
            state,
            received_at: jiff::Timestamp::UNIX_EPOCH,
            due_at: None,
            attempts: 1,
            worth: None,
            fault: None,
            reason: None,
            parts: parts.iter().map(part).collect(),
        }
    }

    fn booked(number: &str, key: &str, cents: i64) -> Booked {
        Booked { number: number.into(), key: key.into(), customer: "C1".into(), total: Decimal::new(cents, 2), standing: Standing::Open }
    }

    fn told(shop: &[Listed], ours: &[Summary], erp: &[Booked]) -> Vec<String> {
        let newest = ours.iter().map(|one| (one.order.clone(), 1)).collect();
        compare(shop, ours, &newest, erp).iter().map(|one| format!("{}: {}", one.order, one.tell())).collect()
    }

    #[test]
    fn books_that_agree_say_nothing() {
        let split = ours("4711", State::Delivered, &[("4711", "1", 500), ("4711-2", "2", 499)]);
        let erp =
            [booked("1", "4711", 500), booked("2", "4711-2", 499), booked("3", "47110", 1), booked("4", "4711-B", 1), booked("5", "by hand", 1)];
        assert_eq!(told(&[listed("4711", 1)], &[split], &erp), [] as [String; 0]);
    }

    #[test]
    fn every_difference_is_named_to_the_cent() {
        let parked = Summary { fault: Some(crate::Fault::new(crate::Code::Refused, "x")), ..ours("B", State::Parked, &[]) };
        let shop = [listed("A", 1), listed("B", 1), listed("C", 2), listed("D", 1), listed("E", 1), Listed { cancelled: true, ..listed("F", 1) }];
        let here = [
            parked,
            ours("C", State::Delivered, &[("C", "10", 100)]),
            ours("D", State::Delivered, &[("D", "11", 100)]),
            ours("E", State::Delivered, &[("E", "12", 100)]),
            ours("F", State::Delivered, &[("F", "14", 100)]),
        ];
        let erp = [booked("10", "C", 101), booked("12", "E", 100), booked("13", "E", 100), booked("14", "F", 100)];
        assert_eq!(
            told(&shop, &here, &erp),
            [
                "A: the shop has it, and no event of it came",
                "B: not in the ERP: parked, E401",
                "C: the shop has version 2, the newest that came is 1",
                "C: 10 is 1.01 in the ERP, and we sent 1.00: 0.01 off",
                "D: delivered as 11 (D), and the ERP does not list it",
                "E: the ERP has 13 over 1.00 under its number, and we did not put it there",
                "F: 14 is cancelled in the shop only",
            ]
        );
        let cancelled = Booked { standing: Standing::Cancelled, ..booked("10", "C", 100) };
        assert_eq!(told(&[listed("C", 1)], &here[1..2], &[cancelled]), ["C: 10 is cancelled in the erp only"]);
    }
}
