//! The demo's money: one order is paid by two tenders, refunded in part, disputed and paid out. What each must be in the ERP's
//! journal is worked out here, by account, without a line of the host; and the order's certificate and the month must hold.

use super::{PATIENCE, TO_ERP, Went, state};
use crate::commands::Failure;
use crossdock_flow::Decimal;
use crossdock_partners::{orders::Generated, sagepro::Booked, time};
use crossdock_stage::Stage;
use crossdock_stores::sqlite::SqliteStore;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// The chart: account and number.
const ACCOUNTS: [(&str, &str); 15] = [
    ("receivable", "1200"),
    ("cash-clearing", "1050"),
    ("bank", "1000"),
    ("gateway-fees", "6100"),
    ("gift-card-liability", "2300"),
    ("store-credit-liability", "2310"),
    ("sales", "4000"),
    ("sales-tax", "2200"),
    ("freight", "4100"),
    ("discounts", "4200"),
    ("refunds-returns", "4300"),
    ("chargebacks-receivable", "1250"),
    ("chargeback-losses", "6200"),
    ("rounding", "6900"),
    ("tips", "2400"),
];

/// What the gift card pays, and the smallest total of which the rest can be refunded and disputed in part.
const GIFT_CARD: Decimal = Decimal::from_parts(2000, 0, 0, false, 2);
const LEAST: Decimal = Decimal::from_parts(100, 0, 0, false, 0);
/// What goes back: a line and its tax.
const RETURNED: (Decimal, Decimal) = (Decimal::from_parts(1000, 0, 0, false, 2), Decimal::from_parts(130, 0, 0, false, 2));
/// What is disputed, and what the gateway takes for it.
const DISPUTED: (Decimal, Decimal) = (Decimal::from_parts(3000, 0, 0, false, 2), Decimal::from_parts(1500, 0, 0, false, 2));
/// What the gateway keeps of the payment.
const FEE: Decimal = Decimal::from_parts(125, 0, 0, false, 2);

/// `[ledger]`.
pub(super) fn settings() -> String {
    let account = |(name, number)| format!("{name} = \"{number}\"\n");
    format!("\n[ledger]\ncurrency = \"CAD\"\n\n[ledger.accounts]\n{}\n", ACCOUNTS.map(account).concat())
}

/// Whether an order's money can be told: in the books' currency, large enough, and sold as no rule changes it.
pub(super) fn is_payable(order: &Generated) -> bool {
    let expected = &order.expected;
    expected.currency == "CAD" && expected.segment != "wholesale" && expected.total > LEAST
}

/// Debits by account, credits negative; what cancels out is left out.
type Moves = BTreeMap<String, Decimal>;

/// An entry that must be in the journal: what of, its reference, and what it moves.
struct Due {
    entity: &'static str,
    id: String,
    reference: String,
    moves: Moves,
}

impl Due {
    fn new(entity: &'static str, event: &str, id: &str, moves: &[(&str, Decimal)]) -> Due {
        let moves = moves.iter().map(|(account, amount)| ((*account).to_owned(), *amount)).collect();
        Due { entity, id: id.to_owned(), reference: format!("{event}/{id}"), moves }
    }
}

/// Lets the money of an order happen in the shop, and waits until all of it is in the ERP's journal.
pub(super) async fn go(stage: &Stage, store: &SqliteStore, booked: &Booked) -> Result<Vec<Went>, Failure> {
    let due = happen(stage, booked);
    let end = Instant::now() + PATIENCE;
    let mut went = loop {
        let mut went = Vec::new();
        for one in &due {
            let (there, wrong) = judge(stage, one);
            let (entity, key) = (one.entity, one.reference.clone());
            went.push(Went { entity, key, way: TO_ERP, there, wrong, state: state(store, entity, &one.id).await? });
        }
        if went.iter().all(Went::is_at_its_end) || Instant::now() > end {
            break went;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let month = time().to_zoned(zone()).strftime("%Y-%m").to_string();
    went.push(command(stage, "certificate", &booked.purchase_order_no, &["orders", "certify", &booked.purchase_order_no, "--live"])?);
    went.push(command(stage, "month", &month, &["close", "--month", &month, "--live"])?);
    Ok(went)
}

/// The company's zone, as the stage's settings say.
fn zone() -> TimeZone {
    TimeZone::get("America/Toronto").unwrap_or(TimeZone::UTC)
}

/// What the shop and its gateway tell of the order, and what must come of it.
fn happen(stage: &Stage, booked: &Booked) -> Vec<Due> {
    let (order, total, at) = (&booked.purchase_order_no, booked.total, time());
    let keep = |list: &str, id: &str, row: Value| stage.clarity.keep(list, id, &row.to_string());
    let [paid, back, disputed, out] = ["tx", "re", "dp", "po"].map(|kind| format!("{kind}-{order}"));
    let card = total - GIFT_CARD;
    let tender = |kind: &str, id: &str, amount: Decimal| json!({ "kind": kind, "transactionId": id, "amount": amount.to_string() });
    keep(
        "payments",
        &paid,
        json!({
            "paymentId": paid, "orderId": order, "status": "captured", "takenAt": at.to_string(), "currency": "CAD",
            "tenders": [tender("card", &paid, card), tender("gift-card", &format!("gc-{order}"), GIFT_CARD)],
        }),
    );
    let (amount, tax) = RETURNED;
    let returned = amount + tax;
    let transaction = format!("rt-{order}");
    keep(
        "refunds",
        &back,
        json!({
            "refundId": back, "orderId": order, "refundedAt": at.to_string(), "currency": "CAD", "amount": returned.to_string(),
            "lines": [{ "lineId": "L1", "quantity": 1, "amount": amount.to_string(), "taxAmount": tax.to_string() }],
            "transactions": [{ "transactionId": transaction, "kind": "card", "amount": returned.to_string(), "status": "settled" }],
        }),
    );
    let (argued, fee) = DISPUTED;
    keep(
        "disputes",
        &disputed,
        json!({
            "disputeId": disputed, "transactionId": paid, "orderId": order, "kind": "chargeback", "amount": argued.to_string(), "currency": "CAD",
            "fee": fee.to_string(), "reason": "fraudulent", "networkReasonCode": "4827", "status": "won", "openedAt": at.to_string(),
            "endedAt": at.to_string(),
        }),
    );
    let line = |kind: &str, id: &str, gross: Decimal, fee: Decimal| {
        let [gross, net, fee] = [gross, gross - fee, fee].map(|amount| amount.to_string());
        json!({ "transactionId": id, "kind": kind, "gross": gross, "fee": fee, "net": net })
    };
    let cleared = card - returned - argued - fee + argued;
    let lines = [
        line("charge", &paid, card, FEE),
        line("refund", &transaction, -returned, Decimal::ZERO),
        line("dispute", &disputed, -argued, fee),
        line("dispute-reversal", &disputed, argued, Decimal::ZERO),
    ];
    keep(
        "payouts",
        &out,
        json!({ "payoutId": out, "paidAt": at.to_string(), "currency": "CAD", "amount": (cleared - FEE).to_string(), "lines": lines }),
    );
    let moves = |event: &str, entity, id: &str, moves: &[(&str, Decimal)]| Due::new(entity, event, id, moves);
    vec![
        moves("payment", "payment", &paid, &[("cash-clearing", card), ("gift-card-liability", GIFT_CARD), ("receivable", -total)]),
        moves("refund", "refund", &back, &[("refunds-returns", amount), ("sales-tax", tax), ("cash-clearing", -returned)]),
        moves("dispute-opened", "dispute", &disputed, &[("chargebacks-receivable", argued), ("gateway-fees", fee), ("cash-clearing", -argued - fee)]),
        moves("dispute-won", "dispute", &disputed, &[("cash-clearing", argued), ("chargebacks-receivable", -argued)]),
        moves("payout", "payout", &out, &[("bank", cleared - FEE), ("gateway-fees", FEE), ("cash-clearing", -cleared)]),
    ]
}

/// A row of the journal, numbers digit by digit.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    journal_no: String,
    reference: String,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line {
    account_no: String,
    debit: Box<RawValue>,
    credit: Box<RawValue>,
}

/// What the ERP's journal has of an entry, and what is wrong with it.
fn judge(stage: &Stage, due: &Due) -> (Option<String>, Option<String>) {
    let rows = stage.sagepro.journal_texts().into_iter().filter_map(|text| serde_json::from_str::<Row>(&text).ok());
    let rows: Vec<Row> = rows.filter(|row| row.reference == due.reference).collect();
    let Some(row) = rows.first() else { return (None, None) };
    let moves = moves(row);
    let wrong = match rows.len() {
        1 if moves == due.moves => None,
        1 => Some(format!("it should move {}", told(&due.moves))),
        many => Some(format!("it is there {many} times")),
    };
    (Some(format!("{}: {}", row.journal_no, told(&moves))), wrong)
}

/// What a row of the journal moves.
fn moves(row: &Row) -> Moves {
    let exact = |number: &RawValue| number.get().parse::<Decimal>().unwrap_or_default();
    let mut moves = Moves::new();
    for line in &row.lines {
        let name = ACCOUNTS.iter().find(|(_, number)| *number == line.account_no).map_or(&*line.account_no, |(name, _)| name);
        *moves.entry(name.to_owned()).or_default() += exact(&line.debit) - exact(&line.credit);
    }
    moves.retain(|_, amount| !amount.is_zero());
    moves
}

fn told(moves: &Moves) -> String {
    let one = |(account, amount): (&String, &Decimal)| {
        if amount.is_sign_negative() { format!("{account} {amount}") } else { format!("{account} +{amount}") }
    };
    moves.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What a command that compares the books of both sides says.
fn command(stage: &Stage, entity: &'static str, key: &str, arguments: &[&str]) -> Result<Went, Failure> {
    let output = stage.command(&[arguments, &["--json"]].concat()).map_err(|error| Failure::text(error.to_string()))?;
    let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let list = |name: &str| said[name].as_array().map(Vec::len);
    let there = match entity {
        "certificate" => list("equations").map(|count| format!("{count} equations hold to the cent")),
        _ => list("matched").map(|count| format!("{count} match")),
    };
    // What it printed says more than its exit code.
    let wrong =
        (!output.status.success()).then(|| if said.is_null() { String::from_utf8_lossy(&output.stderr).into_owned() } else { said.to_string() });
    Ok(Went { entity, key: key.to_owned(), way: "both sides", there, wrong, state: "compared".into() })
}
