//! Merging what both sides know of one entity, field by field and by rule. Decides and shows; writes nothing.
//!
//! With what both sides agreed on last (`base`), a field that only one side changed goes that way under [`Rule::Newest`],
//! so that a newer entity does not take back the other side's change of another field.

use super::{Side, content::Content};
use crate::order::Value;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Which side's value of a field goes to the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The shop's.
    ShopWins,
    /// The ERP's.
    ErpWins,
    /// The one that changed it last; the ERP's when both did at once.
    #[default]
    Newest,
    /// The longer text; otherwise nobody's.
    KeepLonger,
    /// Only a side that has none takes the other's.
    NeverEmpty,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Rule::ShopWins => "shop-wins",
            Rule::ErpWins => "erp-wins",
            Rule::Newest => "newest",
            Rule::KeepLonger => "keep-longer",
            Rule::NeverEmpty => "never-empty",
        })
    }
}

/// How the fields of an entity are merged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Rules {
    /// For fields that have no rule of their own.
    pub otherwise: Rule,
    /// By field.
    pub fields: BTreeMap<String, Rule>,
    /// Fields that one side may clear on the other. In all others an empty value never wins over one that is there.
    pub clear: BTreeSet<String>,
    /// Characters that a field has room for in the ERP. What the ERP holds of a longer text of the shop's is the same text
    /// cut, and no change.
    pub widths: BTreeMap<String, usize>,
}

/// What one side knows, and when it was changed there.
#[derive(Clone, Copy, Debug)]
pub struct Known<'k> {
    /// The content.
    pub content: &'k Content,
    /// When.
    pub changed_at: Timestamp,
}

/// A field in which both sides differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// The field's name.
    pub field: String,
    /// The shop's value.
    pub shop: Value,
    /// The ERP's.
    pub erp: Value,
    /// The rule that decided.
    pub rule: Rule,
    /// Whose value goes to the other side; nobody's when the rule does not decide and a person may.
    pub winner: Option<Side>,
}

impl Change {
    /// The value that holds, where one does.
    pub fn value(&self) -> Option<&Value> {
        self.winner.map(|side| match side {
            Side::Shop => &self.shop,
            Side::Erp => &self.erp,
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: shop `{}`, ERP `{}`: ", self.field, self.shop, self.erp)?;
        match self.winner {
            Some(side) => write!(f, "the {side}'s goes to the {} ({})", side.other(), self.rule),
            None => write!(f, "both stay ({} does not decide)", self.rule),
        }
    }
}

/// Every field in which both sides differ, with what is to be done about it, by name. Nothing is listed twice, and merging
/// again after the changes were made changes nothing.
pub fn merge(rules: &Rules, shop: Known<'_>, erp: Known<'_>, base: Option<&Content>) -> Vec<Change> {
    let names: BTreeSet<&str> = shop.content.iter().chain(erp.content.iter()).map(|(name, _)| name).collect();
    let differ = |name: &&str| !same(shop.content.get(name), erp.content.get(name), rules.widths.get(*name).copied());
    names
        .into_iter()
        .filter(differ)
        .map(|name| {
            let rule = rules.fields.get(name).copied().unwrap_or(rules.otherwise);
            let (ours, theirs) = (shop.content.get(name), erp.content.get(name));
            let before = base.map(|base| base.get(name));
            // Which side has changed it since, where only one has.
            let changed = before.and_then(|before| match (before == ours, same(before, theirs, rules.widths.get(name).copied())) {
                (true, _) => Some(Side::Erp),
                (false, true) => Some(Side::Shop),
                (false, false) => None,
            });
            let newest = if shop.changed_at > erp.changed_at { Side::Shop } else { Side::Erp };
            let winner = winner(rule, ours, theirs, changed.unwrap_or(newest)).map(|side| not_empty(side, ours, theirs, rules.clear.contains(name)));
            Change { field: name.to_owned(), shop: ours.clone(), erp: theirs.clone(), rule, winner }
        })
        .collect()
}

/// Makes the changes that go to one side.
pub fn apply(side: Side, content: &Content, changes: &[Change]) -> Content {
    let mut content = content.clone();
    for change in changes.iter().filter(|change| change.winner == Some(side.other())) {
        content.put(change.field.clone(), change.value().cloned().unwrap_or(Value::Empty));
    }
    content
}

fn winner(rule: Rule, shop: &Value, erp: &Value, newest: Side) -> Option<Side> {
    match rule {
        Rule::ShopWins => Some(Side::Shop),
        Rule::ErpWins => Some(Side::Erp),
        Rule::Newest => Some(newest),
        Rule::KeepLonger => match length(shop).cmp(&length(erp)) {
            std::cmp::Ordering::Greater => Some(Side::Shop),
            std::cmp::Ordering::Less => Some(Side::Erp),
            std::cmp::Ordering::Equal => None,
        },
        Rule::NeverEmpty => match (shop, erp) {
            (Value::Empty, _) => Some(Side::Erp),
            (_, Value::Empty) => Some(Side::Shop),
            _ => None,
        },
    }
}

/// An empty value wins only where a side may clear the field.
fn not_empty(side: Side, shop: &Value, erp: &Value, clears: bool) -> Side {
    let value = if side == Side::Shop { shop } else { erp };
    if *value == Value::Empty && !clears { side.other() } else { side }
}

fn length(value: &Value) -> usize {
    value.to_string().chars().count()
}

/// Whether both sides mean the same: equal, or the ERP has as much of it as it has room for.
fn same(shop: &Value, erp: &Value, width: Option<usize>) -> bool {
    match (shop, erp, width) {
        (Value::Text(shop), Value::Text(erp), Some(width)) if shop.chars().count() > width => {
            shop.chars().take(width).collect::<String>().trim_end() == erp
        }
        _ => shop == erp,
    }
}
