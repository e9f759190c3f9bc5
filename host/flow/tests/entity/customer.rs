use super::{at, round};
use crossdock_flow::{
    Code, Currency,
    entity::customer::{Customer, GuestPolicy, Match, Numbering, Resolved, Sought, Standing, resolve},
    order::{Address, Field, Instant, Value},
};

fn found(number: &str, web_id: &str) -> Match {
    Match { number: number.into(), web_id: web_id.into(), standing: Standing::Active }
}

fn sought(web_id: &str, email: &str) -> Sought {
    Sought { web_id: web_id.into(), email: email.into() }
}

fn told(sought: &Sought, by_web_id: &[Match], by_email: &[Match], guests: &GuestPolicy) -> String {
    let resolved = resolve(sought, by_web_id, by_email, guests);
    if let Resolved::Ask(fault) = &resolved {
        assert_eq!(fault.code, Code::CustomerUnclear);
        assert!(!fault.message.contains('@'), "no e-mail stands in a fault");
    }
    round(&resolved);
    resolved.to_string()
}

/// Web id, then e-mail, then a new one.
#[test]
fn pitfall_15_who_orders() {
    let account = sought("W17", "sam@example.com");
    let customers = GuestPolicy::Customer;
    let told = |by_web_id: &[Match], by_email: &[Match]| told(&account, by_web_id, by_email, &customers);
    assert_eq!(told(&[found("SA0001", "W17")], &[found("SA0002", "")]), "customer SA0001");
    assert_eq!(told(&[], &[found("SA0002", "")]), "customer SA0002");
    assert_eq!(told(&[], &[]), "a new customer");
    assert_eq!(told(&[found("SA0001", "W17"), found("SA0001", "W17")], &[]), "customer SA0001");
    assert!(told(&[found("SA0001", "W17"), found("SA0003", "W17")], &[]).contains("several customers answer to the web id: SA0001, SA0003"));
    assert!(told(&[], &[found("SA0001", ""), found("SA0003", "")]).contains("several customers answer to the e-mail"));
    assert!(told(&[], &[found("SA0001", "W18")]).contains("has another account"), "whoever shares an e-mail need not be the same");
    assert_eq!(resolve(&account, &[], &[], &customers), Resolved::Create { web_id: "W17".into(), email: "sam@example.com".into() });
}

#[test]
fn pitfall_15_closed_customers_are_asked_about_and_those_on_hold_are_used() {
    let with = |standing| resolve(&sought("W17", ""), &[Match { standing, ..found("SA0001", "W17") }], &[], &GuestPolicy::Customer);
    assert!(with(Standing::Closed).to_string().contains("is closed"));
    assert_eq!(with(Standing::OnHold), Resolved::Use("SA0001".into()));
}

#[test]
fn pitfall_15_guests_by_policy() {
    let guest = sought("", "sam@example.com");
    let house = GuestPolicy::House("WEB001".into());
    assert_eq!(told(&guest, &[], &[found("SA0002", "")], &house), "account of the house WEB001");
    assert_eq!(told(&guest, &[], &[found("SA0002", "W9")], &GuestPolicy::Customer), "customer SA0002");
    assert_eq!(told(&guest, &[], &[], &GuestPolicy::Customer), "a new customer");
    // An account is no guest, whatever is done with guests.
    assert_eq!(told(&sought("W17", ""), &[], &[], &house), "a new customer");
    // An empty key finds whoever has none: that is nobody.
    assert_eq!(told(&sought("", ""), &[found("XX0001", "")], &[found("XX0002", "")], &GuestPolicy::Customer), "a new customer");
}

#[test]
fn numbers_follow_the_highest_that_is_taken() {
    let numbering = Numbering { letters: 2, digits: 4 };
    let next = |name: &str, taken: &[&str]| numbering.next(name, taken.iter().copied());
    assert_eq!(next("Joséphine Inc.", &[]).unwrap(), "JO0001");
    assert_eq!(next("Jo", &["JO0001", "JO0007", "  JO0003  ", "JA0099", "JOHN", "JO12345"]).unwrap(), "JO0008", "a gap is not filled");
    assert_eq!(next("Élan", &["el0001"]).unwrap(), "EL0002");
    assert_eq!(next("3M", &[]).unwrap(), "MX0001");
    assert_eq!(next("Jo", &["JO9999"]).unwrap_err().code, Code::CustomerUnclear);
}

#[test]
fn its_content_has_all_that_both_sides_keep() {
    let customer = Customer {
        web_id: "W17".into(),
        number: Some("SA0001".into()),
        standing: Standing::Active,
        company: "Sample Supplies".into(),
        contact: "Sam".into(),
        email: "sam@example.com".into(),
        phone: String::new(),
        segment: "wholesale".into(),
        billing: Address { city: "Toronto".into(), ..Address::default() },
        ship_to: vec![("DOCK".into(), Address { city: "Ottawa".into(), ..Address::default() })],
        currency: Currency::parse("CAD").unwrap(),
        credit_limit: Some(super::d("5000.00")),
        terms: "NET30".into(),
        price_list: "W".into(),
        tax_code: "ON".into(),
        changed_at: Instant::utc(at(1)),
        fields: vec![Field { name: "territory".into(), value: Value::Text("EAST".into()) }],
    };
    let content = customer.content();
    let get = |name: &str| content.get(name).to_string();
    assert_eq!((get("billing.city"), get("ship-to[DOCK].city"), get("credit-limit")), ("Toronto".into(), "Ottawa".into(), "5000".into()));
    assert_eq!((get("fields.territory"), get("phone"), get("standing")), ("EAST".into(), String::new(), "active".into()));
    // Keys and times are no content: they differ on both sides.
    let other = Customer { web_id: String::new(), number: None, changed_at: Instant::utc(at(2)), ..customer.clone() };
    assert_eq!(other.content().hash(), content.hash());
    assert_eq!(customer.to_string(), "SA0001 Sample Supplies");
    round(&customer);
}
