//! Countries and their subdivisions by ISO 3166, however they are written: code, name, or one of the names that people use.
//! The codes and names come from the `rust_iso3166` crate; the other names are ours.

use std::{collections::HashMap, sync::LazyLock};

/// Names that people use and the standard does not. In the form of [`plain`].
const NAMES: &[(&str, &str)] = &[
    ("uk", "GB"),
    ("greatbritain", "GB"),
    ("unitedkingdom", "GB"),
    ("england", "GB"),
    ("scotland", "GB"),
    ("wales", "GB"),
    ("northernireland", "GB"),
    ("unitedstates", "US"),
    ("america", "US"),
    ("etatsunis", "US"),
    ("kanada", "CA"),
    ("holland", "NL"),
    ("nederland", "NL"),
    ("deutschland", "DE"),
    ("allemagne", "DE"),
    ("osterreich", "AT"),
    ("schweiz", "CH"),
    ("suisse", "CH"),
    ("svizzera", "CH"),
    ("espana", "ES"),
    ("italia", "IT"),
    ("belgie", "BE"),
    ("belgique", "BE"),
    ("danmark", "DK"),
    ("sverige", "SE"),
    ("norge", "NO"),
    ("suomi", "FI"),
    ("polska", "PL"),
    ("czechrepublic", "CZ"),
    ("ceskarepublika", "CZ"),
    ("turkey", "TR"),
    ("russia", "RU"),
    ("southkorea", "KR"),
    ("northkorea", "KP"),
    ("vietnam", "VN"),
    ("laos", "LA"),
    ("syria", "SY"),
    ("ivorycoast", "CI"),
    ("capeverde", "CV"),
    ("swaziland", "SZ"),
    ("macedonia", "MK"),
    ("brasil", "BR"),
    ("mejico", "MX"),
    ("taiwan", "TW"),
    ("hongkongsar", "HK"),
    ("uae", "AE"),
    ("emirates", "AE"),
];

/// Subdivisions by names that the standard does not have: country, name, code. In the form of [`plain`].
const REGIONS: &[(&str, &str, &str)] = &[
    ("CA", "ont", "CA-ON"),
    ("CA", "que", "CA-QC"),
    ("CA", "pq", "CA-QC"),
    ("CA", "nf", "CA-NL"),
    ("CA", "newfoundland", "CA-NL"),
    ("CA", "labrador", "CA-NL"),
    ("CA", "pei", "CA-PE"),
    ("CA", "alta", "CA-AB"),
    ("CA", "sask", "CA-SK"),
    ("CA", "man", "CA-MB"),
    ("CA", "yukonterritory", "CA-YT"),
    ("CA", "nouveaubrunswick", "CA-NB"),
    ("CA", "nouvelleecosse", "CA-NS"),
    ("CA", "colombiebritannique", "CA-BC"),
    ("US", "calif", "US-CA"),
    ("US", "fla", "US-FL"),
    ("US", "mass", "US-MA"),
    ("US", "penn", "US-PA"),
    ("US", "penna", "US-PA"),
    ("US", "tex", "US-TX"),
    ("US", "wash", "US-WA"),
    ("US", "washingtondc", "US-DC"),
    ("US", "virginislands", "US-VI"),
    ("DE", "bavaria", "DE-BY"),
    ("DE", "saxony", "DE-SN"),
    ("DE", "lowersaxony", "DE-NI"),
    ("DE", "hesse", "DE-HE"),
    ("DE", "northrhinewestphalia", "DE-NW"),
    ("NL", "northholland", "NL-NH"),
    ("NL", "southholland", "NL-ZH"),
    ("GB", "london", "GB-LND"),
    ("MX", "cdmx", "MX-CMX"),
    ("MX", "df", "MX-CMX"),
];

/// A text as it is compared: letters and digits only, without accents, in lower case.
pub(super) fn plain(text: &str) -> String {
    deunicode::deunicode(text).chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Every name that means one country only, to its alpha-2 code.
static BY_NAME: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut names: HashMap<String, Vec<&str>> = HashMap::new();
    for country in rust_iso3166::ALL_ALPHA2.iter().filter_map(|code| rust_iso3166::from_alpha2(code)) {
        // Without the formal rest, too: `Netherlands (Kingdom of the)`. Two countries are Korea then, and neither is.
        let short = country.name.split(" (").next().unwrap_or(country.name);
        for name in [plain(country.name), plain(short)] {
            let known = names.entry(name).or_default();
            if !known.contains(&country.alpha2) {
                known.push(country.alpha2);
            }
        }
    }
    let ours = NAMES.iter().map(|(name, code)| ((*name).to_owned(), *code));
    names.into_iter().filter(|(_, codes)| codes.len() == 1).map(|(name, codes)| (name, codes[0])).chain(ours).collect()
});

/// Finds a country by alpha-2, alpha-3 or name; gives alpha-2, upper case.
pub fn country(written: &str) -> Option<&'static str> {
    let upper = written.trim().to_ascii_uppercase();
    let by_code = || rust_iso3166::from_alpha2(&upper).or_else(|| rust_iso3166::from_alpha3(&upper)).map(|country| country.alpha2);
    let by_name = || {
        let name = plain(written);
        BY_NAME.get(&name).or_else(|| BY_NAME.get(name.strip_prefix("the")?)).copied()
    };
    // `U.S.A.` is a code, too.
    let by_letters = || rust_iso3166::from_alpha3(&plain(written).to_ascii_uppercase()).map(|country| country.alpha2);
    by_code().or_else(by_name).or_else(by_letters)
}

/// The alpha-3 code and the name by the standard.
pub fn forms(alpha2: &str) -> Option<(&'static str, &'static str)> {
    rust_iso3166::from_alpha2(alpha2).map(|country| (country.alpha3, country.name.split(" (").next().unwrap_or(country.name)))
}

/// A subdivision by ISO 3166-2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its code with the country's: `CA-ON`.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
}

impl Region {
    /// The code without the country's: `ON`.
    pub fn short(self) -> &'static str {
        self.code.split_once('-').map_or(self.code, |(_, short)| short)
    }
}

/// Finds a subdivision of a country by code, with or without the country's, or by name. Nothing for a name that several
/// have.
pub fn region(alpha2: &str, written: &str) -> Option<Region> {
    let country = rust_iso3166::from_alpha2(alpha2)?;
    let all = country.subdivisions()?;
    let as_region = |code: &'static str, name: &'static str| Region { code, name };
    let upper = written.trim().to_ascii_uppercase();
    let by_code = all.iter().find(|one| one.code == upper || one.code.split_once('-').is_some_and(|(_, short)| short == upper));
    if let Some(one) = by_code {
        return Some(as_region(one.code, one.name));
    }
    let name = plain(written);
    if name.is_empty() {
        return None;
    }
    if let Some((_, _, code)) = REGIONS.iter().find(|(of, known, _)| *of == alpha2 && *known == name) {
        return all.iter().find(|one| one.code == *code).map(|one| as_region(one.code, one.name));
    }
    let mut found = all.iter().filter(|one| plain(one.name) == name || plain(one.name.split(',').next().unwrap_or_default()) == name);
    match (found.next(), found.next()) {
        (Some(one), None) => Some(as_region(one.code, one.name)),
        // `B.C.` is a code, too.
        _ => {
            let dotted = name.to_ascii_uppercase();
            let one = all.iter().find(|one| one.code.split_once('-').is_some_and(|(_, short)| short == dotted))?;
            Some(as_region(one.code, one.name))
        }
    }
}

/// Whether an address of this country needs its subdivision to arrive.
pub fn needs_region(alpha2: &str) -> bool {
    matches!(alpha2, "AU" | "BR" | "CA" | "CN" | "IN" | "IT" | "JP" | "MX" | "MY" | "US")
}
