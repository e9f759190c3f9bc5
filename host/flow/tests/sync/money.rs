//! What happens to one payment, refund, dispute or payout: balanced entries, each kept and posted once, nothing posted twice
//! whatever the ERP answers, and nothing that was posted changed.

use super::*;
use crossdock_flow::{
    entity::invoice,
    finance::{
        Account, Amounts, Chart, Close, Dispute, Entry, Exchange, Month, Payment, Periods, Refund, RefundDocument,
        binder::{Binder, Kept, Paper, Sought},
        dispute::{DisputeKind, DisputeStatus},
        payment::{PaymentStatus, Tender, TenderKind},
        refund::{RefundTransaction, Settling},
    },
    sync::Books,
};
use jiff::tz::TimeZone;
use std::{collections::BTreeMap, sync::Arc};

/// Papers and entries in memory.
#[derive(Default)]
pub(crate) struct Folder {
    papers: Mutex<Vec<Paper>>,
    entries: Mutex<Vec<Kept>>,
    locked: Mutex<Vec<Month>>,
}

#[async_trait]
impl Binder for Folder {
    async fn keep(&self, paper: Option<Paper>, entries: Vec<Entry>, number: Option<&str>, at: Timestamp) -> Result<(), Fault> {
        if let Some(paper) = paper {
            let mut papers = self.papers.lock().unwrap();
            papers.retain(|one| (one.kind(), one.id()) != (paper.kind(), paper.id()));
            papers.push(paper);
        }
        let mut kept = self.entries.lock().unwrap();
        for entry in entries {
            assert!(kept.iter().all(|one| one.entry.id() != entry.id()), "it is written twice: {entry}");
            kept.push(Kept { entry, written_at: at, number: number.map(str::to_owned) });
        }
        Ok(())
    }
    async fn posted(&self, entry: &str, number: &str, _: Timestamp) -> Result<(), Fault> {
        self.entries.lock().unwrap().iter_mut().filter(|one| one.entry.id() == entry).for_each(|one| one.number = Some(number.into()));
        Ok(())
    }
    async fn entries(&self, sought: Sought) -> Result<Vec<Kept>, Fault> {
        let is_meant = |one: &&Kept| sought.id.as_ref().is_none_or(|id| one.entry.id() == id);
        Ok(self.entries.lock().unwrap().iter().filter(is_meant).cloned().collect())
    }
    async fn paper(&self, kind: Kind, id: &str) -> Result<Option<Paper>, Fault> {
        Ok(self.papers.lock().unwrap().iter().find(|one| (one.kind(), one.id()) == (kind, id)).cloned())
    }
    async fn papers(&self, order: Option<&str>) -> Result<Vec<Paper>, Fault> {
        let is_meant = |one: &&Paper| order.is_none_or(|order| one.order().is_some_and(|known| known.as_str() == order));
        Ok(self.papers.lock().unwrap().iter().filter(is_meant).cloned().collect())
    }
    async fn periods(&self) -> Result<Periods, Fault> {
        Ok(self.locked.lock().unwrap().iter().copied().collect())
    }
    async fn lock(&self, _: &Close, _: Timestamp) -> Result<(), Fault> {
        unreachable!()
    }
}

fn cad() -> Currency {
    Currency::parse("CAD").unwrap()
}

fn world(kind: Kind) -> World {
    let numbers: BTreeMap<Account, String> = (1000..).zip(Account::ALL).map(|(number, account)| (*account, number.to_string())).collect();
    let books = Books { currency: cad(), zone: TimeZone::UTC, chart: Chart::check(numbers).unwrap() };
    let mut world = World::new(kind, Side::Shop, Memory::new(Side::Erp));
    world.flow.books = Some(Arc::new(books));
    world
}

fn amount(amount: i64) -> Amounts {
    Amounts { presentment: amount.into(), shop: amount.into() }
}

fn payment(cards: i64) -> Payment {
    let tender = |kind, paid, id: &str| Tender { kind, amount: amount(paid), transaction_id: id.into() };
    Payment {
        id: "tx-1".into(),
        order: sample::order(2).number,
        tenders: vec![tender(TenderKind::Card, cards, "tx-1"), tender(TenderKind::GiftCard, 20, "gc-1")],
        status: PaymentStatus::Captured,
        at: Instant::utc(NOW),
        exchange: Exchange::none(cad(), "1970-01-01".parse().unwrap()),
    }
}

fn refund(back: i64, status: Settling) -> Subject {
    Subject::Refund(Box::new(Refund {
        id: "re-1".into(),
        order: sample::order(2).number,
        at: Instant::utc(NOW),
        currency: cad(),
        lines: Vec::new(),
        shipping: Decimal::ZERO,
        tax: Decimal::ZERO,
        adjustment: Decimal::ZERO,
        swap: None,
        amount: back.into(),
        transactions: vec![RefundTransaction { id: "rt-1".into(), tender: TenderKind::Card, amount: back.into(), status }],
    }))
}

fn dispute(status: DisputeStatus) -> Subject {
    Subject::Dispute(Box::new(Dispute {
        id: "dp-1".into(),
        transaction: Some("tx-1".into()),
        order: None,
        kind: DisputeKind::Chargeback,
        amount: 50.into(),
        currency: cad(),
        fee: 15.into(),
        fee_returned: Decimal::ZERO,
        reason: "fraudulent".into(),
        network_reason_code: String::new(),
        status,
        evidence_due_by: None,
        at: Instant::utc(NOW),
        ended_at: None,
        seen_at: Instant::utc(NOW),
    }))
}

impl World {
    fn references(&self) -> Vec<String> {
        self.to.rows().iter().map(|(reference, _)| reference.clone()).collect()
    }
}

#[tokio::test]
async fn a_payment_is_posted_once_whatever_the_erp_answers() {
    let world = world(Kind::Payment);
    let news = Subject::Payment(Box::new(payment(80)));
    world.to.answers.lock().unwrap().push((Answer::Unknown(Fault::new(Code::Unknown, "silence")), true));
    assert_eq!(world.carry("tx-1", &news, "").await.0, State::Sending);
    assert_eq!(world.carry("tx-1", &news, "").await.0, State::NoOp, "it is found there");
    assert_eq!(world.carry("tx-1", &news, "").await.0, State::NoOp);
    assert_eq!((world.to.writes(), world.references()), (1, vec!["payment/tx-1".to_owned()]));
    let Subject::Entry(journal) = world.to.rows()[0].1.clone() else { panic!() };
    let postings: Vec<_> = journal.postings.iter().map(|one| (&*one.account, one.amount, &*one.about)).collect();
    let order = format!("order {}", sample::order(2).number);
    assert_eq!(
        postings,
        [
            ("1001", 80.into(), "transaction tx-1"),
            ("1000", 80.into(), &*order),
            ("1004", 20.into(), "transaction gc-1"),
            ("1000", 20.into(), &*order)
        ]
    );
    // What is posted is never changed: another amount is for a person, and so is a payment that was not taken after all.
    for other in [payment(81), Payment { status: PaymentStatus::Voided, ..payment(80) }] {
        let (state, settled) = world.carry("tx-1", &Subject::Payment(Box::new(other)), "").await;
        assert_eq!((state, settled.fault.map(|fault| fault.code), world.to.writes()), (State::Parked, Some(Code::Residual), 1));
    }
}

#[tokio::test]
async fn what_the_erp_has_otherwise_under_our_reference_waits_for_a_person() {
    let world = world(Kind::Payment);
    assert_eq!(world.carry("tx-1", &Subject::Payment(Box::new(payment(80))), "").await.0, State::Settled);
    world.binder.entries.lock().unwrap()[0].number = None;
    if let Subject::Entry(journal) = &mut world.to.rows()[0].1 {
        journal.postings[0].account = "9999".into();
    }
    let (state, settled) = world.carry("tx-1", &Subject::Payment(Box::new(payment(80))), "").await;
    assert_eq!((state, settled.fault.map(|fault| fault.code), world.to.writes()), (State::Parked, Some(Code::Conflict), 1));
}

#[tokio::test]
async fn what_is_not_captured_or_has_no_ledger_is_not_posted() {
    let mut world = world(Kind::Payment);
    let authorized = Payment { status: PaymentStatus::Authorized, ..payment(80) };
    assert_eq!(world.carry("tx-1", &Subject::Payment(Box::new(authorized)), "").await.0, State::NoOp);
    assert_eq!((world.to.writes(), world.binder.papers.lock().unwrap().len()), (0, 1), "the paper is kept");
    world.flow.books = None;
    let (state, settled) = world.carry("tx-1", &Subject::Payment(Box::new(payment(80))), "").await;
    assert_eq!((state, settled.fault.map(|fault| fault.code)), (State::Parked, Some(Code::Settings)));
}

#[tokio::test]
async fn a_refund_waits_for_its_money_and_its_document_follows_the_billing() {
    let world = world(Kind::Refund);
    // Pending, and then of an order of which no payment came: the host waits by itself, for as long as it takes.
    for (back, status) in [(10, Settling::Pending), (10, Settling::Settled)] {
        let (state, settled) = world.carry("re-1", &refund(back, status), "").await;
        assert_eq!((state, settled.tries, settled.fault.map(|fault| fault.code)), (State::Due, 0, Some(Code::MoneyPending)));
    }
    world.binder.papers.lock().unwrap().push(Paper::Payment(payment(80)));
    assert_eq!(world.carry("re-1", &refund(10, Settling::Settled), "").await.0, State::Settled);
    let document = |world: &World| match world.binder.papers.lock().unwrap().last() {
        Some(Paper::Refund(_, document)) => *document,
        other => panic!("{other:?}"),
    };
    assert_eq!(document(&world), RefundDocument::AdjustDeposit { cash: 10.into() });
    // Billed later, it stays the document that it was posted as.
    let order = sample::order(2);
    let billed = invoice::Invoice {
        number: "I1".into(),
        order: order.number.clone(),
        shipments: Vec::new(),
        invoiced_at: None,
        currency: cad(),
        lines: Vec::new(),
        discount: Decimal::ZERO,
        shipping: 100.into(),
        shipping_tax: Decimal::ZERO,
        total: 100.into(),
        fields: Vec::new(),
    };
    let sold = || One(Some(Sold { total: order.total, order: order.clone(), lines: vec![0, 1], takes: Vec::new(), came: Vec::new() }));
    let world = World { orders: sold(), ..world };
    world.to.rows().push(("I1".into(), Subject::Invoice(Box::new(billed.clone()))));
    assert_eq!(world.carry("re-1", &refund(10, Settling::Settled), "").await.0, State::NoOp);
    assert_eq!(document(&world), RefundDocument::AdjustDeposit { cash: 10.into() });
    // Billed before, it is a credit memo; and what the ERP billed is in the ledger, and not sent to it.
    let world = World { orders: sold(), ..super::money::world(Kind::Refund) };
    world.binder.papers.lock().unwrap().push(Paper::Payment(payment(80)));
    world.to.rows().push(("I1".into(), Subject::Invoice(Box::new(billed))));
    assert_eq!(world.carry("re-1", &refund(10, Settling::Settled), "").await.0, State::Settled);
    assert_eq!(document(&world), RefundDocument::CreditMemoAndCashRefund { credit: 10.into(), cash: 10.into() });
    let kept: Vec<_> = world.binder.entries.lock().unwrap().iter().map(|one| (one.entry.id().to_owned(), one.number.clone())).collect();
    assert_eq!(kept, [("invoice/I1".to_owned(), Some("I1".to_owned())), ("refund/re-1".into(), Some("refund/re-1".into()))]);
    assert_eq!(world.to.writes(), 1);
}

#[tokio::test]
async fn an_open_dispute_is_asked_about_until_it_ends() {
    let world = world(Kind::Dispute);
    let (state, settled) = world.carry("dp-1", &dispute(DisputeStatus::UnderReview), "").await;
    assert_eq!((state, settled.due_at, settled.tries, settled.fault), (State::Due, Some(NOW + Duration::from_secs(86_400)), 0, None));
    assert_eq!(world.references(), ["dispute-opened/dp-1"]);
    // A day later the shop says that it is over: what it says takes the row's place, and nothing is posted of what is old.
    let from = Memory::with(Side::Shop, &[("dp-1", dispute(DisputeStatus::Lost))]);
    let old = News { version: 0, ..news("dp-1", &dispute(DisputeStatus::UnderReview), "") };
    let arrival = Arrival { flow: "it".into(), kind: Kind::Dispute, side: Side::Shop, news: old, received_at: NOW };
    let claimed = Claimed { row: 7, arrival, attempts: 1, tries: 0, doubtful: false, released: false, partner: None };
    let (ledger, orders, binder, rules) = (&world.notes, &world.orders, &world.binder, &world.rules);
    let outside = Outside { from: &from, to: &world.to, ledger, orders, binder, rules, clock: &At, lag: SignedDuration::ZERO };
    assert_eq!(world.flow.run(claimed, outside).await.unwrap(), State::NoOp);
    let newer = world.notes.taken.lock().unwrap().pop().unwrap();
    assert_eq!((&*newer.flow, newer.news.version), ("it", 1));
    assert_eq!(world.carry("dp-1", &dispute(DisputeStatus::Lost), "").await.0, State::Settled);
    assert_eq!(world.references(), ["dispute-opened/dp-1", "dispute-lost/dp-1"]);
    assert_eq!(world.carry("dp-1", &dispute(DisputeStatus::Lost), "").await.0, State::NoOp);
    // Lost, and then won after all: a person says what becomes of what was posted.
    let (state, settled) = world.carry("dp-1", &dispute(DisputeStatus::Won), "").await;
    assert_eq!((state, settled.fault.map(|fault| fault.code)), (State::Parked, Some(Code::Residual)));
    assert_eq!(world.to.writes(), 2);
}

#[tokio::test]
async fn what_comes_late_for_a_locked_month_is_a_dated_correction() {
    let world = world(Kind::Payment);
    world.binder.locked.lock().unwrap().push(Month::parse("1970-01").unwrap());
    assert_eq!(world.carry("tx-1", &Subject::Payment(Box::new(payment(80))), "").await.0, State::Settled);
    let Subject::Entry(journal) = world.to.rows()[0].1.clone() else { panic!() };
    assert_eq!((journal.date.to_string(), journal.corrects), ("1970-02-01".into(), "1970-01".into()));
    // Locking the next month as well moves nothing that is posted.
    world.binder.locked.lock().unwrap().push(Month::parse("1970-02").unwrap());
    assert_eq!(world.carry("tx-1", &Subject::Payment(Box::new(payment(80))), "").await.0, State::NoOp);
}
