//! Names in an expression: paths of the record, of lines, custom fields, addresses and the variables of loops.

use super::{
    check::{Check, Typed},
    node::Node,
};
use crate::{mapping::datum::Kind, written::nearest};
use cel::common::ast::{Expr, IdedExpr, LiteralValue};

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
        match (root.as_str(), names.as_slice()) {
            ("fields", [name @ .., last]) if !last.is_empty() => self.field(&[name, &[*last]].concat().join(".")),
            ("lines", []) if self.schema.has_lines() => Typed::new(Node::Lines, Kind::Line.list(), false),
            ("lines", _) if self.schema.has_lines() => {
                self.flaw(expr, "`lines` is a list", format!("write lines.map(l, l.{}) or first(lines).{0}", names.join(".")));
                Typed::unknown()
            }
            ("line", _) if !self.in_line && self.schema.has_lines() => {
                self.flaw(expr, "`line` is there only for rows under [lines]", "write lines.map(l, l.sku) or first(lines).sku");
                Typed::unknown()
            }
            ("line", names) if self.schema.has_lines() => self.of_value(expr, Typed::new(Node::Line, Kind::Line, false), names),
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
        let names = self.schema.names(true).into_iter().filter(|name| !begin.is_empty() || !name.starts_with("line."));
        let mut names: Vec<String> = names.filter_map(|name| name.strip_prefix(begin).map(|name| name.replace('-', "_"))).collect();
        if begin.is_empty() && self.schema.has_lines() {
            names.push("lines".into());
        }
        names
    }

    /// What is selected from a value: a line has paths and custom fields, nothing else has any.
    fn of_value(&mut self, expr: &IdedExpr, of: Typed, names: &[&str]) -> Typed {
        match (of.kind, names) {
            (_, []) => of,
            (Kind::Line, ["fields", rest @ ..]) if !rest.is_empty() => self.line_field(of, &rest.join(".")),
            (Kind::Line, names) => {
                let name = format!("line.{}", names.join("."));
                if let Some(place) = self.schema.find_in_expression(&name) {
                    let path = &self.schema.paths[place];
                    self.path.get_or_insert_with(|| path.name.to_owned());
                    // The row's own line needs no detour.
                    let node = if matches!(of.node, Node::Line) { Node::Path(place) } else { Node::LinePath(Box::new(of.node), place) };
                    return Typed::new(node, path.kind, path.locks);
                }
                let known = self.names("line.");
                let near = nearest(&names.join("."), &known).map(|near| format!("did you mean `{near}`?"));
                self.flaw(
                    expr,
                    format!("`{}` is no path of a line", names.join(".")),
                    near.unwrap_or_else(|| format!("known: {}, fields.NAME", known.join(", "))),
                );
                Typed::unknown()
            }
            (kind, _) => {
                self.flaw(expr, format!("`{}` cannot be asked of {kind}", names.join(".")), "only lines have parts; see docs/mapping.md");
                Typed::unknown()
            }
        }
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
                Expr::Ident(root) if root == "line" && names.len() == 1 && self.in_line => Typed::new(Node::Line, Kind::Line, false),
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
        let meant = self
            .schema
            .paths
            .iter()
            .any(|path| path.name.contains('-') && (written == path.name || written == path.name.trim_start_matches("line.")));
        let of_variable = self.variables.iter().any(|(name, ..)| {
            written
                .strip_prefix(name.as_str())
                .and_then(|rest| rest.strip_prefix('.'))
                .is_some_and(|rest| rest.contains('-') && self.schema.find(&format!("line.{rest}")).is_some())
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
