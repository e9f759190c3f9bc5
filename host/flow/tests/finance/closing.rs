//! The close of a month, mismatch by mismatch, and the certificate of an order, equation by equation.

use crate::{
    at, currency, d,
    golden::{ledger, paid, refund},
    number,
    rules::dispute,
};
use crossdock_flow::{
    Code, Decimal, Order,
    finance::{
        Account, Amounts, Billing, Close, Dispute, Entry, Exchange, Month, Payment, Payout, Periods, Refund, RefundDocument,
        certificate::{self, Certificate, Check, ErpKind, ErpTotal, Stated, certify},
        close::{self, close},
        dispute::DisputeStatus,
        invoice,
        payment::{PaymentStatus, TenderKind},
        payout::{PayoutKind, PayoutLine},
        refund::Settling,
        refund_document,
    },
    order::Shipping,
    route, sample,
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

/// All papers of one order of 113.00, one refund included; each test spoils one.
#[derive(Clone)]
struct Folder {
    order: Order,
    payments: Vec<Payment>,
    refunds: Vec<(Refund, RefundDocument)>,
    erp: Vec<ErpTotal>,
    entries: Vec<Entry>,
    stated: Stated,
}

impl Folder {
    fn new() -> Folder {
        let mut order = Order { number: number("4711"), shipping: Shipping::default(), ..sample::order(1) };
        (order.lines[0].unit_price, order.lines[0].total, order.lines[0].tax, order.total) = (d("100.00"), d("100.00"), d("13.00"), d("113.00"));
        let books = ledger("CAD");
        let invoice = invoice::bill(&order, &route::whole(&order, &sample::candidates(&order)), at("2026-08-02T12:00:00Z")).remove(0);
        let payment = paid("tx", "CAD", "113.00");
        let refund = refund("CAD", &[("10.00", "1.30")], "11.30");
        let document = refund_document(Billing::Paid, &refund).unwrap();
        let erp = |key: &str, kind, total| ErpTotal { key: key.into(), kind, total: d(total), currency: currency("CAD") };
        Folder {
            entries: vec![
                books.post_invoice(&invoice).unwrap(),
                books.post_payment(&payment).unwrap().unwrap(),
                books.post_refund(&refund, &document).unwrap(),
            ],
            erp: vec![erp("4711", ErpKind::Sale, "113.00"), erp("4711-C", ErpKind::Credit, "11.30")],
            payments: vec![payment],
            refunds: vec![(refund, document)],
            stated: Stated::default(),
            order,
        }
    }

    fn certify(&self) -> Certificate {
        let exchange = Exchange::none(currency("CAD"), "2026-08-02".parse().unwrap());
        let Folder { order, payments, refunds, erp, entries, stated } = self;
        certify(&certificate::Papers { order, exchange: &exchange, stated, payments, refunds, erp, entries })
    }

    /// The equations that fail, and where their residuals sit.
    fn fails(&self) -> Vec<(Check, Decimal, Option<String>)> {
        self.certify().failures().map(|one| (one.check, one.residual, one.sits.clone())).collect()
    }
}

#[test]
fn a_certificate_that_holds_says_so() {
    let certificate = Folder::new().certify();
    assert!(certificate.holds, "{certificate}");
    assert_eq!(certificate.equations.len(), 9);
    assert!(certificate.to_string().starts_with("4711 holds to the cent\n  ✓ quantity × price − discount = the lines' totals = 100.00 CAD\n"));
    assert_eq!(serde_json::from_str::<Certificate>(&serde_json::to_string(&certificate).unwrap()).unwrap(), certificate);
}

#[test]
fn each_equation_fails_by_itself() {
    let one = |check, residual: &str, sits: &str| vec![(check, d(residual), Some(sits.to_owned()))];
    let spoil = |spoil: &dyn Fn(&mut Folder)| {
        let mut folder = Folder::new();
        spoil(&mut folder);
        folder.fails()
    };
    assert_eq!(spoil(&|folder| folder.order.lines[0].unit_price = d("90.00")), one(Check::Lines, "10.00", "in lines[0].total"));
    assert_eq!(spoil(&|folder| folder.stated.lines = Some(d("113.00"))), one(Check::Stated, "13.00", "as much as lines[0].tax"));
    assert_eq!(
        spoil(&|folder| folder.payments[0].status = PaymentStatus::Authorized)[0],
        (Check::Tenders, d("-113.00"), Some("in payment tx, which is not captured".to_owned()))
    );
    let cent = Amounts { presentment: d("113.01"), shop: d("113.01") };
    let paid = spoil(&|folder| folder.payments[0].tenders[0].amount = cent);
    assert_eq!(paid[0], (Check::Tenders, d("0.01"), Some("no more than rounding over 5 parts".to_owned())));
    assert_eq!(paid[1].0, Check::LedgerTenders);
    assert_eq!(spoil(&|folder| folder.erp[0].total = d("112.00")), [(Check::Erp, d("-1.00"), None)]);
    assert_eq!(spoil(&|folder| drop(folder.erp.remove(0))), one(Check::Erp, "-113.00", "nothing is billed"));
    assert_eq!(spoil(&|folder| folder.erp.push(folder.erp[0].clone())), one(Check::Erp, "113.00", "in 4711, which is there twice"));
    let dollars = "in 4711, which is in USD and not in CAD";
    assert_eq!(spoil(&|folder| folder.erp[0].currency = currency("USD")), one(Check::Erp, "-113.00", dollars));
    assert_eq!(spoil(&|folder| drop(folder.erp.remove(1))), one(Check::ErpCredits, "-11.30", "as much as refund R1"));
    let unposted = |place: usize| spoil(&|folder| drop(folder.entries.remove(place)));
    let receivable = |residual: &str, sits: &str| (Check::Receivable, d(residual), Some(sits.to_owned()));
    assert_eq!(
        unposted(0),
        [(Check::LedgerSales, d("-113.00"), Some("no invoice is posted".to_owned())), receivable("-113.00", "no invoice is posted")]
    );
    let no_payment = "in payment tx, which has no entry";
    assert_eq!(unposted(1), [(Check::LedgerTenders, d("-113.00"), Some(no_payment.to_owned())), receivable("113.00", no_payment)]);
    assert_eq!(unposted(2), one(Check::LedgerRefunds, "-11.30", "in refund R1, which has no entry"));
    assert_eq!(spoil(&|folder| folder.payments[0].tenders[0].kind = TenderKind::OnAccount)[0].0, Check::LedgerTenders);
    // Entries of another order are no business of this one.
    assert_eq!(spoil(&|folder| folder.order.number = number("4712"))[0].0, Check::LedgerSales);
}

/// 113.00 dollars of one country are not 113.00 of another, though the numbers are the same.
#[test]
fn the_same_number_in_another_currency_proves_nothing() {
    let mut folder = Folder::new();
    folder.order.currency = currency("USD");
    let fails = folder.fails();
    let rate = "the rate 1 CAD = 1 CAD of 2026-08-02 does not lead from USD to CAD";
    let tenders = "in payment tx, which is in CAD and not in USD";
    for (check, residual, sits) in [(Check::Tenders, "-113.00", tenders), (Check::Erp, "113.00", rate), (Check::LedgerSales, "113.00", rate)] {
        assert!(fails.contains(&(check, d(residual), Some(sits.to_owned()))), "{fails:?}");
    }
    let mut folder = Folder::new();
    folder.payments[0].exchange = Exchange::new(currency("CAD"), currency("USD"), d("0.7"), "2026-08-09".parse().unwrap()).unwrap();
    folder.entries.pop();
    let other = "in payment tx, which has the rate 1 CAD = 0.7 USD of 2026-08-09 and not 1 CAD = 1 CAD of 2026-08-02";
    assert_eq!(folder.fails(), [(Check::LedgerRefunds, d("-11.30"), Some(other.to_owned()))]);
}
