//! Postal codes of the countries that shops ship to most: how they are written, and for Canada and the United States where
//! they lie. Only spaces, hyphens and case are ever changed; what does not fit its country stays as it is.

/// Forms by country: `N` is a digit, `A` a letter, anything else stands there as it is.
const FORMS: &[(&str, &[&str])] = &[
    ("AR", &["NNNN", "ANNNNAAA"]),
    ("AT", &["NNNN"]),
    ("AU", &["NNNN"]),
    ("BE", &["NNNN"]),
    ("BG", &["NNNN"]),
    ("BR", &["NNNNN-NNN"]),
    ("CA", &["ANA NAN"]),
    ("CH", &["NNNN"]),
    ("CL", &["NNNNNNN"]),
    ("CN", &["NNNNNN"]),
    ("CO", &["NNNNNN"]),
    ("CZ", &["NNN NN"]),
    ("DE", &["NNNNN"]),
    ("DK", &["NNNN"]),
    ("EE", &["NNNNN"]),
    ("ES", &["NNNNN"]),
    ("FI", &["NNNNN"]),
    ("FR", &["NNNNN"]),
    ("GB", &["AN NAA", "ANN NAA", "AAN NAA", "AANN NAA", "ANA NAA", "AANA NAA"]),
    ("GR", &["NNN NN"]),
    ("HR", &["NNNNN"]),
    ("HU", &["NNNN"]),
    ("IE", &["ANN XXXX", "ANA XXXX"]),
    ("IL", &["NNNNNNN", "NNNNN"]),
    ("IN", &["NNNNNN"]),
    ("IS", &["NNN"]),
    ("IT", &["NNNNN"]),
    ("JP", &["NNN-NNNN"]),
    ("KR", &["NNNNN"]),
    ("LT", &["NNNNN"]),
    ("LU", &["NNNN"]),
    ("LV", &["LV-NNNN", "NNNN"]),
    ("MX", &["NNNNN"]),
    ("MY", &["NNNNN"]),
    ("NL", &["NNNN AA"]),
    ("NO", &["NNNN"]),
    ("NZ", &["NNNN"]),
    ("PH", &["NNNN"]),
    ("PL", &["NN-NNN"]),
    ("PT", &["NNNN-NNN"]),
    ("RO", &["NNNNNN"]),
    ("RU", &["NNNNNN"]),
    ("SE", &["NNN NN"]),
    ("SG", &["NNNNNN"]),
    ("SI", &["NNNN"]),
    ("SK", &["NNN NN"]),
    ("TH", &["NNNNN"]),
    ("TR", &["NNNNN"]),
    ("TW", &["NNN", "NNNNN", "NNNNNN"]),
    ("UA", &["NNNNN"]),
    ("US", &["NNNNN", "NNNNN-NNNN"]),
    ("ZA", &["NNNN"]),
];

/// Countries in which there are none.
const NONE: &[&str] = &["AE", "BS", "HK", "JM", "QA"];

/// First letters of Canadian codes, and where they lie.
const CANADA: &[(char, &[&str])] = &[
    ('A', &["NL"]),
    ('B', &["NS"]),
    ('C', &["PE"]),
    ('E', &["NB"]),
    ('G', &["QC"]),
    ('H', &["QC"]),
    ('J', &["QC"]),
    ('K', &["ON"]),
    ('L', &["ON"]),
    ('M', &["ON"]),
    ('N', &["ON"]),
    ('P', &["ON"]),
    ('R', &["MB"]),
    ('S', &["SK"]),
    ('T', &["AB"]),
    ('V', &["BC"]),
    ('X', &["NU", "NT"]),
    ('Y', &["YT"]),
];

/// First digits of ZIP codes, and where they lie. Armed forces and the smaller territories are not looked at.
const STATES: &[(char, &[&str])] = &[
    ('0', &["CT", "MA", "ME", "NH", "NJ", "NY", "PR", "RI", "VI", "VT"]),
    ('1', &["DE", "NY", "PA"]),
    ('2', &["DC", "MD", "NC", "SC", "VA", "WV"]),
    ('3', &["AL", "FL", "GA", "MS", "TN"]),
    ('4', &["IN", "KY", "MI", "OH"]),
    ('5', &["DC", "IA", "MN", "MT", "ND", "SD", "WI"]),
    ('6', &["IL", "KS", "MO", "NE"]),
    ('7', &["AR", "LA", "OK", "TX"]),
    ('8', &["AZ", "CO", "ID", "NM", "NV", "TX", "UT", "WY"]),
    ('9', &["AK", "AS", "CA", "FM", "GU", "HI", "MH", "MP", "OR", "PW", "WA"]),
];

/// What a code is for its country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// It is one, written like this.
    Good(String),
    /// It is none; these are the forms that there are.
    Wrong(&'static [&'static str]),
    /// The country has none.
    NoneThere,
    /// We do not know how they are written there.
    Unknown,
}

/// Reads a postal code.
pub fn read(alpha2: &str, written: &str) -> Code {
    if NONE.contains(&alpha2) {
        return Code::NoneThere;
    }
    let Some((_, forms)) = FORMS.iter().find(|(country, _)| *country == alpha2) else {
        return Code::Unknown;
    };
    let bare: Vec<char> = written.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{a0}')).flat_map(char::to_uppercase).collect();
    match forms.iter().find_map(|form| fill(form, &bare)) {
        // No Canadian code has one of these letters, and none begins with W or Z.
        Some(code) if alpha2 == "CA" && (code.contains(['D', 'F', 'I', 'O', 'Q', 'U']) || code.starts_with(['W', 'Z'])) => Code::Wrong(forms),
        Some(code) => Code::Good(code),
        None => Code::Wrong(forms),
    }
}

/// Whether a good code lies in another subdivision than this one (without the country's code).
pub fn lies_elsewhere(alpha2: &str, code: &str, region: &str) -> bool {
    let table = match alpha2 {
        "CA" => CANADA,
        "US" => STATES,
        _ => return false,
    };
    let Some((_, here)) = code.chars().next().and_then(|first| table.iter().find(|(letter, _)| *letter == first)) else {
        return false;
    };
    table.iter().any(|(_, regions)| regions.contains(&region)) && !here.contains(&region)
}

fn fill(form: &str, bare: &[char]) -> Option<String> {
    let mut left = bare.iter().copied();
    let mut code = String::new();
    for place in form.chars() {
        match place {
            ' ' | '-' => code.push(place),
            _ => {
                let letter = left.next()?;
                let is_right = match place {
                    'N' => letter.is_ascii_digit(),
                    'A' => letter.is_ascii_uppercase(),
                    'X' => letter.is_ascii_alphanumeric(),
                    // The `LV-` of Latvia.
                    other => letter == other,
                };
                if !is_right {
                    return None;
                }
                code.push(letter);
            }
        }
    }
    left.next().is_none().then_some(code)
}

/// Whether an address of this country is to have one, as far as we know.
pub fn is_needed(alpha2: &str) -> bool {
    // An Irish code is of one house, and many leave it out.
    alpha2 != "IE" && FORMS.iter().any(|(country, _)| *country == alpha2)
}
