//! What the host tries on every plugin without a line from its author, and shrinks to the smallest order when it fails. At the
//! hooks of customers and products the cases are few and are shown as they are.

use crate::{
    case::Case,
    entity, orders,
    shrink::shrink,
    trial::{Around, Trial, call},
};
use crossdock_flow::{
    Code, Order,
    hook::{Hook, Plugin, Verdict},
    order::Field,
    route::Candidates,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Variations by chance of each of the author's cases.
const VARIATIONS: usize = 25;

/// Something that should be true of every rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Property {
    /// The same input gives the same answer, with the same fuel.
    Deterministic,
    /// An order that gives no reason is left alone. `pre-map` only.
    Neutral,
    /// The order of the lines does not matter.
    LineOrder,
    /// Running again changes nothing more. Only where the author claims it. `pre-map`, customers and products only.
    Idempotent,
    /// It answers on an order, customer or product in which everything is empty.
    Empty,
    /// It answers on texts in every script.
    Unicode,
    /// It answers within its limits on one as large as they get.
    Maximum,
}

impl Property {
    /// All, in the order in which they are tried.
    pub const ALL: [Property; 7] = [
        Property::Deterministic,
        Property::Neutral,
        Property::LineOrder,
        Property::Idempotent,
        Property::Empty,
        Property::Unicode,
        Property::Maximum,
    ];

    /// The name, as in `plugin.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Property::Deterministic => "deterministic",
            Property::Neutral => "neutral",
            Property::LineOrder => "line-order",
            Property::Idempotent => "idempotent",
            Property::Empty => "empty",
            Property::Unicode => "unicode",
            Property::Maximum => "maximum",
        }
    }

    /// Whether it says something of a hook.
    fn concerns(self, hook: Hook) -> bool {
        match self {
            Property::Neutral => hook == Hook::PreMap,
            Property::Idempotent => !matches!(hook, Hook::RouteOrder | Hook::PostMap),
            Property::LineOrder => Hook::ORDERS.contains(&hook),
            Property::Deterministic | Property::Empty | Property::Unicode | Property::Maximum => true,
        }
    }

    fn cases(self, own: &[Case]) -> Vec<Case> {
        let mut cases = self.of_orders(&having(own, |hook| Hook::ORDERS.contains(&hook)));
        let entities = having(own, |hook| !Hook::ORDERS.contains(&hook));
        match self {
            Property::Neutral | Property::LineOrder => {}
            Property::Empty => cases.extend(entities.iter().map(entity::empty)),
            Property::Unicode => cases.extend(entities.iter().map(entity::foreign)),
            Property::Maximum => cases.extend(entities.iter().map(entity::maximum)),
            Property::Deterministic | Property::Idempotent => {
                cases.extend(entities.iter().flat_map(|case| [case.clone(), entity::empty(case), entity::foreign(case)]));
            }
        }
        cases
    }

    fn of_orders(self, own: &[Case]) -> Vec<Case> {
        let fixed = |order: fn() -> Order| own.iter().map(|case| orders::with(case, order())).collect();
        match self {
            Property::Neutral => fixed(orders::neutral),
            Property::Empty => fixed(orders::empty),
            Property::Unicode => fixed(orders::unicode),
            Property::Maximum => fixed(orders::maximum),
            Property::Deterministic | Property::LineOrder | Property::Idempotent => {
                let mut rng = fastrand::Rng::with_seed(4711);
                let vary = |case: &Case| {
                    let mut found = vec![case.clone()];
                    found.extend((0..VARIATIONS).map(|_| orders::variation(case, &mut rng)));
                    found
                };
                own.iter().flat_map(vary).collect()
            }
        }
    }
}

impl std::str::FromStr for Property {
    type Err = ();
    fn from_str(name: &str) -> Result<Property, ()> {
        Property::ALL.into_iter().find(|property| property.name() == name).ok_or(())
    }
}

/// The cases that have something for such hooks, and for these alone.
fn having(own: &[Case], is_one: fn(Hook) -> bool) -> Vec<Case> {
    let only = |case: &Case| Case { hooks: case.hooks.iter().copied().filter(|hook| is_one(*hook)).collect(), ..case.clone() };
    own.iter().map(only).filter(|case| !case.hooks.is_empty()).collect()
}

/// What was found of one property.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which.
    pub property: Property,
    /// On so many orders.
    pub tries: usize,
    /// How it failed, if it did.
    pub failure: Option<Failure>,
}

/// How a property failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// At which hook.
    pub hook: Hook,
    /// In one sentence.
    pub why: String,
    /// The smallest order that shows it, or the customer or product.
    pub case: Case,
}

/// Gives the plugin with the settings of a case: those of its own, or as it was loaded.
pub type With<'w> = &'w (dyn Fn(&Case) -> Arc<dyn Plugin> + Sync);

/// Tries one property on the author's cases and variations of them. Ends at the first failure, which it shrinks.
pub async fn check(property: Property, plugin: With<'_>, own: &[Case], around: &Around) -> Finding {
    let mut tries = 0;
    for case in property.cases(own) {
        let rule = plugin(&case);
        for hook in Hook::ALL.into_iter().filter(|hook| case.asks(*hook) && property.concerns(*hook) && rule.answers(*hook)) {
            tries += 1;
            if holds(property, &*rule, hook, &case, around).await.is_ok() {
                continue;
            }
            let is_order = Hook::ORDERS.contains(&hook);
            let case = if is_order { shrink(case, async |case| holds(property, &*rule, hook, case, around).await.is_err()).await } else { case };
            let why = holds(property, &*rule, hook, &case, around).await.err().unwrap_or_else(|| "it fails now and then".to_owned());
            return Finding { property, tries, failure: Some(Failure { hook, why, case }) };
        }
    }
    Finding { property, tries, failure: None }
}

/// Whether a property holds on one case; says what went wrong.
async fn holds(property: Property, rule: &dyn Plugin, hook: Hook, case: &Case, around: &Around) -> Result<(), String> {
    let first = call(rule, hook, case, around).await;
    match property {
        Property::Deterministic => {
            let second = call(rule, hook, case, around).await;
            if first.answer != second.answer {
                return Err("it answered the same in two ways".to_owned());
            }
            if first.run.fuel != second.run.fuel {
                return Err(format!("the same cost {} fuel, then {}", first.run.fuel, second.run.fuel));
            }
            Ok(())
        }
        Property::Neutral => match (&first.answer.verdict, first.answer.changes.first()) {
            (Some(Verdict::Proceed), None) => Ok(()),
            (Some(Verdict::Proceed), Some(change)) => Err(format!("it changed {} of an order that gives no reason: {}", change.path, change.reason)),
            (Some(verdict), _) => Err(format!("it stopped an order that gives no reason: {verdict:?}")),
            (None, _) => survived(&first),
        },
        Property::LineOrder => {
            let turned = turned(case);
            let second = call(rule, hook, &turned, around).await;
            same_but_turned(&first, &second, case.order.lines.len())
        }
        Property::Idempotent => {
            let again = Case { order: first.order.clone(), ..entity::with(case, first.subject.as_ref()) };
            match call(rule, hook, &again, around).await.answer.changes.first() {
                None => Ok(()),
                Some(change) => {
                    Err(format!("run again on its own result it changed {} once more: {} → {}", change.path, change.before, change.after))
                }
            }
        }
        Property::Empty | Property::Unicode | Property::Maximum => survived(&first),
    }
}

/// A plugin may say that it cannot handle an order; it may not break on it. That a mapping has no use for such an order is
/// none of its business.
fn survived(trial: &Trial) -> Result<(), String> {
    match &trial.run.fault {
        Some(fault) if fault.code != Code::PluginFailed && fault.detail.is_some() => Err(fault.to_string()),
        _ => Ok(()),
    }
}

/// The same order with its lines turned round.
fn turned(case: &Case) -> Case {
    let mut order = (*case.order).clone();
    order.lines.reverse();
    let lines = order.lines.len();
    let stock = case.candidates.stock.chunks(lines.max(1)).flat_map(|row| row.iter().rev().copied()).collect();
    let candidates = Candidates { warehouses: case.candidates.warehouses.clone(), stock };
    Case { order: Arc::new(order), candidates: Arc::new(candidates), ..case.clone() }
}

/// Compares what a rule did, not what followed of it: cents of tax are shared out by line, and may fall elsewhere.
fn same_but_turned(first: &Trial, second: &Trial, lines: usize) -> Result<(), String> {
    let kind = |trial: &Trial| match (&trial.answer.verdict, &trial.run.fault) {
        (Some(Verdict::Proceed), _) => "proceed".to_owned(),
        (Some(Verdict::Hold { .. }), _) => "hold".to_owned(),
        (Some(Verdict::Reject { .. }), _) => "reject".to_owned(),
        (None, fault) => fault.as_ref().map_or_else(String::new, |fault| fault.code.to_string()),
    };
    if kind(first) != kind(second) {
        return Err(format!("with its lines turned round the answer is {}, not {}", kind(second), kind(first)));
    }
    let back = |line: usize| lines - 1 - line;
    for line in 0..lines {
        let (one, other) = (&first.order.lines[line], &second.order.lines[back(line)]);
        if (one.unit_price, one.discount) != (other.unit_price, other.discount) || sorted(&one.fields) != sorted(&other.fields) {
            return Err(format!(
                "with its lines turned round, the line {} ({}) is changed otherwise",
                line,
                crossdock_flow::fault::shorten(&one.sku)
            ));
        }
    }
    if first.order.shipping.amount != second.order.shipping.amount
        || first.order.tags != second.order.tags
        || sorted(&first.order.fields) != sorted(&second.order.fields)
    {
        return Err("with its lines turned round, shipping, fields or tags are changed otherwise".to_owned());
    }
    let shipped = |trial: &Trial, place: &dyn Fn(usize) -> usize| {
        let mut parts: Vec<_> = trial
            .answer
            .shipments
            .iter()
            .flatten()
            .flat_map(|ship| ship.lines.iter().map(move |(line, units)| (ship.warehouse.clone(), *line as usize, units.normalize())))
            .map(|(warehouse, line, units)| (warehouse, place(line), units))
            .collect();
        parts.sort();
        parts
    };
    if shipped(first, &|line| line) != shipped(second, &back) {
        return Err("with its lines turned round, it ships otherwise".to_owned());
    }
    if let (Some(one), Some(other)) = (&first.document, &second.document)
        && (sorted(&one.fields) != sorted(&other.fields) || one.lines.iter().zip(other.lines.iter().rev()).any(|(a, b)| sorted(a) != sorted(b)))
    {
        return Err("with its lines turned round, the document is changed otherwise".to_owned());
    }
    Ok(())
}

fn sorted(fields: &[Field]) -> Vec<&Field> {
    let mut sorted: Vec<&Field> = fields.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    sorted
}
