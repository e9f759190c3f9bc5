//! Orders with exactly one thing wrong.

use crate::{
    orders::{Draft, Generated, event},
    random::Random,
};
use rust_decimal::Decimal;

/// What is wrong with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The total is a cent more than its parts.
    SumOffByACent,
    /// The first line has a quantity of −1.
    NegativeQuantity,
    /// The currency is `XQX`.
    UnknownCurrency,
    /// The first line's SKU is `NO-SUCH-ITEM`: the shop knows it, the ERP does not.
    UnknownSku,
    /// A hundred thousand nested lists in a field that nobody reads.
    TooDeep,
    /// A custom field is an object.
    NestedField,
    /// `lineItems` is a text.
    WrongType,
    /// The text ends in the middle.
    CutOff,
}

impl Wrong {
    /// Each of them.
    pub const ALL: [Wrong; 8] = [
        Wrong::SumOffByACent,
        Wrong::NegativeQuantity,
        Wrong::UnknownCurrency,
        Wrong::UnknownSku,
        Wrong::TooDeep,
        Wrong::NestedField,
        Wrong::WrongType,
        Wrong::CutOff,
    ];
}

/// Makes an order with one thing wrong.
pub fn order(wrong: Wrong, number: &str) -> Generated {
    let mut draft = Draft::new(number.to_owned(), 0, &mut Random::new(11));
    match wrong {
        Wrong::SumOffByACent => draft.error = if draft.currency == "JPY" { Decimal::ONE } else { Decimal::new(1, 2) },
        Wrong::NegativeQuantity => draft.lines[0].quantity = -Decimal::ONE,
        Wrong::UnknownCurrency => draft.currency = "XQX".into(),
        Wrong::UnknownSku => draft.lines[0].sku = "NO-SUCH-ITEM".into(),
        Wrong::NestedField => draft.fields = r#"{"engraving":{"text":"hello"}}"#.into(),
        Wrong::TooDeep | Wrong::WrongType | Wrong::CutOff => {}
    }
    let mut made = draft.finish();
    match wrong {
        Wrong::TooDeep => {
            let deep = format!(r#""tags":["web"],"legacy":{}{}"#, "[".repeat(100_000), "]".repeat(100_000));
            made.order = made.order.replace(r#""tags":["web"]"#, &deep);
        }
        Wrong::WrongType => {
            let (before, after) = made.order.split_once(r#""lineItems":"#).unwrap_or_default();
            let end = after.find(r#","shipping":"#).unwrap_or_default();
            made.order = format!(r#"{before}"lineItems":"none"{}"#, &after[end..]);
        }
        _ => {}
    }
    made.body = event("order.created", &made.date, &made.order);
    if wrong == Wrong::CutOff {
        made.body.truncate(made.body.len() - 40);
    }
    made
}
