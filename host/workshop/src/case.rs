//! An order file: what an author writes to try a plugin on. Everything but the lines may be left out; sums that are not
//! written are computed, sums that are written are checked. Read here into a [`Case`], written back by [`to_json`].

use crossdock_flow::{
    Code, Currency, Decimal, Fault, Order, OrderNumber, entity,
    hook::{Context, Hook},
    money,
    order::{Address, Customer, Field, Instant, Line, Payment, Shipping, Value},
    route::{Candidates, Warehouse},
    sample, sum,
};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::{Map, json, value::RawValue};
use std::{collections::BTreeMap, sync::Arc};

/// What one call of a plugin needs.
#[derive(Clone, Debug)]
pub struct Case {
    /// How people call it: the name of its file or folder.
    pub name: String,
    /// What the host says about the call.
    pub context: Context,
    /// The order.
    pub order: Arc<Order>,
    /// Where it can be shipped from.
    pub candidates: Arc<Candidates>,
    /// The customer that comes, for its hook.
    pub customer: entity::customer::Customer,
    /// From which side the customer comes; a product always comes from the ERP.
    pub from: entity::Side,
    /// The product that comes, for its hook.
    pub product: entity::product::Product,
    /// The hooks that it has something for; at others samples stand in.
    pub hooks: Vec<Hook>,
    /// The plugin's settings, where the file has some.
    pub settings: Option<Vec<(String, String)>>,
}

impl Case {
    /// A case of an order, with the sample's warehouses.
    pub fn of(name: &str, order: Order) -> Case {
        let candidates = sample::candidates(&order);
        Case { order: Arc::new(order), candidates: Arc::new(candidates), ..Case::sample(name) }
    }

    /// A case of samples, that says to have something for the hooks of orders.
    pub(crate) fn sample(name: &str) -> Case {
        let order = sample::order(3);
        Case {
            name: name.to_owned(),
            context: sample::context(),
            candidates: Arc::new(sample::candidates(&order)),
            order: Arc::new(order),
            customer: sample::customer(),
            from: entity::Side::Shop,
            product: sample::product(),
            hooks: Hook::ORDERS.to_vec(),
            settings: None,
        }
    }

    /// Whether it has something for a hook.
    pub fn asks(&self, hook: Hook) -> bool {
        self.hooks.contains(&hook)
    }

    /// Reads an order file. Fails with E201 where it is no JSON of this shape, with E202 to E204 where a value is not
    /// allowed; the fault names the place.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Case, Fault> {
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let written: Written = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            let fault = Fault::new(Code::Malformed, format!("no order file: {}", error.inner()));
            if path == "." { fault } else { fault.at(path) }
        })?;
        json.end().map_err(|error| Fault::new(Code::Malformed, format!("no order file: {error}")))?;
        written.case(name)
    }
}

/// A number as its own digits say, as JSON number or text.
#[derive(Clone, Copy)]
struct Exact(Decimal);

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Exact, D::Error> {
        digits(deserializer, money::fit, "exact number with at most 4 decimals below 10^11").map(Exact)
    }
}

/// A tax rate, a fraction from 0 to 1.
#[derive(Clone, Copy)]
struct Rate(Decimal);

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rate, D::Error> {
        digits(deserializer, money::fit_rate, "rate: a fraction from 0 to 1, 0.13 for 13 %").map(Rate)
    }
}

fn digits<'de, D: Deserializer<'de>>(deserializer: D, fit: fn(Decimal) -> Option<Decimal>, expected: &str) -> Result<Decimal, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let text = raw.get().trim_matches('"');
    Decimal::from_str_exact(text).ok().and_then(fit).ok_or_else(|| D::Error::custom(format!("`{text}` is no {expected}")))
}

/// A value as JSON has it: text, number or flag.
struct Plain(Value);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Plain, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        Ok(Plain(match text.as_bytes().first() {
            Some(b'"') => Value::Text(serde_json::from_str(text).map_err(D::Error::custom)?),
            Some(b't' | b'f') => Value::Flag(text == "true"),
            Some(b'-' | b'0'..=b'9') => {
                let number = Decimal::from_str_exact(text).ok().and_then(money::fit);
                Value::Number(number.ok_or_else(|| D::Error::custom(format!("`{text}` is no exact number with at most 4 decimals")))?)
            }
            _ => return Err(D::Error::custom("a value is a text, a number, true or false")),
        }))
    }
}

type Fields = BTreeMap<String, Plain>;

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
struct Written {
    number: Option<String>,
    version: Option<i64>,
    status: Option<String>,
    currency: Option<String>,
    ordered_at: Option<jiff::Timestamp>,
    customer: Option<Customer>,
    billing_address: Option<Address>,
    shipping_address: Option<Address>,
    payment: Option<WrittenPayment>,
    lines: Vec<WrittenLine>,
    shipping: Option<WrittenShipping>,
    discount: Option<Exact>,
    total: Option<Exact>,
    fields: Fields,
    tags: Vec<String>,
    settings: Option<BTreeMap<String, String>>,
    warehouses: Option<Vec<WrittenWarehouse>>,
    context: WrittenContext,
}

/// What a file says of the call; the sample's where it does not.
#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub(crate) struct WrittenContext {
    integration: Option<String>,
    event_id: Option<String>,
    attempt: Option<u32>,
    now: Option<jiff::Timestamp>,
}

impl WrittenContext {
    pub(crate) fn read(self) -> Context {
        let mut context = sample::context();
        context.integration = self.integration.map_or(context.integration, Into::into);
        context.event_id = self.event_id.unwrap_or(context.event_id);
        context.attempt = self.attempt.unwrap_or(context.attempt);
        context.now = self.now.map_or(context.now, Instant::utc);
        context
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
struct WrittenPayment {
    method: String,
    status: String,
    transaction_id: String,
    amount: Option<Exact>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenLine {
    #[serde(default)]
    id: Option<String>,
    sku: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    product_type: String,
    quantity: Exact,
    unit_price: Exact,
    #[serde(default)]
    discount: Option<Exact>,
    #[serde(default)]
    tax_rate: Option<Rate>,
    #[serde(default)]
    tax: Option<Exact>,
    #[serde(default)]
    total: Option<Exact>,
    #[serde(default)]
    fields: Fields,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
struct WrittenShipping {
    method: String,
    amount: Option<Exact>,
    tax_rate: Option<Rate>,
    tax: Option<Exact>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenWarehouse {
    id: String,
    #[serde(default)]
    country: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    product_types: Vec<String>,
    #[serde(default)]
    stock: BTreeMap<String, Exact>,
}

/// The sample's tax rate, 13 %.
const RATE: Decimal = Decimal::from_parts(13, 0, 0, false, 2);

impl Written {
    fn case(self, name: &str) -> Result<Case, Fault> {
        let base = sample::order(1);
        let at = |place: &str| {
            let place = place.to_owned();
            move |fault: Fault| fault.at(place)
        };
        if self.lines.is_empty() {
            return Err(Fault::new(Code::InvalidField, "an order has at least one line").at("lines"));
        }
        let currency = self.currency.map_or(Ok(base.currency), |code| Currency::parse(&code)).map_err(at("currency"))?;
        let lines = self.lines.into_iter().enumerate().map(|(index, line)| line.read(index, currency)).collect::<Result<Vec<_>, _>>()?;
        let context = self.context.read();
        let mut tags = self.tags;
        tags.sort();
        tags.dedup();
        let payment = self.payment.unwrap_or_else(|| WrittenPayment {
            method: base.payment.method.clone(),
            status: base.payment.status.clone(),
            ..WrittenPayment::default()
        });
        let mut order = Order {
            number: OrderNumber::parse(self.number.as_deref().unwrap_or("4711")).map_err(at("number"))?,
            version: self.version.unwrap_or(1),
            status: self.status.unwrap_or(base.status),
            currency,
            ordered_at: self.ordered_at.map_or(base.ordered_at, Instant::utc),
            customer: self.customer.unwrap_or_else(|| Customer { segment: String::new(), ..base.customer }),
            billing: self.billing_address.unwrap_or(base.billing),
            shipping_to: self.shipping_address.unwrap_or(base.shipping_to),
            payment: Payment { method: payment.method, status: payment.status, transaction_id: payment.transaction_id, amount: Decimal::ZERO },
            lines,
            shipping: self.shipping.unwrap_or_default().read(currency),
            discount: self.discount.map_or(Decimal::ZERO, |amount| amount.0),
            total: Decimal::ZERO,
            fields: read_fields(self.fields),
            tags,
        };
        let sum = order.subtotal() - order.discount + order.shipping.amount + order.tax();
        order.total = self.total.map_or(sum, |total| total.0);
        order.payment.amount = payment.amount.map_or(order.total, |amount| amount.0);
        sum::check(&order)?;
        let candidates = match self.warehouses {
            None => sample::candidates(&order),
            Some(warehouses) => candidates(&order, warehouses),
        };
        let settings = self.settings.map(|settings| settings.into_iter().collect());
        Ok(Case { context, order: Arc::new(order), candidates: Arc::new(candidates), settings, ..Case::sample(name) })
    }
}

impl WrittenLine {
    fn read(self, index: usize, currency: Currency) -> Result<Line, Fault> {
        let wrong = |field: &str, what: &str| Err(Fault::new(Code::InvalidField, what).at(format!("lines[{index}].{field}")));
        let (quantity, unit_price) = (self.quantity.0, self.unit_price.0);
        if quantity <= Decimal::ZERO {
            return wrong("quantity", "a quantity is more than zero");
        }
        if unit_price < Decimal::ZERO {
            return wrong("unit-price", "a price is zero or more");
        }
        let worth = currency.round(quantity * unit_price);
        let discount = self.discount.map_or(Decimal::ZERO, |amount| amount.0);
        if discount < Decimal::ZERO || discount > worth {
            return wrong("discount", "a discount lies between zero and quantity × unit price");
        }
        let tax_rate = self.tax_rate.map_or(RATE, |rate| rate.0);
        let total = self.total.map_or(worth - discount, |total| total.0);
        Ok(Line {
            id: self.id.unwrap_or_else(|| format!("L{}", index + 1)),
            name: self.name.unwrap_or_else(|| self.sku.clone()),
            sku: self.sku,
            product_type: self.product_type,
            quantity,
            unit_price,
            discount,
            tax_rate,
            tax: self.tax.map_or_else(|| currency.round(total * tax_rate), |tax| tax.0),
            total,
            fields: read_fields(self.fields),
        })
    }
}

impl WrittenShipping {
    fn read(self, currency: Currency) -> Shipping {
        let amount = self.amount.map_or(Decimal::ZERO, |amount| amount.0);
        let tax_rate = self.tax_rate.map_or(RATE, |rate| rate.0);
        Shipping { method: self.method, amount, tax_rate, tax: self.tax.map_or_else(|| currency.round(amount * tax_rate), |tax| tax.0) }
    }
}

fn read_fields(fields: Fields) -> Vec<Field> {
    fields.into_iter().map(|(name, value)| Field { name: name.into(), value: value.0 }).collect()
}

fn candidates(order: &Order, warehouses: Vec<WrittenWarehouse>) -> Candidates {
    let has = |warehouse: &WrittenWarehouse, line: &Line| warehouse.stock.get(&line.sku).map_or(Decimal::ZERO, |units| units.0);
    let stock = warehouses.iter().flat_map(|warehouse| order.lines.iter().map(move |line| has(warehouse, line))).collect();
    let read = |written: WrittenWarehouse| Warehouse {
        id: written.id,
        country: written.country,
        region: written.region,
        product_types: written.product_types,
    };
    Candidates { warehouses: warehouses.into_iter().map(read).collect(), stock }
}

/// The order as an order file, without what can be computed: what a shrunken failure is shown as.
pub fn to_json(case: &Case) -> serde_json::Value {
    let order = &case.order;
    let value = |value: &Value| match value {
        Value::Text(text) => json!(text),
        // As text or number of JSON, whichever keeps its digits.
        Value::Number(number) => serde_json::from_str(&number.to_string()).unwrap_or_else(|_| json!(number.to_string())),
        Value::Flag(flag) => json!(flag),
        Value::Empty => json!(null),
    };
    let fields = |fields: &[Field]| fields.iter().map(|field| (field.name.to_string(), value(&field.value))).collect::<Map<_, _>>();
    let mut lines = Vec::new();
    for line in &order.lines {
        let mut written = json!({
            "id": line.id, "sku": line.sku, "name": line.name, "product-type": line.product_type,
            "quantity": line.quantity.to_string(), "unit-price": line.unit_price.to_string(),
            "discount": line.discount.to_string(), "tax-rate": line.tax_rate.to_string(), "tax": line.tax.to_string(),
        });
        if !line.fields.is_empty() {
            written["fields"] = fields(&line.fields).into();
        }
        lines.push(written);
    }
    let mut written = json!({
        "number": order.number.as_str(), "status": order.status, "currency": order.currency.code(), "ordered-at": order.ordered_at.at.to_string(),
        "customer": order.customer, "billing-address": order.billing, "shipping-address": order.shipping_to,
        "payment": order.payment, "lines": lines, "discount": order.discount.to_string(),
        "shipping": { "method": order.shipping.method, "amount": order.shipping.amount.to_string(), "tax-rate": order.shipping.tax_rate.to_string(), "tax": order.shipping.tax.to_string() },
        "fields": fields(&order.fields), "tags": order.tags,
    });
    if let Some(settings) = &case.settings {
        written["settings"] = settings.iter().map(|(key, value)| (key.clone(), json!(value))).collect::<Map<_, _>>().into();
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_written_is_computed() {
        let case = Case::read("c", br#"{ "lines": [ { "sku": "A", "quantity": 12, "unit-price": 49.95 }, { "sku": "B", "quantity": "0.5", "unit-price": "3" } ], "shipping": { "amount": 15 } }"#).unwrap();
        // 599.40 + 1.50 + 15.00, and 13 %: 77.92 + 0.20 (0.195) + 1.95
        assert_eq!((case.order.total, case.order.subtotal()), (Decimal::new(69597, 2), Decimal::new(60090, 2)));
        assert_eq!((case.order.lines[1].id.as_str(), case.order.customer.segment.as_str()), ("L2", ""));
    }

    #[test]
    fn what_is_written_is_checked_and_a_fault_names_the_place() {
        let read = |text: &str| Case::read("c", text.as_bytes()).unwrap_err();
        let line = r#"{ "sku": "A", "quantity": 1, "unit-price": 10 }"#;
        let fault = read(&format!(r#"{{ "lines": [{line}], "total": 12 }}"#));
        assert_eq!((fault.code, fault.place.as_deref()), (Code::SumsDiffer, Some("total")));
        let fault = read(r#"{ "lines": [ { "sku": "A", "quantity": 1, "unit-price": 0.00001 } ] }"#);
        assert_eq!((fault.code, fault.place.as_deref()), (Code::Malformed, Some("lines[0].unit-price")));
        let fault = read(r#"{ "lines": [ { "sku": "A", "quantity": 1, "unitPrice": 1 } ] }"#);
        assert!(fault.message.contains("unknown field `unitPrice`"), "{fault}");
        assert_eq!(read(r#"{ "lines": [] }"#).place.as_deref(), Some("lines"));
        assert_eq!(read(&format!(r#"{{ "lines": [{line}], "currency": "ZZZ" }}"#)).code, Code::UnknownCurrency);
        assert_eq!(read("lines").code, Code::Malformed);
    }

    #[test]
    fn an_order_survives_being_written_and_read() {
        let mut order = sample::order(3);
        order.lines[1].fields.push(Field { name: "grade".into(), value: Value::Number(Decimal::new(1250, 2)) });
        order.fields.push(Field { name: "gift".into(), value: Value::Flag(true) });
        order.fields.sort_by(|a, b| a.name.cmp(&b.name));
        order.ordered_at.offset_minutes = 0;
        let case = Case::of("c", order);
        let read = Case::read("c", to_json(&case).to_string().as_bytes()).unwrap();
        assert_eq!(read.order, case.order);
    }
}
