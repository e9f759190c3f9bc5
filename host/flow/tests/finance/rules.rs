//! The deciders and the ledger, rule by rule.

use crate::{
    at, currency, d,
    golden::{ledger, paid, refund},
    number,
};
use crossdock_flow::{
    Code, Decimal,
    finance::{
        Account, Amounts, Billing, Dispute, Entry, Leg, RefundDocument,
        dispute::{DisputeKind, DisputeStatus, next_poll},
        invoice::Sells,
        ledger::{Event, Reference, Side, Source},
        payment::{PaymentStatus, Tender, TenderKind},
        period::Dated,
        refund::Settling,
        refund_document,
    },
};
use jiff::Timestamp;

pub(crate) fn dispute(status: DisputeStatus) -> Dispute {
    Dispute {
        id: "dp-1".into(),
        transaction: Some("tx".into()),
        order: Some(number("4711")),
        kind: DisputeKind::Chargeback,
        amount: d("100.00"),
        currency: currency("CAD"),
        fee: d("15.00"),
        fee_returned: Decimal::ZERO,
        reason: "fraudulent".into(),
        network_reason_code: "4827".into(),
        status,
        evidence_due_by: None,
        at: at("2026-08-05T12:00:00Z"),
        ended_at: None,
        seen_at: at("2026-08-20T12:00:00Z"),
    }
}

fn leg(account: Account, side: Side, amount: &str) -> Leg {
    Leg { account, side, amount: d(amount), reference: Reference::Order(number("4711")) }
}

fn entry(legs: Vec<Leg>) -> Result<Entry, crossdock_flow::Fault> {
    let source = Source { event: Event::Payment, id: "tx".into(), order: None };
    Entry::new(Dated { on: "2026-08-03".parse().unwrap(), corrects: None }, currency("CAD"), legs, source)
}

#[test]
fn the_document_follows_from_how_far_the_order_is_billed_and_whether_money_moved() {
    let (credit, cash) = (d("11.30"), d("11.30"));
    let moved = refund("CAD", &[("10.00", "1.30")], "11.30");
    let mut credited = moved.clone();
    credited.transactions.clear();
    for (billing, without, with) in [
        (Billing::NotInvoiced, RefundDocument::CancelLines, None),
        (Billing::Deposit, RefundDocument::CancelLines, Some(RefundDocument::AdjustDeposit { cash })),
        (Billing::Invoiced, RefundDocument::CreditMemo { credit }, None),
        (Billing::Paid, RefundDocument::CreditMemo { credit }, Some(RefundDocument::CreditMemoAndCashRefund { credit, cash })),
        (Billing::CashSale, RefundDocument::CreditMemo { credit }, Some(RefundDocument::CashRefund { credit, cash })),
    ] {
        assert_eq!(refund_document(billing, &credited).unwrap(), without, "{billing:?}");
        match (refund_document(billing, &moved), with) {
            (Ok(document), Some(with)) => assert_eq!(document, with, "{billing:?}"),
            // Money went back that never came, as far as we know: its event is on the way.
            (Err(fault), None) => assert_eq!(fault.code, Code::MoneyPending, "{billing:?}"),
            (other, _) => panic!("{billing:?}: {other:?}"),
        }
    }
    // Put on the customer's account, it is a credit, and no money moved.
    let mut kept = moved.clone();
    kept.transactions[0].tender = TenderKind::OnAccount;
    assert_eq!(refund_document(Billing::Paid, &kept).unwrap(), RefundDocument::CreditMemo { credit });
    for (invoiced, paid, billing) in
        [("0", "0", Billing::NotInvoiced), ("0", "5", Billing::Deposit), ("5", "0", Billing::Invoiced), ("5", "1", Billing::Paid)]
    {
        assert_eq!(Billing::of(d(invoiced), d(paid)), billing);
    }
}

#[test]
fn each_document_moves_its_own_accounts() {
    let refund = refund("CAD", &[("10.00", "1.30")], "11.30");
    let moved = |document: RefundDocument| {
        let entry = ledger("CAD").post_refund(&refund, &document).unwrap();
        let accounts = [Account::RefundsReturns, Account::SalesTax, Account::Receivable, Account::CashClearing];
        (accounts.map(|account| entry.debit(account).to_string()), entry.legs().len())
    };
    let (credit, cash) = (d("11.30"), d("11.30"));
    let told = |amounts: [&str; 4], legs| (amounts.map(str::to_owned), legs);
    assert_eq!(moved(RefundDocument::CancelLines), told(["0", "0", "0", "0"], 0));
    assert_eq!(moved(RefundDocument::AdjustDeposit { cash }), told(["0", "0", "11.30", "-11.30"], 2));
    assert_eq!(moved(RefundDocument::CreditMemo { credit }), told(["10.00", "1.30", "-11.30", "0"], 3));
    assert_eq!(moved(RefundDocument::CreditMemoAndCashRefund { credit, cash }), told(["10.00", "1.30", "0.00", "-11.30"], 5));
    assert_eq!(moved(RefundDocument::CashRefund { credit, cash }), told(["10.00", "1.30", "0", "-11.30"], 3));
}

/// A gift card that is taken back may not be redeemed any more: it was no income, and is none now.
#[test]
fn what_is_taken_back_leaves_the_account_it_was_sold_from() {
    let mut refund = refund("CAD", &[("10.00", "1.30"), ("50.00", "0"), ("5.00", "0")], "66.30");
    (refund.lines[1].sells, refund.lines[2].sells) = (Sells::GiftCard, Sells::Tip);
    let entry = ledger("CAD").post_refund(&refund, &refund_document(Billing::Paid, &refund).unwrap()).unwrap();
    let accounts = [Account::RefundsReturns, Account::GiftCardLiability, Account::Tips];
    assert_eq!(accounts.map(|account| entry.debit(account)), [d("10.00"), d("50.00"), d("5.00")]);
}

#[test]
fn a_refund_that_is_pending_waits() {
    let mut refund = refund("CAD", &[("10.00", "1.30")], "11.30");
    refund.transactions[0].status = Settling::Pending;
    let fault = refund_document(Billing::Paid, &refund).unwrap_err();
    assert_eq!(fault.to_string(), "E706 refund R1: transaction re-1 is pending at the gateway");
    // What failed did not go back, so that the refund is more than its money.
    refund.transactions[0].status = Settling::Failed;
    assert_eq!(refund.check().unwrap_err().code, Code::Residual);
    refund.transactions.clear();
    refund.amount = d("-11.30");
    assert_eq!(refund.check().unwrap_err().code, Code::Residual);
    let mut alone = crate::golden::refund("CAD", &[], "0");
    alone.amount = d("-1.00");
    assert_eq!(alone.check().unwrap_err().code, Code::Residual);
    (alone.amount, alone.tax) = (d("1.00"), d("1.01"));
    assert_eq!(alone.check().unwrap_err().code, Code::Residual);
    alone.tax = d("0.13");
    alone.check().unwrap();
    // Within rounding, but less than nothing; and money that did not go back, but came.
    let mut below = crate::golden::refund("CAD", &[("0", "0")], "-0.01");
    below.transactions.clear();
    assert_eq!(below.check().unwrap_err().code, Code::Residual);
    let mut came = crate::golden::refund("CAD", &[("10.00", "1.30")], "11.30");
    came.transactions.push(came.transactions[0].clone());
    (came.transactions[0].amount, came.transactions[1].amount) = (d("12.30"), d("-1.00"));
    assert_eq!(came.check().unwrap_err().code, Code::Residual);
    refund.amount = d("11.305");
    assert_eq!(refund.check().unwrap_err().code, Code::Residual);
}

#[test]
fn an_entry_that_does_not_balance_cannot_be_made_nor_read() {
    use Side::{Credit, Debit};
    let good = entry(vec![leg(Account::CashClearing, Debit, "118.00"), leg(Account::Receivable, Credit, "118.00")]).unwrap();
    let off = entry(vec![leg(Account::CashClearing, Debit, "118.00"), leg(Account::Receivable, Credit, "117.99")]).unwrap_err();
    assert_eq!(off.to_string(), "E701 payment/tx: debits are 118.00, credits 117.99: a difference of 0.01");
    for amount in ["0", "-1.00", "1.005"] {
        let legs = vec![leg(Account::CashClearing, Debit, amount), leg(Account::Receivable, Credit, amount)];
        assert_eq!(entry(legs).unwrap_err().code, Code::Unbalanced, "{amount}");
    }
    let text = serde_json::to_string(&good).unwrap();
    assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), good);
    assert!(text.contains(r#""id":"payment/tx","date":"2026-08-03","currency":"CAD","legs":[{"account":"cash-clearing","side":"debit""#), "{text}");
    let forged = text.replacen("118.00", "118.01", 1);
    assert!(serde_json::from_str::<Entry>(&forged).unwrap_err().to_string().contains("E701"));
}

#[test]
fn the_same_event_makes_the_same_entry() {
    let books = ledger("CAD");
    let payment = paid("tx", "CAD", "118.00");
    assert_eq!(books.post_payment(&payment).unwrap(), books.post_payment(&payment.clone()).unwrap());
    assert_eq!(books.post_payment(&payment).unwrap().unwrap().id(), "payment/tx");
    for status in [PaymentStatus::Pending, PaymentStatus::Authorized, PaymentStatus::Voided, PaymentStatus::Failed] {
        let mut open = payment.clone();
        open.status = status;
        assert_eq!(books.post_payment(&open).unwrap(), None, "{status:?} is no money");
    }
}

#[test]
fn every_tender_has_its_account_and_its_transaction() {
    let mut payment = paid("tx", "CAD", "10.00");
    let kinds = [
        (TenderKind::Card, Account::CashClearing),
        (TenderKind::GiftCard, Account::GiftCardLiability),
        (TenderKind::StoreCredit, Account::StoreCreditLiability),
        (TenderKind::BankTransfer, Account::Bank),
        (TenderKind::Other("wallet".into()), Account::CashClearing),
        (TenderKind::OnAccount, Account::Receivable),
    ];
    let tender = |index: usize, kind: &TenderKind| {
        let amount = d("10.00") + Decimal::from(index);
        Tender { kind: kind.clone(), amount: Amounts { presentment: amount, shop: amount }, transaction_id: format!("tx-{index}") }
    };
    payment.tenders = kinds.iter().enumerate().map(|(index, (kind, _))| tender(index, kind)).collect();
    let entry = ledger("CAD").post_payment(&payment).unwrap().unwrap();
    for (index, (kind, account)) in kinds.iter().enumerate() {
        let about = Reference::Transaction(format!("tx-{index}"));
        let leg = entry.legs().iter().find(|leg| leg.reference == about);
        let expected = (*kind != TenderKind::OnAccount).then(|| (*account, d("10.00") + Decimal::from(index)));
        assert_eq!(leg.map(|leg| (leg.account, leg.debit())), expected, "{kind}");
    }
    assert_eq!(entry.debit(Account::Receivable), d("-60.00"), "what is on account is still owed");
    assert!(payment.to_string().starts_with("payment tx of 4711 over 75.00 CAD: 10.00 card, 11.00 gift card"), "{payment}");
    payment.tenders.clear();
    assert_eq!(payment.check().unwrap_err().code, Code::Residual);
    assert_eq!(paid("tx", "CAD", "-1.00").check().unwrap_err().code, Code::Residual);
    let mut payment = paid("tx", "CAD", "0");
    assert_eq!(payment.check().unwrap_err().code, Code::Residual);
    payment.tenders[0].amount = Amounts { presentment: d("1.001"), shop: d("1.001") };
    assert_eq!(payment.check().unwrap_err().code, Code::Residual);
}

#[test]
fn amount_fee_and_reversal_are_legs_of_their_own() {
    let books = ledger("CAD");
    let told = |dispute: &Dispute| -> Vec<(Event, [Decimal; 4])> {
        let accounts = [Account::ChargebacksReceivable, Account::GatewayFees, Account::ChargebackLosses, Account::CashClearing];
        books.post_dispute(dispute).unwrap().iter().map(|entry| (entry.source().event, accounts.map(|account| entry.debit(account)))).collect()
    };
    let (zero, hundred, fee) = (Decimal::ZERO, d("100.00"), d("15.00"));
    let opened = (Event::DisputeOpened, [hundred, fee, zero, d("-115.00")]);
    assert_eq!(told(&dispute(DisputeStatus::NeedsResponse)), [opened]);
    assert_eq!(told(&dispute(DisputeStatus::UnderReview)), [opened]);
    assert_eq!(told(&dispute(DisputeStatus::Won)), [opened, (Event::DisputeWon, [-hundred, zero, zero, hundred])]);
    assert_eq!(told(&dispute(DisputeStatus::Lost)), [opened, (Event::DisputeLost, [-hundred, zero, hundred, zero])]);
    assert_eq!(told(&dispute(DisputeStatus::Accepted)), [opened, (Event::DisputeLost, [-hundred, zero, hundred, zero])]);
    let returned = Dispute { fee_returned: fee, ..dispute(DisputeStatus::Won) };
    assert_eq!(told(&returned)[1], (Event::DisputeWon, [-hundred, -fee, zero, d("115.00")]));
    let inquiry = Dispute { kind: DisputeKind::Inquiry, ..dispute(DisputeStatus::Lost) };
    assert_eq!(told(&inquiry), [], "an inquiry took nothing");
}

#[test]
fn a_dispute_is_not_its_transaction() {
    let books = ledger("CAD");
    let refused = |dispute: Dispute| books.post_dispute(&dispute).unwrap_err().code;
    assert_eq!(refused(Dispute { transaction: Some("dp-1".into()), ..dispute(DisputeStatus::Won) }), Code::Residual);
    assert_eq!(refused(Dispute { amount: Decimal::ZERO, ..dispute(DisputeStatus::Won) }), Code::Residual);
    assert_eq!(refused(Dispute { fee_returned: d("15.01"), ..dispute(DisputeStatus::Won) }), Code::Residual);
    assert_eq!(refused(Dispute { amount: d("1.001"), ..dispute(DisputeStatus::Won) }), Code::Residual);
    assert_eq!(refused(Dispute { currency: currency("USD"), ..dispute(DisputeStatus::Won) }), Code::WrongCurrency);
}

#[test]
fn a_dispute_is_asked_about_until_it_is_over() {
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    let now = time("2026-08-06T12:00:00Z");
    let mut open = Dispute { evidence_due_by: Some(time("2026-08-06T18:00:00Z")), ..dispute(DisputeStatus::NeedsResponse) };
    assert_eq!(next_poll(&open, now), Some(time("2026-08-06T18:00:00Z")), "when the evidence falls due");
    assert_eq!(next_poll(&open, time("2026-08-06T18:00:00Z")), Some(time("2026-08-07T18:00:00Z")), "and then daily");
    open.evidence_due_by = Some(time("2026-09-01T00:00:00Z"));
    assert_eq!(next_poll(&open, now), Some(time("2026-08-07T12:00:00Z")));
    open.evidence_due_by = Some(time("2026-08-06T18:00:00Z"));
    open.status = DisputeStatus::UnderReview;
    assert_eq!(next_poll(&open, now), Some(time("2026-08-07T12:00:00Z")), "the evidence is sent");
    for status in [DisputeStatus::Won, DisputeStatus::Lost, DisputeStatus::Accepted] {
        open.status = status;
        assert_eq!(next_poll(&open, now), None, "{status:?}");
    }
}
