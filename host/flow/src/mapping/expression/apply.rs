//! Checks calls: functions against their types, look-ups against the template's tables, loops over lists.

use super::{
    check::{Check, Typed, flag},
    function::{Function, Gives},
    node::{Loop, Node},
};
use crate::{mapping::datum::Kind, written::nearest};
use cel::common::ast::{Expr, IdedExpr, LiteralValue};

impl Check<'_> {
    pub(super) fn function(&mut self, expr: &IdedExpr, function: &'static Function, arguments: &[&IdedExpr]) -> Typed {
        let typed: Vec<Typed> = arguments.iter().map(|argument| self.node(argument)).collect();
        if typed.len() < function.needs || (typed.len() > function.takes.len() && !function.repeats) {
            self.flaw(expr, format!("`{}` was given {} arguments", function.name, typed.len()), function.shape());
            return Typed::unknown();
        }
        for (place, (argument, typed)) in arguments.iter().zip(&typed).enumerate() {
            self.must(argument, typed.kind, function.wants(place).unwrap_or(Kind::Any), Some(function));
        }
        self.constants(function, arguments);
        let kind = match function.gives {
            Gives::Kind(kind) => kind,
            Gives::Same => typed.iter().map(|argument| argument.kind).reduce(Kind::or).unwrap_or(Kind::Any),
            Gives::List => typed.first().map_or(Kind::Any, |list| list.kind),
            Gives::Element => match typed.first().map(|list| list.kind) {
                Some(Kind::List(of)) => *of,
                _ => Kind::Any,
            },
        };
        // A flag or a length only tells about a value; it does not carry it.
        let locks = kind != Kind::Flag && function.name != "size" && typed.iter().any(|argument| argument.locks);
        Typed::new(Node::Call(function, typed.into_iter().map(|argument| argument.node).collect()), kind, locks)
    }

    /// What can be seen of constants at load.
    fn constants(&mut self, function: &Function, arguments: &[&IdedExpr]) {
        let constant = |place: usize| match arguments.get(place).map(|argument| &argument.expr) {
            Some(Expr::Literal(LiteralValue::String(text))) => Some(text.inner()),
            _ => None,
        };
        match (function.name, constant(0), constant(1)) {
            ("format", Some(form), _) if form.matches("{}").count() + 1 != arguments.len() => {
                let (holes, given) = (form.matches("{}").count(), arguments.len() - 1);
                self.flaw(arguments[0], format!("has {holes} `{{}}` for {given} values"), "write one `{}` for each value");
            }
            ("dec", Some(number), _) if super::call::number::parse(number).is_err() => {
                self.flaw(arguments[0], format!("`{number}` is no number"), "write digits with a point: dec(\"0.5\")");
            }
            ("date", _, Some(form)) if jiff::fmt::strtime::format(form, &jiff::Zoned::default()).is_err() => {
                self.flaw(arguments[1], format!("`{form}` is no form of a date"), "write for example \"%d.%m.%Y\" or \"%Y%m%d\"");
            }
            _ => {}
        }
    }

    pub(super) fn look_up(&mut self, table: &IdedExpr, key: &IdedExpr, otherwise: Option<&IdedExpr>) -> Typed {
        let (key, otherwise) = (self.node(key), otherwise.map(|otherwise| self.node(otherwise)));
        let Expr::Literal(LiteralValue::String(name)) = &table.expr else {
            self.flaw(table, "a table is named by a constant text", "write lookup(\"terms\", payment.method)");
            return Typed::unknown();
        };
        let Some(place) = self.tables.iter().position(|table| table.name == name.inner()) else {
            let known: Vec<String> = self.tables.iter().map(|table| table.name.clone()).collect();
            let cure =
                nearest(name.inner(), &known).map_or_else(|| format!("add [tables.{}]", name.inner()), |near| format!("did you mean `{near}`?"));
            self.flaw(table, format!("there is no table `{}`", name.inner()), cure);
            return Typed::unknown();
        };
        let kind = otherwise.as_ref().map_or(Kind::Text, |otherwise| otherwise.kind.or(Kind::Text));
        let locks = key.locks || otherwise.as_ref().is_some_and(|otherwise| otherwise.locks);
        let otherwise = otherwise.map(|otherwise| Box::new(otherwise.node));
        Typed::new(Node::LookUp { table: place, key: Box::new(key.node), otherwise }, kind, locks)
    }

    pub(super) fn looping(&mut self, what: Loop, list: &IdedExpr, variable: &IdedExpr, body: &IdedExpr) -> Typed {
        let over = self.node(list);
        let element = match over.kind {
            Kind::List(of) => *of,
            Kind::Any => Kind::Any,
            other => {
                self.flaw(list, format!("this is {other}, and not a list"), "loop over lines, tags or split(…)");
                Kind::Any
            }
        };
        let Expr::Ident(name) = &variable.expr else {
            self.flaw(variable, "a loop names its variable here", "write for example lines.map(l, l.sku)");
            return Typed::unknown();
        };
        self.variables.push((name.clone(), element, over.locks));
        let typed = self.node(body);
        if what != Loop::Map {
            self.must(body, typed.kind, Kind::Flag, None);
        }
        self.variables.pop();
        let node = Node::Loop(what, Box::new([over.node, typed.node]));
        match what {
            Loop::Map => Typed::new(node, typed.kind.list(), typed.locks),
            Loop::Filter => Typed::new(node, over.kind, over.locks),
            Loop::All | Loop::Exists | Loop::ExistsOne => flag(node),
        }
    }
}
