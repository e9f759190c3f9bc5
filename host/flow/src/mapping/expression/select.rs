//! Names in an expression: paths of the record, of lines, custom fields, addresses and the variables of loops.

use super::{
    check::{Check, Typed},
    node::Node,
};
use crate::{
    mapping::{datum::Kind, schema::List},
    written::nearest,
};
use cel::common::ast::{Expr, IdedExpr, LiteralValue};

/// A name as expressions write it.
fn dashless(name: &str) -> String {
    name.replace('-', "_")
}

/// How deep a name lies below what it selects from.
fn unwind(expr: &IdedExpr) -> (&IdedExpr, Vec<&str>) {
    let (mut base, mut names) = (expr, Vec::new());
    while let Expr::Select(select) = &base.expr {
        names.push(select.field.as_str());
        base = &select.operand;
    }
    names.reverse();
    (base, names)
}

impl Check<'_> {
    /// A name, or what is selected from what an expression gives.
    pub(super) fn selection(&mut self, expr: &IdedExpr) -> Typed {
        let (base, names) = unwind(expr);
        let Expr::Ident(root) = &base.expr else {
            let typed = self.node(base);
            return self.of_value(expr, typed, &names);
        };
        if let Some(depth) = self.variables.iter().rposition(|(name, ..)| name == root) {
            let (_, kind, locks) = self.variables[depth];
            return self.of_value(expr, Typed::new(Node::Variable(depth), kind, locks), &names);
        }
        let schema = self.schema;
        let list = |is: fn(&List, &str) -> bool| schema.lists.iter().position(|list| is(list, root));
        if let Some(place) = list(|list, name| dashless(list.name) == name) {
            if names.is_empty() {
                return Typed::new(Node::Lines(place), Kind::Line(place).list(), false);
            }
            self.flaw(expr, format!("`{root}` is a list"), format!("write {root}.map(l, l.{}) or first({root}).{0}", names.join(".")));
            return Typed::unknown();
        }
        if let Some(place) = list(|list, name| list.item == name) {
            if self.group == Some(place) {
                return self.of_value(expr, Typed::new(Node::Line, Kind::Line(place), false), &names);
            }
            let (group, of) = (schema.lists[place].name, dashless(schema.lists[place].name));
            let path = names.join(".");
            let path = if path.is_empty() { "sku" } else { &path };
            self.flaw(expr, format!("`{root}` is there only for rows under [{group}]"), format!("write {of}.map(l, l.{path}) or first({of}).{path}"));
            return Typed::unknown();
        }
        match (root.as_str(), names.as_slice()) {
            ("fields", [name @ .., last]) if !last.is_empty() => self.field(&[name, &[*last]].concat().join(".")),
            _ => self.path(expr, &std::iter::once(root.as_str()).chain(names.iter().copied()).collect::<Vec<_>>().join(".")),
        }
    }

    fn field(&mut self, name: &str) -> Typed {
        self.path.get_or_insert_with(|| format!("fields.{name}"));
        Typed::new(Node::Field(name.into()), Kind::Any, false)
    }

    fn path(&mut self, expr: &IdedExpr, name: &str) -> Typed {
        if let Some(place) = self.schema.find_in_expression(name) {
            let path = &self.schema.paths[place];
            self.path.get_or_insert_with(|| path.name.to_owned());
            return Typed::new(Node::Path(place), path.kind, path.locks);
        }
        if let Some(parts) = self.schema.address(name) {
            return Typed::new(Node::Address(parts), Kind::Address, false);
        }
        let known = self.names("");
        let cure =
            nearest(name, &known).map_or_else(|| format!("known: {}, fields.NAME", known.join(", ")), |near| format!("did you mean `{near}`?"));
        self.flaw(expr, format!("`{name}` is no path of the {}", self.schema.entity), cure);
        Typed::unknown()
    }

    /// The names that begin so, as expressions write them, without that beginning.
    fn names(&self, begin: &str) -> Vec<String> {
        let all = self.schema.paths.iter().map(|path| path.name).filter(|name| !begin.is_empty() || self.schema.list_of(name).is_none());
        let mut names: Vec<String> = all.filter_map(|name| name.strip_prefix(begin).map(dashless)).collect();
        if begin.is_empty() {
            names.extend(self.schema.lists.iter().map(|list| dashless(list.name)));
        }
        names
    }

    /// What is selected from a value: a line has paths and custom fields, nothing else has any.
    fn of_value(&mut self, expr: &IdedExpr, of: Typed, names: &[&str]) -> Typed {
        match (of.kind, names) {
            (_, []) => of,
            (Kind::Line(list), ["fields", rest @ ..]) if !rest.is_empty() && self.schema.lists[list].has_fields => {
                self.line_field(of, &rest.join("."))
            }
            (Kind::Line(list), names) => {
                let item = self.schema.lists[list].item;
                let name = format!("{item}.{}", names.join("."));
                if let Some(place) = self.schema.find_in_expression(&name) {
                    let path = &self.schema.paths[place];
                    self.path.get_or_insert_with(|| path.name.to_owned());
                    // The row's own line needs no detour.
                    let node = if matches!(of.node, Node::Line) { Node::Path(place) } else { Node::LinePath(Box::new(of.node), place) };
                    return Typed::new(node, path.kind, path.locks);
                }
                let known = self.names(&format!("{item}."));
                let near = nearest(&names.join("."), &known).map(|near| format!("did you mean `{near}`?"));
                self.flaw(
                    expr,
                    format!("`{}` is no path of a {item}", names.join(".")),
                    near.unwrap_or_else(|| {
                        format!("known: {}{}", known.join(", "), if self.schema.lists[list].has_fields { ", fields.NAME" } else { "" })
                    }),
                );
                Typed::unknown()
            }
            (kind, _) => {
                self.flaw(expr, format!("`{}` cannot be asked of {kind}", names.join(".")), "only lines have parts; see docs/mapping.md");
                Typed::unknown()
            }
        }
    }

    /// Whether a name is the element of the list in whose group the row stands, and that has custom fields.
    fn own(&self, root: &str) -> bool {
        self.group.and_then(|list| self.schema.lists.get(list)).is_some_and(|list| list.item == root && list.has_fields)
    }

    fn line_field(&mut self, of: Typed, name: &str) -> Typed {
        self.path.get_or_insert_with(|| format!("line.fields.{name}"));
        Typed::new(Node::LineField(Box::new(of.node), name.into()), Kind::Any, false)
    }

    /// `fields["any name"]`, `line.fields["any name"]`, or an element of a list.
    pub(super) fn index(&mut self, expr: &IdedExpr, of: &IdedExpr, place: &IdedExpr) -> Typed {
        let (base, names) = unwind(of);
        if let (Expr::Literal(LiteralValue::String(name)), Some(&"fields")) = (&place.expr, names.last()) {
            let line = match &base.expr {
                Expr::Ident(root) if names.len() == 1 && self.own(root) => Typed::new(Node::Line, Kind::Line(self.group.unwrap_or(0)), false),
                Expr::Ident(root) if names.len() == 1 && self.variables.iter().any(|(known, ..)| known == root) => self.selection(base),
                Expr::Call(_) if names.len() == 1 => self.node(base),
                _ => return self.path(of, &format!("{}.fields", names[..names.len() - 1].join("."))),
            };
            return self.line_field(line, name.inner());
        }
        if let (Expr::Literal(LiteralValue::String(name)), Expr::Ident(root)) = (&place.expr, &of.expr)
            && root == "fields"
        {
            return self.field(name.inner());
        }
        let list = self.node(of);
        let element = match list.kind {
            Kind::List(of) => *of,
            Kind::Any => Kind::Any,
            other => {
                self.flaw(expr, format!("this is {other}, and not a list"), "[…] takes an element of a list, from 0, or fields[\"NAME\"]");
                Kind::Any
            }
        };
        Typed::new(Node::Item(Box::new([list.node, self.wanted(place, Kind::Number)])), element, list.locks)
    }

    /// Whether a `-` was meant as part of a path: then that is the flaw, and not what stands on both sides of it.
    pub(super) fn dashed(&mut self, expr: &IdedExpr) -> bool {
        let start = self.offset(expr);
        let end = self.text[start..]
            .find(|char: char| !char.is_ascii_alphanumeric() && !matches!(char, '.' | '-' | '_'))
            .map_or(self.text.len(), |end| start + end);
        let written = &self.text[start..end];
        let bare = |name: &'static str| self.schema.list_of(name).and_then(|_| name.split_once('.')).map_or(name, |(_, rest)| rest);
        let meant = self.schema.paths.iter().any(|path| path.name.contains('-') && (written == path.name || written == bare(path.name)))
            || self.schema.lists.iter().any(|list| list.name.contains('-') && written.split('.').next() == Some(list.name));
        let of_variable = self.variables.iter().any(|(name, ..)| {
            written.strip_prefix(name.as_str()).and_then(|rest| rest.strip_prefix('.')).is_some_and(|rest| {
                rest.contains('-') && self.schema.lists.iter().any(|list| self.schema.find(&format!("{}.{rest}", list.item)).is_some())
            })
        });
        if meant || of_variable {
            self.flaw(
                expr,
                format!("`{written}` is a subtraction here"),
                format!("in an expression a `-` of a path is written `_`: {}", written.replace('-', "_")),
            );
        }
        meant || of_variable
    }
}
