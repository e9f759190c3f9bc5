//! The certificate of an order, equation by equation.

use crate::{
    at, currency, d,
    golden::{ledger, paid, refund},
    number,
};
use crossdock_flow::{
    Decimal, Order,
    finance::{
        Amounts, Billing, Entry, Exchange, Payment, Refund, RefundDocument,
        certificate::{Certificate, Check, ErpKind, ErpTotal, Papers, Stated, certify},
        invoice,
        payment::{PaymentStatus, TenderKind},
        refund_document,
    },
    order::Shipping,
    route, sample,
};

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
        certify(&Papers { order, exchange: &exchange, stated, payments, refunds, erp, entries })
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

/// An entry in another currency is named, whether it stands beside the right one or in its place with the same number.
#[test]
fn an_entry_in_another_currency_is_named() {
    let dollars = ledger("USD").post_payment(&paid("tx", "USD", "113.00")).unwrap().unwrap();
    let stray = "in payment/tx, which is in USD and not in CAD".to_owned();
    let mut folder = Folder::new();
    folder.entries.push(dollars.clone());
    assert_eq!(folder.fails(), [(Check::Currency, d("113.00"), Some(stray.clone()))]);
    folder.entries[1] = dollars;
    folder.entries.pop();
    let fails: Vec<Check> = folder.fails().into_iter().filter(|(_, _, sits)| *sits == Some(stray.clone())).map(|(check, ..)| check).collect();
    assert_eq!(fails, [Check::Currency, Check::LedgerTenders, Check::Receivable]);
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
