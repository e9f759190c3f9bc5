//! How an ERP wants its addresses, and the parts that an address has.

use crate::{order::Address, schema::CodePage};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// A part of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are those of the address")]
pub enum Part {
    Name,
    Company,
    Line1,
    Line2,
    City,
    Region,
    PostalCode,
    Country,
    Phone,
    Email,
}

impl Part {
    /// All parts, in the order in which they are written.
    pub const ALL: [Part; 10] =
        [Part::Name, Part::Company, Part::Line1, Part::Line2, Part::City, Part::Region, Part::PostalCode, Part::Country, Part::Phone, Part::Email];

    /// Those that are words: the ERP's case applies to them.
    pub(super) const WORDS: [Part; 7] = [Part::Name, Part::Company, Part::Line1, Part::Line2, Part::City, Part::Region, Part::Country];

    /// This part of an address.
    pub fn of(self, address: &Address) -> &str {
        match self {
            Part::Name => &address.name,
            Part::Company => &address.company,
            Part::Line1 => &address.line1,
            Part::Line2 => &address.line2,
            Part::City => &address.city,
            Part::Region => &address.region,
            Part::PostalCode => &address.postal_code,
            Part::Country => &address.country,
            Part::Phone => &address.phone,
            Part::Email => &address.email,
        }
    }

    pub(super) fn of_mut(self, address: &mut Address) -> &mut String {
        match self {
            Part::Name => &mut address.name,
            Part::Company => &mut address.company,
            Part::Line1 => &mut address.line1,
            Part::Line2 => &mut address.line2,
            Part::City => &mut address.city,
            Part::Region => &mut address.region,
            Part::PostalCode => &mut address.postal_code,
            Part::Country => &mut address.country,
            Part::Phone => &mut address.phone,
            Part::Email => &mut address.email,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Name => "name",
            Part::Company => "company",
            Part::Line1 => "line1",
            Part::Line2 => "line2",
            Part::City => "city",
            Part::Region => "region",
            Part::PostalCode => "postal-code",
            Part::Country => "country",
            Part::Phone => "phone",
            Part::Email => "email",
        })
    }
}

/// Upper and lower case as the ERP wants it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Case {
    /// As the customer wrote it.
    #[default]
    Keep,
    /// All upper case.
    Upper,
    /// What is all upper or all lower case becomes capitalised words, but for words of one or two letters. What has both is
    /// somebody's own way to write it: `McKay`.
    Capitals,
}

/// When words are abbreviated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Abbreviate {
    /// Never.
    Never,
    /// Where a line is too long.
    #[default]
    ToFit,
    /// Always.
    Always,
}

/// How the ERP writes a country.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CountryForm {
    /// `CA`.
    #[default]
    Alpha2,
    /// `CAN`.
    Alpha3,
    /// `Canada`, by the standard.
    Name,
}

/// How the ERP writes a subdivision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegionForm {
    /// `ON`.
    #[default]
    Short,
    /// `CA-ON`.
    Full,
    /// `Ontario`, by the standard.
    Name,
}

/// How the ERP wants its addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct AddressPolicy {
    /// Upper and lower case.
    pub case: Case,
    /// When words are abbreviated.
    pub abbreviate: Abbreviate,
    /// Words and their abbreviations, instead of [`super::ABBREVIATIONS`]; empty for these.
    pub words: Vec<(String, String)>,
    /// How countries are written.
    pub country: CountryForm,
    /// How subdivisions are written.
    pub region: RegionForm,
    /// Characters that a part has room for. Read from the live schema: they differ from site to site.
    pub widths: BTreeMap<Part, usize>,
    /// The characters that there are.
    pub code_page: Option<CodePage>,
}
