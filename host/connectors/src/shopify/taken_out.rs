//! What refunds took out of an order before it was fulfilled: that is not ordered any more. What came back was ordered, and
//! money that was given back alone changes nothing of what was ordered.

use super::wire;
use crate::amount::{amount, invalid, not_negative};
use crossdock_flow::{Currency, Decimal, Fault};
use std::collections::HashMap;

/// What was taken out of one line, or of all of them.
#[derive(Clone, Copy, Default)]
pub(super) struct Out {
    /// Units.
    pub quantity: Decimal,
    /// Their price after discounts, with tax where the prices have it.
    pub subtotal: Decimal,
    /// Their tax.
    pub tax: Decimal,
}

/// What was taken out, by line, and how it fits the rest.
pub(super) struct TakenOut<'o> {
    lines: HashMap<&'o str, Out>,
    /// Whether refunds did this and nothing else, so that the shop's current total is that of the order.
    pub only: bool,
}

impl<'o> TakenOut<'o> {
    /// Nothing.
    pub(super) fn none() -> TakenOut<'o> {
        TakenOut { lines: HashMap::new(), only: true }
    }

    /// Reads the refunds. Fails with E202 for one of which it cannot be told whether it took something out.
    pub(super) fn read(order: &'o wire::Order, currency: Currency) -> Result<TakenOut<'o>, Fault> {
        let mut out = TakenOut::none();
        for (nth, refund) in order.refunds.iter().flatten().enumerate() {
            let rows = refund.refund_line_items.as_deref().unwrap_or_default();
            out.only &= !rows.is_empty() && refund.order_adjustments.as_ref().is_none_or(Vec::is_empty);
            for (row, line) in rows.iter().enumerate() {
                let at = |field: &str| format!("refunds[{nth}].refund_line_items[{row}].{field}");
                let Some(ordered) = order.line_items.iter().find(|ordered| ordered.id.0 == line.line_item_id.0) else {
                    return Err(invalid("it is of no line of the order").at(at("line_item_id")));
                };
                let untouched = ordered.fulfillment_status.0.is_empty();
                match (&*line.restock_type.0, &*ordered.fulfillment_status.0) {
                    ("cancel", _) => {}
                    ("return", _) | (_, "fulfilled") => {
                        out.only = false;
                        continue;
                    }
                    _ if untouched => {}
                    _ => {
                        let message = "the line is fulfilled in part, and it does not say whether these units were taken out or came back";
                        return Err(invalid(message).at(at("restock_type")));
                    }
                }
                let sum = out.lines.entry(&ordered.id.0).or_default();
                sum.quantity += not_negative(line.quantity, || at("quantity"))?;
                sum.subtotal += amount(line.subtotal, currency, || at("subtotal"))?;
                sum.tax += amount(line.total_tax, currency, || at("total_tax"))?;
            }
        }
        Ok(out)
    }

    /// What was taken out of a line.
    pub(super) fn of(&self, line: &str) -> Out {
        self.lines.get(line).copied().unwrap_or_default()
    }

    /// Whether nothing was taken out at all.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Everything that was taken out.
    pub(super) fn all(&self) -> Out {
        self.lines.values().fold(Out::default(), |sum, out| Out {
            quantity: sum.quantity + out.quantity,
            subtotal: sum.subtotal + out.subtotal,
            tax: sum.tax + out.tax,
        })
    }
}
