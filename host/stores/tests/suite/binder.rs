//! The books: papers in their latest state, entries once and for ever, and months that are locked.

use super::Place;
use crossdock_flow::{
    Code, Currency, OrderNumber,
    entity::echo::Kind,
    finance::{
        Amounts, Close, Entry, Exchange, Ledger, Month, Payment, Periods,
        binder::{Paper, Sought},
        payment::{PaymentStatus, Tender, TenderKind},
    },
    order::Instant,
};
use jiff::{Timestamp, tz::TimeZone};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_772_000_000 + second).unwrap()
}

fn payment(id: &str, cents: i64) -> Payment {
    let currency = Currency::parse("CAD").unwrap();
    let cents = crossdock_flow::Decimal::new(cents, 2);
    let amount = Amounts { presentment: cents, shop: cents };
    Payment {
        id: id.into(),
        order: OrderNumber::parse("4711").unwrap(),
        tenders: vec![Tender { kind: TenderKind::Card, amount, transaction_id: id.into() }],
        status: PaymentStatus::Captured,
        at: Instant::utc(at(0)),
        exchange: Exchange::none(currency, "2026-02-25".parse().unwrap()),
    }
}

fn entry(payment: &Payment, periods: Periods) -> Entry {
    let ledger = Ledger { currency: Currency::parse("CAD").unwrap(), zone: TimeZone::UTC, periods };
    ledger.post_payment(payment).unwrap().unwrap()
}

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

pub(crate) async fn an_entry_is_written_once_and_its_paper_is_the_latest(place: Place) {
    let store = place.open();
    let (first, later) = (payment("tx-1", 1050), payment("tx-1", 2000));
    let posted = entry(&first, Periods::default());
    store.keep(Some(Paper::Payment(first.clone())), vec![posted.clone()], None, at(1)).await.unwrap();
    // The same news again, and then a paper that says something else: its entry stays what it was.
    store.keep(Some(Paper::Payment(first)), vec![posted.clone()], None, at(2)).await.unwrap();
    store.keep(Some(Paper::Payment(later.clone())), vec![entry(&later, Periods::default())], None, at(3)).await.unwrap();
    drop(store);
    let store = place.open();
    let kept = store.entries(Sought::default()).await.unwrap();
    assert_eq!((kept.len(), &kept[0].entry, kept[0].written_at, &kept[0].number), (1, &posted, at(1), &None));
    assert_eq!(store.paper(Kind::Payment, "tx-1").await.unwrap(), Some(Paper::Payment(later)));
    assert_eq!(store.paper(Kind::Refund, "tx-1").await.unwrap(), None);
    // The ERP's number is the first that is known.
    store.posted(posted.id(), "J1", at(4)).await.unwrap();
    store.posted(posted.id(), "J2", at(5)).await.unwrap();
    store.posted("payment/none", "J3", at(5)).await.unwrap();
    assert_eq!(store.entries(Sought::default()).await.unwrap()[0].number.as_deref(), Some("J1"));
}

pub(crate) async fn many_that_keep_the_same_entry_at_once_write_it_once(place: Place) {
    let store = place.open();
    let payment = payment("tx-1", 1050);
    let keeping: Vec<_> = (0..50)
        .map(|second| {
            let (store, payment) = (store.clone(), payment.clone());
            tokio::spawn(async move {
                let entry = entry(&payment, Periods::default());
                store.keep(Some(Paper::Payment(payment)), vec![entry], None, at(second)).await
            })
        })
        .collect();
    for keeping in keeping {
        keeping.await.unwrap().unwrap();
    }
    let kept = store.entries(Sought::default()).await.unwrap();
    assert_eq!((kept.len(), kept[0].entry.legs().len()), (1, 2));
}

pub(crate) async fn entries_are_found_by_order_month_and_id(place: Place) {
    let store = place.open();
    for id in ["tx-1", "tx-2", "tx-3"] {
        let other = Payment { order: OrderNumber::parse("4712").unwrap(), ..payment(id, 500) };
        let payment = if id == "tx-3" { other } else { payment(id, 500) };
        let entry = entry(&payment, Periods::default());
        store.keep(Some(Paper::Payment(payment)), vec![entry], Some("I7"), at(1)).await.unwrap();
    }
    let ids = async |sought: Sought| store.entries(sought).await.unwrap().into_iter().map(|kept| kept.entry.id().to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(Sought { order: Some("4711".into()), ..Sought::default() }).await, ["payment/tx-2", "payment/tx-1"]);
    assert_eq!(ids(Sought { id: Some("payment/tx-3".into()), ..Sought::default() }).await, ["payment/tx-3"]);
    assert_eq!(ids(Sought { most: 1, ..Sought::default() }).await, ["payment/tx-3"]);
    assert_eq!(ids(Sought { month: Some(month("2026-02")), ..Sought::default() }).await.len(), 3);
    assert!(ids(Sought { month: Some(month("2026-03")), ..Sought::default() }).await.is_empty());
    assert_eq!(store.papers(Some("4711")).await.unwrap().len(), 2);
    assert_eq!(store.papers(None).await.unwrap().len(), 3);
    assert_eq!(store.entries(Sought::default()).await.unwrap()[0].number.as_deref(), Some("I7"));
}

pub(crate) async fn nothing_is_written_into_a_locked_month(place: Place) {
    let store = place.open();
    let made = payment("tx-1", 1050);
    let in_time = entry(&made, Periods::default());
    let mut close = Close { month: month("2026-02"), matched: Vec::new(), unmatched: Vec::new() };
    store.keep(Some(Paper::Payment(made.clone())), vec![in_time.clone()], None, at(1)).await.unwrap();
    store.lock(&close, at(2)).await.unwrap();
    store.lock(&close, at(3)).await.unwrap();
    let late = payment("tx-2", 700);
    let fault = store.keep(Some(Paper::Payment(late.clone())), vec![entry(&late, Periods::default())], None, at(4)).await.unwrap_err();
    assert_eq!((fault.code, store.papers(None).await.unwrap().len()), (Code::Period, 1), "neither entry nor paper");
    // What is there already is no new entry; made anew, the late one is a correction.
    store.keep(Some(Paper::Payment(made)), vec![in_time], None, at(4)).await.unwrap();
    let periods = store.periods().await.unwrap();
    assert_eq!(periods.locked().collect::<Vec<_>>(), [month("2026-02")]);
    store.keep(Some(Paper::Payment(late.clone())), vec![entry(&late, periods)], None, at(5)).await.unwrap();
    drop(store);
    let store = place.open();
    let kept = store.entries(Sought { month: Some(month("2026-03")), ..Sought::default() }).await.unwrap();
    assert_eq!(kept.iter().map(|kept| kept.entry.corrects()).collect::<Vec<_>>(), [Some(month("2026-02"))]);
    // A month of which something does not match stays open.
    close.month = month("2026-03");
    close.unmatched.push(crossdock_flow::finance::close::Mismatch {
        what: crossdock_flow::finance::close::What::Payment,
        id: "tx-9".into(),
        amount: 1.into(),
        currency: Currency::parse("CAD").unwrap(),
        why: "no payout has it".into(),
    });
    assert_eq!(store.lock(&close, at(6)).await.unwrap_err().code, Code::Period);
    assert_eq!(store.periods().await.unwrap().locked().count(), 1);
}
