use super::round;
use crossdock_flow::{
    entity::address::{Abbreviate, AddressPolicy, Case, CountryForm, Normalised, Part, RegionForm, Rule, Why, normalise, postal::lies_elsewhere},
    order::Address,
    schema::CodePage,
};
use proptest::prelude::*;

fn toronto() -> Address {
    Address {
        name: "Sam Sample".into(),
        line1: "1 Example Street".into(),
        city: "Toronto".into(),
        region: "ON".into(),
        postal_code: "M5V 1A1".into(),
        country: "CA".into(),
        ..Address::default()
    }
}

fn doubts(normalised: &Normalised) -> Vec<(Part, Why)> {
    normalised.doubts.iter().map(|doubt| (doubt.field, doubt.why.clone())).collect()
}

fn plain(address: Address) -> Normalised {
    normalise(&address, &AddressPolicy::default())
}

#[test]
fn pitfall_16_raw_and_normalised_are_kept_and_every_change_is_told() {
    let raw = Address {
        line1: " 1  Example\nStreet ".into(),
        region: "ontario".into(),
        postal_code: "m5v1a1".into(),
        country: "Canada".into(),
        ..toronto()
    };
    let made = plain(raw.clone());
    assert_eq!((&made.raw, &made.address), (&raw, &toronto()));
    assert_eq!((made.country.as_deref(), made.region.as_deref()), (Some("CA"), Some("CA-ON")));
    let told: Vec<(Rule, String)> = made.changes.iter().map(|change| (change.rule, change.to_string())).collect();
    assert_eq!(
        told,
        [
            (Rule::Spaces, "line1: ` 1  Example\nStreet ` → `1 Example Street`".into()),
            (Rule::Country, "country: `Canada` → `CA`".into()),
            (Rule::Region, "region: `ontario` → `ON`".into()),
            (Rule::PostalCode, "postal-code: `m5v1a1` → `M5V 1A1`".into()),
        ]
    );
    assert_eq!((doubts(&made), made.to_string()), (vec![], "4 changes, 0 doubts".into()));
    assert_eq!(plain(toronto()).changes, []);
    round(&made);
}

#[test]
fn pitfall_16_nothing_is_invented() {
    // What FEI writes where there is no line.
    let made = plain(Address { line1: "Address 1".into(), ..toronto() });
    assert_eq!((made.address.line1.as_str(), doubts(&made)), ("Address 1", vec![(Part::Line1, Why::Placeholder)]));
    let made = plain(Address { line1: String::new(), city: " ".into(), ..toronto() });
    assert_eq!((made.address.line1.as_str(), doubts(&made)), ("", vec![(Part::Line1, Why::Missing), (Part::City, Why::Missing)]));
    // A country that nobody knows stays, and so do region and code, which nobody can judge then.
    let odd = Address { country: "Neverland".into(), region: "ontario".into(), postal_code: "m5v1a1".into(), ..toronto() };
    let made = plain(odd.clone());
    assert_eq!((&made.address, doubts(&made), made.country.as_deref()), (&odd, vec![(Part::Country, Why::UnknownCountry)], None));
    let made = plain(Address { country: String::new(), ..toronto() });
    assert_eq!((made.address.country.as_str(), doubts(&made)), ("", vec![(Part::Country, Why::Missing)]));
    let made = plain(Address { region: "Bavaria".into(), ..toronto() });
    assert_eq!((made.address.region.as_str(), doubts(&made)), ("Bavaria", vec![(Part::Region, Why::UnknownRegion)]));
    let made = plain(Address { region: String::new(), ..toronto() });
    assert_eq!((made.address.region.as_str(), doubts(&made)), ("", vec![(Part::Region, Why::Missing)]));
    let made = plain(Address { postal_code: String::new(), ..toronto() });
    assert_eq!(doubts(&made), [(Part::PostalCode, Why::Missing)]);
    // The leading zero that a spreadsheet took is not put back.
    let made = plain(Address { country: "US".into(), region: "MA".into(), postal_code: "2134".into(), ..toronto() });
    assert_eq!(made.address.postal_code, "2134");
    assert_eq!(made.doubts[0].to_string(), "postal-code: no postal code of its country (NNNNN, NNNNN-NNNN; N a digit, A a letter)");
    let made = plain(Address { country: "HK".into(), region: String::new(), postal_code: "999077".into(), ..toronto() });
    assert_eq!((made.address.postal_code.as_str(), doubts(&made)), ("999077", vec![(Part::PostalCode, Why::NoPostalCodes)]));
    assert_eq!(plain(Address::default()).doubts, [], "no address is no doubt");
}

#[test]
fn a_code_that_lies_elsewhere_is_doubtful() {
    assert!(lies_elsewhere("CA", "M5V 1A1", "BC") && !lies_elsewhere("CA", "M5V 1A1", "ON"));
    assert!(!lies_elsewhere("CA", "X0A 0H0", "NU") && !lies_elsewhere("CA", "X0A 0H0", "NT"));
    assert!(lies_elsewhere("US", "10001", "CA") && !lies_elsewhere("US", "10001", "NY") && !lies_elsewhere("US", "06390", "NY"));
    assert!(!lies_elsewhere("US", "96201", "AP"), "armed forces lie anywhere");
    assert!(!lies_elsewhere("DE", "10115", "BY"), "not looked at");
    let made = plain(Address { region: "BC".into(), ..toronto() });
    assert_eq!((made.address.region.as_str(), doubts(&made)), ("BC", vec![(Part::PostalCode, Why::LiesElsewhere)]));
}

#[test]
fn the_erps_forms() {
    let policy = AddressPolicy { country: CountryForm::Name, region: RegionForm::Name, case: Case::Upper, ..AddressPolicy::default() };
    let made = normalise(&toronto(), &policy);
    assert_eq!((made.address.country.as_str(), made.address.region.as_str(), made.address.line1.as_str()), ("CANADA", "ONTARIO", "1 EXAMPLE STREET"));
    assert_eq!((made.country.as_deref(), made.region.as_deref()), (Some("CA"), Some("CA-ON")));
    let policy = AddressPolicy { country: CountryForm::Alpha3, region: RegionForm::Full, ..AddressPolicy::default() };
    let made = normalise(&toronto(), &policy);
    assert_eq!((made.address.country.as_str(), made.address.region.as_str()), ("CAN", "CA-ON"));
    let made = normalise(&Address { email: "Sam@Example.com".into(), ..toronto() }, &AddressPolicy { case: Case::Upper, ..AddressPolicy::default() });
    assert_eq!(made.address.email, "Sam@Example.com", "an e-mail is no word");
}

#[test]
fn capitals_leave_what_somebody_wrote_their_own_way() {
    let policy = AddressPolicy { case: Case::Capitals, ..AddressPolicy::default() };
    let of = |line: &str| normalise(&Address { line1: line.into(), ..toronto() }, &policy).address.line1;
    assert_eq!(of("12 SAINT-DENIS AVE NE"), "12 Saint-Denis Ave NE");
    assert_eq!(of("5th avenue"), "5th Avenue");
    assert_eq!(of("1 McKay Street"), "1 McKay Street");
    assert_eq!(normalise(&toronto(), &policy).address.region, "ON");
}

#[test]
fn abbreviations_and_the_second_line() {
    let fit = |line1: &str, line2: &str, width: usize, abbreviate: Abbreviate| {
        let widths = [(Part::Line1, width), (Part::Line2, 12)].into();
        let made = normalise(
            &Address { line1: line1.into(), line2: line2.into(), ..toronto() },
            &AddressPolicy { widths, abbreviate, ..AddressPolicy::default() },
        );
        let doubts: Vec<Part> = made.doubts.iter().map(|doubt| doubt.field).collect();
        (made.address.line1.clone(), made.address.line2.clone(), doubts)
    };
    let text = |one: &str, other: &str| (one.to_owned(), other.to_owned(), vec![]);
    assert_eq!(fit("100 Court Street, Suite 5", "", 40, Abbreviate::Always), text("100 Court St, Ste 5", ""));
    assert_eq!(fit("100 Court St", "", 40, Abbreviate::Always), text("100 Court St", ""));
    assert_eq!(fit("100 Court Street", "", 40, Abbreviate::ToFit), text("100 Court Street", ""));
    assert_eq!(fit("100 Court Street", "", 12, Abbreviate::ToFit), text("100 Court St", ""));
    assert_eq!(fit("100 Court Street", "", 12, Abbreviate::Never), text("100 Court", "Street"));
    assert_eq!(fit("100 Court Street", "", 9, Abbreviate::ToFit), text("100 Court", "St"));
    assert_eq!(fit("100 Court, Unit 5", "B", 12, Abbreviate::Never), text("100 Court", "Unit 5, B"));
    // No room there either, or no word to break at: it stays, and is doubtful.
    assert_eq!(fit("100 Court, Warehouse 77", "Dock", 12, Abbreviate::Never), ("100 Court, Warehouse 77".into(), "Dock".into(), vec![Part::Line1]));
    assert_eq!(fit("Donaudampfschiff", "", 12, Abbreviate::Never), ("Donaudampfschiff".into(), String::new(), vec![Part::Line1]));
    assert_eq!(fit("", "100 Court", 12, Abbreviate::Never), text("100 Court", ""));
    let words = vec![("Strasse".to_owned(), "Str.".to_owned())];
    let policy = AddressPolicy { words, abbreviate: Abbreviate::Always, ..AddressPolicy::default() };
    assert_eq!(normalise(&Address { line1: "Lange Straße 5 Street".into(), ..toronto() }, &policy).address.line1, "Lange Str. 5 Street");
}

#[test]
fn letters_that_the_code_page_lacks() {
    let of = |name: &str, page: CodePage| {
        let made = normalise(&Address { name: name.into(), ..toronto() }, &AddressPolicy { code_page: Some(page), ..AddressPolicy::default() });
        let doubts: Vec<String> = made.doubts.iter().map(ToString::to_string).collect();
        (made.address.name, doubts)
    };
    assert_eq!(of("Žofie Müller", CodePage::Cp1252), ("Žofie Müller".into(), vec![]));
    assert_eq!(of("Žofie Müller", CodePage::Cp850), ("Zofie Müller".into(), vec![]));
    assert_eq!(of("Žofie Müller", CodePage::Ascii), ("Zofie Muller".into(), vec![]));
    assert_eq!(of("Zoe\u{301} O’Neil", CodePage::Cp437), ("Zoe O'Neil".into(), vec![]));
    // Another script is not written in ours: what comes of it is no name.
    assert_eq!(of("山田 Yamada", CodePage::Cp1252), ("山田 Yamada".into(), vec!["name: the ERP's code page lacks 山田".into()]));
    assert_eq!(of("山田", CodePage::Unicode), ("山田".into(), vec![]));
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ a-zA-Z0-9,.é山-]{0,30}",
        Just("Ontario".to_owned()),
        "(1 |)(COURT |Court |)(Street|St|street,|Suite) ?(5|Road|)",
        Just("Canada".to_owned()),
        Just("k1a0b1".to_owned()),
        Just("Address 1".to_owned())
    ]
}

fn policy() -> impl Strategy<Value = AddressPolicy> {
    let width = prop::option::of(5usize..20);
    (
        prop::sample::select(vec![Case::Keep, Case::Upper, Case::Capitals]),
        prop::sample::select(vec![Abbreviate::Never, Abbreviate::ToFit, Abbreviate::Always]),
        prop::sample::select(vec![CountryForm::Alpha2, CountryForm::Alpha3, CountryForm::Name]),
        prop::sample::select(vec![RegionForm::Short, RegionForm::Full, RegionForm::Name]),
        (width.clone(), width),
        prop::option::of(prop::sample::select(vec![CodePage::Ascii, CodePage::Cp437, CodePage::Cp850, CodePage::Cp1252])),
    )
        .prop_map(|(case, abbreviate, country, region, (line1, line2), code_page)| {
            let widths = [(Part::Line1, line1), (Part::Line2, line2)].into_iter().filter_map(|(part, width)| Some((part, width?))).collect();
            AddressPolicy { case, abbreviate, words: Vec::new(), country, region, widths, code_page }
        })
}

proptest! {
    /// The changes lead from the raw address to the normalised one, step by step; what they do not name is as it was. What
    /// is normalised stays as it is, and what is too long is never cut: it is doubtful.
    #[test]
    fn every_change_is_told(parts in prop::collection::vec(text(), 10), policy in policy()) {
        let address = |index: usize| parts[index].clone();
        let raw = Address {
            name: address(0), company: address(1), line1: address(2), line2: address(3), city: address(4),
            region: address(5), postal_code: address(6), country: address(7), phone: address(8), email: address(9),
        };
        let made = normalise(&raw, &policy);
        for part in Part::ALL {
            let mut text = part.of(&raw).to_owned();
            for change in made.changes.iter().filter(|change| change.field == part) {
                prop_assert_eq!(&change.from, &text);
                prop_assert_ne!(&change.from, &change.to);
                text = change.to.clone();
            }
            prop_assert_eq!(part.of(&made.address), &text);
            if let Some(width) = policy.widths.get(&part) {
                let is_long = text.chars().count() > *width;
                prop_assert_eq!(is_long, made.doubts.iter().any(|doubt| doubt.field == part && doubt.why == Why::TooLong(*width)));
            }
        }
        // Two halves of a line may each look like a line of their own.
        prop_assume!(made.changes.iter().all(|change| change.rule != Rule::Spill));
        let again = normalise(&made.address, &policy);
        prop_assert_eq!(&again.address, &made.address);
        prop_assert_eq!((&again.country, &again.region), (&made.country, &made.region));
    }
}
