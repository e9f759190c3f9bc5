//! Whoever opens the file with another program cannot change what is posted by mistake.

use super::given::Place;
use crossdock_flow::{
    Currency, OrderNumber,
    finance::{
        Amounts, Exchange, Ledger, Payment, Periods,
        binder::Binder,
        payment::{PaymentStatus, Tender, TenderKind},
    },
    order::Instant,
};
use jiff::{Timestamp, tz::TimeZone};

#[tokio::test(flavor = "multi_thread")]
async fn entries_and_legs_are_only_ever_added() {
    let place = Place::new();
    let store = place.open();
    let currency = Currency::parse("CAD").unwrap();
    let amount = Amounts { presentment: 5.into(), shop: 5.into() };
    let payment = Payment {
        id: "tx-1".into(),
        order: OrderNumber::parse("4711").unwrap(),
        tenders: vec![Tender { kind: TenderKind::Card, amount, transaction_id: "tx-1".into() }],
        status: PaymentStatus::Captured,
        at: Instant::utc(Timestamp::UNIX_EPOCH),
        exchange: Exchange::none(currency, "1970-01-01".parse().unwrap()),
    };
    let ledger = Ledger { currency, zone: TimeZone::UTC, periods: Periods::default() };
    let entry = ledger.post_payment(&payment).unwrap().unwrap();
    store.keep(None, vec![entry], None, Timestamp::UNIX_EPOCH).await.unwrap();
    let driver = place.driver();
    for sql in ["UPDATE entries SET day = '2026-01-01'", "DELETE FROM entries", "UPDATE legs SET amount = '6'", "DELETE FROM legs"] {
        let error = driver.execute(sql, []).unwrap_err();
        assert!(error.to_string().contains("is never"), "{sql}: {error}");
    }
    let legs: i64 = driver.query_row("SELECT count(*) FROM legs WHERE amount = '5'", [], |row| row.get(0)).unwrap();
    assert_eq!(legs, 2);
}
