//! The close of a month, mismatch by mismatch.

use crate::{
    at, currency, d,
    golden::{ledger, paid, refund},
    rules::dispute,
};
use crossdock_flow::{
    Code,
    entity::echo::Kind,
    finance::{
        Account, Billing, Chart, Close, Dispute, Entry, Journal, Month, Payment, Payout, Periods, Refund,
        binder::Paper,
        close::{self, close, sides},
        dispute::DisputeStatus,
        ledger::{Event, Reference},
        payment::PaymentStatus,
        payout::{PayoutKind, PayoutLine},
        refund::Settling,
        refund_document,
    },
};

/// August: a payment of 118.00, a refund of 11.30, a dispute that was won, and a payout of all of them.
#[derive(Clone)]
struct August {
    payouts: Vec<Payout>,
    payments: Vec<Payment>,
    refunds: Vec<Refund>,
    disputes: Vec<Dispute>,
    entries: Vec<Entry>,
}

fn line(transaction: &str, kind: PayoutKind, gross: &str, fee: &str) -> PayoutLine {
    PayoutLine { transaction: transaction.into(), kind, gross: d(gross), fee: d(fee), net: d(gross) - d(fee) }
}

impl August {
    fn new() -> August {
        let lines = vec![
            line("tx", PayoutKind::Charge, "118.00", "3.42"),
            line("re-1", PayoutKind::Refund, "-11.30", "0"),
            line("dp-1", PayoutKind::Dispute, "-100.00", "15.00"),
            line("dp-1", PayoutKind::DisputeReversal, "100.00", "0"),
            line("hold", PayoutKind::Reserve, "-5.00", "0"),
        ];
        let amount = lines.iter().map(|line| line.net).sum();
        let mut august = August {
            payouts: vec![Payout { id: "po-1".into(), at: at("2026-08-24T12:00:00Z"), currency: currency("CAD"), amount, lines }],
            payments: vec![paid("tx", "CAD", "118.00")],
            refunds: vec![refund("CAD", &[("10.00", "1.30")], "11.30")],
            disputes: vec![dispute(DisputeStatus::Won)],
            entries: Vec::new(),
        };
        august.post();
        august
    }

    fn post(&mut self) {
        let books = ledger("CAD");
        self.entries = self.payments.iter().filter_map(|payment| books.post_payment(payment).unwrap()).collect();
        self.entries.extend(self.refunds.iter().map(|refund| books.post_refund(refund, &refund_document(Billing::Paid, refund).unwrap()).unwrap()));
        self.entries.extend(self.disputes.iter().flat_map(|dispute| books.post_dispute(dispute).unwrap()));
        self.entries.extend(self.payouts.iter().map(|payout| books.post_payout(payout).unwrap()));
    }

    fn close(&self) -> Close {
        let August { payouts, payments, refunds, disputes, entries } = self;
        close(Month::parse("2026-08").unwrap(), &ledger("CAD"), &close::Papers { payouts, payments, refunds, disputes, entries })
    }

    fn without(mut self, id: &str) -> August {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.id() != id);
        assert_eq!(self.entries.len(), before - 1);
        self
    }
}

fn told(close: &Close) -> Vec<String> {
    close.unmatched.iter().map(ToString::to_string).collect()
}

#[test]
fn a_month_that_matches_can_be_locked() {
    let closed = August::new().close();
    assert_eq!(told(&closed), [] as [&str; 0]);
    // Payment, refund, the dispute twice, the payout and its five lines.
    assert_eq!((closed.matched.len(), closed.to_string().as_str()), (10, "2026-08: 10 match, 0 do not"));
    Periods::default().lock(&closed).unwrap();
    assert_eq!(serde_json::from_str::<Close>(&serde_json::to_string(&closed).unwrap()).unwrap(), closed);
}

#[test]
fn a_month_that_does_not_match_stays_open() {
    let mut august = August::new();
    august.payouts.clear();
    let mut periods = Periods::default();
    let fault = periods.lock(&august.close()).unwrap_err();
    assert_eq!(fault.code, Code::Period);
    assert_eq!(fault.to_string(), "E704 2026-08: 5 do not match, first payment tx over 118.00 CAD: no payout has tx");
    assert_eq!(periods, Periods::default());
}

#[test]
fn what_is_not_posted_is_named() {
    for (id, mismatch) in [
        ("payment/tx", "payment tx over 118.00 CAD: no entry payment/tx is posted"),
        ("refund/R1", "refund R1 over 11.30 CAD: no entry refund/R1 is posted"),
        ("dispute-opened/dp-1", "dispute dp-1 over -100.00 CAD: no entry dispute-opened/dp-1 is posted"),
        ("dispute-won/dp-1", "dispute dp-1 over 100.00 CAD: no entry dispute-won/dp-1 is posted"),
        ("payout/po-1", "payout po-1 over 83.28 CAD: no entry payout/po-1 is posted"),
    ] {
        let closed = August::new().without(id).close();
        assert_eq!(closed.unmatched[0].to_string(), mismatch);
        // What clearing keeps shows it a second time.
        assert!(closed.unmatched.len() > 1, "{closed}");
    }
    let mut lost = August::new();
    lost.disputes[0].status = DisputeStatus::Lost;
    assert_eq!(told(&lost.close())[0], "dispute dp-1 over 100.00 CAD: no entry dispute-lost/dp-1 is posted");
}

#[test]
fn what_was_not_paid_out_as_it_was_is_named() {
    for (place, gross, mismatch) in [
        (0, "117.00", "payment tx over 118.00 CAD: the payout has tx over 117.00, and it is 118.00: -1.00 off"),
        (1, "-12.30", "refund R1 over 11.30 CAD: the payout has re-1 over -12.30, and it is -11.30: -1.00 off"),
        (2, "-90.00", "dispute dp-1 over -100.00 CAD: the payout has dp-1 over -90.00, and it is -100.00: 10.00 off"),
        (3, "90.00", "dispute dp-1 over 100.00 CAD: the payout has dp-1 over 90.00, and it is 100.00: -10.00 off"),
    ] {
        let mut august = August::new();
        august.payouts[0].lines[place].gross = d(gross);
        assert!(told(&august.close()).contains(&mismatch.to_owned()), "{}", august.close());
        august.payouts[0].lines.remove(place);
        let id = ["tx", "re-1", "dp-1", "dp-1"][place];
        assert!(told(&august.close()).iter().any(|told| told.ends_with(&format!("no payout has {id}"))), "{}", august.close());
    }
    let mut august = August::new();
    august.disputes[0].fee = d("20.00");
    assert!(told(&august.close())[0].ends_with("the payout took a fee of 15.00, the dispute has 20.00"));
    let mut august = August::new();
    august.refunds[0].transactions[0].status = Settling::Pending;
    assert!(told(&august.close())[0].ends_with("transaction re-1 is pending at the gateway"));
}

#[test]
fn what_a_payout_has_and_nobody_knows_is_named() {
    let mut august = August::new();
    for (id, kind) in [("tx-9", PayoutKind::Charge), ("re-9", PayoutKind::Refund), ("dp-9", PayoutKind::Dispute), ("ad-9", PayoutKind::Adjustment)] {
        august.payouts[0].lines.push(line(id, kind, "1.00", "0"));
    }
    august.payouts[0].amount += d("4.00");
    august.post();
    let closed = august.close();
    for why in [
        "payout line tx-9 over 1.00 CAD: payout po-1 has it, and we know of no such charge",
        "payout line re-9 over 1.00 CAD: payout po-1 has it, and we know of no such refund",
        "payout line dp-9 over 1.00 CAD: payout po-1 has it, and we know of no such dispute",
        "payout line ad-9 over 1.00 CAD: payout po-1 has it, and nobody has said what it is",
    ] {
        assert!(told(&closed).contains(&why.to_owned()), "{closed}");
    }
    // A person says what the adjustment is, and it matches.
    let explained = ledger("CAD").post_adjustment(&august.payouts[0], "ad-9", Account::GatewayFees).unwrap();
    assert_eq!((explained.debit(Account::GatewayFees), explained.id()), (d("-1.00"), "adjustment/po-1/ad-9"));
    assert_eq!(ledger("CAD").post_adjustment(&august.payouts[0], "tx", Account::GatewayFees).unwrap_err().code, Code::Unbalanced);
    august.entries.push(explained);
    assert!(!told(&august.close()).iter().any(|told| told.contains("ad-9")), "{}", august.close());
    // A reversal of a dispute that was not won.
    let mut august = August::new();
    august.disputes[0].status = DisputeStatus::Lost;
    august.post();
    assert!(told(&august.close()).iter().any(|told| told.ends_with("we know of no such won dispute")), "{}", august.close());
}

#[test]
fn a_payout_that_does_not_add_up_is_named() {
    let mut august = August::new();
    august.payouts[0].amount += d("0.01");
    assert_eq!(told(&august.close()), ["payout po-1 over 83.29 CAD: its lines are 83.28, but 83.29 reached the bank: a residual of 0.01"]);
}

#[test]
fn an_entry_of_nothing_known_or_twice_is_named() {
    let mut august = August::new();
    let ghost = ledger("CAD").post_payment(&paid("ghost", "CAD", "1.00")).unwrap().unwrap();
    august.entries.push(ghost);
    assert_eq!(told(&august.close()), ["entry payment/ghost over 1.00 CAD: what it was made of is not there"]);
    august.entries.pop();
    august.entries.push(august.entries[0].clone());
    let twice = told(&august.close());
    assert_eq!(twice[0], "entry payment/tx over 118.00 CAD: it is posted twice");
    assert_eq!(twice[1], "clearing of tx over 118.00 CAD: clearing keeps it: what was posted and what was paid out differ");
    august.entries.pop();
    august.payments.push(paid("usd", "USD", "1.00"));
    august.entries.push(ledger("USD").post_payment(&august.payments[1]).unwrap().unwrap());
    assert!(told(&august.close()).contains(&"entry payment/usd over 1.00 USD: the books are in CAD".to_owned()), "{}", august.close());
}

/// The month is the company's: 03:30 UTC on the first of September is still August in Toronto.
#[test]
fn the_month_is_the_companys() {
    let mut august = August::new();
    august.payments[0].at = at("2026-09-01T03:30:00Z");
    august.payouts.clear();
    assert!(told(&august.close()).iter().any(|told| told.starts_with("payment tx")));
    august.payments[0].at = at("2026-09-01T04:30:00Z");
    assert!(!told(&august.close()).iter().any(|told| told.starts_with("payment tx")));
    // Captured or not at all: what was only authorized is nobody's money.
    august.payments[0] = Payment { status: PaymentStatus::Authorized, ..paid("tx", "CAD", "118.00") };
    assert!(!told(&august.close()).iter().any(|told| told.starts_with("payment tx")));
}

/// A published payout: a dispute's line takes amount and fee, and one line says net = −1.75 of −1.50 and a fee of −0.25.
#[test]
fn a_payout_line_that_does_not_add_up_is_named() {
    let mut payout = Payout {
        id: "623721858".into(),
        at: at("2026-08-12T12:00:00Z"),
        currency: currency("USD"),
        amount: d("-18.50"),
        lines: vec![line("746296004", PayoutKind::Charge, "10.00", "2.00"), line("598735659", PayoutKind::Dispute, "-11.50", "15.00")],
    };
    let entry = ledger("USD").post_payout(&payout).unwrap();
    // The dispute's fee was posted with the dispute: only the charge's is here.
    assert_eq!((entry.debit(Account::GatewayFees), entry.debit(Account::CashClearing)), (d("2.00"), d("16.50")));
    assert_eq!(entry.debit(Account::Bank), d("-18.50"));
    let clears =
        |id: &str| entry.legs().iter().find(|leg| leg.account == Account::CashClearing && leg.reference == Reference::Transaction(id.into()));
    assert_eq!(clears("598735659").unwrap().debit(), d("26.50"));
    assert_eq!((entry.source().event, entry.id()), (Event::Payout, "payout/623721858"));

    payout.lines.push(PayoutLine { net: d("-1.75"), ..line("758509248", PayoutKind::Adjustment, "-1.50", "-0.25") });
    payout.amount = d("-20.25");
    let fault = ledger("USD").post_payout(&payout).unwrap_err();
    assert_eq!(fault.to_string(), "E702 payout 623721858: 758509248: -1.50 − -0.25 is not -1.75: a residual of -0.50");
    (payout.lines[2].gross, payout.lines[2].fee) = (d("-1.501"), d("0.249"));
    assert!(ledger("USD").post_payout(&payout).unwrap_err().message.contains("more digits than USD counts"));
    (payout.lines[2].gross, payout.lines[2].fee) = (d("-1.50"), d("0.25"));
    ledger("USD").post_payout(&payout).unwrap();
    payout.amount = d("-20.24");
    assert!(ledger("USD").post_payout(&payout).unwrap_err().message.ends_with("a residual of 0.01"));
}

#[test]
fn what_the_erps_journal_and_the_shop_have_otherwise_is_named() {
    let august = August::new();
    let chart = Chart::check((1000..).zip(Account::ALL).map(|(number, account)| (*account, number.to_string())).collect()).unwrap();
    let entries: Vec<_> = august.entries.iter().map(|entry| (entry.clone(), None)).collect();
    let journal: Vec<_> =
        (1..).zip(&august.entries).map(|(number, entry): (u32, _)| (format!("J{number}"), Journal::of(entry, &chart, None))).collect();
    let told = |journal: &[(String, Journal)]| {
        let mut close = august.close();
        sides::with_journal(&mut close, &entries, &chart, journal);
        close.unmatched.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(august.close().unmatched.is_empty() && told(&journal).is_empty(), "{:?}", told(&journal));
    let id = &journal[0].1.reference;
    assert_eq!(told(&journal[1..]), [format!("entry {id} over 118.00 CAD: the ERP's journal does not have it")]);
    let mut twice = journal.clone();
    twice.push(("J99".into(), journal[0].1.clone()));
    assert_eq!(told(&twice), [format!("entry {id} over 118.00 CAD: the ERP's journal has it 2 times: J1, J99")]);
    let mut otherwise = journal.clone();
    otherwise[0].1.postings[0].account = "77".into();
    assert!(told(&otherwise)[0].contains("the ERP's J1 has it otherwise: posting["), "{:?}", told(&otherwise));
    let mut extra = journal.clone();
    extra.push(("J99".into(), Journal { reference: "payment/other".into(), ..journal[0].1.clone() }));
    assert_eq!(told(&extra), ["entry payment/other over 118.00 CAD: the ERP has it as J99, and the ledger does not"]);
    // In another month it is that month's business; and what others post is nobody's.
    extra[journal.len()].1.date = "2026-09-01".parse().unwrap();
    assert!(told(&extra).is_empty());
    assert!(Journal::is_ours("dispute-won/dp-1") && !Journal::is_ours("GJ-1042") && !Journal::is_ours("rent/2026"));

    let papers = [Paper::Payment(august.payments[0].clone()), Paper::Payout(august.payouts[0].clone())];
    let told = |listed: &[(Kind, &str)]| {
        let mut close = august.close();
        let listed: Vec<_> = listed.iter().map(|(kind, id)| (*kind, (*id).to_owned())).collect();
        sides::with_shop(&mut close, &papers, &listed, currency("CAD"));
        close.unmatched.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(told(&[(Kind::Payment, "tx"), (Kind::Payout, "po-1")]).is_empty());
    assert_eq!(told(&[(Kind::Payout, "po-1")]), ["payment tx over 118.00 CAD: the shop does not list it any more"]);
    let more = [(Kind::Payment, "tx"), (Kind::Payout, "po-1"), (Kind::Dispute, "dp-7")];
    assert_eq!(told(&more), ["dispute dp-7 over 0 CAD: the shop lists it, and it is not kept here"]);
}
