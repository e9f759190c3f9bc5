//! Countries, subdivisions and postal codes, however they are written.

use crossdock_flow::entity::address::{
    country::{country, region},
    postal::{Code, read},
};

#[test]
fn countries_however_they_are_written() {
    for (written, code) in [
        ("ca", Some("CA")),
        ("CAN", Some("CA")),
        ("Canada", Some("CA")),
        ("U.S.A.", Some("US")),
        ("usa", Some("US")),
        ("United States", Some("US")),
        ("The United States of America", Some("US")),
        ("UK", Some("GB")),
        ("England", Some("GB")),
        ("The Netherlands", Some("NL")),
        ("Holland", Some("NL")),
        ("Österreich", Some("AT")),
        ("Côte d’Ivoire", Some("CI")),
        ("Cote d'Ivoire", Some("CI")),
        ("Turkey", Some("TR")),
        ("Viet Nam", Some("VN")),
        ("South Korea", Some("KR")),
        ("Bolivia", Some("BO")),
        // Two countries have this name.
        ("Korea", None),
        ("Congo", None),
        ("XX", None),
        ("", None),
        ("Neverland", None),
    ] {
        assert_eq!(country(written), code, "{written}");
    }
}

#[test]
fn regions_however_they_are_written() {
    for (of, written, code) in [
        ("CA", "qc", Some("CA-QC")),
        ("CA", "CA-QC", Some("CA-QC")),
        ("CA", "Québec", Some("CA-QC")),
        ("CA", "PQ", Some("CA-QC")),
        ("CA", "B.C.", Some("CA-BC")),
        ("CA", "British Columbia", Some("CA-BC")),
        ("CA", "Nouveau-Brunswick", Some("CA-NB")),
        ("US", "New York", Some("US-NY")),
        ("US", "Calif.", Some("US-CA")),
        ("US", "D.C.", Some("US-DC")),
        ("US", "ON", None),
        ("US", "US-ON", None),
        ("DE", "Bayern", Some("DE-BY")),
        ("DE", "Bavaria", Some("DE-BY")),
        ("NL", "Noord-Holland", Some("NL-NH")),
        ("GB", "Kent", Some("GB-KEN")),
        ("BR", "Sao Paulo", Some("BR-SP")),
        ("CA", "", None),
    ] {
        assert_eq!(region(of, written).map(|region| region.code), code, "{of} {written}");
    }
}

#[test]
fn postal_codes_as_their_countries_write_them() {
    let good = |country: &str, written: &str, code: &str| assert_eq!(read(country, written), Code::Good(code.into()), "{country} {written}");
    good("CA", "k1a0b1", "K1A 0B1");
    good("CA", "K1A-0B1", "K1A 0B1");
    good("US", "10001", "10001");
    good("US", "100011234", "10001-1234");
    good("GB", "sw1a1aa", "SW1A 1AA");
    good("GB", "m1 1ae", "M1 1AE");
    good("GB", "CR2 6XH", "CR2 6XH");
    good("GB", "dn551pt", "DN55 1PT");
    good("GB", "W1A0AX", "W1A 0AX");
    good("NL", "1012jS", "1012 JS");
    good("PL", "00950", "00-950");
    good("PT", "1000205", "1000-205");
    good("SE", "11455", "114 55");
    good("JP", "1000001", "100-0001");
    good("IE", "d02af30", "D02 AF30");
    good("LV", "LV1050", "LV-1050");
    good("BR", "01310100", "01310-100");
    for (country, written) in [
        ("CA", "D1A 0B1"),
        ("CA", "W1A 0B1"),
        ("CA", "K1O 0B1"),
        ("CA", "K1A 0B"),
        ("US", "1234"),
        ("US", "1000A"),
        ("GB", "12345"),
        ("NL", "1012"),
        ("DE", "1011"),
        ("CA", "K1A 0B12"),
    ] {
        assert!(matches!(read(country, written), Code::Wrong(_)), "{country} {written}");
    }
    assert_eq!(read("AE", "00000"), Code::NoneThere);
    assert_eq!(read("AQ", "anything"), Code::Unknown);
}
