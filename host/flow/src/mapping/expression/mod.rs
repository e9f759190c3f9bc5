//! Expressions of a template: the Common Expression Language, parsed by the `cel` crate, checked and carried out here.
//!
//! The crate's own interpreter is not used: its numbers are 64-bit integers and floats, and money must stay exact. What it
//! parses is checked against the schema at load and compiled to a small tree whose numbers are all exact decimals, so
//! that the operators `+ - * / %` can be used on amounts. Running a tree asks the record only for the paths that it names.

mod apply;
mod call;
mod check;
mod function;
mod node;
mod operator;
mod select;

use super::{
    datum::{Datum, Kind},
    schema::{Schema, Scope},
    table::Table,
};
use crate::Fault;
use node::{Frame, Node};
use std::sync::Arc;

pub(super) use call::{date as call_date, number as call_number};
pub use function::{FUNCTIONS, Function};

/// A checked expression.
#[derive(Debug)]
pub(super) struct Expression {
    /// As it is written.
    pub(super) text: String,
    /// What it gives.
    pub(super) kind: Kind,
    /// It carries money, quantity or identity into its field. What only decides (a comparison, a condition) is not carried.
    pub(super) locks: bool,
    /// The first path that it reads, as `from` would write it.
    pub(super) path: Option<String>,
    node: Node,
}

/// A mistake in an expression: at which byte, what, and the cure.
#[derive(Debug)]
pub(super) struct Flaw {
    pub(super) offset: usize,
    pub(super) message: String,
    pub(super) cure: String,
}

impl Expression {
    /// Parses and checks an expression; reports every flaw.
    pub(super) fn read(text: &str, schema: &'static Schema, tables: &[Arc<Table>], group: Option<usize>) -> Result<Expression, Vec<Flaw>> {
        check::read(text, schema, tables, group)
    }

    /// What it gives for a record, and for one of its lines. Fails with E303 and E304.
    pub(super) fn value<'s>(&'s self, scope: &'s dyn Scope, tables: &'s [Arc<Table>], line: Option<usize>) -> Result<Datum<'s>, Fault> {
        self.node.value(&mut Frame { scope, tables, line, variables: Vec::new() })
    }
}

#[cfg(test)]
mod tests;
