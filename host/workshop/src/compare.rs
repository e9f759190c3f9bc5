//! Two plugins on the same orders, customers or products: as versions of each other, or one after the other both ways round.

use crate::{
    case::Case,
    entity,
    trial::{Around, Trial, call},
};
use crossdock_flow::hook::{Hook, Plugin, Verdict};
use serde::Serialize;
use std::sync::Arc;

/// What two versions answer at one hook.
#[derive(Clone, Debug, Serialize)]
pub struct Differences {
    /// The hook.
    pub hook: Hook,
    /// Orders, customers or products they were asked about.
    pub orders: usize,
    /// Median fuel of the old one, and of the new one.
    pub fuel: (u64, u64),
    /// Those that they answer otherwise.
    pub differ: Vec<Difference>,
}

/// An order, customer or product on which two answers differ.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// Which one.
    pub case: String,
    /// The first thing that differs, in words.
    pub what: String,
}

/// What a hook works on, in the plural.
pub fn noun(hook: Hook) -> &'static str {
    match hook {
        Hook::PreMap | Hook::RouteOrder | Hook::PostMap => "orders",
        Hook::PreMapCustomer => "customers",
        Hook::PreMapProduct => "products",
    }
}

/// Asks both versions about every case that has something for the hook.
pub async fn differences(old: &dyn Plugin, new: &dyn Plugin, hook: Hook, cases: &[Case], around: &Around) -> Differences {
    let (mut differ, mut fuel) = (Vec::new(), (Vec::new(), Vec::new()));
    let asked = || cases.iter().filter(move |case| case.asks(hook));
    for case in asked() {
        let one = if old.answers(hook) { Some(call(old, hook, case, around).await) } else { None };
        let other = if new.answers(hook) { Some(call(new, hook, case, around).await) } else { None };
        fuel.0.extend(one.as_ref().map(|trial| trial.run.fuel));
        fuel.1.extend(other.as_ref().map(|trial| trial.run.fuel));
        let what = match (&one, &other) {
            (Some(one), Some(other)) => first_difference(one, other),
            (None, Some(other)) => acts(other).then(|| format!("only the new one answers: {}", told(other))),
            (Some(one), None) => acts(one).then(|| format!("only the old one answers: {}", told(one))),
            (None, None) => None,
        };
        differ.extend(what.map(|what| Difference { case: case.name.clone(), what }));
    }
    Differences { hook, orders: asked().count(), fuel: (median(fuel.0), median(fuel.1)), differ }
}

fn median(mut numbers: Vec<u64>) -> u64 {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied().unwrap_or(0)
}

/// Whether an answer is more than letting the order go on as it is.
fn acts(trial: &Trial) -> bool {
    trial.answer.verdict != Some(Verdict::Proceed) || !trial.answer.changes.is_empty() || trial.answer.shipments.is_some()
}

fn told(trial: &Trial) -> String {
    match (&trial.answer.verdict, &trial.answer.fault) {
        (Some(Verdict::Proceed), _) => format!("proceed with {} changes", trial.answer.changes.len()),
        (Some(Verdict::Hold { reason, .. }), _) => format!("hold: {reason}"),
        (Some(Verdict::Reject { reason }), _) => format!("reject: {reason}"),
        (None, Some(fault)) => fault.code.to_string(),
        (None, None) => "nothing".to_owned(),
    }
}

/// The first thing that differs between two answers; logs do not count.
fn first_difference(old: &Trial, new: &Trial) -> Option<String> {
    let (one, other) = (&old.answer, &new.answer);
    if one.verdict != other.verdict || one.fault != other.fault {
        return Some(format!("{} → {}", told(old), told(new)));
    }
    if one.shipments != other.shipments {
        let from =
            |answer: &crate::trial::Answer| answer.shipments.iter().flatten().map(|ship| ship.warehouse.clone()).collect::<Vec<_>>().join(", ");
        return Some(format!("ships from {} → {}", from(one), from(other)));
    }
    let pairs = one.changes.iter().map(Some).chain(std::iter::repeat(None)).zip(other.changes.iter().map(Some).chain(std::iter::repeat(None)));
    for (before, after) in pairs.take(one.changes.len().max(other.changes.len())) {
        let shown = |change: Option<&crossdock_flow::edit::Change>| {
            change.map_or_else(|| "nothing".to_owned(), |change| format!("{} = {}", change.path, change.after))
        };
        if before.map(|change| (&change.path, &change.after)) != after.map(|change| (&change.path, &change.after)) {
            return Some(format!("{} → {}", shown(before), shown(after)));
        }
    }
    None
}

/// A plugin as it stands at a hook.
pub struct Rule<'r> {
    /// The plugin.
    pub plugin: &'r dyn Plugin,
    /// What the operator says of it.
    pub around: Around,
}

/// Two plugins whose order matters.
#[derive(Clone, Debug, Serialize)]
pub struct Conflict {
    /// The hook.
    pub hook: Hook,
    /// The one that comes first as things stand.
    pub first: String,
    /// The other.
    pub second: String,
    /// On how many orders, customers or products it matters.
    pub orders: usize,
    /// Of how many.
    pub asked: usize,
    /// One of them.
    pub example: Difference,
}

/// Runs two plugins on every case that has something for the hook, one after the other, both ways round.
pub async fn conflict(one: &Rule<'_>, other: &Rule<'_>, hook: Hook, cases: &[Case]) -> Option<Conflict> {
    let mut found: Vec<Difference> = Vec::new();
    let asked = || cases.iter().filter(move |case| case.asks(hook));
    for case in asked() {
        let (forth, back) = (chain(one, other, hook, case).await, chain(other, one, hook, case).await);
        if let Some(what) = apart(&forth, &back) {
            found.push(Difference { case: case.name.clone(), what });
        }
    }
    let example = found.first()?.clone();
    let names = [one, other].map(|rule| rule.plugin.name().to_string());
    let [first, second] = names;
    Some(Conflict { hook, first, second, orders: found.len(), asked: asked().count(), example })
}

/// The last trial of the chain, or the first that stopped it.
async fn chain(first: &Rule<'_>, second: &Rule<'_>, hook: Hook, case: &Case) -> Trial {
    let trial = call(first.plugin, hook, case, &first.around).await;
    if trial.answer.verdict != Some(Verdict::Proceed) {
        return trial;
    }
    let case = Case { order: trial.order.clone(), ..entity::with(case, trial.subject.as_ref()) };
    match trial.document {
        None => call(second.plugin, hook, &case, &second.around).await,
        Some(document) => crate::trial::on_document(second.plugin, &case, document, &second.around).await,
    }
}

/// What two ends of a chain differ in, as the other side would see it.
fn apart(forth: &Trial, back: &Trial) -> Option<String> {
    if forth.answer.verdict != back.answer.verdict {
        return Some(format!("{}, or {}", told(forth), told(back)));
    }
    if let Some((one, other)) = forth.document.as_ref().zip(back.document.as_ref()) {
        let field = one.fields.iter().find(|field| crossdock_flow::order::find(&other.fields, &field.name) != Some(&field.value));
        if let Some(field) = field {
            let there = crossdock_flow::order::find(&other.fields, &field.name).map(ToString::to_string).unwrap_or_default();
            return Some(format!("{} = {}, or {there}", field.name, field.value));
        }
        return (one.lines != other.lines).then(|| "a field of a line differs".to_owned());
    }
    if let Some((one, other)) = forth.subject.as_ref().zip(back.subject.as_ref()) {
        return one.content().compare(&other.content()).first().map(ToString::to_string);
    }
    let (one, other) = (Arc::clone(&forth.order), Arc::clone(&back.order));
    if one.total != other.total {
        return Some(format!("a total of {}, or {}", one.total, other.total));
    }
    for (line, (a, b)) in one.lines.iter().zip(&other.lines).enumerate() {
        if (a.unit_price, a.discount) != (b.unit_price, b.discount) {
            return Some(format!("lines[{line}]: {} less {}, or {} less {}", a.unit_price, a.discount, b.unit_price, b.discount));
        }
    }
    let sorted = |fields: &[crossdock_flow::order::Field]| {
        let mut all: Vec<(String, String)> = fields.iter().map(|field| (field.name.to_string(), field.value.to_string())).collect();
        all.sort();
        all
    };
    (sorted(&one.fields) != sorted(&other.fields) || one.tags != other.tags).then(|| "a field or tag of the order differs".to_owned())
}
