//! Articles that the ERP does not have: every one of an order is named, with the codes that were probably meant. The order
//! waits as a whole; no line is dropped.

use crate::{
    Fault, Order,
    fault::{Code, shorten},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// At most so many codes are offered for one.
const MOST: usize = 3;

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
    lines.map(|(line, missing)| Missing { line, sku: missing.sku.clone(), near: near(&missing.sku, known) }).collect()
}

/// All of them in one fault, E222, at the first; nothing when there is none.
pub fn fault(missing: &[Missing]) -> Option<Fault> {
    let first = missing.first()?;
    let rest = missing[1..].iter().map(|one| format!("; lines[{}].sku: {one}", one.line));
    let message = std::iter::once(first.to_string()).chain(rest).collect::<String>();
    Some(Fault::new(Code::UnknownItem, message).at(format!("lines[{}].sku", first.line)))
}

/// Codes that differ only in what people mix up, then those with a letter or two wrong; by name among equals.
fn near(written: &str, known: &BTreeSet<String>) -> Vec<String> {
    if written.trim().is_empty() {
        return Vec::new();
    }
    let (alike, length) = (plain(written), written.trim().chars().count());
    let most = if length <= 5 { 1 } else { 2 };
    let mut found: Vec<(usize, &String)> = known
        .iter()
        .filter_map(|code| {
            let other = plain(code);
            if other == alike {
                return Some((0, code));
            }
            // What is much longer or shorter is not worth comparing letter by letter.
            let is_near = other.len().abs_diff(alike.len()) <= most;
            let letters = is_near.then(|| strsim::osa_distance(&alike, &other))?;
            (letters <= most).then_some((letters, code))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().take(MOST).map(|(_, code)| code.clone()).collect()
}

/// A code without what is mixed up: case, spaces, hyphens, O and 0, I, L and 1.
fn plain(code: &str) -> String {
    let letters = code.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase);
    letters
        .map(|c| {
            if c == 'O' {
                '0'
            } else if matches!(c, 'I' | 'L') {
                '1'
            } else {
                c
            }
        })
        .collect()
}
