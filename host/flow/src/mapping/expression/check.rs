//! Checks what the `cel` crate parsed against the schema, and compiles it: every flaw with its place and cure.

use super::{
    Expression, Flaw,
    function::Function,
    node::{Loop, Node},
    operator::{Arithmetic, Order},
};
use crate::mapping::{
    datum::{Datum, Kind},
    schema::Schema,
    table::Table,
};
use crate::{Decimal, written::nearest};
use cel::{
    Env,
    common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators},
};
use std::sync::Arc;

/// The words of the language that are no functions.
const WORDS: [&str; 7] = ["lookup", "has", "map", "filter", "all", "exists", "exists_one"];

pub(super) fn read(text: &str, schema: &'static Schema, tables: &[Arc<Table>], group: Option<usize>) -> Result<Expression, Vec<Flaw>> {
    // No macros and no standard library: loops stay calls, and every function is one of ours.
    let parser = Env::default().with_optional_support(false).parser().enable_ident_escape_syntax(true);
    let (tree, info) =
        parser.parse_with_source_info(text).map_err(|errors| errors.errors.iter().map(|error| syntax(text, error)).collect::<Vec<_>>())?;
    let mut check = Check { text, info, schema, tables, group, variables: Vec::new(), flaws: Vec::new(), path: None };
    let typed = check.node(&tree);
    if matches!(typed.kind, Kind::Line(_) | Kind::Address | Kind::List(_)) {
        let cure = match typed.kind {
            Kind::Address => "write address_line(…), or name a part of it",
            Kind::List(Kind::Line(_)) | Kind::Line(_) => "name a path of a line, for example first(lines).sku",
            _ => "write join(…, \", \") or first(…)",
        };
        check.flaw(&tree, format!("gives {}, but a field holds text, a number or a flag", typed.kind), cure);
    }
    if check.flaws.is_empty() {
        Ok(Expression { text: text.to_owned(), kind: typed.kind, locks: typed.locks, path: check.path, node: typed.node })
    } else {
        Err(check.flaws)
    }
}

fn syntax(text: &str, error: &cel::ParseError) -> Flaw {
    let (line, column) = (usize::try_from(error.pos.0).unwrap_or(1), usize::try_from(error.pos.1).unwrap_or(1));
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut offset = (before + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let message = error.msg.split(" expecting ").next().unwrap_or_default().replace("Syntax error: ", "");
    Flaw { offset, message: format!("is no expression: {}", message.replace("'<EOF>'", "the end")), cure: "see docs/mapping.md".into() }
}

/// A checked node.
pub(super) struct Typed {
    pub(super) node: Node,
    pub(super) kind: Kind,
    pub(super) locks: bool,
}

impl Typed {
    pub(super) fn new(node: Node, kind: Kind, locks: bool) -> Typed {
        Typed { node, kind, locks }
    }

    /// What stands for a node that is wrong, so that the others are checked, too.
    pub(super) fn unknown() -> Typed {
        Typed::new(Node::Constant(Datum::Empty), Kind::Any, false)
    }
}

pub(super) struct Check<'c> {
    pub(super) text: &'c str,
    pub(super) info: SourceInfo,
    pub(super) schema: &'static Schema,
    pub(super) tables: &'c [Arc<Table>],
    /// The list in whose group the row stands.
    pub(super) group: Option<usize>,
    pub(super) variables: Vec<(String, Kind, bool)>,
    pub(super) flaws: Vec<Flaw>,
    pub(super) path: Option<String>,
}

impl Check<'_> {
    pub(super) fn flaw(&mut self, at: &IdedExpr, message: impl Into<String>, cure: impl Into<String>) {
        let offset = self.offset(at);
        self.flaws.push(Flaw { offset, message: message.into(), cure: cure.into() });
    }

    /// Where an expression begins: the parser gives the place of its operator.
    pub(super) fn offset(&self, expr: &IdedExpr) -> usize {
        let own = self.info.offset_for(expr.id).map_or(0, |(start, _)| start as usize).min(self.text.len());
        match &expr.expr {
            Expr::Select(select) => self.offset(&select.operand),
            Expr::Call(CallExpr { target: Some(target), .. }) => self.offset(target),
            Expr::Call(call) if self.text.get(..own).is_some_and(|before| before.ends_with(&call.func_name)) => own - call.func_name.len(),
            Expr::Call(call) if call.args.len() > 1 => own.min(self.offset(&call.args[0])),
            _ => own,
        }
    }

    pub(super) fn node(&mut self, expr: &IdedExpr) -> Typed {
        match &expr.expr {
            Expr::Literal(literal) => self.literal(expr, literal),
            Expr::Ident(_) | Expr::Select(_) => self.selection(expr),
            Expr::Call(call) => self.call(expr, call),
            Expr::List(list) => {
                let items: Vec<Typed> = list.elements.iter().map(|item| self.node(item)).collect();
                let kind = items.iter().map(|item| item.kind).reduce(Kind::or).unwrap_or(Kind::Any);
                let locks = items.iter().any(|item| item.locks);
                Typed::new(Node::List(items.into_iter().map(|item| item.node).collect()), kind.list(), locks)
            }
            _ => {
                self.flaw(expr, "maps and objects are no part of the language", "write [tables.NAME] and lookup(\"NAME\", …)");
                Typed::unknown()
            }
        }
    }

    fn literal(&mut self, expr: &IdedExpr, literal: &LiteralValue) -> Typed {
        let (datum, kind) = match literal {
            LiteralValue::Boolean(flag) => (Datum::Flag(*flag.inner()), Kind::Flag),
            LiteralValue::Int(number) => (Datum::Number(Decimal::from(*number.inner())), Kind::Number),
            LiteralValue::UInt(number) => (Datum::Number(Decimal::from(*number.inner())), Kind::Number),
            LiteralValue::String(text) => (Datum::owned(text.inner().to_owned()), Kind::Text),
            LiteralValue::Null => (Datum::Empty, Kind::Any),
            LiteralValue::Double(_) => {
                let written = self.info.offset_for(expr.id).and_then(|(start, stop)| self.text.get(start as usize..=stop as usize)).unwrap_or("0.5");
                self.flaw(expr, format!("`{written}` would be a float, and numbers here are exact"), format!("write dec(\"{written}\")"));
                return Typed { kind: Kind::Number, ..Typed::unknown() };
            }
            LiteralValue::Bytes(_) => {
                self.flaw(expr, "bytes are no part of the language", "write a text");
                return Typed::unknown();
            }
        };
        Typed::new(Node::Constant(datum), kind, false)
    }

    fn call(&mut self, expr: &IdedExpr, call: &CallExpr) -> Typed {
        let arguments: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        match (call.func_name.as_str(), arguments.as_slice()) {
            (operators::CONDITIONAL, [condition, then, otherwise]) => {
                let (condition, then, otherwise) = (self.wanted(condition, Kind::Flag), self.node(then), self.node(otherwise));
                let (kind, locks) = (then.kind.or(otherwise.kind), then.locks || otherwise.locks);
                Typed::new(Node::If(Box::new([condition, then.node, otherwise.node])), kind, locks)
            }
            (operators::LOGICAL_AND, [one, other]) => flag(Node::And(Box::new([self.wanted(one, Kind::Flag), self.wanted(other, Kind::Flag)]))),
            (operators::LOGICAL_OR, [one, other]) => flag(Node::Or(Box::new([self.wanted(one, Kind::Flag), self.wanted(other, Kind::Flag)]))),
            (operators::LOGICAL_NOT, [of]) => flag(Node::Not(Box::new(self.wanted(of, Kind::Flag)))),
            (operators::NEGATE, [of]) => {
                let typed = self.node(of);
                self.must(of, typed.kind, Kind::Number, None);
                Typed::new(Node::Negate(Box::new(typed.node)), Kind::Number, typed.locks)
            }
            (operators::ADD, [one, other]) => self.arithmetic(expr, Arithmetic::Add, one, other),
            (operators::SUBSTRACT, [one, other]) => self.arithmetic(expr, Arithmetic::Subtract, one, other),
            (operators::MULTIPLY, [one, other]) => self.arithmetic(expr, Arithmetic::Multiply, one, other),
            (operators::DIVIDE, [one, other]) => self.arithmetic(expr, Arithmetic::Divide, one, other),
            (operators::MODULO, [one, other]) => self.arithmetic(expr, Arithmetic::Remainder, one, other),
            (operators::EQUALS, [one, other]) => self.compare(expr, Order::Equal, one, other),
            (operators::NOT_EQUALS, [one, other]) => self.compare(expr, Order::NotEqual, one, other),
            (operators::LESS, [one, other]) => self.compare(expr, Order::Less, one, other),
            (operators::LESS_EQUALS, [one, other]) => self.compare(expr, Order::LessOrEqual, one, other),
            (operators::GREATER, [one, other]) => self.compare(expr, Order::Greater, one, other),
            (operators::GREATER_EQUALS, [one, other]) => self.compare(expr, Order::GreaterOrEqual, one, other),
            (operators::IN, [one, list]) => flag(Node::In(Box::new([self.node(one).node, self.wanted(list, Kind::List(&Kind::Any))]))),
            (operators::INDEX, [of, place]) => self.index(expr, of, place),
            ("has", [of]) => flag(Node::Has(Box::new(self.node(of).node))),
            ("has", _) => self.shape(expr, "has", "has(path) → flag"),
            ("lookup", [table, key]) => self.look_up(table, key, None),
            ("lookup", [table, key, otherwise]) => self.look_up(table, key, Some(otherwise)),
            ("lookup", _) => self.shape(expr, "lookup", "lookup(\"TABLE\", key [, otherwise]) → text"),
            ("map", [list, variable, body]) => self.looping(Loop::Map, list, variable, body),
            ("filter", [list, variable, body]) => self.looping(Loop::Filter, list, variable, body),
            ("all", [list, variable, body]) => self.looping(Loop::All, list, variable, body),
            ("exists", [list, variable, body]) => self.looping(Loop::Exists, list, variable, body),
            ("exists_one", [list, variable, body]) => self.looping(Loop::ExistsOne, list, variable, body),
            (name @ ("map" | "filter" | "all" | "exists" | "exists_one"), _) => {
                self.shape(expr, name, &format!("{name}(list, variable, expression): lines.{name}(l, … l.sku …)"))
            }
            (name, arguments) => match Function::find(name) {
                Some(function) => self.function(expr, function, arguments),
                None => {
                    let known: Vec<String> = super::FUNCTIONS.iter().map(|function| function.name).chain(WORDS).map(str::to_owned).collect();
                    let near = nearest(name, &known).or_else(|| known.iter().map(String::as_str).find(|known| known.eq_ignore_ascii_case(name)));
                    let cure = near.map_or_else(|| format!("known: {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
                    self.flaw(expr, format!("there is no function `{name}`"), cure);
                    arguments.iter().for_each(|argument| drop(self.node(argument)));
                    Typed::unknown()
                }
            },
        }
    }

    fn shape(&mut self, expr: &IdedExpr, name: &str, shape: &str) -> Typed {
        self.flaw(expr, format!("`{name}` has other arguments"), shape);
        Typed::unknown()
    }

    /// A node that must be of a kind.
    pub(super) fn wanted(&mut self, expr: &IdedExpr, kind: Kind) -> Node {
        let typed = self.node(expr);
        self.must(expr, typed.kind, kind, None);
        typed.node
    }

    pub(super) fn must(&mut self, expr: &IdedExpr, found: Kind, wanted: Kind, of: Option<&Function>) {
        let address = matches!((found, wanted), (Kind::List(&Kind::Text), Kind::Address));
        if found.fits(wanted) || address {
            return;
        }
        let cure = match (wanted, found) {
            (Kind::Text, Kind::Number | Kind::Flag | Kind::Instant) => "write text(…) around it".to_owned(),
            (Kind::Text, Kind::Address) => "write address_line(…) around it, or name a part of it".to_owned(),
            (Kind::Text, Kind::List(_)) => "write join(…, \", \") or first(…) around it".to_owned(),
            (Kind::Number, Kind::Text) => "write number(…) around it".to_owned(),
            (Kind::Instant, Kind::Text) => "write instant(…) around it".to_owned(),
            (Kind::Flag, _) => "compare it with something, or write has(…)".to_owned(),
            _ => of.map_or_else(|| "see docs/mapping.md".to_owned(), Function::shape),
        };
        let what = of.map_or_else(String::new, |function| format!("`{}` needs {wanted} here: ", function.name));
        self.flaw(expr, format!("{what}this is {found}, not {wanted}"), cure);
    }

    fn arithmetic(&mut self, expr: &IdedExpr, what: Arithmetic, one: &IdedExpr, other: &IdedExpr) -> Typed {
        if what == Arithmetic::Subtract && self.dashed(expr) {
            return Typed::unknown();
        }
        let (left, right) = (self.node(one), self.node(other));
        let kind = match (left.kind, right.kind) {
            (Kind::Number, Kind::Number) => Kind::Number,
            (Kind::Text, Kind::Text) | (Kind::Any, Kind::Text) | (Kind::Text, Kind::Any) if what == Arithmetic::Add => Kind::Text,
            (Kind::List(left), Kind::List(right)) if what == Arithmetic::Add => left.or(*right).list(),
            (Kind::Any, Kind::Any | Kind::Number) | (Kind::Number, Kind::Any) => {
                if what == Arithmetic::Add {
                    Kind::Any
                } else {
                    Kind::Number
                }
            }
            (left, right) => {
                let cure = match (left, right) {
                    (Kind::Text, _) | (_, Kind::Text) if what == Arithmetic::Add => "write text(…) around what is no text",
                    (Kind::Text, _) | (_, Kind::Text) => "write number(…) around a text that is a number",
                    (Kind::Instant, _) | (_, Kind::Instant) => "write add_days(…) or days_between(…)",
                    _ => "see docs/mapping.md",
                };
                self.flaw(expr, format!("`{}` cannot take {left} and {right}", what.sign()), cure);
                Kind::Any
            }
        };
        Typed::new(Node::Arithmetic(what, Box::new([left.node, right.node])), kind, left.locks || right.locks)
    }

    fn compare(&mut self, expr: &IdedExpr, how: Order, one: &IdedExpr, other: &IdedExpr) -> Typed {
        let (left, right) = (self.node(one), self.node(other));
        if !left.kind.fits(right.kind) {
            self.flaw(expr, format!("{} and {} are never alike", left.kind, right.kind), "write text(…) or number(…) around one of them");
        } else if !matches!(how, Order::Equal | Order::NotEqual) && matches!(left.kind, Kind::Flag | Kind::List(_) | Kind::Line(_) | Kind::Address) {
            self.flaw(expr, format!("of two of {} none is larger", left.kind), "compare numbers, texts or instants");
        }
        flag(Node::Compare(how, Box::new([left.node, right.node])))
    }
}

pub(super) fn flag(node: Node) -> Typed {
    Typed::new(node, Kind::Flag, false)
}
