//! Articles that the ERP does not have: every one of an order is named, with the codes that were probably meant. The order
//! waits as a whole; no line is dropped.

use crate::{
    Fault, Order,
    correct::near::near,
    fault::{Code, shorten},
    target::Stock,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// A code that the ERP does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Missing {
    /// Index of the line.
    pub line: usize,
    /// The code; may be empty.
    pub sku: String,
    /// Codes that the ERP has and that are near, nearest first.
    pub near: Vec<String>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sku.trim() {
            "" => f.write_str("the line has no article")?,
            sku => write!(f, "the ERP has no article `{}`", shorten(sku))?,
        }
        if !self.near.is_empty() {
            write!(f, "; near: {}", self.near.join(", "))?;
        }
        Ok(())
    }
}

/// The lines whose code the ERP does not have. `known` are the codes that it has.
pub fn find(order: &Order, known: &BTreeSet<String>) -> Vec<Missing> {
    let lines = order.lines.iter().enumerate().filter(|(_, line)| !known.contains(&line.sku));
    let near = |sku: &str| near(sku, known.iter().map(String::as_str)).into_iter().map(|(_, code)| code.to_owned()).collect();
    lines.map(|(line, missing)| Missing { line, sku: missing.sku.clone(), near: near(&missing.sku) }).collect()
}

/// Checks that the ERP has every article of an order, by the list of its stock that was heard last. Fails with E222, naming
/// all that it does not have. As long as nothing was heard, nothing is known to be missing.
pub fn check(order: &Order, heard: &Stock) -> Result<(), Fault> {
    let has = |sku: &str| heard.units.values().any(|there| there.contains_key(sku));
    let nothing_heard = heard.units.values().all(|there| there.is_empty());
    if nothing_heard || order.lines.iter().all(|line| has(&line.sku)) {
        return Ok(());
    }
    let known = heard.units.values().flat_map(|there| there.keys().cloned()).collect();
    fault(&find(order, &known)).map_or(Ok(()), Err)
}

/// All of them in one fault, E222, at the first; nothing when there is none.
pub fn fault(missing: &[Missing]) -> Option<Fault> {
    let first = missing.first()?;
    let rest = missing[1..].iter().map(|one| format!("; lines[{}].sku: {one}", one.line));
    let message = std::iter::once(first.to_string()).chain(rest).collect::<String>();
    Some(Fault::new(Code::UnknownItem, message).at(format!("lines[{}].sku", first.line)))
}
