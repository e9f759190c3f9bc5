//! Days, months, accounts and rates, rule by rule.

use crate::{
    at, currency, d,
    golden::{ledger, paid},
    number,
    rules::dispute,
};
use crossdock_flow::{
    Code,
    finance::{Account, Amounts, Chart, Close, Dispute, Entry, Exchange, Month, Payment, Periods, dispute::DisputeStatus, invoice, period::Dated},
    route, sample,
};
use std::collections::BTreeMap;

#[test]
fn a_day_is_a_day_where_the_company_is() {
    let mut payment = paid("tx", "CAD", "10.00");
    payment.at = at("2026-09-01T03:30:00Z");
    let entry = ledger("CAD").post_payment(&payment).unwrap().unwrap();
    assert_eq!(entry.date().to_string(), "2026-08-31");
}

#[test]
fn what_comes_late_corrects_the_first_open_month() {
    let mut books = ledger("CAD");
    let month = |text: &str| Month::parse(text).unwrap();
    for text in ["2026-07", "2026-08"] {
        books.periods.lock(&Close { month: month(text), matched: Vec::new(), unmatched: Vec::new() }).unwrap();
    }
    let late = Dispute { at: at("2026-07-15T12:00:00Z"), ended_at: Some(at("2026-09-15T12:00:00Z")), ..dispute(DisputeStatus::Lost) };
    let entries = books.post_dispute(&late).unwrap();
    let told: Vec<_> = entries.iter().map(|entry| (entry.date().to_string(), entry.corrects())).collect();
    assert_eq!(told, [("2026-09-01".to_owned(), Some(month("2026-07"))), ("2026-09-15".to_owned(), None)]);
    assert!(entries[0].to_string().ends_with("(corrects 2026-07)"));
    assert_eq!(serde_json::from_str::<Entry>(&serde_json::to_string(&entries[0]).unwrap()).unwrap(), entries[0]);
    assert_eq!(books.periods.date("2026-06-30".parse().unwrap()), Dated { on: "2026-06-30".parse().unwrap(), corrects: None });
    // What was made before its month was locked is not written down after.
    let early = ledger("CAD").post_dispute(&late).unwrap();
    assert_eq!(books.admit(&early[0]).unwrap_err().to_string(), "E704 dispute-opened/dp-1: 2026-07 is locked, and it is dated 2026-07-15");
    entries.iter().for_each(|entry| books.admit(entry).unwrap());
    assert_eq!(ledger("USD").admit(&entries[0]).unwrap_err().code, Code::WrongCurrency);
    let text = serde_json::to_string(&books.periods).unwrap();
    assert_eq!(text, r#"{"locked":["2026-07","2026-08"]}"#);
    assert_eq!(serde_json::from_str::<Periods>(&text).unwrap(), books.periods);
}

#[test]
fn months_are_read_as_they_are_written() {
    assert_eq!(Month::parse("2026-12").unwrap().next().to_string(), "2027-01");
    for wrong in ["2026-13", "2026", "2026-8", "2026-08-01", ""] {
        assert_eq!(Month::parse(wrong).unwrap_err().code, Code::InvalidField, "{wrong}");
    }
}

#[test]
fn a_chart_names_every_account() {
    let mut numbers: BTreeMap<Account, String> = Account::ALL.iter().map(|account| (*account, format!("10-{account}"))).collect();
    assert_eq!(Chart::check(numbers.clone()).unwrap().number(Account::Sales), "10-sales");
    numbers.remove(&Account::GatewayFees);
    numbers.insert(Account::Tips, " ".into());
    let fault = Chart::check(numbers).unwrap_err();
    assert_eq!(fault.to_string(), "E705 no account number for: gateway-fees, tips");
    let read: BTreeMap<Account, String> = serde_json::from_str(r#"{"gift-card-liability": "2200"}"#).unwrap();
    assert_eq!(read[&Account::GiftCardLiability], "2200");
}

#[test]
fn rounding_is_a_leg_and_more_is_a_fault() {
    let books = ledger("CAD");
    let entry = books.post_rounding(&number("4711"), d("-0.02"), 2, at("2026-08-03T12:00:00Z")).unwrap();
    assert_eq!((entry.debit(Account::Rounding), entry.debit(Account::Receivable)), (d("-0.02"), d("0.02")));
    let fault = books.post_rounding(&number("4711"), d("0.03"), 2, at("2026-08-03T12:00:00Z")).unwrap_err();
    assert_eq!(fault.to_string(), "E702 order 4711: a residual of 0.03 CAD over 2 parts is no rounding");
}

#[test]
fn an_invoice_that_does_not_add_up_is_not_posted() {
    let order = sample::order(2);
    let mut invoice = invoice::bill(&order, &route::whole(&order, &sample::candidates(&order)), at("2026-08-03T12:00:00Z")).remove(0);
    ledger("CAD").post_invoice(&invoice).unwrap();
    invoice.total += d("0.01");
    let fault = ledger("CAD").post_invoice(&invoice).unwrap_err();
    assert_eq!(fault.code, Code::Residual);
    assert!(fault.message.ends_with("a residual of 0.01"), "{fault}");
    let exchange = Exchange::new(currency("USD"), currency("CAD"), d("1.4"), "2026-08-03".parse().unwrap()).unwrap();
    assert_eq!(invoice::convert(&[invoice], &exchange).unwrap_err().code, Code::WrongCurrency, "it is in CAD already");
}

#[test]
fn the_largest_remainder_takes_the_unit() {
    let exchange = Exchange::new(currency("CAD"), currency("JPY"), d("100.3"), "2026-08-03".parse().unwrap()).unwrap();
    // 10.03, 20.06, 30.09 and 40.12 yen: 100 together; 0.90, 0.90 and 0.20 of it: 2 together.
    assert_eq!(exchange.convert_parts(&[d("0.10"), d("0.20"), d("0.30"), d("0.40")]).unwrap(), [d("10"), d("20"), d("30"), d("40")]);
    let cents = Exchange::new(currency("KWD"), currency("JPY"), d("100"), "2026-08-03".parse().unwrap()).unwrap();
    assert_eq!(cents.convert_parts(&[d("0.002"), d("0.009"), d("0.009")]).unwrap(), [d("0"), d("1"), d("1")]);
    assert_eq!(cents.convert_parts(&[d("-0.009"), d("0"), d("0.029")]).unwrap(), [d("-1"), d("0"), d("3")]);
}

/// Where the customer saw the shop's own currency, both amounts are the same to the cent.
#[test]
fn one_currency_needs_no_rounding() {
    let mut payment = paid("tx", "CAD", "10.00");
    payment.tenders[0].amount.shop = d("10.01");
    assert_eq!(payment.check().unwrap_err().code, Code::WrongCurrency);
    let none = Exchange::new(currency("CAD"), currency("CAD"), d("1.001"), "2026-08-03".parse().unwrap());
    assert_eq!(none.unwrap_err().code, Code::WrongCurrency);
    for rate in ["0", "-1", "0.0000000000001", "123456789012.3"] {
        let none = Exchange::new(currency("CAD"), currency("USD"), d(rate), "2026-08-03".parse().unwrap());
        assert_eq!(none.unwrap_err().code, Code::WrongCurrency, "{rate}");
    }
    let large = Exchange::new(currency("CAD"), currency("JPY"), d("1000"), "2026-08-03".parse().unwrap()).unwrap();
    assert_eq!(large.convert(d("99999999999")).unwrap_err().code, Code::WrongCurrency, "more than can be counted");
    let exchange = Exchange::new(currency("CAD"), currency("USD"), d("0.7"), "2026-08-03".parse().unwrap()).unwrap();
    let mut payment = Payment { exchange, ..paid("tx", "CAD", "10.00") };
    for (shop, fits) in [("7.00", true), ("7.01", true), ("7.02", false), ("7.001", false)] {
        payment.tenders[0].amount.shop = d(shop);
        assert_eq!(payment.check().is_ok(), fits, "{shop}");
    }
    payment.tenders[0].amount = Amounts { presentment: d("10.001"), shop: d("7.00") };
    assert_eq!(payment.check().unwrap_err().code, Code::Residual);
}
