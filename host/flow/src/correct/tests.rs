//! What is suggested for what is wrong, and that a correction changes what it names and not a byte more.

use super::*;
use jiff::Timestamp;
use proptest::prelude::*;

const EVENT: &str = r#"{ "type" : "order.created",
  "data": {"orderId": 4711, "customerId":"c-10042", "total": 12.5000,
    "shippingAddress": {"name": "Sam  Sample ", "region": "Ontario", "country": "Canada", "note": "caf\u00e9 \"x\" \/"},
    "lineItems": [ {"sku":"MUG-BULE","quantity":"2","unitPrice":"1,234","lineTotal":"2,468"},
                   {"sku":"LAMP DESK O1","quantity":2,"unitPrice":"1.234,50","lineTotal":2469.00} ] } }"#;

fn known() -> Known {
    let set = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
    Known { skus: set(&["MUG-BLUE", "LAMP-DESK-01"]), customers: set(&["C10042", "C10043"]) }
}

fn place(path: &str, sort: Sort) -> Place {
    Place { path: path.into(), sort }
}

fn fault() -> Fault {
    Fault::new(Code::InvalidField, "something is wrong")
}

fn suggested(body: &str, fault: &Fault, places: &[Place]) -> Vec<Suggestion> {
    let suggestions = suggest(body.as_bytes(), fault, places, &known());
    for Suggestion { path, from, to, fix, reason } in &suggestions {
        assert!(from.chars().count() < 3 || !reason.contains(from.as_str()), "a reason repeats the value: {reason}");
        let made = apply(body.as_bytes(), path, fix).unwrap();
        assert_eq!(values(&made, path), [(path.clone(), to.clone())], "what is suggested is what is made");
    }
    suggestions
}

/// What is suggested for one value of a place of this sort.
fn offered(value: &str, sort: Sort, fault: &Fault) -> Vec<(String, Fix)> {
    let body = serde_json::json!({ "value": value }).to_string();
    suggested(&body, fault, &[place("value", sort)]).into_iter().map(|suggestion| (suggestion.to, suggestion.fix)).collect()
}

fn remembered(id: i64, path: &str, fix: Fix) -> Correction {
    let by = By { actor: "eva".into(), why: String::new(), at: Timestamp::UNIX_EPOCH };
    Correction { id, connection: "shop".into(), path: path.into(), fix, by }
}

fn replace(from: &str, to: &str) -> Fix {
    Fix::Replace { from: from.into(), to: to.into() }
}

#[test]
fn a_correction_changes_what_it_names_and_not_a_byte_more() {
    for (path, fix, before, after) in [
        ("data.lineItems[0].sku", replace("MUG-BULE", "MUG-BLUE"), r#""MUG-BULE""#, r#""MUG-BLUE""#),
        ("data.lineItems[1].unitPrice", Fix::DecimalComma, r#""1.234,50""#, r#""1234.50""#),
        ("data.shippingAddress.name", Fix::Trim, r#""Sam  Sample ""#, r#""Sam Sample""#),
        ("data.shippingAddress.note", Fix::Cut { most: 4 }, r#""caf\u00e9 \"x\" \/""#, r#""café""#),
        // A number stays a number where the new value is one; an id that becomes a text becomes a text.
        ("data.lineItems[1].quantity", replace("2", "3"), r#""quantity":2,"#, r#""quantity":3,"#),
        ("data.orderId", replace("4711", "A\"1"), "4711", r#""A\"1""#),
        ("data.total", replace("12.5000", "12.50"), "12.5000", "12.50"),
    ] {
        let made = apply(EVENT.as_bytes(), path, &fix).unwrap();
        assert_eq!(String::from_utf8(made).unwrap(), EVENT.replacen(before, after, 1), "{path}");
    }
    // A path for any line reaches those that it fits.
    let made = apply(EVENT.as_bytes(), "data.lineItems[*].unitPrice", &Fix::DecimalComma).unwrap();
    assert_eq!(values(&made, "data.lineItems[*].unitPrice").into_iter().map(|(_, text)| text).collect::<Vec<_>>(), ["1.234", "1234.50"]);
}

#[test]
fn a_correction_that_does_not_fit_is_refused() {
    for (body, path, fix, told) in [
        (EVENT, "data.lineItems[2].sku", Fix::Trim, "no value there"),
        (EVENT, "data.lineItems", Fix::Trim, "no value there"),
        (EVENT, "data.lineItems[0].sku", replace("another", "MUG-BLUE"), "does not fit"),
        (EVENT, "data.lineItems[0].sku", Fix::Cut { most: 8 }, "does not fit"),
        (EVENT, "data.lineItems[0].quantity", Fix::DecimalComma, "does not fit"),
        (EVENT, "data.customerId", Fix::DayFirst, "does not fit"),
        ("{", "data", Fix::Trim, "no JSON"),
    ] {
        let fault = apply(body.as_bytes(), path, &fix).unwrap_err();
        assert!(fault.code == Code::CannotCorrect && fault.message.contains(told) && fault.place.as_deref() == Some(path), "{fault}");
    }
}

#[test]
fn near_misses_of_the_erps_codes() {
    let skus = suggested(EVENT, &fault(), &[place("data.lineItems[*].sku", Sort::Sku)]);
    let told: Vec<_> = skus.iter().map(|s| (s.path.as_str(), s.to.as_str(), s.reason.as_str())).collect();
    assert_eq!(
        told,
        [
            ("data.lineItems[0].sku", "MUG-BLUE", "the ERP does not have it, as last heard, but one that is near: 1 letter differs"),
            ("data.lineItems[1].sku", "LAMP-DESK-01", "the ERP has this one: it differs only in case, spaces, hyphens, O and 0 or I and 1"),
        ]
    );
    // The customer that is alike comes before the one that is near.
    let customers = suggested(EVENT, &fault(), &[place("data.customerId", Sort::Customer)]);
    assert_eq!(customers.iter().map(|s| s.to.as_str()).collect::<Vec<_>>(), ["C10042", "C10043"]);
    // What the ERP knows needs nothing; spaces around it are all that is wrong here.
    assert_eq!(offered("MUG-BLUE", Sort::Sku, &fault()), []);
    assert_eq!(offered(" MUG-BLUE", Sort::Sku, &fault()), [("MUG-BLUE".into(), Fix::Trim)]);
    assert_eq!(offered("no  such", Sort::Sku, &fault()), []);
}

#[test]
fn an_ambiguous_number_is_read_as_its_neighbours_say() {
    let both = |body: &str| {
        let found = suggested(body, &fault(), &[place("line.price", Sort::Number)]);
        found.iter().map(|s| (s.to.clone(), s.reason.contains("read so, it fits"))).collect::<Vec<_>>()
    };
    let (thousands, decimals) = (("1234".to_owned(), false), ("1.234".to_owned(), false));
    let fits = |(to, _): &(String, bool)| (to.clone(), true);
    assert_eq!(both(r#"{"line":{"price":"1,234","quantity":2,"total":"2468.00"}}"#), [fits(&thousands), decimals.clone()]);
    assert_eq!(both(r#"{"line":{"price":"1,234","quantity":"3","total":3.70}}"#), [fits(&decimals), thousands.clone()]);
    // Numbers that are written alike are read alike.
    assert_eq!(both(r#"{"line":{"price":"1,234","quantity":1,"total":"1,234"}}"#), [thousands.clone(), decimals.clone()]);
    assert_eq!(both(r#"{"line":{"price":"1,234","quantity":2,"payment":{"amount":1234}}}"#), [fits(&thousands), decimals.clone()]);
    assert_eq!(both(r#"{"line":{"price":"1,234","quantity":2}}"#), [thousands, decimals]);
}

#[test]
fn numbers_dates_and_places_are_rewritten() {
    let first = |value: &str, sort| offered(value, sort, &fault()).into_iter().next().unwrap();
    assert_eq!(first("1.234,50", Sort::Number), ("1234.50".into(), Fix::DecimalComma));
    assert_eq!(first("1,234.50", Sort::Number), ("1234.50".into(), Fix::DecimalPoint));
    assert_eq!(first("$ 12", Sort::Number), ("12".into(), Fix::DecimalPoint));
    assert_eq!(first(" 12.50", Sort::Number), ("12.50".into(), Fix::Trim));
    assert_eq!(first("2026-11-23 10:00", Sort::Date), ("2026-11-23T10:00:00Z".into(), Fix::Instant));
    assert_eq!(first("23.11.2026", Sort::Date), ("2026-11-23T12:00:00Z".into(), Fix::DayFirst));
    let two = |value: &str| offered(value, Sort::Date, &fault()).into_iter().map(|(_, fix)| fix).collect::<Vec<_>>();
    assert_eq!((two("3/4/2026"), two("3.4.2026")), (vec![Fix::MonthFirst, Fix::DayFirst], vec![Fix::DayFirst, Fix::MonthFirst]));
    assert_eq!((two("5/5/2026").len(), two("soon").len()), (1, 0));
    assert_eq!(first("Deutschland", Sort::Country), ("DE".into(), replace("Deutschland", "DE")));
    assert_eq!(offered("Texas", Sort::Region, &fault()), [], "no country beside it");
    let region = suggested(EVENT, &fault(), &[place("data.shippingAddress.region", Sort::Region)]);
    assert_eq!(region.iter().map(|s| s.to.as_str()).collect::<Vec<_>>(), ["ON"]);
}

#[test]
fn what_is_too_long_is_trimmed_or_cut_to_what_the_fault_says() {
    let wide = |width: usize| fault().limit("width", width, None);
    assert_eq!(offered("Sam  Sample ", Sort::Text, &wide(10)), [("Sam Sample".into(), Fix::Trim)]);
    assert_eq!(offered("Sample Supplies Limited", Sort::Text, &wide(16)), [("Sample Supplies".into(), Fix::Cut { most: 16 })]);
    // A region has a code, which is better than a piece of its name.
    let body = r#"{"country":"CA","region":"Saskatchewan"}"#;
    let found = suggested(body, &wide(10), &[place("region", Sort::Region)]);
    assert_eq!(found.iter().map(|s| s.to.as_str()).collect::<Vec<_>>(), ["SK", "Saskatchew"]);
    // What the ERP says is heard, where it says that a text is too long.
    let said = |message: &str| offered("Sample Supplies", Sort::Text, &Fault::new(Code::Refused, message));
    assert_eq!(said("erp refused it (422, FIELD_TOO_LONG): the field holds 6 characters"), [("Sample".into(), Fix::Cut { most: 6 })]);
    assert_eq!(said("erp refused it (422, UNKNOWN_ITEM): 6 items are known"), []);
    // Without a width only needless spaces can go.
    assert_eq!(offered(" Sample", Sort::Text, &fault()), [("Sample".into(), Fix::Trim)]);
    assert_eq!(offered("Sample", Sort::Text, &fault()), []);
}

#[test]
fn the_best_of_every_place_comes_first() {
    let body = r#"{"a":"1,234","b":"5,678"}"#;
    let found = suggested(body, &fault(), &[place("a", Sort::Number), place("b", Sort::Number), place("a", Sort::Number)]);
    assert_eq!(found.iter().map(|s| s.to.as_str()).collect::<Vec<_>>(), ["1234", "5678", "1.234", "5.678"]);
    assert_eq!(suggested("no JSON", &fault(), &[place("a", Sort::Number)]), []);
}

#[test]
fn a_suggestion_has_its_names_once() {
    let found = suggested(EVENT, &fault(), &[place("data.lineItems[0].sku", Sort::Sku)]);
    let text = serde_json::to_string(&found[0]).unwrap();
    assert!(text.contains(r#""from":"MUG-BULE","to":"MUG-BLUE","fix":{"fix":"replace","from":"MUG-BULE","to":"MUG-BLUE"}"#), "{text}");
}

#[test]
fn remembered_corrections_are_made_where_they_have_an_effect() {
    let all = [
        remembered(1, "lineItems[*].sku", replace("MUG-BULE", "MUG-BLUE")),
        remembered(2, "lineItems[*].unitPrice", Fix::DecimalComma),
        remembered(3, "shippingAddress.name", Fix::Trim),
        remembered(4, "shippingAddress.country", replace("Kanada", "CA")),
        Correction { connection: "another".into(), ..remembered(5, "orderId", replace("4711", "1")) },
        remembered(6, "no.such[*].place", Fix::Trim),
        remembered(7, "shippingAddress.name", Fix::Cut { most: 20 }),
    ];
    let (made, numbers) = correct(EVENT.as_bytes(), "data", "shop", &all);
    let expected = EVENT
        .replace("MUG-BULE", "MUG-BLUE")
        .replace(r#""1,234""#, r#""1.234""#)
        .replace("1.234,50", "1234.50")
        .replace("Sam  Sample ", "Sam Sample");
    assert_eq!((std::str::from_utf8(&made).unwrap(), numbers), (expected.as_str(), vec![1, 2, 3]));
    // Under another root, or in what is no JSON, there is nothing to correct: the very bytes come back.
    for (body, root) in [(EVENT, ""), ("{\"data\":", "data"), ("", "data")] {
        assert!(
            matches!(correct(body.as_bytes(), root, "shop", &all), (Cow::Borrowed(same), numbers) if same == body.as_bytes() && numbers.is_empty())
        );
    }
    let (bare, numbers) = correct(br#"{"lineItems":[{"sku":"MUG-BULE"}]}"#, "", "shop", &all);
    assert_eq!((&*bare, numbers), (&br#"{"lineItems":[{"sku":"MUG-BLUE"}]}"#[..], vec![1]));
}

#[test]
fn corrections_that_follow_each_other_are_followed_and_circles_are_left_alone() {
    let body = |text: &str| format!(r#"{{"a":"{text}"}}"#);
    let chain = [remembered(1, "a", replace("B", "C")), remembered(2, "a", replace("A", "B"))];
    assert_eq!(correct(body("A").as_bytes(), "", "shop", &chain), (Cow::Borrowed(body("C").as_bytes()), vec![1, 2]));
    let circle = [remembered(1, "a", replace("A", "B")), remembered(2, "a", replace("B", "A")), remembered(3, "a", replace("Z", "A"))];
    for text in ["A", "B", "Z"] {
        let body = body(text);
        let (made, numbers) = correct(body.as_bytes(), "", "shop", &circle);
        let (twice, _) = correct(&made, "", "shop", &circle);
        assert_eq!(twice, made, "{text} {numbers:?}");
    }
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[AB ]{0,3}",
        "[0-9]{1,3}[,. ][0-9]{1,3}([,.][0-9]{1,2})?",
        "[0-3][0-9][./][0-1][0-9][./]20[0-9]{2}( [0-2][0-9]:[0-5][0-9])?",
        "20[0-9]{2}-[0-1][0-9]-[0-3][0-9]",
        "\\PC{0,12}",
    ]
}

fn fix() -> impl Strategy<Value = Fix> {
    prop_oneof![
        ("[AB ]{0,3}", "[AB ]{0,3}").prop_map(|(from, to)| Fix::Replace { from, to }),
        Just(Fix::DecimalComma),
        Just(Fix::DecimalPoint),
        Just(Fix::DayFirst),
        Just(Fix::MonthFirst),
        Just(Fix::Instant),
        Just(Fix::Trim),
        (0u32..8).prop_map(|most| Fix::Cut { most }),
    ]
}

proptest! {
    #[test]
    fn correcting_twice_is_correcting_once(values in prop::collection::vec(value(), 1..4), fixes in prop::collection::vec((fix(), prop::bool::ANY), 0..6)) {
        let body = serde_json::json!({ "data": { "list": values.iter().map(|value| serde_json::json!({ "value": value })).collect::<Vec<_>>() } }).to_string();
        let paths = |any: bool| if any { "list[*].value" } else { "list[0].value" };
        let all: Vec<Correction> = (1..).zip(fixes).map(|(id, (fix, any))| remembered(id, paths(any), fix)).collect();
        let (once, numbers) = correct(body.as_bytes(), "data", "shop", &all);
        let (twice, none) = correct(&once, "data", "shop", &all);
        prop_assert_eq!((&*twice, none), (&*once, Vec::new()));
        prop_assert_eq!(numbers.is_empty(), &*once == body.as_bytes());
    }

    #[test]
    fn whatever_is_suggested_can_be_made_and_is_not_suggested_again(value in value(), sort in 0usize..7, width in prop::option::of(1usize..9)) {
        let sort = [Sort::Number, Sort::Date, Sort::Sku, Sort::Customer, Sort::Country, Sort::Region, Sort::Text][sort];
        let fault = width.map_or_else(fault, |width| fault().limit("width", width, None));
        for (to, fix) in offered(&value, sort, &fault) {
            prop_assert_ne!(&to, &value);
            prop_assert_eq!(fix.make(&to), None, "{:?} of {} is not settled", fix, to);
        }
    }

    #[test]
    fn no_bytes_at_all_do_harm(body in prop::collection::vec(any::<u8>(), 0..200), path in "\\PC{0,20}") {
        let all = [remembered(1, &path, Fix::Trim)];
        prop_assert!(matches!(correct(&body, "data", "shop", &all), (Cow::Borrowed(_), _)) || serde_json::from_slice::<serde_json::Value>(&body).is_ok());
        suggest(&body, &fault(), &[place(&path, Sort::Number)], &known());
        prop_assert!(apply(&body, &path, &Fix::Trim).is_err() || serde_json::from_slice::<serde_json::Value>(&body).is_ok());
    }
}
