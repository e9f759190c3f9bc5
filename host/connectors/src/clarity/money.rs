//! Clarity's payments, refunds, disputes and payouts on the wire, and what they are in canonical terms. What is kept of a row
//! is what stands here: amounts, ids and times, and no customer's data.

use crate::{
    exact::Amount,
    number,
    rows::{bytes, instant, shape},
};
use crossdock_flow::{
    Code, Currency, Decimal, Fault, OrderNumber,
    entity::echo::Kind,
    finance::{
        Amounts, Dispute, Exchange, Payment, Payout, Refund,
        dispute::{DisputeKind, DisputeStatus},
        invoice::Sells,
        payment::{PaymentStatus, Tender, TenderKind},
        payout::{PayoutKind, PayoutLine},
        refund::{RefundLine, RefundTransaction, Settling, Swap, SwapBilled},
    },
    order::Instant,
    sync::Subject,
};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, de::Error as _, ser::Error as _};
use serde_json::value::RawValue;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentRow {
    payment_id: String,
    order_id: String,
    status: PaymentStatus,
    taken_at: String,
    currency: String,
    /// The shop's own currency, where the customer saw another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shop_currency: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rate: Option<Rate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rate_date: Option<Date>,
    tenders: Vec<TenderRow>,
    updated_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TenderRow {
    kind: String,
    #[serde(default)]
    transaction_id: String,
    amount: Amount,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shop_amount: Option<Amount>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RefundRow {
    refund_id: String,
    order_id: String,
    refunded_at: String,
    currency: String,
    #[serde(default)]
    lines: Vec<RefundLineRow>,
    #[serde(default)]
    shipping_amount: Amount,
    #[serde(default)]
    tax_amount: Amount,
    #[serde(default)]
    adjustment: Amount,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exchange: Option<SwapRow>,
    amount: Amount,
    #[serde(default)]
    transactions: Vec<BackRow>,
    updated_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RefundLineRow {
    line_id: String,
    #[serde(default)]
    product_type: String,
    quantity: Amount,
    amount: Amount,
    #[serde(default)]
    tax_amount: Amount,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SwapRow {
    amount: Amount,
    #[serde(default)]
    tax_amount: Amount,
    billed: SwapBilled,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BackRow {
    transaction_id: String,
    kind: String,
    amount: Amount,
    status: Settling,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DisputeRow {
    dispute_id: String,
    #[serde(default)]
    transaction_id: Option<String>,
    #[serde(default)]
    order_id: Option<String>,
    #[serde(default)]
    kind: DisputeKind,
    amount: Amount,
    currency: String,
    #[serde(default)]
    fee: Amount,
    #[serde(default)]
    fee_returned: Amount,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    network_reason_code: String,
    status: DisputeStatus,
    #[serde(default)]
    evidence_due_by: Option<String>,
    opened_at: String,
    #[serde(default)]
    ended_at: Option<String>,
    updated_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PayoutRow {
    payout_id: String,
    paid_at: String,
    currency: String,
    amount: Amount,
    lines: Vec<PayoutLineRow>,
    updated_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PayoutLineRow {
    transaction_id: String,
    kind: PayoutKind,
    gross: Amount,
    #[serde(default)]
    fee: Amount,
    net: Amount,
}

/// A rate has more digits than an amount.
#[derive(Clone, Copy)]
struct Rate(Decimal);

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rate, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        number::exact(json.get()).ok().flatten().map(Rate).ok_or_else(|| D::Error::custom("a rate"))
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_string()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// Reads a row. Fails with E201, E202, E204 or E703.
pub(super) fn read(kind: Kind, body: &[u8]) -> Result<Subject, Fault> {
    Ok(match kind {
        Kind::Payment => Subject::Payment(Box::new(payment(shape(body)?)?)),
        Kind::Refund => Subject::Refund(Box::new(refund(shape(body)?)?)),
        Kind::Dispute => Subject::Dispute(Box::new(dispute(shape(body)?)?)),
        Kind::Payout => Subject::Payout(Box::new(payout(shape(body)?)?)),
        other => return Err(Fault::new(Code::Internal, format!("a {other} is no money"))),
    })
}

/// What is kept of a row: nothing that is not read. One that cannot be read stays as it came, until the shop mends it.
pub(super) fn kept(kind: Kind, body: Vec<u8>) -> Vec<u8> {
    fn again<R: Serialize + DeserializeOwned>(body: &[u8]) -> Result<Vec<u8>, Fault> {
        bytes(&shape::<R>(body)?)
    }
    let kept = match kind {
        Kind::Payment => again::<PaymentRow>(&body),
        Kind::Refund => again::<RefundRow>(&body),
        Kind::Dispute => again::<DisputeRow>(&body),
        Kind::Payout => again::<PayoutRow>(&body),
        _ => return body,
    };
    kept.unwrap_or(body)
}

fn id(text: &str, name: &str) -> Result<String, Fault> {
    match text.trim() {
        "" => Err(Fault::new(Code::InvalidField, "it is empty").at(name)),
        text => Ok(text.to_owned()),
    }
}

fn currency(code: &str) -> Result<Currency, Fault> {
    Currency::parse(code.trim()).map_err(|fault| fault.at("currency"))
}

fn at(text: &str, name: &str) -> Result<Instant, Fault> {
    instant(text).map_err(|fault| fault.at(name))
}

fn tender(kind: &str) -> TenderKind {
    match kind.trim() {
        "card" => TenderKind::Card,
        "gift-card" => TenderKind::GiftCard,
        "store-credit" => TenderKind::StoreCredit,
        "bank-transfer" => TenderKind::BankTransfer,
        "on-account" => TenderKind::OnAccount,
        other => TenderKind::Other(other.to_owned()),
    }
}

fn payment(row: PaymentRow) -> Result<Payment, Fault> {
    let taken_at = at(&row.taken_at, "takenAt")?;
    let seen = currency(&row.currency)?;
    let own = row.shop_currency.as_deref().map_or(Ok(seen), currency)?;
    let on = row.rate_date.unwrap_or_else(|| jiff::tz::Offset::UTC.to_datetime(taken_at.at).date());
    let exchange = match row.rate {
        Some(Rate(rate)) => Exchange::new(seen, own, rate, on)?,
        None if own == seen => Exchange::none(seen, on),
        None => return Err(Fault::new(Code::InvalidField, "two currencies need the rate between them").at("rate")),
    };
    let seen: Vec<Decimal> = row.tenders.iter().map(|tender| tender.amount.0).collect();
    let stamped = exchange.stamp(&seen)?;
    let one = |(tender_row, stamped): (TenderRow, Amounts)| {
        let shop = tender_row.shop_amount.map_or(stamped.shop, |amount| amount.0);
        Tender { kind: tender(&tender_row.kind), amount: Amounts { shop, ..stamped }, transaction_id: tender_row.transaction_id.trim().to_owned() }
    };
    Ok(Payment {
        id: id(&row.payment_id, "paymentId")?,
        order: OrderNumber::parse(&row.order_id).map_err(|fault| fault.at("orderId"))?,
        tenders: row.tenders.into_iter().zip(stamped).map(one).collect(),
        status: row.status,
        at: taken_at,
        exchange,
    })
}

fn refund(row: RefundRow) -> Result<Refund, Fault> {
    let line = |line: RefundLineRow| RefundLine {
        sells: Sells::read(&line.product_type),
        line: line.line_id,
        quantity: line.quantity.0,
        amount: line.amount.0,
        tax: line.tax_amount.0,
    };
    let back = |one: BackRow| {
        Ok(RefundTransaction { id: id(&one.transaction_id, "transactionId")?, tender: tender(&one.kind), amount: one.amount.0, status: one.status })
    };
    Ok(Refund {
        id: id(&row.refund_id, "refundId")?,
        order: OrderNumber::parse(&row.order_id).map_err(|fault| fault.at("orderId"))?,
        at: at(&row.refunded_at, "refundedAt")?,
        currency: currency(&row.currency)?,
        lines: row.lines.into_iter().map(line).collect(),
        shipping: row.shipping_amount.0,
        tax: row.tax_amount.0,
        adjustment: row.adjustment.0,
        swap: row.exchange.map(|swap| Swap { amount: swap.amount.0, tax: swap.tax_amount.0, billed: swap.billed }),
        amount: row.amount.0,
        transactions: row.transactions.into_iter().map(back).collect::<Result<_, Fault>>()?,
    })
}

fn dispute(row: DisputeRow) -> Result<Dispute, Fault> {
    let said = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let evidence = said(row.evidence_due_by).map(|text| at(&text, "evidenceDueBy")).transpose()?;
    Ok(Dispute {
        id: id(&row.dispute_id, "disputeId")?,
        transaction: said(row.transaction_id),
        order: said(row.order_id).map(|order| OrderNumber::parse(&order).map_err(|fault| fault.at("orderId"))).transpose()?,
        kind: row.kind,
        amount: row.amount.0,
        currency: currency(&row.currency)?,
        fee: row.fee.0,
        fee_returned: row.fee_returned.0,
        reason: row.reason,
        network_reason_code: row.network_reason_code,
        status: row.status,
        evidence_due_by: evidence.map(|due| due.at),
        at: at(&row.opened_at, "openedAt")?,
        ended_at: said(row.ended_at).map(|text| at(&text, "endedAt")).transpose()?,
        seen_at: at(&row.updated_at, "updatedAt")?,
    })
}

fn payout(row: PayoutRow) -> Result<Payout, Fault> {
    let line =
        |line: PayoutLineRow| PayoutLine { transaction: line.transaction_id, kind: line.kind, gross: line.gross.0, fee: line.fee.0, net: line.net.0 };
    Ok(Payout {
        id: id(&row.payout_id, "payoutId")?,
        at: at(&row.paid_at, "paidAt")?,
        currency: currency(&row.currency)?,
        amount: row.amount.0,
        lines: row.lines.into_iter().map(line).collect(),
    })
}
