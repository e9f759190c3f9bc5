//! Orders with everything that happens to them later: newer versions, each worth something else, and cancellations.
//! Every version leaves marks in the documents made of it, so that books can be read version by version.

use crate::{
    orders::{Draft, Expected, event},
    random::Random,
    sender::Hook,
};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// How often orders change, in a thousand.
#[derive(Clone, Copy, Debug)]
pub struct Shares {
    /// Orders that get one to three newer versions.
    pub updated: u32,
    /// Orders that are cancelled in the end.
    pub cancelled: u32,
}

/// An order from its first version to its last.
#[derive(Clone, Debug)]
pub struct History {
    /// The shop's number.
    pub number: String,
    /// Its versions, oldest first, numbered from 1.
    pub versions: Vec<Version>,
}

/// One version of an order.
#[derive(Clone, Debug)]
pub struct Version {
    /// The webhook that tells of it.
    pub hook: Hook,
    /// The order alone, as the REST interface gives it from now on.
    pub order: String,
    /// What should stand in the books, and how its documents can be told from others'; nothing once it is cancelled.
    pub wanted: Option<(Expected, Marks)>,
}

/// What a version leaves in its documents: of every line and of the address, the version that last touched it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    lines: Vec<(String, u32)>,
    address: u32,
}

impl Marks {
    /// Whether a document of the ERP may have been made of this version: all that it holds is as this version has it.
    pub fn fit(&self, document: &Value) -> bool {
        let lines = document["LineItems"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut wanted: Vec<&(String, u32)> = self.lines.iter().collect();
        let mut take = |line: &Value| {
            let (sku, mark) = (line["ItemCode"].as_str().unwrap_or_default(), read(&line["Description"]));
            let place = wanted.iter().position(|(wanted, touched)| wanted == sku && *touched == mark);
            place.map(|place| wanted.swap_remove(place)).is_some()
        };
        !lines.is_empty() && lines.iter().all(&mut take) && read(&document["ShipToAddress"]["Address2"]) == self.address
    }
}

/// Marks stand in front, where no width cuts them off.
fn write(mark: u32, text: &str) -> String {
    format!("v{mark} {}", text.split_once(' ').filter(|(before, _)| is_mark(before).is_some()).map_or(text, |(_, text)| text))
}

fn read(text: &Value) -> u32 {
    text.as_str().and_then(|text| is_mark(text.split(' ').next()?)).unwrap_or(1)
}

fn is_mark(word: &str) -> Option<u32> {
    word.strip_prefix('v')?.parse().ok()
}

/// Makes so many orders with what happens to them. Two seeds below a thousand never share a number.
pub fn histories(count: usize, seed: u64, shares: Shares) -> Vec<History> {
    let mut random = Random::new(seed);
    (0..count).map(|index| history(&format!("H{:03}-{index:07}", seed % 1000), index, shares, &mut random)).collect()
}

fn history(number: &str, index: usize, shares: Shares, random: &mut Random) -> History {
    let mut draft = Draft::new(number.to_owned(), index, random);
    let updates = if random.chance(shares.updated) { 1 + random.below(3) } else { 0 };
    let mut marks = Marks { lines: draft.lines.iter().map(|line| (line.sku.clone(), 1)).collect(), address: 1 };
    let mut versions = vec![version(&draft, &marks)];
    for _ in 0..updates {
        draft.version += 1;
        draft.status = "paid";
        revise(&mut draft, &mut marks, random);
        // Another worth than any before it: then a book that holds an older version differs in its sum, too.
        while versions.iter().any(|before| before.wanted.as_ref().is_some_and(|(before, _)| before.total == draft.clone().finish().expected.total)) {
            touch(&mut draft, &mut marks, 0, random);
        }
        versions.push(version(&draft, &marks));
    }
    if random.chance(shares.cancelled) {
        draft.version += 1;
        draft.status = "cancelled";
        let made = draft.clone().finish();
        let data = json!({"orderId": number, "version": draft.version}).to_string();
        let hook = Hook { id: id(&draft), number: number.to_owned(), body: event("order.cancelled", &made.date, &data).into() };
        versions.push(Version { hook, order: made.order, wanted: None });
    }
    History { number: number.to_owned(), versions }
}

fn id(draft: &Draft) -> String {
    format!("evt_{}_v{}", draft.number, draft.version)
}

fn version(draft: &Draft, marks: &Marks) -> Version {
    let made = draft.clone().finish();
    let kind = if draft.version == 1 { "order.created" } else { "order.updated" };
    let hook = Hook { id: id(draft), number: made.number, body: event(kind, &made.date, &made.order).into() };
    Version { hook, order: made.order, wanted: Some((made.expected, marks.clone())) }
}

/// What customers do to an order: more of an article, another article, one less, another door. A line that stays is touched
/// in any case: what was only added or taken away could not be told from what was not there yet.
fn revise(draft: &mut Draft, marks: &mut Marks, random: &mut Random) {
    let place = random.below(draft.lines.len() as u64) as usize;
    match random.below(4) {
        0 => touch(draft, marks, place, random),
        1 => {
            draft.add_line(random);
            let new = draft.lines.len() - 1;
            marks.lines.push((draft.lines[new].sku.clone(), draft.version));
            mark_line(draft, marks, new);
            touch(draft, marks, place, random);
        }
        2 if draft.lines.len() > 1 => {
            draft.lines.remove(place);
            marks.lines.remove(place);
            touch(draft, marks, 0, random);
        }
        _ => {
            marks.address = draft.version;
            let line = write(draft.version, draft.address["line2"].as_str().unwrap_or_default());
            draft.address["line2"] = line.trim().into();
            touch(draft, marks, place, random);
        }
    }
}

fn touch(draft: &mut Draft, marks: &mut Marks, place: usize, random: &mut Random) {
    draft.lines[place].quantity += Decimal::from(1 + random.below(5));
    mark_line(draft, marks, place);
}

fn mark_line(draft: &mut Draft, marks: &mut Marks, place: usize) {
    marks.lines[place].1 = draft.version;
    let line = &mut draft.lines[place];
    line.name = write(draft.version, &line.name).into();
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARES: Shares = Shares { updated: 500, cancelled: 300 };

    /// A document with all of a version's lines, as a mapping without a split makes it.
    fn document(version: &Version) -> Value {
        let order: Value = serde_json::from_str(&version.order).unwrap();
        let lines = order["lineItems"].as_array().unwrap().iter();
        let lines: Vec<Value> = lines.map(|line| json!({"ItemCode": line["sku"], "Description": line["name"]})).collect();
        json!({"ShipToAddress": {"Address2": order["shippingAddress"]["line2"]}, "LineItems": lines})
    }

    #[test]
    fn each_version_is_worth_something_else_and_is_told_by_its_marks() {
        let (mut changed, mut cancelled, mut told) = (0, 0, 0);
        for order in histories(400, 3, SHARES) {
            let mut totals = Vec::new();
            for (index, version) in order.versions.iter().enumerate() {
                let body: Value = serde_json::from_str(&version.hook.body).unwrap();
                assert_eq!((&body["data"]["orderId"], &body["data"]["version"]), (&json!(order.number), &json!(index + 1)));
                let Some((expected, marks)) = &version.wanted else {
                    cancelled += 1;
                    assert_eq!(index + 1, order.versions.len(), "nothing comes after a cancellation");
                    continue;
                };
                changed += usize::from(index > 0);
                assert!(!totals.contains(&expected.total), "{}: {}", order.number, expected.total);
                totals.push(expected.total);
                assert!(marks.fit(&document(version)), "{marks:?} {}", document(version));
                let others = order.versions.iter().enumerate().filter(|(other, version)| *other != index && version.wanted.is_some());
                for (_, other) in others {
                    assert!(!marks.fit(&document(other)), "{marks:?} {}", document(other));
                    told += 1;
                }
            }
        }
        assert!(changed > 200 && (80..160).contains(&cancelled) && told >= 2 * changed, "{changed} {cancelled} {told}");
    }

    #[test]
    fn the_same_seed_tells_the_same_story() {
        let bodies =
            |seed| histories(30, seed, SHARES).into_iter().flat_map(|order| order.versions).map(|version| version.hook.body).collect::<Vec<_>>();
        assert_eq!(bodies(1), bodies(1));
        assert_ne!(bodies(1), bodies(2));
    }
}
