//! A customer or product file: what an author writes to try a rule of `pre-map-customer` or `pre-map-product` on. It is the
//! canonical form (docs/sync.md), of which everything may be left out: the sample stands in. Beside that it may say `from`,
//! `settings` and `context`, as an order file does. And customers and products that nobody wrote down.

use crate::case::{Case, WrittenContext};
use crossdock_flow::{
    Code, Decimal, Fault,
    entity::{
        Side,
        customer::Customer,
        product::{Price, Product},
    },
    hook::Hook,
    order::{Address, Field, Value},
    sample,
    sync::Subject,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A JSON object, value by value as it is written: digits stay as they are.
type Raw = BTreeMap<String, Box<RawValue>>;

/// What a file may say beside the customer or product.
const BESIDE: [&str; 3] = ["from", "settings", "context"];

/// What a file of a hook is called in a golden case; nothing for those of orders, which share theirs.
pub fn file(hook: Hook) -> Option<&'static str> {
    match hook {
        Hook::PreMapCustomer => Some("customer.json"),
        Hook::PreMapProduct => Some("product.json"),
        Hook::PreMap | Hook::RouteOrder | Hook::PostMap => None,
    }
}

/// Reads the file of a hook of customers or products. Fails with E201 where it is no JSON of this shape, with E202 where a
/// value is not allowed; the fault names the place.
pub fn read(hook: Hook, name: &str, bytes: &[u8]) -> Result<Case, Fault> {
    let mut written: Raw = serde_json::from_slice(bytes).map_err(|error| malformed(format!("no JSON object: {error}")))?;
    let [from, settings, context] = BESIDE.map(|key| written.remove(key));
    let context: WrittenContext = context.map(|raw| typed(&raw, "context")).transpose()?.unwrap_or_default();
    let settings: Option<BTreeMap<String, String>> = settings.map(|raw| typed(&raw, "settings")).transpose()?;
    let mut case = Case { hooks: vec![hook], context: context.read(), settings: settings.map(|all| all.into_iter().collect()), ..Case::sample(name) };
    match hook {
        Hook::PreMapProduct => {
            if from.is_some() {
                return Err(malformed("a product always comes from the ERP").at("from"));
            }
            case.product = over(&neutral_product(), written)?;
            case.product.check()?;
        }
        _ => {
            case.customer = over(&neutral_customer(), written)?;
            if let Some(raw) = from {
                case.from = match &*typed::<String>(&raw, "from")? {
                    "shop" => Side::Shop,
                    "erp" => Side::Erp,
                    other => return Err(malformed(format!("`{other}` is no side: shop or erp")).at("from")),
                };
            }
            if case.customer.credit_limit.is_some_and(|limit| limit < Decimal::ZERO) {
                return Err(Fault::new(Code::InvalidField, "a credit limit is zero or more").at("credit-limit"));
            }
        }
    }
    Ok(case)
}

fn malformed(what: impl Into<String>) -> Fault {
    Fault::new(Code::Malformed, what.into())
}

fn typed<T: DeserializeOwned>(raw: &RawValue, place: &str) -> Result<T, Fault> {
    serde_json::from_str(raw.get()).map_err(|error| malformed(error.to_string()).at(place.to_owned()))
}

/// What is written, over what stands there otherwise.
fn over<T: Serialize + DeserializeOwned>(base: &T, written: Raw) -> Result<T, Fault> {
    let encoded = serde_json::to_string(base).and_then(|text| serde_json::from_str::<Raw>(&text));
    let mut whole = encoded.map_err(|error| Fault::new(Code::Internal, format!("the sample cannot be encoded: {error}")))?;
    // An empty list of custom fields is not written.
    let is_known = |key: &String| key == "fields" || whole.contains_key(key);
    if let Some(unknown) = written.keys().find(|key| !is_known(key)) {
        let known: Vec<&str> = whole.keys().map(String::as_str).chain(["fields"]).chain(BESIDE).collect();
        return Err(malformed(format!("unknown field `{}`, expected one of {}", crossdock_flow::fault::shorten(unknown), known.join(", "))));
    }
    whole.extend(written);
    let text = serde_json::to_string(&whole).map_err(|error| malformed(error.to_string()))?;
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(&text)).map_err(|error| {
        let path = error.path().to_string();
        // A position would be one of the text that was put together.
        let told = error.inner().to_string();
        let told = told.split(" at line ").next().unwrap_or_default().to_owned();
        if path == "." { malformed(told) } else { malformed(told).at(path) }
    })
}

/// A customer that gives a rule no reason: the sample without a segment.
fn neutral_customer() -> Customer {
    Customer { segment: String::new(), ..sample::customer() }
}

/// A product that gives a rule no reason: the sample without a type.
fn neutral_product() -> Product {
    Product { product_type: String::new(), ..sample::product() }
}

/// A case of a customer that comes from a side.
pub fn of_customer(name: &str, customer: Customer, from: Side) -> Case {
    Case { hooks: vec![Hook::PreMapCustomer], customer, from, ..Case::sample(name) }
}

/// A case of a product.
pub fn of_product(name: &str, product: Product) -> Case {
    Case { hooks: vec![Hook::PreMapProduct], product, ..Case::sample(name) }
}

/// Customers and products that rules are tried on where nobody names any: each plain, with everything empty, and in every
/// script; customers from both sides, in every segment and several countries.
pub fn samples() -> Vec<Case> {
    let mut cases = vec![of_customer("the sample customer", sample::customer(), Side::Shop), of_product("the sample product", sample::product())];
    for (place, (segment, country)) in [("", "CA"), ("retail", "CA"), ("wholesale", "US"), ("vip", "DE"), ("wholesale", "")].into_iter().enumerate() {
        for from in [Side::Shop, Side::Erp] {
            let mut customer = Customer { segment: segment.into(), number: (from == Side::Erp).then(|| "C00042".into()), ..sample::customer() };
            customer.billing.country = country.into();
            cases.push(of_customer(&format!("customer {place} from the {from}"), customer, from));
        }
    }
    for (place, (kind, cents)) in [("", 1), ("apparel", 4995), ("hazmat", 1250), ("furniture", 64_900)].into_iter().enumerate() {
        let mut product = Product { product_type: kind.into(), is_sold: place != 2, ..sample::product() };
        product.prices[0].amount = Decimal::new(cents, 2);
        cases.push(of_product(&format!("product {place}"), product));
    }
    for case in [empty, foreign] {
        let some: Vec<Case> = cases[..2].iter().map(case).collect();
        cases.extend(some);
    }
    cases
}

/// The same case, with everything empty that may be.
pub fn empty(case: &Case) -> Case {
    let Customer { web_id, currency, changed_at, standing, .. } = case.customer.clone();
    let customer = Customer {
        web_id,
        number: None,
        standing,
        company: String::new(),
        contact: String::new(),
        email: String::new(),
        phone: String::new(),
        segment: String::new(),
        billing: Address::default(),
        ship_to: Vec::new(),
        currency,
        credit_limit: None,
        terms: String::new(),
        price_list: String::new(),
        tax_code: String::new(),
        changed_at,
        fields: Vec::new(),
    };
    let product = Product {
        sku: case.product.sku.clone(),
        name: String::new(),
        description: String::new(),
        product_type: String::new(),
        tax_class: String::new(),
        weight: None,
        prices: Vec::new(),
        kit: None,
        fields: Vec::new(),
        ..case.product.clone()
    };
    Case { name: format!("{}, empty", case.name), customer, product, ..case.clone() }
}

/// The same case, with texts in every script.
pub fn foreign(case: &Case) -> Case {
    let mut case = Case { name: format!("{}, in every script", case.name), ..case.clone() };
    let texts = crate::orders::FOREIGN.map(str::to_owned);
    let [company, contact, phone, segment, city, name, kind, description] = texts.clone();
    case.customer = Customer { company, contact, phone, segment, ..case.customer };
    case.customer.billing.city.clone_from(&city);
    case.customer.ship_to.push((texts[1].clone(), Address { city, ..Address::default() }));
    case.product = Product { name, product_type: kind, description, ..case.product };
    for text in texts {
        let field = Field { name: text.chars().take(20).collect::<String>().into(), value: Value::Text(text) };
        case.customer.fields.push(field.clone());
        case.product.fields.push(field);
    }
    case
}

/// The same case as large as one gets: a thousand addresses, a thousand prices, long texts, the largest numbers.
pub fn maximum(case: &Case) -> Case {
    const MOST: i64 = 1_000;
    let mut case = Case { name: format!("{}, as large as it gets", case.name), ..case.clone() };
    let long = "a long text ".repeat(300);
    case.customer.company.clone_from(&long);
    case.customer.credit_limit = Some(Decimal::new(99_999_999_999_999, 4));
    case.customer.ship_to = (0..MOST).map(|place| (format!("PLACE-{place}"), case.customer.billing.clone())).collect();
    case.product.description = long;
    let currency = case.product.prices.first().map_or(case.customer.currency, |price: &Price| price.currency);
    case.product.prices = (0..MOST)
        .map(|place| Price {
            currency,
            list: if place % 20 == 0 { String::new() } else { format!("list-{}", place % 20) },
            from: Decimal::from(place),
            amount: Decimal::new(99_999_999 + place, 4),
        })
        .collect();
    case
}

/// The same case with what a rule made of its customer or product.
pub fn with(case: &Case, subject: Option<&Subject>) -> Case {
    match subject {
        Some(Subject::Customer(customer)) => Case { customer: (**customer).clone(), ..case.clone() },
        Some(Subject::Product(product)) => Case { product: (**product).clone(), ..case.clone() },
        _ => case.clone(),
    }
}

/// The customer or product of a case as a file: what a failure is shown as.
pub fn to_json(case: &Case, hook: Hook) -> serde_json::Value {
    let entity = match hook {
        Hook::PreMapProduct => serde_json::to_value(&case.product),
        _ => serde_json::to_value(&case.customer),
    };
    let mut written = entity.unwrap_or_default();
    if hook == Hook::PreMapCustomer && case.from == Side::Erp {
        written["from"] = "erp".into();
    }
    if let Some(settings) = &case.settings {
        written["settings"] =
            settings.iter().map(|(key, value)| (key.clone(), serde_json::Value::from(value.clone()))).collect::<serde_json::Map<_, _>>().into();
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_written_is_the_samples() {
        let case = read(Hook::PreMapCustomer, "c", br#"{ "segment": "vip", "from": "erp", "settings": { "a": "b" }, "context": { "attempt": 3 } }"#)
            .unwrap();
        assert_eq!((&*case.customer.segment, &*case.customer.web_id, case.from, case.context.attempt), ("vip", "W10042", Side::Erp, 3));
        assert_eq!((case.settings, case.hooks), (Some(vec![("a".into(), "b".into())]), vec![Hook::PreMapCustomer]));
        let case = read(Hook::PreMapCustomer, "c", b"{}").unwrap();
        assert_eq!((&*case.customer.segment, case.from), ("", Side::Shop));
        let case = read(Hook::PreMapProduct, "p", br#"{ "sku": "A", "prices": [{ "currency": "JPY", "amount": "1200" }] }"#).unwrap();
        assert_eq!((&*case.product.sku, case.product.prices[0].currency.code(), case.product.prices[0].amount), ("A", "JPY", Decimal::from(1200)));
    }

    #[test]
    fn what_is_written_is_checked_and_a_fault_names_the_place() {
        let read = |hook, text: &str| read(hook, "c", text.as_bytes()).unwrap_err();
        let fault = read(Hook::PreMapCustomer, r#"{ "segmant": "vip" }"#);
        assert!(fault.code == Code::Malformed && fault.message.contains("unknown field `segmant`") && fault.message.contains("segment"), "{fault}");
        // An amount is exact: text, not a number that a program may round.
        let fault = read(Hook::PreMapProduct, r#"{ "prices": [{ "currency": "CAD", "amount": 12.5 }] }"#);
        assert_eq!((fault.code, fault.place.as_deref()), (Code::Malformed, Some("prices[0].amount")));
        assert_eq!(read(Hook::PreMapCustomer, r#"{ "credit-limit": "-1" }"#).code, Code::InvalidField);
        assert_eq!(read(Hook::PreMapCustomer, r#"{ "from": "bank" }"#).place.as_deref(), Some("from"));
        assert_eq!(read(Hook::PreMapProduct, r#"{ "from": "shop" }"#).place.as_deref(), Some("from"));
        assert_eq!(read(Hook::PreMapProduct, "[]").code, Code::Malformed);
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        for case in samples() {
            let hook = case.hooks[0];
            let case = Case { settings: Some(vec![("a".into(), "b".into())]), ..case };
            let again = read(hook, &case.name, to_json(&case, hook).to_string().as_bytes()).unwrap();
            match hook {
                Hook::PreMapProduct => assert_eq!(again.product, case.product, "{}", case.name),
                _ => assert_eq!((again.customer, again.from), (case.customer, case.from), "{}", case.name),
            }
            assert_eq!(again.settings, case.settings);
        }
    }
}
