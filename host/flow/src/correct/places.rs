//! Countries and regions by the names that people write: to the codes of ISO 3166. The table beside this file has a code
//! and its names in each row; regions are those of the United States, Canada and Australia.

use super::near::letters;

const TABLE: &str = include_str!("places.tsv");

/// How a code was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    /// It is a name of the place, or another code for it.
    Name,
    /// It is nearly one: so many letters are wrong.
    Misspelling(usize),
}

/// The codes (alpha-2) of the countries that a text may mean, the likeliest first. Empty when it is such a code already.
pub(super) fn countries(written: &str) -> Vec<(By, &'static str)> {
    let code = written.trim().to_uppercase();
    if rows().any(|(country, _)| country == code) {
        return Vec::new();
    }
    meant(written, rows().filter(|(code, _)| code.len() == 2))
}

/// The codes of the regions of a country that a text may mean, without the country's prefix. `country` may be any name or
/// code of it. Empty when it is such a code already, or the country has no regions here.
pub(super) fn regions(country: &str, written: &str) -> Vec<(By, &'static str)> {
    let country = match countries(country).first() {
        Some((By::Name, code)) => (*code).to_owned(),
        Some(_) => return Vec::new(),
        None => country.trim().to_uppercase(),
    };
    let here = || rows().filter_map(|(code, names)| Some((code.strip_prefix(country.as_str())?.strip_prefix('-')?, names)));
    if here().any(|(code, _)| code == written) {
        return Vec::new();
    }
    // `CA-ON` and `on` are codes, too, only written otherwise.
    let folded = fold(written);
    let code = here().find(|(code, _)| fold(code) == folded || fold(&format!("{country}{code}")) == folded);
    code.map_or_else(|| meant(written, here()), |(code, _)| vec![(By::Name, code)])
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter_map(|line| line.split_once('\t'))
}

fn meant(written: &str, rows: impl Iterator<Item = (&'static str, &'static str)>) -> Vec<(By, &'static str)> {
    let written = fold(written);
    if written.is_empty() {
        return Vec::new();
    }
    let by = |name: &str| match fold(name) {
        name if name == written => Some(By::Name),
        // Of three letters every one is near to some code.
        _ if written.len() < 4 => None,
        name => letters(&written, &name).map(By::Misspelling),
    };
    let mut found: Vec<_> = rows.filter_map(|(code, names)| Some((names.split('|').filter_map(by).min()?, code))).collect();
    found.sort_unstable();
    if found.first().is_some_and(|(by, _)| *by == By::Name) {
        found.retain(|(by, _)| *by == By::Name);
    }
    found.truncate(3);
    found
}

/// A name without case, accents, spaces and signs.
fn fold(name: &str) -> String {
    let plain = |c: char| match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' | 'č' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' | 'ı' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        c => c,
    };
    name.chars().flat_map(char::to_lowercase).map(plain).filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_by_name_code_and_near_miss() {
        let first = |written: &str| countries(written).first().copied();
        for (written, code) in [
            ("Canada", "CA"),
            ("CAN", "CA"),
            ("United States of America", "US"),
            ("u.s.a.", "US"),
            ("UK", "GB"),
            ("Deutschland", "DE"),
            (" österreich ", "AT"),
            ("Republic of Korea", "KR"),
            ("Turkey", "TR"),
            ("Viet Nam", "VN"),
        ] {
            assert_eq!(first(written), Some((By::Name, code)), "{written}");
        }
        assert_eq!(first("Cananda"), Some((By::Misspelling(1), "CA")));
        assert_eq!(first("Untied States"), Some((By::Misspelling(1), "US")));
        // Of two that are as near, both are offered.
        assert_eq!(countries("Austria"), [(By::Name, "AT")]);
        assert_eq!(countries("Irac").iter().map(|(_, code)| *code).collect::<Vec<_>>(), ["IQ", "IR"]);
        for written in ["CA", "ca", "XQ", "", "Atlantis", "Q"] {
            assert_eq!(countries(written), [], "{written}");
        }
    }

    #[test]
    fn regions_belong_to_their_country() {
        let first = |country: &str, written: &str| regions(country, written).first().copied();
        for (country, written, code) in [
            ("CA", "Ontario", "ON"),
            ("Canada", "Québec", "QC"),
            ("CA", "CA-ON", "ON"),
            ("CA", "on", "ON"),
            ("US", "Washington D.C.", "DC"),
            ("USA", "new york", "NY"),
            ("AU", "Western Australia", "WA"),
            ("US", "Washington", "WA"),
        ] {
            assert_eq!(first(country, written), Some((By::Name, code)), "{country} {written}");
        }
        assert_eq!(first("CA", "Sasketchewan"), Some((By::Misspelling(1), "SK")));
        for (country, written) in [("CA", "ON"), ("CA", "Texas"), ("DE", "Bayern"), ("", "Ontario"), ("CA", ""), ("Kanadia", "Ontario")] {
            assert_eq!(regions(country, written), [], "{country} {written}");
        }
    }

    #[test]
    fn every_row_of_the_table_is_in_order() {
        let codes: Vec<&str> = rows().map(|(code, _)| code).collect();
        assert_eq!(codes.len(), TABLE.lines().count());
        assert_eq!((codes.iter().filter(|code| code.len() == 2).count(), codes.iter().filter(|code| code.len() > 2).count()), (249, 77));
        for (code, names) in rows() {
            assert!(names.split('|').all(|name| !name.trim().is_empty() && name.trim() == name), "{code}");
        }
        // One name never means two countries.
        let rows = rows().filter(|(code, _)| code.len() == 2);
        let mut names: Vec<(String, &str)> = rows.flat_map(|(code, names)| names.split('|').map(move |name| (fold(name), code))).collect();
        names.sort();
        names.dedup();
        let twice: Vec<_> = names.windows(2).filter(|two| two[0].0 == two[1].0).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}
