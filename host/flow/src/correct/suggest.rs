//! What a value should probably be: candidates by what should stand at its place, each with its reason.

use super::{
    Fix, Known, Place, Sort, Suggestion,
    date::{self, Assumed},
    json,
    near::{Nearness, near},
    number, places,
};
use crate::{Code, Decimal, Fault};
use std::collections::BTreeSet;

/// A way to correct a value, and why.
type Candidate = (Fix, String);

/// Suggests corrections for the places that a fault points to, the most likely first: the best of every place, then the
/// second best. Each fits what stands there.
pub fn suggest(body: &[u8], fault: &Fault, places: &[Place], known: &Known) -> Vec<Suggestion> {
    let width = width(fault);
    let mut ranked: Vec<(usize, Suggestion)> = Vec::new();
    for place in places {
        for spot in json::find(body, std::slice::from_ref(&place.path)).unwrap_or_default() {
            let beside = || json::beside(body, &spot.path);
            let mut rank = 0;
            for (fix, reason) in candidates(&spot.text, place.sort, width, known, &beside) {
                let Some(to) = fix.make(&spot.text) else { continue };
                if ranked.iter().all(|(_, other)| other.path != spot.path || other.to != to) {
                    ranked.push((rank, Suggestion { path: spot.path.clone(), from: spot.text.clone(), to, fix, reason }));
                    rank += 1;
                }
            }
        }
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, suggestion)| suggestion).collect()
}

fn candidates(text: &str, sort: Sort, width: Option<usize>, known: &Known, beside: &dyn Fn() -> Vec<(String, String)>) -> Vec<Candidate> {
    let replace = |to: &str| Fix::Replace { from: text.to_owned(), to: to.to_owned() };
    let by = |by: places::By, what: &str| match by {
        places::By::Name => format!("it is a name of a {what} or another code for it; its code of ISO 3166 is expected"),
        places::By::Misspelling(letters) => format!("it is nearly the name of a {what}: {}", differ(letters)),
    };
    let mut found: Vec<Candidate> = match sort {
        Sort::Number => return numbers(text, beside),
        Sort::Date => return dates(text),
        Sort::Sku => codes(text, &known.skus, &replace),
        Sort::Customer => codes(text, &known.customers, &replace),
        Sort::Country => places::countries(text).into_iter().map(|(how, code)| (replace(code), by(how, "country"))).collect(),
        Sort::Region => {
            let country = beside().into_iter().find(|(name, _)| name.to_lowercase().starts_with("country")).map(|(_, country)| country);
            let regions = places::regions(&country.unwrap_or_default(), text);
            regions.into_iter().map(|(how, code)| (replace(code), by(how, "region of that country"))).collect()
        }
        Sort::Text => Vec::new(),
    };
    let too_long = |text: &str| width.filter(|width| text.chars().count() > *width);
    let trimmed = Fix::Trim.make(text);
    match (too_long(text), trimmed) {
        (Some(width), Some(trimmed)) if too_long(&trimmed).is_none() => {
            found.push((Fix::Trim, format!("without needless spaces it fits the {width} characters of the field")));
        }
        (Some(width), _) => {
            let most = u32::try_from(width).unwrap_or(u32::MAX);
            found.push((Fix::Cut { most }, format!("the field holds {width} characters: cut there, at the end of a word where one is near")));
        }
        // A code that the ERP does not have is no better without its spaces.
        (None, Some(trimmed)) if known.of(sort).is_none_or(|known| known.is_empty() || known.contains(&trimmed)) => {
            found.insert(0, (Fix::Trim, "there are needless spaces in it".into()));
        }
        (None, _) => {}
    }
    found
}

impl Known {
    /// The codes of a sort; none of one that has no codes in the ERP.
    fn of(&self, sort: Sort) -> Option<&BTreeSet<String>> {
        match sort {
            Sort::Sku => Some(&self.skus),
            Sort::Customer => Some(&self.customers),
            _ => None,
        }
    }
}

fn codes(text: &str, known: &BTreeSet<String>, replace: &dyn Fn(&str) -> Fix) -> Vec<Candidate> {
    let reason = |nearness| match nearness {
        Nearness::Alike => "the ERP has this one: it differs only in case, spaces, hyphens, O and 0 or I and 1".to_owned(),
        Nearness::Letters(letters) => format!("the ERP does not have it, as last heard, but one that is near: {}", differ(letters)),
    };
    near(text, known.iter().map(String::as_str)).into_iter().map(|(nearness, code)| (replace(code), reason(nearness))).collect()
}

fn differ(letters: usize) -> String {
    if letters == 1 { "1 letter differs".into() } else { format!("{letters} letters differ") }
}

fn numbers(text: &str, beside: &dyn Fn() -> Vec<(String, String)>) -> Vec<Candidate> {
    if number::is_json(text.trim()) {
        return vec![(Fix::Trim, "there are needless spaces around the number".into())];
    }
    let read = [Fix::DecimalPoint, Fix::DecimalComma].map(|fix| fix.make(text).map(|number| (fix, number)));
    match read {
        [Some((point, number)), Some((_, same))] if number == same => {
            vec![(point, "a number is written with its digits and a decimal point only".into())]
        }
        [Some((point, as_point)), Some((comma, as_comma))] => {
            let beside = beside();
            let fits = [fits(&point, &as_point, &beside), fits(&comma, &as_comma, &beside)];
            let doubt = "the sign in it may part thousands or decimals";
            let reason = |own: usize| match (fits[own], fits[1 - own]) {
                (true, false) => format!("{doubt}: read so, it fits the numbers beside it"),
                (false, true) => format!("{doubt}: read so, it does not fit the numbers beside it"),
                _ => format!("{doubt}, and the numbers beside it do not tell which"),
            };
            let mut both = vec![(point, format!("{}; here: thousands", reason(0))), (comma, format!("{}; here: decimals", reason(1)))];
            if fits == [false, true] {
                both.swap(0, 1);
            }
            both
        }
        [Some((point, _)), None] => {
            vec![(point, "thousands are set apart, or a currency stands beside it: only digits and a point are expected".into())]
        }
        [None, Some((comma, _))] => vec![(comma, "its decimals stand after a comma: a point is expected".into())],
        [None, None] => Vec::new(),
    }
}

/// Whether a number, read in one way, is the product, a factor or the double of numbers beside it that are read in the same way: quantity
/// × price = worth, or a total that is there twice.
fn fits(fix: &Fix, number: &str, beside: &[(String, String)]) -> bool {
    let exact = |text: &str| text.parse::<Decimal>().ok().filter(|number| !number.is_zero());
    let Some(number) = exact(number) else { return false };
    let others: Vec<Decimal> = beside.iter().filter_map(|(_, text)| exact(fix.make(text).as_deref().unwrap_or(text))).collect();
    let times = |a: Decimal, b: Decimal| a.checked_mul(b).map(|product| product.round_dp_with_strategy(2, crate::money::HALF_UP));
    let is =
        |product: Option<Decimal>, number: Decimal| product.is_some_and(|product| product == number.round_dp_with_strategy(2, crate::money::HALF_UP));
    let factors = || others.iter().copied().filter(|other| *other != Decimal::ONE);
    others.contains(&number)
        || factors().any(|factor| others.iter().any(|other| is(times(number, factor), *other)))
        || factors().any(|factor| factors().any(|other| is(times(other, factor), number)))
}

fn dates(text: &str) -> Vec<Candidate> {
    let read = |order, fix: Fix, why: &str| {
        let (_, assumed) = date::rewrite(text, order)?;
        let assumed = match assumed {
            Assumed::Nothing => "",
            Assumed::Offset => "; it names no time zone: UTC is taken",
            Assumed::TimeAndOffset => "; it has no time: noon in UTC is taken, which is the same day nearly everywhere",
        };
        Some((fix, format!("{why}{assumed}")))
    };
    if let Some(certain) = read(date::Order::Certain, Fix::Instant, "the date is certain, only written otherwise") {
        return vec![certain];
    }
    let both = date::rewrite(text, date::Order::DayFirst).is_some() && date::rewrite(text, date::Order::MonthFirst).is_some();
    let why =
        |order: &str| if both { format!("day and month cannot be told apart; here: {order}") } else { format!("it is written with the {order}") };
    let mut found: Vec<Candidate> =
        [read(date::Order::DayFirst, Fix::DayFirst, &why("day first")), read(date::Order::MonthFirst, Fix::MonthFirst, &why("month first"))]
            .into_iter()
            .flatten()
            .collect();
    // Slashes are how the month comes first; points and hyphens are not.
    if text.contains('/') {
        found.reverse();
    }
    found
}

/// How many characters the field holds, when the fault says so: by its limit, or in what the ERP said of a text that is
/// too long.
fn width(fault: &Fault) -> Option<usize> {
    let limit = fault.reached.as_ref().filter(|reached| reached.limit == "width").map(|reached| reached.value.as_str());
    let said = || {
        let (_, said) = fault.message.split_once("FIELD_TOO_LONG")?;
        said.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())
    };
    limit.or_else(|| said().filter(|_| fault.code == Code::Refused))?.parse().ok().filter(|width| *width > 0)
}
