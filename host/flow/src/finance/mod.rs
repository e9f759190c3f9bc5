//! The money side of an order: invoice, payment, refund, dispute, payout and ledger entry, and the pure deciders between
//! them. Documents are posted in exactly one currency, the books'; what was agreed in another carries the rate of the day
//! the order was placed, and is never converted anew.
//!
//! What happened becomes [`Entry`] by [`Ledger`], is kept in a [`binder::Binder`] and goes to the ERP as [`Journal`]; an order's papers are compared by [`certificate::certify`], a month's by
//! [`close::close`].

pub mod account;
pub mod billing;
pub mod binder;
pub mod certificate;
pub mod close;
pub mod dispute;
pub mod exchange;
pub mod invoice;
pub mod journal;
pub mod ledger;
pub mod payment;
pub mod payout;
pub mod period;
mod post;
pub mod refund;

pub use account::{Account, Chart};
pub use billing::{Billing, RefundDocument, refund_document};
pub use certificate::{Certificate, certify};
pub use close::{Close, close};
pub use dispute::Dispute;
pub use exchange::{Amounts, Exchange};
pub use invoice::Invoice;
pub use journal::Journal;
pub use ledger::{Entry, Ledger, Leg};
pub use payment::Payment;
pub use payout::Payout;
pub use period::{Month, Periods};
pub use refund::Refund;

use crate::{
    Currency, Decimal,
    fault::{Code, Fault},
};

/// The smallest amount that a currency counts: 1 yen, 0.01 dollars, 0.001 dinars.
pub fn unit(currency: Currency) -> Decimal {
    Decimal::new(1, currency.digits())
}

/// Whether a residual is no more than rounding: at most one unit of the currency for each part.
pub fn is_rounding(residual: Decimal, parts: usize, currency: Currency) -> bool {
    residual.abs() <= unit(currency) * Decimal::from(parts)
}

/// Checks that an amount is whole in its currency: no digit more than it counts. Fails with E702.
fn check_whole(amount: Decimal, currency: Currency, what: &str) -> Result<(), Fault> {
    match currency.round(amount) == amount {
        true => Ok(()),
        false => Err(Fault::new(Code::Residual, format!("{amount} has more digits than {currency} counts")).at(what)),
    }
}

/// Checks that a document counts in the currency of the books. Fails with E703.
fn check_currency(currency: Currency, books: Currency, what: &str) -> Result<(), Fault> {
    match currency == books {
        true => Ok(()),
        false => {
            let told = format!("it is in {currency}, and the books are in {books}: convert it by the rate stamped on the order");
            Err(Fault::new(Code::WrongCurrency, told).at(what))
        }
    }
}
