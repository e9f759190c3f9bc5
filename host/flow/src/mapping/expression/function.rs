//! The functions of the mapping language: one visible table, with types, in words, and what they do. `lookup`, `has` and
//! the loops (`map`, `filter`, `all`, `exists`, `exists_one`) are words of the language itself and stand in `check.rs`.
//!
//! A function can be written before its first argument, too: `trim(customer.id)` is `customer.id.trim()`.

use super::call;
use crate::{
    Code, Fault,
    mapping::{
        datum::{Datum, Kind},
        schema::Scope,
    },
};

/// One function.
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// The types of its arguments; those after [`Function::needs`] may be left out.
    pub takes: &'static [Kind],
    /// How many arguments it needs at least.
    pub needs: usize,
    /// Whether the last argument may be repeated.
    pub repeats: bool,
    /// What it gives.
    pub gives: Gives,
    /// What it does, in words.
    pub does: &'static str,
    pub(super) empties: Empties,
    pub(super) run: Run,
}

/// How a function is carried out.
pub(super) type Run = for<'s> fn(Vec<Datum<'s>>, &'s dyn Scope) -> Result<Datum<'s>, Fault>;

/// The type of what a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// Always the same.
    Kind(Kind),
    /// What its arguments are.
    Same,
    /// An element of its list.
    Element,
    /// The list that it was given.
    List,
}

/// What an empty argument means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Empties {
    /// The function gives nothing.
    Pass,
    /// The function itself looks at it.
    Count,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shape())
    }
}

impl Function {
    /// Finds a function.
    pub(super) fn find(name: &str) -> Option<&'static Function> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }

    /// As it is written, with types: `round(number, number) → number`.
    pub fn shape(&self) -> String {
        let takes = self.takes.iter().enumerate().map(|(place, kind)| if place < self.needs { kind.to_string() } else { format!("[{kind}]") });
        let more = if self.repeats { ", …" } else { "" };
        let gives = match self.gives {
            Gives::Kind(kind) => kind.to_string(),
            Gives::Same => "the same".into(),
            Gives::Element => "an element".into(),
            Gives::List => "a list".into(),
        };
        format!("{}({}{more}) → {gives}", self.name, takes.collect::<Vec<_>>().join(", "))
    }

    /// The type that an argument must have.
    pub(super) fn wants(&self, place: usize) -> Option<Kind> {
        self.takes.get(place).or_else(|| self.takes.last().filter(|_| self.repeats)).copied()
    }

    /// Checks an argument whose type was not known at load. A text is made of whatever a custom field holds.
    pub(super) fn admit<'s>(&self, place: usize, value: Datum<'s>) -> Result<Datum<'s>, Fault> {
        let wanted = self.wants(place).unwrap_or(Kind::Any);
        match (wanted, value) {
            (Kind::Any, value) | (_, value @ Datum::Empty) => Ok(value),
            (Kind::Text, value @ Datum::Text(_)) => Ok(value),
            (Kind::Text, value @ (Datum::Number(_) | Datum::Flag(_) | Datum::Instant(_))) => Ok(Datum::owned(value.to_text().into_owned())),
            (Kind::Number, value @ Datum::Number(_)) => Ok(value),
            (Kind::Flag, value @ Datum::Flag(_)) => Ok(value),
            (Kind::Instant, value @ Datum::Instant(_)) => Ok(value),
            (Kind::Line(_), value @ Datum::Line(_)) => Ok(value),
            (Kind::Address | Kind::List(_), value @ Datum::List(_)) => Ok(value),
            (wanted, value) => Err(wrong(self.name, wanted, &value)),
        }
    }
}

/// A value of the wrong kind.
pub(super) fn wrong(of: &str, wanted: Kind, found: &Datum<'_>) -> Fault {
    fault(format!("{of} needs {wanted}, but was given {}", found.kind()))
}

/// A fault of a value.
pub(super) fn fault(message: impl Into<String>) -> Fault {
    Fault::new(Code::MappingType, message)
}

const TEXTS: Kind = Kind::List(&Kind::Text);
const ANYS: Kind = Kind::List(&Kind::Any);
const NUMBERS: Kind = Kind::List(&Kind::Number);

/// `name (needed … ; optional … ; repeated) gives, empties, run, words`.
macro_rules! functions {
    ($($name:literal ($($need:expr),* $(; $optional:expr)* $(=> $repeat:ident)?) $gives:expr, $empties:ident, $run:path, $does:literal;)*) => {
        /// Every function of the language.
        pub const FUNCTIONS: &[Function] = &[$(Function {
            name: $name,
            takes: &[$($need,)* $($optional,)*],
            needs: [$(stringify!($need)),*].len(),
            repeats: functions!(@repeats $($repeat)?),
            gives: $gives,
            does: $does,
            empties: Empties::$empties,
            run: $run,
        }),*];
    };
    (@repeats) => { false };
    (@repeats repeat) => { true };
}

use Gives::{Element, Kind as Is, List, Same};
use Kind::{Address, Any, Flag, Instant, Number, Text};

functions! {
    // Texts.
    "text" (Any) Is(Text), Pass, call::text::text, "any value as text";
    "upper" (Text) Is(Text), Pass, call::text::upper, "in capitals";
    "lower" (Text) Is(Text), Pass, call::text::lower, "in small letters";
    "title" (Text) Is(Text), Pass, call::text::title, "every word begins with a capital, the rest is small";
    "trim" (Text) Is(Text), Pass, call::text::trim, "without white space at both ends; what is between words becomes one space";
    "digits" (Text) Is(Text), Pass, call::text::digits, "only the digits";
    "ascii" (Text) Is(Text), Pass, call::text::ascii, "in ASCII: `Zoë Müßig` becomes `Zoe Mussig`";
    "left" (Text, Number) Is(Text), Pass, call::text::left, "at most so many characters from the beginning";
    "right" (Text, Number) Is(Text), Pass, call::text::right, "at most so many characters from the end";
    "cut" (Text, Number) Is(Text), Pass, call::text::cut, "at most so many characters, cut at the end of a word where there is one";
    "pad_left" (Text, Number; Text) Is(Text), Pass, call::text::pad_left, "filled in front to so many characters, with spaces or with the one given";
    "pad_right" (Text, Number; Text) Is(Text), Pass, call::text::pad_right, "filled behind to so many characters";
    "replace" (Text, Text, Text) Is(Text), Count, call::text::replace, "with every occurrence of the second text replaced by the third";
    "before" (Text, Text) Is(Text), Pass, call::text::before, "what stands before the first occurrence; all of it where there is none";
    "after" (Text, Text) Is(Text), Pass, call::text::after, "what stands behind the first occurrence; nothing where there is none";
    "contains" (Text, Text) Is(Flag), Count, call::text::contains, "whether the second text is in the first";
    "startsWith" (Text, Text) Is(Flag), Count, call::text::starts_with, "whether it begins with the second text";
    "endsWith" (Text, Text) Is(Flag), Count, call::text::ends_with, "whether it ends with the second text";
    "split" (Text, Text) Is(TEXTS), Pass, call::text::split, "the parts between the separators, trimmed, without empty ones";
    "join" (ANYS, Text) Is(Text), Count, call::text::join, "the elements as text, with the second text between them; empty ones are left out";
    "format" (Text; Any => repeat) Is(Text), Count, call::text::format, "the text with each `{}` replaced by the next argument";
    // Numbers.
    "number" (Any) Is(Number), Pass, call::number::number, "the exact number that a text says; `1,234.50` is refused";
    "dec" (Text) Is(Number), Pass, call::number::number, "an exact number, for what CEL would make a float of: `dec(\"0.5\")`";
    "round" (Number; Number) Is(Number), Pass, call::number::round, "rounded half away from zero, to so many decimals or to a whole number";
    "floor" (Number) Is(Number), Pass, call::number::floor, "the next whole number below";
    "ceil" (Number) Is(Number), Pass, call::number::ceil, "the next whole number above";
    "abs" (Number) Is(Number), Pass, call::number::abs, "without its sign";
    "fixed" (Number, Number) Is(Text), Pass, call::number::fixed, "as text with exactly so many decimals: `12.50`";
    "min" (Number, Number => repeat) Is(Number), Count, call::number::min, "the smallest; empty ones are left out";
    "max" (Number, Number => repeat) Is(Number), Count, call::number::max, "the largest; empty ones are left out";
    // Dates.
    "date" (Instant; Text) Is(Text), Pass, call::date::date, "the date where the company is, `2026-11-23`, or in a form such as `%d.%m.%Y`";
    "time" (Instant) Is(Text), Pass, call::date::time, "the time of day where the company is, `09:30:00`";
    "instant" (Text) Is(Instant), Pass, call::date::instant, "the point in time that a text says: `2026-11-23T09:30:00Z`, or a date, at its first moment where the company is";
    "add_days" (Instant, Number) Is(Instant), Pass, call::date::add_days, "so many calendar days later, or earlier";
    "days_between" (Instant, Instant) Is(Number), Pass, call::date::days_between, "from the first date to the second, in calendar days where the company is";
    "year" (Instant) Is(Number), Pass, call::date::year, "the year";
    "month" (Instant) Is(Number), Pass, call::date::month, "the month, from 1";
    "day" (Instant) Is(Number), Pass, call::date::day, "the day of the month";
    "weekday" (Instant) Is(Number), Pass, call::date::weekday, "the day of the week, from 1 for Monday";
    // Lists.
    "size" (Any) Is(Number), Count, call::list::size, "how many characters, or how many elements";
    "first" (ANYS) Element, Pass, call::list::first, "the first element that is not empty";
    "last" (ANYS) Element, Pass, call::list::last, "the last element that is not empty";
    "sum" (NUMBERS) Is(Number), Count, call::list::sum, "all elements added; of no elements 0";
    "smallest" (NUMBERS) Is(Number), Pass, call::list::smallest, "the smallest element";
    "largest" (NUMBERS) Is(Number), Pass, call::list::largest, "the largest element";
    "distinct" (ANYS) List, Count, call::list::distinct, "every element once";
    // Choices.
    "default" (Any, Any => repeat) Same, Count, call::list::default, "the first argument that is not empty";
    // Parts of addresses and names.
    "address_line" (Address; Text) Is(Text), Pass, call::address::address_line, "an address on one line: `address_line(shipping_to)`, with `, ` or the second text between its parts";
    "house_number" (Text) Is(Text), Pass, call::address::house_number, "the house number of a street's line, in front or behind";
    "street" (Text) Is(Text), Pass, call::address::street, "a street's line without its house number";
    "first_name" (Text) Is(Text), Pass, call::address::first_name, "all of a name but its last word";
    "last_name" (Text) Is(Text), Pass, call::address::last_name, "the last word of a name; of `Doe, Jo` the part before the comma";
}
