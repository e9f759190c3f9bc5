//! Journal entries: written once under our reference, found by it, listed, and read as they were written.

use crate::{bearer, connect, done};
use crossdock_flow::{
    Code, Currency, Decimal,
    entity::echo::Kind,
    finance::{Journal, journal::Posting, ledger::Side},
    sync::{
        Subject,
        peer::{Peer, Seek},
    },
    target::Answer,
};
use crossdock_partners::{
    faults::{Fault, On},
    sagepro::{Options, SagePro as Erp},
};
use jiff::Timestamp;

fn journal(reference: &str, credit: &str) -> Subject {
    let posting = |account: &str, side, amount: &str| Posting {
        account: account.into(),
        side,
        amount: amount.parse().unwrap(),
        about: "transaction tx-1".into(),
    };
    Subject::Entry(Box::new(Journal {
        reference: reference.into(),
        date: "2026-11-23".parse().unwrap(),
        currency: Currency::parse("CAD").unwrap(),
        document: String::new(),
        corrects: "2026-10".into(),
        postings: vec![posting("1050", Side::Debit, "118.00"), posting("1200", Side::Credit, credit)],
    }))
}

#[tokio::test]
async fn an_entry_is_posted_and_found_by_its_reference() {
    let erp = Erp::start(Options::default());
    let sagepro = connect(erp.url(), bearer());
    let written = journal("payment/tx 1&x=/ü", "118.00");
    assert_eq!(sagepro.put(&written, None, "crossdock:acme").await, done("J00001"));
    assert_eq!(sagepro.put(&journal("payment/tx-2", "118.00"), None, "").await, done("J00002"));
    let found = sagepro.find(Kind::Entry, Seek::Id("payment/tx 1&x=/ü")).await.unwrap();
    assert_eq!((found.len(), &*found[0].key), (1, "J00001"));
    assert_eq!(sagepro.read(Kind::Entry, &found[0].body).unwrap(), written, "read again, it is what was written");
    assert!(sagepro.find(Kind::Entry, Seek::Id("payment/tx-3")).await.unwrap().is_empty());
    let listed = sagepro.changed(Kind::Entry, Timestamp::UNIX_EPOCH, None).await.unwrap();
    assert_eq!(listed.rows.iter().map(|row| &*row.key).collect::<Vec<_>>(), ["J00001", "J00002"]);
    // In another order and split in two, an account gets the same.
    let (Subject::Entry(one), Subject::Entry(mut other)) = (written.clone(), written) else { panic!() };
    other.postings.reverse();
    other.postings[1].amount -= Decimal::ONE;
    let rest = Posting { amount: Decimal::ONE, ..other.postings[1].clone() };
    other.postings.push(rest);
    assert_eq!(one.content(), other.content());
}

#[tokio::test]
async fn every_outcome_of_a_posting_is_told_apart() {
    let erp = Erp::start(Options::default());
    let sagepro = connect(erp.url(), bearer());
    assert!(matches!(sagepro.put(&journal("payment/tx-1", "117.99"), None, "").await, Answer::Refused(fault) if fault.code == Code::Refused));
    for (fault, is_unknown) in [
        (Fault::ErrorAfter, true),
        (Fault::CloseAfter, true),
        (Fault::SilenceAfter, true),
        (Fault::GarbageAfter, true),
        (Fault::RateLimit(1), false),
        (Fault::Unavailable(1), false),
    ] {
        erp.faults().next(On::Write, 1, fault.clone());
        let answer = sagepro.put(&journal("payment/tx-2", "118.00"), None, "").await;
        assert!(matches!((&answer, is_unknown), (Answer::Unknown(_), true) | (Answer::Busy(_), false)), "{fault:?}: {answer:?}");
        // What cannot be asked is not taken for absent.
        erp.faults().next(On::Seek, 1, fault.clone());
        assert!(sagepro.find(Kind::Entry, Seek::Id("payment/none")).await.is_err(), "{fault:?}");
    }
    assert_eq!(sagepro.find(Kind::Entry, Seek::Id("payment/tx-2")).await.unwrap().len(), 4, "the ERP refuses no double: looking is ours to do");
    let both = r#"{"Reference":"payment/x","Date":"2026-11-23","Currency":"CAD","Lines":[{"AccountNo":"1","Debit":1,"Credit":1}]}"#;
    assert_eq!(sagepro.read(Kind::Entry, both.as_bytes()).unwrap_err().code, Code::InvalidField);
    let unknown = sagepro.read(Kind::Entry, both.replace("CAD", "XXX").as_bytes()).unwrap_err();
    assert_eq!((unknown.code, unknown.place.as_deref()), (Code::UnknownCurrency, Some("Currency")));
}
