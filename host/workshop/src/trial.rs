//! One call of one hook of one plugin on a case, as the host would make it: limits, guard and sum rule included.

use crate::case::Case;
use crossdock_flow::{
    Code, Document, Fault, Order,
    edit::Change,
    entity::Side,
    guard::Guard,
    hook::{Hook, HookRun, LogLine, Plugin, Route, Verdict},
    mapping::Mapping,
    order::Value,
    route::{self, Shipment},
    sample,
    sync::Subject,
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The integration around a trial: what the operator says beside the plugin's own terms.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// What the plugin may change.
    pub guard: Guard,
    /// How the document of `post-map` is made, and how dates are told; the sample's document without it.
    pub mapping: Option<(Mapping, TimeZone)>,
}

/// What came of one call, as golden cases keep it: what is the same each time, in every language. Numbers are without
/// zeros at the end behind the point: how many there were is a matter of the SDK.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Answer {
    /// The hook.
    pub hook: Hook,
    /// What it decided; nothing when it failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verdict: Option<Verdict>,
    /// What ships from where, for `route-order`; the backorder included.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shipments: Option<Vec<Shipment>>,
    /// What it changed, in order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub changes: Vec<Change>,
    /// What it logged; not what it printed, and nothing when the sandbox ended the call: how far it came, and what a
    /// language says of its end, are its own.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub logs: Vec<LogLine>,
    /// How it failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fault: Option<Told>,
}

/// How a call failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The code.
    pub code: Code,
    /// What the plugin said, or what is wrong with its answer; nothing where the words depend on the language.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
}

/// What came of one call, and everything that is known of it.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What is the same each time.
    pub answer: Answer,
    /// The order afterwards.
    pub order: Arc<Order>,
    /// The document afterwards, for `post-map`.
    pub document: Option<Document>,
    /// The customer or product afterwards, at their hooks.
    pub subject: Option<Subject>,
    /// The record of the run.
    pub run: HookRun,
}

/// Makes the call. The plugin must answer the hook.
pub async fn call(plugin: &dyn Plugin, hook: Hook, case: &Case, around: &Around) -> Trial {
    let order = case.order.clone();
    match hook {
        Hook::PreMap => {
            let ran = around.guard.order(plugin.pre_map(&case.context, order).await).settled();
            Trial { answer: answer(ran.answer, &ran.run), order: ran.subject, document: None, subject: None, run: ran.run }
        }
        Hook::RouteOrder => {
            let mut ran = plugin.route_order(&case.context, order.clone(), case.candidates.clone()).await;
            let mut shipments = None;
            if let Ok(Route::Ship(ships)) = &ran.answer {
                match route::check(&order, &case.candidates, ships.clone()) {
                    Ok(checked) => shipments = Some(checked.into_iter().map(shortest_shipment).collect()),
                    Err(fault) => ran.blame(Err(fault)),
                }
            }
            let verdict = ran.answer.map(|route| match route {
                Route::Ship(_) => Verdict::Proceed,
                Route::Stop(verdict) => verdict,
            });
            Trial { answer: Answer { shipments, ..answer(verdict, &ran.run) }, order, document: None, subject: None, run: ran.run }
        }
        Hook::PostMap => {
            let document = match document(case, around) {
                Ok(document) => document,
                Err(fault) => {
                    let run = HookRun { fault: Some(fault.clone()), ..HookRun::new(hook, plugin.name().clone(), plugin.version().clone()) };
                    return Trial { answer: answer(Err(fault), &run), order, document: None, subject: None, run };
                }
            };
            on_document(plugin, case, document, around).await
        }
        Hook::PreMapCustomer => on_entity(plugin, Subject::Customer(Box::new(case.customer.clone())), case.from, case, around).await,
        Hook::PreMapProduct => on_entity(plugin, Subject::Product(Box::new(case.product.clone())), Side::Erp, case, around).await,
    }
}

/// Calls the hook of a customer or a product that comes from a side. The order stays out of it.
async fn on_entity(plugin: &dyn Plugin, subject: Subject, from: Side, case: &Case, around: &Around) -> Trial {
    let ran = around.guard.subject(plugin.pre_map_subject(&case.context, from, subject).await).settled();
    Trial { answer: answer(ran.answer, &ran.run), order: case.order.clone(), document: None, subject: Some(ran.subject), run: ran.run }
}

/// Calls `post-map` on a document that is there already: what the rule before left.
pub async fn on_document(plugin: &dyn Plugin, case: &Case, document: Document, around: &Around) -> Trial {
    let ran = plugin.post_map(&case.context, case.order.clone(), document).await;
    let ran = match &around.mapping {
        Some((mapping, _)) => around.guard.document(mapping, ran),
        None => ran,
    };
    let ran = ran.settled();
    Trial { answer: answer(ran.answer, &ran.run), order: case.order.clone(), document: Some(ran.subject), subject: None, run: ran.run }
}

/// The document of the whole order from its first warehouse.
fn document(case: &Case, around: &Around) -> Result<Document, Fault> {
    let Some((mapping, zone)) = &around.mapping else { return Ok(sample::document(&case.order)) };
    let documents = mapping.apply(&case.order, &route::whole(&case.order, &case.candidates), zone)?;
    documents.into_iter().next().ok_or_else(|| Fault::new(Code::Internal, "the mapping made no document"))
}

fn answer(verdict: Result<Verdict, Fault>, run: &HookRun) -> Answer {
    let ended = verdict.as_ref().is_err_and(theirs);
    let logged = |line: &&LogLine| !ended && line.level != "stdout" && line.level != "stderr";
    let (verdict, fault) = match verdict {
        Ok(verdict) => (Some(verdict), None),
        Err(fault) => (None, Some(told(&fault))),
    };
    let changes = run.changes.iter().cloned().map(shortest_change).collect();
    Answer { hook: run.hook, verdict, shipments: None, changes, logs: run.logs.iter().filter(logged).cloned().collect(), fault }
}

/// A change with its numbers in their shortest form.
fn shortest_change(change: Change) -> Change {
    let shortest = |value| match value {
        Value::Number(number) => Value::Number(number.normalize()),
        other => other,
    };
    Change { before: shortest(change.before), after: shortest(change.after), ..change }
}

/// A shipment with its units in their shortest form.
fn shortest_shipment(mut shipment: Shipment) -> Shipment {
    shipment.lines.iter_mut().for_each(|(_, units)| *units = units.normalize());
    shipment
}

/// Whether the sandbox ended the call.
fn theirs(fault: &Fault) -> bool {
    matches!(fault.code, Code::PluginTrapped | Code::PluginFuel | Code::PluginTime | Code::PluginMemory | Code::PluginStack)
}

/// A trap's words come from the language and its compiler; all else is said by the plugin or by the host.
fn told(fault: &Fault) -> Told {
    let place = fault.place.as_ref().map_or_else(String::new, |place| format!("{place}: "));
    Told { code: fault.code, message: (!theirs(fault)).then(|| format!("{place}{}", fault.message)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossdock_flow::edit::Path;

    fn run(fault: Option<Fault>) -> Answer {
        let decimal = |text: &str| Value::Number(text.parse().unwrap());
        let change = |before: &str, after: Value| Change { path: Path::Shipping, before: decimal(before), after, reason: "why".into() };
        let changes = vec![change("7.00", decimal("6.910")), change("-0.00", Value::Text("6.910".into())), change("100", Value::Empty)];
        let logged = |level: &str| LogLine { level: level.into(), text: "1.50".into() };
        let run = HookRun { changes, logs: vec![logged("info"), logged("stderr")], ..HookRun::new(Hook::PreMap, "rule".into(), "1".into()) };
        answer(fault.map_or(Ok(Verdict::Proceed), Err), &run)
    }

    #[test]
    fn numbers_are_kept_in_their_shortest_form_and_texts_as_they_are() {
        let values: Vec<String> = run(None).changes.iter().flat_map(|change| [change.before.to_string(), change.after.to_string()]).collect();
        assert_eq!(values, ["7", "6.91", "0", "6.910", "100", ""]);
        let shipment = Shipment { warehouse: "TOR".into(), lines: vec![(0, "2.50".parse().unwrap())], backorder: false };
        assert_eq!(shortest_shipment(shipment).lines[0].1.to_string(), "2.5");
    }

    #[test]
    fn what_depends_on_the_language_is_left_out() {
        assert_eq!(run(None).logs.len(), 1);
        let failed = run(Some(Fault::new(Code::PluginFailed, "says the rule").at("lines[0]")));
        assert_eq!((failed.logs.len(), failed.fault.unwrap().message.unwrap()), (1, "lines[0]: says the rule".to_owned()));
        let ended = run(Some(Fault::new(Code::PluginTrapped, "says the compiler")));
        assert_eq!((ended.logs.len(), ended.fault.unwrap().message), (0, None));
    }
}
