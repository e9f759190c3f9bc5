//! The sum rule: lines − discount + shipping + tax = total. Checked on the way in, after every hook and on the way out.
//! A difference is a fault that names it, never a silent fix.

use crate::{
    Document, Order,
    fault::{Code, Fault},
    money::{Decimal, LIMIT},
};

/// Checks one order, line by line and as a whole. Fails with E203, naming both amounts and the difference; with E202 when
/// it is worth less than nothing or more than can be counted.
pub fn check(order: &Order) -> Result<(), Fault> {
    for (index, line) in order.lines.iter().enumerate() {
        let worth = order.currency.round(line.quantity * line.unit_price) - line.discount;
        if worth != line.total {
            return Err(differ("quantity × unit price − discount", worth, "the line's total", line.total).at(format!("lines[{index}].total")));
        }
    }
    let sum = order.subtotal() - order.discount + order.shipping.amount + order.tax();
    if sum != order.total {
        return Err(differ("lines − discount + shipping + tax", sum, "the order's total", order.total).at("total"));
    }
    if order.total < Decimal::ZERO || order.total >= LIMIT {
        return Err(
            Fault::new(Code::InvalidField, format!("the order is worth {}: it must be zero or more, and below {LIMIT}", order.total)).at("total")
        );
    }
    Ok(())
}

/// Checks that the documents made of an order are worth exactly what the order is.
pub fn check_documents(order: &Order, documents: &[Document]) -> Result<(), Fault> {
    let sum: Decimal = documents.iter().map(|document| document.total).sum();
    if sum != order.total {
        return Err(differ("the documents together", sum, "the order's total", order.total).at("documents"));
    }
    Ok(())
}

fn differ(what: &str, sum: Decimal, of: &str, total: Decimal) -> Fault {
    Fault::new(Code::SumsDiffer, format!("{what} = {sum}, but {of} is {total}: a difference of {}", total - sum))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{edit::OrderEditor, sample};
    use std::sync::Arc;

    #[test]
    fn an_order_is_never_worth_less_than_nothing() {
        let mut order = sample::order(1);
        order.discount = Decimal::from(5);
        order.total -= order.discount;
        check(&order).unwrap();
        order.shipping = Default::default();
        order.total = order.subtotal() - order.discount + order.tax();
        let mut editor = OrderEditor::new(Arc::new(order));
        editor.set_unit_prices(&[0], &[Decimal::ZERO], "free").unwrap();
        assert_eq!(check(editor.order()).unwrap_err().code, Code::InvalidField);
    }
}
