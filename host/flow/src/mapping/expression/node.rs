//! The tree that an expression becomes, and how it is carried out. Nothing in, nothing out: an empty operand makes the
//! whole empty, but for texts that are joined, for comparisons, and for the functions that say so.

use super::{
    Scope, Table,
    function::{Empties, Function, wrong},
    operator::{self, Arithmetic, Order},
};
use crate::{
    Fault,
    mapping::datum::{Datum, Kind},
};
use std::sync::Arc;

/// One node of a checked expression.
#[derive(Debug)]
pub(super) enum Node {
    Constant(Datum<'static>),
    /// A path of the record, or of the row's own line.
    Path(usize),
    Field(Box<str>),
    /// The row's own line.
    Line,
    /// A list of the record, by its place.
    Lines(usize),
    /// A path of the line that a node gives.
    LinePath(Box<Node>, usize),
    LineField(Box<Node>, Box<str>),
    /// The parts of an address.
    Address(Vec<usize>),
    /// The variable of a loop, by its depth.
    Variable(usize),
    List(Vec<Node>),
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Box<[Node; 2]>),
    Or(Box<[Node; 2]>),
    If(Box<[Node; 3]>),
    Arithmetic(Arithmetic, Box<[Node; 2]>),
    Compare(Order, Box<[Node; 2]>),
    In(Box<[Node; 2]>),
    Item(Box<[Node; 2]>),
    Has(Box<Node>),
    LookUp {
        table: usize,
        key: Box<Node>,
        otherwise: Option<Box<Node>>,
    },
    Loop(Loop, Box<[Node; 2]>),
    Call(&'static Function, Vec<Node>),
}

/// What is done with every element of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loop {
    Map,
    Filter,
    All,
    Exists,
    ExistsOne,
}

/// What a node sees while it runs.
pub(super) struct Frame<'s> {
    pub(super) scope: &'s dyn Scope,
    pub(super) tables: &'s [Arc<Table>],
    pub(super) line: Option<usize>,
    pub(super) variables: Vec<Datum<'s>>,
}

impl Node {
    pub(super) fn value<'s>(&'s self, frame: &mut Frame<'s>) -> Result<Datum<'s>, Fault> {
        Ok(match self {
            Node::Constant(constant) => constant.clone(),
            Node::Path(path) => frame.scope.path(*path, frame.line),
            Node::Field(name) => frame.scope.field(name),
            Node::Line => frame.line.map_or(Datum::Empty, Datum::Line),
            Node::Lines(list) => Datum::List((0..frame.scope.lines(*list)).map(Datum::Line).collect()),
            Node::LinePath(line, path) => match line.line(frame)? {
                Some(line) => frame.scope.path(*path, Some(line)),
                None => Datum::Empty,
            },
            Node::LineField(line, name) => match line.line(frame)? {
                Some(line) => frame.scope.line_field(line, name),
                None => Datum::Empty,
            },
            Node::Address(parts) => Datum::List(parts.iter().map(|part| frame.scope.path(*part, None)).collect()),
            Node::Variable(depth) => frame.variables.get(*depth).cloned().unwrap_or_default(),
            Node::List(items) => Datum::List(items.iter().map(|item| item.value(frame)).collect::<Result<_, _>>()?),
            Node::Not(of) => Datum::Flag(!of.flag(frame)?),
            Node::Negate(of) => match of.value(frame)? {
                Datum::Number(number) => Datum::Number(-number),
                Datum::Empty => Datum::Empty,
                other => return Err(wrong("-", Kind::Number, &other)),
            },
            Node::And(both) => Datum::Flag(both[0].flag(frame)? && both[1].flag(frame)?),
            Node::Or(both) => Datum::Flag(both[0].flag(frame)? || both[1].flag(frame)?),
            Node::If(three) => {
                let [condition, then, otherwise] = &**three;
                if condition.flag(frame)? { then.value(frame)? } else { otherwise.value(frame)? }
            }
            Node::Arithmetic(what, both) => operator::arithmetic(*what, both[0].value(frame)?, both[1].value(frame)?)?,
            Node::Compare(how, both) => Datum::Flag(operator::compare(*how, &both[0].value(frame)?, &both[1].value(frame)?)?),
            Node::In(both) => {
                let one = both[0].value(frame)?;
                match both[1].value(frame)? {
                    Datum::List(list) => Datum::Flag(list.contains(&one)),
                    Datum::Empty => Datum::Flag(false),
                    other => return Err(wrong("in", Kind::List(&Kind::Any), &other)),
                }
            }
            Node::Item(both) => operator::item(both[0].value(frame)?, both[1].value(frame)?)?,
            Node::Has(of) => Datum::Flag(match of.value(frame)? {
                Datum::List(list) => list.iter().any(|item| !item.is_empty()),
                other => !other.is_empty(),
            }),
            Node::LookUp { table, key, otherwise } => {
                let (key, table) = (key.value(frame)?, &frame.tables[*table]);
                match otherwise {
                    None => table.look_up(&key)?,
                    Some(otherwise) => match table.get(&key.to_text()) {
                        Some(found) => Datum::text(found),
                        None => otherwise.value(frame)?,
                    },
                }
            }
            Node::Loop(what, both) => what.run(&both[0], &both[1], frame)?,
            Node::Call(function, arguments) => {
                let mut given = Vec::with_capacity(arguments.len());
                for (place, argument) in arguments.iter().enumerate() {
                    let argument = function.admit(place, argument.value(frame)?)?;
                    if argument.is_empty() && function.empties == Empties::Pass {
                        return Ok(Datum::Empty);
                    }
                    given.push(argument);
                }
                (function.run)(given, frame.scope)?
            }
        })
    }

    /// As a condition: nothing is no.
    fn flag<'s>(&'s self, frame: &mut Frame<'s>) -> Result<bool, Fault> {
        flag_of(self.value(frame)?)
    }

    fn line<'s>(&'s self, frame: &mut Frame<'s>) -> Result<Option<usize>, Fault> {
        match self.value(frame)? {
            Datum::Line(line) => Ok(Some(line)),
            Datum::Empty => Ok(None),
            other => Err(wrong("a line's path", Kind::Line(0), &other)),
        }
    }
}

fn flag_of(value: Datum<'_>) -> Result<bool, Fault> {
    match value {
        Datum::Flag(flag) => Ok(flag),
        Datum::Empty => Ok(false),
        other => Err(wrong("a condition", Kind::Flag, &other)),
    }
}

impl Loop {
    fn run<'s>(self, list: &'s Node, body: &'s Node, frame: &mut Frame<'s>) -> Result<Datum<'s>, Fault> {
        let items = match list.value(frame)? {
            Datum::List(items) => items,
            Datum::Empty => Vec::new(),
            other => return Err(wrong("a loop", Kind::List(&Kind::Any), &other)),
        };
        let (mut made, mut held, length) = (Vec::new(), 0, items.len());
        for item in items {
            frame.variables.push(item);
            let value = body.value(frame);
            let item = frame.variables.pop().unwrap_or_default();
            if self == Loop::Map {
                made.push(value?);
            } else if flag_of(value?)? {
                held += 1;
                if self == Loop::Filter {
                    made.push(item);
                }
            }
        }
        Ok(match self {
            Loop::Map | Loop::Filter => Datum::List(made),
            Loop::All => Datum::Flag(held == length),
            Loop::Exists => Datum::Flag(held > 0),
            Loop::ExistsOne => Datum::Flag(held == 1),
        })
    }
}
