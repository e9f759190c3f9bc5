//! Changes and cancellations: once or twice, refused with their cause, and every outcome that they can have.

use crate::{bearer, changed, connect, document, done, number};
use crossdock_flow::{
    Code, Decimal,
    order::put,
    target::{Answer, Found, Target},
};
use crossdock_partners::{
    faults::{Fault, On},
    puppet::{Puppet, Say},
    sagepro::{Items, Options, SagePro as Erp, Wrote},
};
use std::collections::HashMap;

#[tokio::test]
async fn a_change_replaces_the_order_and_twice_does_no_harm() {
    let items = HashMap::from([("MUG-BLUE".to_owned(), HashMap::from([("TOR".to_owned(), Decimal::from(10))]))]);
    let erp = Erp::start(Options { items: Items::List(items), ..Options::default() });
    let target = connect(erp.url(), bearer());
    assert_eq!(target.create(&document("1")).await, done("10000"));
    for _ in 0..2 {
        assert_eq!(target.change("10000", &changed("1")).await, done("10000"));
    }
    assert!(matches!(target.find(&changed("1")).await, Found::Here(_)));
    assert!(matches!(target.find(&document("1")).await, Found::Other(_)));
    assert_eq!(target.stock().await.unwrap().units["TOR"]["MUG-BLUE"], Decimal::from(6));
    // What the ERP would not book it does not take as a change either.
    let mut wrong = changed("1");
    drop(put(&mut wrong.fields, "TotalAmount", number("16.53")));
    assert!(matches!(target.change("10000", &wrong).await, Answer::Refused(fault) if fault.code == Code::Refused));
    assert!(matches!(target.change("10001", &document("1")).await, Answer::Refused(fault) if fault.code == Code::Refused));

    for _ in 0..2 {
        assert_eq!(target.cancel("10000").await, done("10000"));
    }
    assert_eq!(target.stock().await.unwrap().units["TOR"]["MUG-BLUE"], Decimal::from(10));
    let books = erp.books();
    let [booked] = &books[..] else { panic!("{books:?}") };
    assert_eq!((booked.total, booked.lines[0].quantity, booked.status.as_str()), (Decimal::new(1652, 2), Decimal::from(4), "Cancelled"));
    // A judge sees every write that took effect: no order may go back to what it was.
    let history: Vec<_> = booked.writes.iter().map(|write| (write.sequence, write.what, write.total)).collect();
    let (before, after) = (Decimal::new(1638, 2), Decimal::new(1652, 2));
    assert_eq!(history, [(1, Wrote::Create, before), (2, Wrote::Change, after), (3, Wrote::Change, after), (4, Wrote::Cancel, after)]);
    assert_eq!(booked.writes[1].bytes, booked.writes[2].bytes);
    assert_ne!(booked.writes[0].bytes, booked.writes[1].bytes);
}

#[tokio::test]
async fn what_is_shipped_or_cancelled_is_refused_with_the_code_of_its_cause() {
    let erp = Erp::start(Options::default());
    let target = connect(erp.url(), bearer());
    for key in ["1", "2", "3"] {
        assert!(matches!(target.create(&document(key)).await, Answer::Done(_)));
    }
    assert!(erp.ship("10000") && erp.ship_part("10001") && !erp.ship_part("99999"));
    assert_eq!(target.cancel("10002").await, done("10002"));
    for number in ["10000", "10001"] {
        for answer in [target.cancel(number).await, target.change(number, &changed("1")).await] {
            assert!(matches!(answer, Answer::Refused(fault) if fault.code == Code::AlreadyShipped && fault.message.contains("SHIPPED")));
        }
    }
    let answer = target.change("10002", &changed("3")).await;
    assert!(matches!(answer, Answer::Refused(fault) if fault.code == Code::AlreadyExported && fault.message.contains("CANCELLED")));
    assert!(matches!(target.cancel("99999").await, Answer::Refused(fault) if fault.code == Code::Refused));
    assert!(erp.books().iter().all(|booked| booked.total == document("1").total), "nothing was changed");
}

#[tokio::test]
async fn a_change_and_a_cancellation_have_every_outcome_of_a_write() {
    let erp = Erp::start(Options::default());
    let target = connect(erp.url(), bearer());
    assert_eq!(target.create(&document("1")).await, done("10000"));
    let mut written = 1;
    for on in [On::Change, On::Cancel] {
        let write = async || if on == On::Change { target.change("10000", &changed("1")).await } else { target.cancel("10000").await };
        for (fault, code) in
            [(Fault::RateLimit(7), Code::PartnerBusy), (Fault::Unavailable(3), Code::PartnerBusy), (Fault::Unauthorized, Code::Credentials)]
        {
            erp.faults().next(on, 1, fault.clone());
            assert!(matches!(write().await, Answer::Busy(busy) if busy.fault.code == code), "{on:?} {fault:?}");
        }
        erp.faults().next(on, 1, Fault::ErrorInside);
        assert!(matches!(write().await, Answer::Refused(fault) if fault.code == Code::Refused), "{on:?}");
        erp.faults().next(on, 1, Fault::ErrorBefore);
        assert!(matches!(write().await, Answer::Unknown(_)), "{on:?}");
        assert_eq!(erp.books()[0].writes.len(), written, "{on:?}: nothing was done");
        for (index, fault) in [Fault::ErrorAfter, Fault::SilenceAfter, Fault::CloseAfter, Fault::GarbageAfter, Fault::FloodAfter].iter().enumerate() {
            erp.faults().next(on, 1, fault.clone());
            assert!(matches!(write().await, Answer::Unknown(unknown) if unknown.code == Code::Unknown), "{on:?} {fault:?}");
            // It was done, and a cancellation only the first time.
            let more = if on == On::Change { index + 1 } else { 1 };
            assert_eq!(erp.books()[0].writes.len(), written + more, "{on:?} {fault:?}");
        }
        // Nobody knows, so it is done again, and that is all there is to it.
        assert_eq!(write().await, done("10000"));
        written = erp.books()[0].writes.len();
    }
    let booked = &erp.books()[0];
    assert_eq!((booked.status.as_str(), booked.total), ("Cancelled", changed("1").total));
    assert_eq!(booked.writes.iter().filter(|write| write.what == Wrote::Cancel).count(), 1);
}

#[tokio::test]
async fn a_write_is_done_only_when_the_answer_names_the_order() {
    let erp = Puppet::start();
    let target = connect(erp.url(), bearer());
    for (body, is_done) in [
        (r#"{"SalesOrderNo":"     10000"}"#, true),
        (r#"{"SalesOrderNo":10000}"#, true),
        (r#"{"SalesOrderNo":"10001"}"#, false),
        (r#"{"Status":"Cancelled"}"#, false),
        ("", false),
    ] {
        erp.say([Say::new(200, body)]);
        for answer in [target.change("10000", &document("1")).await, target.cancel("10000").await] {
            assert_eq!(matches!(answer, Answer::Done(_)), is_done, "{body}: {answer:?}");
            assert!(is_done || matches!(answer, Answer::Unknown(_)), "{body}: {answer:?}");
        }
    }
    let heard = erp.heard();
    assert_eq!(heard[1].body, r#"{"Status":"Cancelled"}"#);
}
