//! Payments, refunds, disputes and payouts of the shop: listed, read exactly, and nothing kept that is not read.

use crate::{SECRET, settings, signed};
use crossdock_connectors::{
    Secret,
    clarity::{Clarity, Settings},
};
use crossdock_flow::{
    Code, Decimal,
    entity::echo::Kind,
    finance::{
        Dispute, Payment, Payout, Refund,
        dispute::DisputeStatus,
        invoice::Sells,
        payment::{PaymentStatus, TenderKind},
        payout::PayoutKind,
        refund::{Settling, SwapBilled},
    },
    source::Received,
    sync::{
        Subject,
        peer::{News, Peer, Seek},
    },
};
use crossdock_partners::{
    clarity as shop,
    faults::{Fault, On},
};
use jiff::Timestamp;
use std::time::Duration;

fn connect(url: String) -> Clarity {
    let api = Some((url, Secret::new("token-1").unwrap()));
    Clarity::new(Settings { api, timeout: Duration::from_secs(5), ..settings(&[SECRET]) }).unwrap()
}

async fn listed(clarity: &Clarity, kind: Kind) -> Vec<News> {
    let (mut rows, mut page) = (Vec::new(), None);
    loop {
        let listed = clarity.changed(kind, Timestamp::UNIX_EPOCH, page.as_deref()).await.unwrap();
        rows.extend(listed.rows);
        page = listed.next;
        if page.is_none() {
            return rows;
        }
    }
}

fn read(kind: Kind, body: &str) -> Result<Subject, Code> {
    Peer::read(&crate::clarity(), kind, body.as_bytes()).map_err(|fault| fault.code)
}

fn payment(body: &str) -> Payment {
    let Subject::Payment(payment) = read(Kind::Payment, body).unwrap() else { panic!() };
    *payment
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

const PAYMENT: &str = r#"{"paymentId":"tx-91","orderId":"4711","status":"captured","takenAt":"2026-11-23T10:00:00-05:00","currency":"CAD",
    "tenders":[{"kind":"card","transactionId":"tx-91","amount":98.00},{"kind":"gift-card","transactionId":"gc-7","amount":"20.00"}],
    "updatedAt":"2026-11-23T15:00:01Z"}"#;

#[tokio::test]
async fn every_row_is_listed_and_found_and_a_broken_answer_is_no_row() {
    let shop = shop::Clarity::start("token-1", &[]);
    let clarity = connect(shop.url());
    for n in 0..230 {
        shop.keep("payments", &format!("tx-{n}"), &PAYMENT.replace("\"tx-91\",\"orderId\"", &format!("\"tx-{n}\",\"orderId\"")));
    }
    let rows = listed(&clarity, Kind::Payment).await;
    assert_eq!((rows.len(), &*rows[3].key, rows[3].version), (230, "tx-3", 1));
    let found = clarity.find(Kind::Payment, Seek::Id("tx-7")).await.unwrap();
    assert_eq!((found.len(), &*found[0].key), (1, "tx-7"));
    assert!(clarity.find(Kind::Payment, Seek::Id("none")).await.unwrap().is_empty());
    for fault in [Fault::ErrorAfter, Fault::CloseAfter, Fault::GarbageAfter, Fault::RateLimit(1)] {
        shop.faults().next(On::Seek, 1, fault.clone());
        assert!(clarity.find(Kind::Payment, Seek::Id("none")).await.is_err(), "{fault:?}: silence is not absence");
        shop.faults().next(On::List, 1, fault.clone());
        assert!(clarity.changed(Kind::Payout, Timestamp::UNIX_EPOCH, None).await.is_err(), "{fault:?}");
    }
    for kind in [Kind::Refund, Kind::Dispute, Kind::Payout] {
        assert!(listed(&clarity, kind).await.is_empty());
    }
}

#[test]
fn a_payment_is_read_to_the_cent_in_both_currencies() {
    let read = payment(PAYMENT);
    assert_eq!((&*read.id, read.order.as_str(), read.status, read.at.offset_minutes), ("tx-91", "4711", PaymentStatus::Captured, -300));
    let tenders: Vec<_> = read.tenders.iter().map(|one| (one.kind.clone(), one.amount.shop, &*one.transaction_id)).collect();
    assert_eq!(tenders, [(TenderKind::Card, number("98.00"), "tx-91"), (TenderKind::GiftCard, number("20.00"), "gc-7")]);
    // Another currency: the rate makes the shop's amounts, which add up, unless the shop says them itself.
    let two = PAYMENT.replace("\"currency\":\"CAD\",", r#""currency":"CAD","shopCurrency":"USD","rate":0.712345678,"rateDate":"2026-11-22","#);
    let read = payment(&two);
    assert_eq!((read.exchange.on().to_string(), read.total().shop), ("2026-11-22".into(), number("84.06")));
    assert!(read.check().is_ok());
    let said = payment(&two.replace("\"amount\":98.00", "\"amount\":98.00,\"shopAmount\":69.82"));
    assert_eq!((said.tenders[0].amount.shop, said.check().is_ok()), (number("69.82"), true));
    let wrong = payment(&two.replace("\"amount\":98.00", "\"amount\":98.00,\"shopAmount\":98.00"));
    assert_eq!(wrong.check().unwrap_err().code, Code::WrongCurrency, "a presentment amount is not posted as the shop's");
}

#[test]
fn refunds_disputes_and_payouts_are_read_as_they_are() {
    let back = r#"{"refundId":"re-88","orderId":"4711","refundedAt":"2026-11-23T10:00:00Z","currency":"CAD",
        "lines":[{"lineId":"L1","productType":"gift-card","quantity":1,"amount":10.00,"taxAmount":1.30}],"adjustment":-2,"amount":"9.30",
        "exchange":{"amount":1,"billed":"with-order"},
        "transactions":[{"transactionId":"rt-1","kind":"paypal","amount":9.30,"status":"pending"}],"updatedAt":"2026-11-23T10:00:00Z"}"#;
    let Subject::Refund(refund) = read(Kind::Refund, back).unwrap() else { panic!() };
    let Refund { lines, adjustment, swap, transactions, .. } = *refund;
    assert_eq!(
        (lines[0].sells, lines[0].tax, adjustment, swap.unwrap().billed),
        (Sells::GiftCard, number("1.30"), number("-2"), SwapBilled::WithOrder)
    );
    assert_eq!((&transactions[0].tender, transactions[0].status), (&TenderKind::Other("paypal".into()), Settling::Pending));
    let alone =
        r#"{"refundId":"re-1","orderId":"4711","refundedAt":"2026-11-23T10:00:00Z","currency":"CAD","amount":5,"updatedAt":"2026-11-23T10:00:00Z"}"#;
    assert!(matches!(read(Kind::Refund, alone), Ok(Subject::Refund(refund)) if refund.is_amount_only() && refund.amount == Decimal::from(5)));
    let dispute = r#"{"disputeId":"dp-4","transactionId":"tx-91","orderId":null,"amount":100.00,"currency":"CAD","fee":"15","reason":"fraudulent",
        "networkReasonCode":"4827","status":"needs-response","evidenceDueBy":"2026-12-01T00:00:00Z","openedAt":"2026-11-23T10:00:00Z","endedAt":null,
        "updatedAt":"2026-11-24T10:00:00Z"}"#;
    let Subject::Dispute(read_dispute) = read(Kind::Dispute, dispute).unwrap() else { panic!() };
    let Dispute { order, transaction, fee, status, evidence_due_by, ended_at, .. } = *read_dispute;
    assert_eq!((order, transaction.as_deref(), fee, status), (None, Some("tx-91"), number("15"), DisputeStatus::NeedsResponse));
    assert!(evidence_due_by.is_some() && ended_at.is_none());
    let payout = r#"{"payoutId":"po-3","paidAt":"2026-11-25T10:00:00Z","currency":"CAD","amount":"51.75","updatedAt":"2026-11-25T10:00:00Z",
        "lines":[{"transactionId":"tx-91","kind":"charge","gross":98.00,"fee":"1.25","net":96.75},{"transactionId":"dp-4","kind":"dispute","gross":-30,"fee":15,"net":-45}]}"#;
    let Subject::Payout(read_payout) = read(Kind::Payout, payout).unwrap() else { panic!() };
    let Payout { amount, lines, .. } = *read_payout;
    assert_eq!((amount, lines[1].kind, lines[1].net), (number("51.75"), PayoutKind::Dispute, number("-45")));
}

#[test]
fn what_cannot_be_read_says_so() {
    for (from, to, code) in [
        ("\"tx-91\",\"orderId\"", "\"  \",\"orderId\"", Code::InvalidField),
        ("\"amount\":98.00", "\"amount\":\"98,00\"", Code::Malformed),
        ("\"amount\":98.00", "\"amount\":98.00001", Code::Malformed),
        ("captured", "taken", Code::Malformed),
        ("10:00:00-05:00", "10:00:00", Code::InvalidField),
        ("\"CAD\"", "\"XQX\"", Code::UnknownCurrency),
        ("\"currency\":\"CAD\"", "\"currency\":\"CAD\",\"shopCurrency\":\"USD\"", Code::InvalidField),
        ("\"currency\":\"CAD\"", "\"currency\":\"CAD\",\"rate\":1.2", Code::WrongCurrency),
    ] {
        assert!(PAYMENT.contains(from));
        assert_eq!(read(Kind::Payment, &PAYMENT.replace(from, to)).unwrap_err(), code, "{to}");
    }
}

#[test]
fn money_comes_by_webhook_without_what_is_not_read() {
    let told = PAYMENT.replace("\"status\"", "\"cardHolder\":\"Sam Sample\",\"email\":\"sam@example.com\",\"status\"");
    for event in ["payment.created", "payment.updated"] {
        let body = format!(r#"{{"type":"{event}","timestamp":"2026-11-23T15:00:01Z","data":{told}}}"#);
        let Received::News { kind, news, .. } = signed(&crate::clarity(), &body).unwrap() else { panic!() };
        assert_eq!((kind, &*news.key), (Kind::Payment, "tx-91"));
        let kept = String::from_utf8(news.body).unwrap();
        assert!(!kept.contains("Sample") && !kept.contains("example.com"), "{kept}");
        assert_eq!(payment(&kept), payment(PAYMENT), "read again, it is the same");
    }
    let keyless = r#"{"type":"dispute.updated","data":{"amount":5}}"#;
    assert!(matches!(signed(&crate::clarity(), keyless).unwrap(), Received::Unreadable { fault, .. } if fault.place.as_deref() == Some("data")));
    let unknown = r#"{"type":"wishlist.updated","data":{"id":5}}"#;
    assert!(matches!(signed(&crate::clarity(), unknown).unwrap(), Received::Unreadable { .. }));
}
