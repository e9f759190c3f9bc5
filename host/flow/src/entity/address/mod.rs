//! Normalising an address as a step that can be seen: the raw one stays, every change says what it was and by which rule,
//! and what is not known stays as it was written, with a doubt. Nothing is invented: no line is filled up, no country is
//! guessed, nothing is cut.

pub mod country;
pub mod policy;
pub mod postal;
mod wording;

use crate::order::Address;
use serde::{Deserialize, Serialize};
use std::fmt;

pub use policy::{Abbreviate, AddressPolicy, Case, CountryForm, Part, RegionForm};
pub use wording::ABBREVIATIONS;

/// Why a part was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Spaces around, doubled ones and line breaks are none.
    Spaces,
    /// The second line goes up where the first is empty.
    LineUp,
    /// The country as the ERP writes it.
    Country,
    /// The subdivision as the ERP writes it.
    Region,
    /// The postal code as its country writes it.
    PostalCode,
    /// Letters that the code page lacks, without their accents.
    CodePage,
    /// Upper and lower case.
    Case,
    /// A word abbreviated.
    Abbreviation,
    /// What has no room in the first line goes to the second.
    Spill,
}

/// A part that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AddressChange {
    /// Which.
    pub field: Part,
    /// What it was before this rule.
    pub from: String,
    /// What it is.
    pub to: String,
    /// By which rule.
    pub rule: Rule,
}

impl fmt::Display for AddressChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}` → `{}`", self.field, self.from, self.to)
    }
}

/// What is doubtful about a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// It is needed and empty.
    Missing,
    /// It stands there because something had to: `Address 1`.
    Placeholder,
    /// No country, or a name of several.
    UnknownCountry,
    /// No subdivision of its country.
    UnknownRegion,
    /// No postal code of its country; these are the forms there.
    PostalForm(Vec<String>),
    /// The country has no postal codes.
    NoPostalCodes,
    /// The postal code lies in another subdivision.
    LiesElsewhere,
    /// It has letters that the ERP's code page lacks.
    CodePage(String),
    /// It is longer than the ERP has room for.
    TooLong(usize),
}

/// A part that somebody should look at. It stands in the address as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Doubt {
    /// Which.
    pub field: Part,
    /// Why.
    pub why: Why,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.field)?;
        match &self.why {
            Why::Missing => f.write_str("it is needed, and empty"),
            Why::Placeholder => f.write_str("it says nothing"),
            Why::UnknownCountry => f.write_str("no country that we know, or the name of several"),
            Why::UnknownRegion => f.write_str("no subdivision of its country"),
            Why::PostalForm(forms) => write!(f, "no postal code of its country ({}; N a digit, A a letter)", forms.join(", ")),
            Why::NoPostalCodes => f.write_str("its country has no postal codes"),
            Why::LiesElsewhere => f.write_str("it lies in another region"),
            Why::CodePage(letters) => write!(f, "the ERP's code page lacks {letters}"),
            Why::TooLong(width) => write!(f, "longer than the {width} characters of the ERP"),
        }
    }
}

/// An address before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Normalised {
    /// As the shop sent it.
    pub raw: Address,
    /// As the ERP wants it.
    pub address: Address,
    /// The country, ISO 3166-1 alpha-2, however the ERP writes it; nothing when it is not known.
    pub country: Option<String>,
    /// The subdivision, ISO 3166-2; nothing when it is not known.
    pub region: Option<String>,
    /// What was changed, in the order of the rules.
    pub changes: Vec<AddressChange>,
    /// What somebody should look at.
    pub doubts: Vec<Doubt>,
}

impl fmt::Display for Normalised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} changes, {} doubts", self.changes.len(), self.doubts.len())
    }
}

/// Normalises an address for the ERP. An empty address stays empty, without doubts.
pub fn normalise(raw: &Address, policy: &AddressPolicy) -> Normalised {
    let mut made = Normalised { raw: raw.clone(), address: raw.clone(), country: None, region: None, changes: Vec::new(), doubts: Vec::new() };
    for part in Part::ALL {
        let text = part.of(&made.address).split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        let text = text.collect::<Vec<_>>().join(" ");
        made.set(part, text, Rule::Spaces);
    }
    if Part::ALL.into_iter().all(|part| part.of(&made.address).is_empty()) {
        return made;
    }
    if made.address.line1.is_empty() && !made.address.line2.is_empty() {
        made.set(Part::Line1, made.address.line2.clone(), Rule::LineUp);
        made.set(Part::Line2, String::new(), Rule::LineUp);
    }
    for part in [Part::Line1, Part::City, Part::Country] {
        if part.of(&made.address).is_empty() {
            made.doubt(part, Why::Missing);
        }
    }
    for part in [Part::Line1, Part::Line2, Part::City] {
        if wording::says_nothing(part.of(&made.address)) {
            made.doubt(part, Why::Placeholder);
        }
    }
    made.place(policy);
    if let Some(page) = policy.code_page {
        for part in Part::ALL {
            let (text, lacking) = page.fold(part.of(&made.address));
            made.set(part, text, Rule::CodePage);
            if !lacking.is_empty() {
                made.doubt(part, Why::CodePage(lacking));
            }
        }
    }
    for part in Part::WORDS {
        made.set(part, wording::in_case(part.of(&made.address), policy.case), Rule::Case);
    }
    made.fit(policy);
    made
}

impl Normalised {
    /// Country, subdivision and postal code.
    fn place(&mut self, policy: &AddressPolicy) {
        let Some(code) = country::country(&self.address.country) else {
            if !self.address.country.is_empty() {
                self.doubt(Part::Country, Why::UnknownCountry);
            }
            return;
        };
        self.country = Some(code.to_owned());
        let written = match (policy.country, country::forms(code)) {
            (CountryForm::Alpha3, Some((alpha3, _))) => alpha3,
            (CountryForm::Name, Some((_, name))) => name,
            _ => code,
        };
        self.set(Part::Country, written.to_owned(), Rule::Country);
        let region = country::region(code, &self.address.region);
        match region {
            Some(region) => {
                self.region = Some(region.code.to_owned());
                let written = match policy.region {
                    RegionForm::Short => region.short(),
                    RegionForm::Full => region.code,
                    RegionForm::Name => region.name,
                };
                self.set(Part::Region, written.to_owned(), Rule::Region);
            }
            None if !self.address.region.is_empty() => self.doubt(Part::Region, Why::UnknownRegion),
            None if country::needs_region(code) => self.doubt(Part::Region, Why::Missing),
            None => {}
        }
        match postal::read(code, &self.address.postal_code) {
            _ if self.address.postal_code.is_empty() => {
                if postal::is_needed(code) {
                    self.doubt(Part::PostalCode, Why::Missing);
                }
            }
            postal::Code::Good(written) => {
                if region.is_some_and(|region| postal::lies_elsewhere(code, &written, region.short())) {
                    self.doubt(Part::PostalCode, Why::LiesElsewhere);
                }
                self.set(Part::PostalCode, written, Rule::PostalCode);
            }
            postal::Code::Wrong(forms) => self.doubt(Part::PostalCode, Why::PostalForm(forms.iter().map(|form| (*form).to_owned()).collect())),
            postal::Code::NoneThere => self.doubt(Part::PostalCode, Why::NoPostalCodes),
            postal::Code::Unknown => {}
        }
    }

    /// Abbreviations, the second line, and what has no room all the same.
    fn fit(&mut self, policy: &AddressPolicy) {
        let fits = |part: Part, text: &str| policy.widths.get(&part).is_none_or(|width| text.chars().count() <= *width);
        for part in [Part::Line1, Part::Line2] {
            let text = part.of(&self.address);
            let is_wanted = match policy.abbreviate {
                Abbreviate::Never => false,
                Abbreviate::ToFit => !fits(part, text),
                Abbreviate::Always => true,
            };
            if is_wanted {
                self.set(part, wording::abbreviate(text, &policy.words, policy.case), Rule::Abbreviation);
            }
        }
        if let Some(width) = policy.widths.get(&Part::Line1)
            && let Some((first, second)) = wording::spill(&self.address.line1, &self.address.line2, *width)
            && fits(Part::Line2, &second)
        {
            self.set(Part::Line1, first, Rule::Spill);
            self.set(Part::Line2, second, Rule::Spill);
        }
        for part in Part::ALL {
            if let Some(width) = policy.widths.get(&part).filter(|_| !fits(part, part.of(&self.address))) {
                self.doubt(part, Why::TooLong(*width));
            }
        }
    }

    fn set(&mut self, field: Part, to: String, rule: Rule) {
        let place = field.of_mut(&mut self.address);
        if *place != to {
            let from = std::mem::replace(place, to.clone());
            self.changes.push(AddressChange { field, from, to, rule });
        }
    }

    fn doubt(&mut self, field: Part, why: Why) {
        self.doubts.push(Doubt { field, why });
    }
}
