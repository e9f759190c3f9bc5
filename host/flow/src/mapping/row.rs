//! One row: where a value comes from, what is done to it on its way, and where it goes.

use super::{
    datum::{Datum, Kind},
    expression::{Expression, call_date, call_number},
    schema::{Schema, Scope},
    table::Table,
    width,
};
use crate::{
    Code, Fault,
    fault::shorten,
    money,
    order::{Field, Value},
    written::Place,
};
use std::{borrow::Cow, sync::Arc};

/// A checked row.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) target: Arc<str>,
    pub(super) from: Vec<Source>,
    pub(super) functions: Vec<Function>,
    pub(super) table: Option<usize>,
    pub(super) default: Option<Value>,
    pub(super) shape: Option<Shape>,
    pub(super) width: Option<usize>,
    pub(super) ascii: bool,
    pub(super) overflow: Overflow,
    /// Money, quantity or identity goes into the field.
    pub(super) locks: bool,
    /// Where it is written, and where what it overrides is, nearest first.
    pub(super) places: Arc<[Place]>,
}

/// Where a value comes from, resolved at load.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Constant(Value),
    /// A path, by its place in the schema.
    Path(usize),
    /// `fields.NAME`
    Field(Box<str>),
    /// `line.fields.NAME`
    LineField(Box<str>),
    Expression(Arc<Expression>),
}

/// What is done to a value on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Trim,
    Upper,
    Lower,
    /// An instant to the date in the company's time zone, `2026-11-23`.
    Date,
    /// Only the digits of a text.
    Digits,
}

/// The type of the ERP's field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    /// With at most so many decimals, and digits before the point.
    Number {
        scale: Option<u32>,
        digits: Option<u32>,
    },
    Date,
    Flag,
}

/// What happens to a text that is wider than its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overflow {
    Reject,
    /// Cut at the end of a word where one ends in the second half, else hard.
    Cut,
    /// The words that do not fit go to the front of a later row of the group, by its place there.
    Spill(usize),
}

/// What a row sees.
#[derive(Clone, Copy)]
pub(super) struct At<'s> {
    pub(super) scope: &'s dyn Scope,
    pub(super) tables: &'s [Arc<Table>],
    /// Which element of which list, in the group of a list.
    pub(super) line: Option<usize>,
    pub(super) list: &'static str,
}

/// What came of a row.
#[derive(Debug)]
pub(super) struct Filled {
    pub(super) value: Value,
    pub(super) by_default: bool,
    /// What goes to the front of another row.
    pub(super) rest: Option<String>,
}

impl Source {
    pub(super) fn value<'s>(&'s self, at: At<'s>) -> Result<Datum<'s>, Fault> {
        Ok(match self {
            Source::Constant(value) => Datum::of(value),
            Source::Path(path) => at.scope.path(*path, at.line),
            Source::Field(name) => at.scope.field(name),
            Source::LineField(name) => at.line.map_or(Datum::Empty, |line| at.scope.line_field(line, name)),
            Source::Expression(expression) => expression.value(at.scope, at.tables, at.line)?,
        })
    }

    /// As it is written.
    pub(super) fn told(&self, schema: &Schema) -> Cow<'_, str> {
        match self {
            Source::Constant(value) => format!("the constant `{value}`").into(),
            Source::Path(path) => Cow::Borrowed(schema.paths[*path].name),
            Source::Field(name) => format!("fields.{name}").into(),
            Source::LineField(name) => format!("line.fields.{name}").into(),
            Source::Expression(expression) => Cow::Borrowed(&expression.text),
        }
    }

    /// The path in the whole record.
    pub(super) fn path(&self, schema: &Schema) -> Option<String> {
        let path = match self {
            Source::Constant(_) => return None,
            Source::Expression(expression) => expression.path.clone()?,
            path => path.told(schema).into_owned(),
        };
        Some(schema.whole(&path))
    }

    pub(super) fn kind(&self, schema: &Schema) -> Kind {
        match self {
            Source::Constant(Value::Text(_)) => Kind::Text,
            Source::Constant(Value::Number(_)) => Kind::Number,
            Source::Constant(Value::Flag(_)) => Kind::Flag,
            Source::Path(path) => schema.paths[*path].kind,
            Source::Expression(expression) => expression.kind,
            Source::Constant(Value::Empty) | Source::Field(_) | Source::LineField(_) => Kind::Any,
        }
    }

    pub(super) fn locks(&self, schema: &Schema) -> bool {
        match self {
            Source::Path(path) => schema.paths[*path].locks,
            Source::Expression(expression) => expression.locks,
            _ => false,
        }
    }
}

impl Row {
    /// What the sources give, before anything is done to it.
    pub(super) fn read<'s>(&'s self, at: At<'s>) -> Result<Datum<'s>, Fault> {
        match self.from.as_slice() {
            [] => Ok(Datum::Empty),
            [one] => one.value(at),
            several => {
                let parts = several.iter().map(|source| source.value(at)).collect::<Result<Vec<_>, _>>()?;
                Ok(Datum::owned(Datum::List(parts).to_text().into_owned()))
            }
        }
    }

    /// The field's value; `spilled` is what an earlier row has left over. Fails with E301 to E304, at the row's place.
    pub(super) fn value(&self, at: At<'_>, schema: &Schema, spilled: Option<String>) -> Result<Filled, Fault> {
        self.fill(at, schema, spilled).map_err(|fault| fault.at(self.place(at)))
    }

    fn fill(&self, at: At<'_>, schema: &Schema, spilled: Option<String>) -> Result<Filled, Fault> {
        let mut datum = self.read(at)?;
        for function in &self.functions {
            datum = function.apply(datum, at.scope)?;
        }
        if let Some(table) = self.table {
            datum = at.tables[table].look_up(&datum)?;
        }
        let mut value = match (datum, spilled) {
            (Datum::Empty, None) => {
                let missing = || Fault::new(Code::MappingMissing, format!("nothing at {}, and the row has no default", self.sources(schema)));
                let value = self.default.clone().ok_or_else(missing)?;
                return Ok(Filled { value, by_default: true, rest: None });
            }
            (Datum::Empty, Some(spilled)) => Value::Text(spilled),
            (datum, None) => self.shaped(datum, at.scope)?,
            (datum, Some(spilled)) => width::in_front(&spilled, self.shaped(datum, at.scope)?),
        };
        let mut rest = None;
        if let Value::Text(text) = &mut value {
            if self.ascii {
                width::ascii(text);
            }
            match (self.width, self.overflow) {
                (Some(width), Overflow::Cut) => width::cut(text, width),
                (Some(width), Overflow::Spill(_)) if text.len() > width => rest = width::spill(text, width).filter(|rest| !rest.is_empty()),
                _ => {}
            }
        }
        self.fits(&value)?;
        Ok(Filled { value, by_default: false, rest })
    }

    /// As the ERP's field wants it.
    fn shaped(&self, datum: Datum<'_>, scope: &dyn Scope) -> Result<Value, Fault> {
        let no = |datum: &Datum<'_>, what: &str| Err(Fault::new(Code::MappingType, format!("`{}` is no {what}", shorten(&datum.to_text()))));
        match (self.shape, datum) {
            (None, Datum::Number(number)) => {
                let computed = matches!(self.from.as_slice(), [Source::Expression(_)]);
                if computed && money::fit(number).is_none() {
                    return Err(Fault::new(Code::MappingType, format!("{number} has more than 4 decimals, or is too large: write round(…, 2)")));
                }
                Ok(Value::Number(if computed { number.normalize() } else { number }))
            }
            (None, datum) => Ok(datum.into_value()),
            (Some(Shape::Text), datum) => Ok(Value::Text(datum.to_text().into_owned())),
            (Some(Shape::Number { scale, digits }), datum) => {
                let number = match &datum {
                    Datum::Number(number) => *number,
                    Datum::Text(text) => call_number::parse(text)?,
                    other => return no(other, "number"),
                };
                let (most, short) = (scale.unwrap_or(money::MAX_RATE_SCALE), number.normalize());
                if short.scale() > most {
                    return Err(Fault::new(Code::MappingType, format!("{short} has more than {most} decimals: write round(…, {most})")));
                }
                if let Some(digits) = digits
                    && short.abs().trunc().to_string().len() > digits as usize
                {
                    return Err(Fault::new(Code::MappingType, format!("{short} has more than {digits} digits before the point")));
                }
                Ok(Value::Number(if number.scale() > most { short } else { number }))
            }
            (Some(Shape::Date), Datum::Instant(at)) => Ok(Value::Text(call_date::day_of(at, scope).to_string())),
            (Some(Shape::Date), datum) => match datum.to_text().parse::<jiff::civil::Date>() {
                Ok(date) => Ok(Value::Text(date.to_string())),
                Err(_) => no(&datum, "date"),
            },
            (Some(Shape::Flag), datum) => match datum.to_text().as_ref() {
                "true" => Ok(Value::Flag(true)),
                "false" => Ok(Value::Flag(false)),
                _ => no(&datum, "flag (true or false)"),
            },
        }
    }

    /// Whether a text fits the field. Fails with E302.
    pub(super) fn fits(&self, value: &Value) -> Result<(), Fault> {
        let (Some(width), Value::Text(text)) = (self.width, value) else { return Ok(()) };
        // Counting bytes first spares the walk over characters for nearly every value.
        if text.len() > width && text.chars().count() > width {
            let message = format!("{} characters, but the field holds {width}", text.chars().count());
            return Err(Fault::new(Code::MappingWidth, message).limit("width", width, None));
        }
        Ok(())
    }

    pub(super) fn field(&self, value: Value) -> Field {
        Field { name: self.target.clone(), value }
    }

    fn place(&self, at: At<'_>) -> String {
        match at.line {
            Some(line) => format!("{}[{}].{}", at.list, at.scope.line_number(line), self.target),
            None => self.target.to_string(),
        }
    }

    pub(super) fn sources(&self, schema: &Schema) -> String {
        self.from.iter().map(|source| source.told(schema)).collect::<Vec<_>>().join(" and ")
    }
}

impl Function {
    pub(super) const ALL: [(&str, Function); 5] =
        [("trim", Function::Trim), ("upper", Function::Upper), ("lower", Function::Lower), ("date", Function::Date), ("digits", Function::Digits)];

    fn apply<'s>(self, datum: Datum<'s>, scope: &dyn Scope) -> Result<Datum<'s>, Fault> {
        if let (Function::Date, Datum::Instant(at)) = (self, &datum) {
            return Ok(Datum::owned(call_date::day_of(*at, scope).to_string()));
        }
        let text = match datum {
            Datum::Empty => return Ok(Datum::Empty),
            Datum::Text(text) => text,
            other => Cow::Owned(other.to_text().into_owned()),
        };
        Ok(match self {
            Function::Trim => match text {
                Cow::Borrowed(text) => Datum::text(text.trim()),
                Cow::Owned(text) => Datum::owned(text.trim().to_owned()),
            },
            Function::Upper => Datum::owned(text.to_uppercase()),
            Function::Lower => Datum::owned(text.to_lowercase()),
            Function::Digits => Datum::owned(text.chars().filter(char::is_ascii_digit).collect()),
            Function::Date => Datum::owned(call_date::day_of(call_date::parse(&text, scope)?, scope).to_string()),
        })
    }
}
