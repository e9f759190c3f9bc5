//! A gateway that pays out every week, takes its fees, and takes money for disputes.

use crate::{
    d,
    shop::{Dice, Sale, minute},
};
use crossdock_flow::{
    Currency, Decimal,
    finance::{
        Dispute, Payout,
        dispute::{DisputeKind, DisputeStatus},
        payment::TenderKind,
        payout::{PayoutKind, PayoutLine},
    },
};

/// A dispute about a card payment, in the currency of the books.
pub(crate) fn dispute(sale: &Sale, index: usize, dice: &mut Dice) -> Option<Dispute> {
    let mut tenders = sale.payments.iter().flat_map(|payment| &payment.tenders);
    let tender = tenders.find(|tender| tender.kind == TenderKind::Card)?;
    let amount = tender.amount.pick(&sale.exchange, sale.books).unwrap();
    if amount.is_zero() {
        return None;
    }
    let fee = dice.amount(sale.books, 1500);
    let opened = sale.placed + 9000;
    Some(Dispute {
        id: format!("dp-{index}"),
        transaction: Some(tender.transaction_id.clone()),
        order: dice.one_in(2).then(|| sale.order.number.clone()),
        kind: DisputeKind::Chargeback,
        amount,
        currency: sale.books,
        fee,
        fee_returned: if dice.one_in(2) { fee } else { Decimal::ZERO },
        reason: "fraudulent".into(),
        network_reason_code: "4827".into(),
        status: dice.pick(&[DisputeStatus::Won, DisputeStatus::Lost, DisputeStatus::UnderReview, DisputeStatus::Accepted]),
        evidence_due_by: None,
        at: minute(opened),
        ended_at: Some(minute(opened + 20_000)),
        seen_at: minute(opened + 20_000),
    })
}

/// What the gateway does with a charge of this gross amount, by its own reckoning: 2.9 %.
pub(crate) fn charged(transaction: &str, gross: Decimal, currency: Currency) -> PayoutLine {
    let fee = currency.round(gross * d("0.029"));
    PayoutLine { transaction: transaction.into(), kind: PayoutKind::Charge, gross, fee, net: gross - fee }
}

/// Weekly payouts of what the gateway gathered: minute and line.
pub(crate) fn pay_out(currency: Currency, mut gathered: Vec<(i64, PayoutLine)>) -> Vec<Payout> {
    const WEEK: i64 = 7 * 24 * 60;
    gathered.sort_by_key(|(minute, _)| *minute);
    let weeks = gathered.chunk_by(|one, other| one.0 / WEEK == other.0 / WEEK);
    let payout = |week: &[(i64, PayoutLine)]| {
        let number = week[0].0 / WEEK + 1;
        let lines: Vec<PayoutLine> = week.iter().map(|(_, line)| line.clone()).collect();
        let amount = lines.iter().map(|line| line.net).sum();
        Payout { id: format!("po-{currency}-{number}"), at: minute(number * WEEK), currency, amount, lines }
    };
    weeks.map(payout).collect()
}
