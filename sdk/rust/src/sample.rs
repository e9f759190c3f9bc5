//! Orders, documents, candidates, customers, products and settings for an author's native tests. There is nothing of it in a component.
//!
//! A test takes each value it passes as a number or as text (`5`, `"19.99"`); text that is no number panics.

mod entities;

pub use entities::{CustomerBuilder, ProductBuilder, customer, pre_map_customer, pre_map_product, product};

use crate::{
    Address, Candidates, Context, Decimal, Document, Field, Header, HookError, Instant, Order, Payment, PostMap, PreMap, Route, RouteOrder, Value,
    Verdict, Warehouse,
    log::Level,
    memory::{self, DocumentState, Line, OrderState},
    outside::{
        http::{HttpError, Request, Response},
        kv::KvError,
    },
};
use std::{cell::RefCell, fmt::Debug};

/// One edit, as the host records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What was edited: `lines[3].unit-price`, `lines[3].discount`, `shipping.amount`, `fields.NAME`,
    /// `lines[3].fields.NAME` or `tags`; `customer.price-list`, `product.price[CAD/trade/10]`.
    pub path: String,
    /// What was there; empty when nothing was.
    pub before: Value,
    /// What is there now.
    pub after: Value,
    /// Why, as the plugin said.
    pub reason: String,
}

thread_local! {
    static SETTINGS: RefCell<Vec<(String, String)>> = const { RefCell::new(Vec::new()) };
    static LOG: RefCell<Vec<(Level, String)>> = const { RefCell::new(Vec::new()) };
}

/// What the outside knows of a SKU in this thread's tests: warehouse and units, as [`crate::outside::lookup::stock`] answers.
pub fn stock(sku: &str, units: &[(&str, &str)]) {
    let facts = units.iter().map(|(warehouse, units)| (warehouse.to_string(), units.to_string())).collect();
    OUTSIDE.with_borrow_mut(|outside| outside.facts.push((format!("stock {sku}"), facts)));
}

/// Who answers the requests of this thread's tests; without this, there is no connection.
pub fn answers(by: impl Fn(&Request) -> Result<Response, HttpError> + 'static) {
    OUTSIDE.with_borrow_mut(|outside| outside.http = Some(Box::new(by)));
}

type Answers = Box<dyn Fn(&Request) -> Result<Response, HttpError>>;

/// The outside of one thread's tests: empty key-value places, a clock that stands still, and no chance.
#[derive(Default)]
struct Outside {
    facts: Vec<(String, Vec<(String, String)>)>,
    kv: Vec<(String, Vec<u8>)>,
    http: Option<Answers>,
}

thread_local! {
    static OUTSIDE: RefCell<Outside> = RefCell::default();
}

pub(crate) fn look_up(what: &str, key: &str) -> Option<Vec<(String, String)>> {
    let asked = format!("{what} {key}");
    OUTSIDE.with_borrow(|outside| outside.facts.iter().rev().find(|(of, _)| *of == asked).map(|(_, facts)| facts.clone()))
}

pub(crate) fn kv_get(key: &str) -> Option<Vec<u8>> {
    OUTSIDE.with_borrow(|outside| outside.kv.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone()))
}

pub(crate) fn kv_set(key: &str, value: &[u8]) -> Result<(), KvError> {
    kv_remove(key)?;
    OUTSIDE.with_borrow_mut(|outside| outside.kv.push((key.to_owned(), value.to_vec())));
    Ok(())
}

pub(crate) fn kv_remove(key: &str) -> Result<(), KvError> {
    if key.is_empty() || key.len() > 256 {
        return Err(KvError::Invalid("a key has 1 to 256 bytes".into()));
    }
    OUTSIDE.with_borrow_mut(|outside| outside.kv.retain(|(name, _)| name != key));
    Ok(())
}

pub(crate) fn http_send(request: &Request) -> Result<Response, HttpError> {
    OUTSIDE.with_borrow(|outside| match &outside.http {
        Some(answers) => answers(request),
        None => Err(HttpError::Failed("no connection: sample::answers says who answers".into())),
    })
}

pub(crate) fn now() -> Instant {
    Instant { unix_ms: 1_772_000_000_000, offset_minutes: 0 }
}

pub(crate) fn random(count: u32) -> Vec<u8> {
    vec![7; count.min(4096) as usize]
}

/// Sets this thread's plugin settings, replacing those set before. Keys are flattened: `breaks.10`.
pub fn settings(settings: &[(&str, &str)]) {
    let mut sorted: Vec<(String, String)> = settings.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    sorted.sort();
    SETTINGS.set(sorted);
}

pub(crate) fn one_setting(key: &str) -> Option<String> {
    SETTINGS.with_borrow(|settings| settings.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone()))
}

pub(crate) fn sorted_settings() -> Vec<(String, String)> {
    SETTINGS.with_borrow(Clone::clone)
}

/// Takes what this thread has logged so far.
pub fn logged() -> Vec<(Level, String)> {
    LOG.take()
}

pub(crate) fn log(level: Level, message: &str) {
    LOG.with_borrow_mut(|log| log.push((level, message.to_owned())));
}

/// Runs a plugin's `pre_map` as the host does, and sends the edits that it gathered.
pub fn pre_map<P: PreMap>(order: &mut Order) -> Result<Verdict, HookError> {
    crate::hooks::run_pre_map::<P>(&context(), order)
}

/// Runs a plugin's `route_order`.
pub fn route_order<P: RouteOrder>(order: &Order, candidates: &Candidates) -> Result<Route, HookError> {
    P::route_order(&context(), order, candidates)
}

/// Runs a plugin's `post_map`.
pub fn post_map<P: PostMap>(order: &Order, document: &mut Document) -> Result<Verdict, HookError> {
    P::post_map(&context(), order, document)
}

/// A context whose time is fixed.
pub fn context() -> Context {
    let now = Instant { unix_ms: 1_772_000_000_000, offset_minutes: 0 };
    Context { integration: "sample".into(), event_id: "evt-sample".into(), attempt: 1, now }
}

/// Where everybody in the samples lives.
fn address() -> Address {
    Address {
        name: "Sam Sample".into(),
        company: "Sample Supplies".into(),
        line1: "1 Example Street".into(),
        city: "Toronto".into(),
        region: "ON".into(),
        postal_code: "M5V 1A1".into(),
        country: "CA".into(),
        phone: "+1 416 555 0100".into(),
        email: "sam@example.com".into(),
        ..Address::default()
    }
}

/// Starts a sample order: placed in Canadian dollars, from and to Ontario, 13 % tax, no lines yet.
pub fn order() -> OrderBuilder {
    let address = address();
    let zero = Decimal::ZERO;
    let header = Header {
        number: "SAMPLE-1".into(),
        status: "placed".into(),
        currency: "CAD".into(),
        currency_digits: 2,
        ordered_at: context().now,
        customer_id: "C10042".into(),
        segment: String::new(),
        subtotal: zero,
        discount: zero,
        shipping: zero,
        tax: zero,
        total: zero,
    };
    OrderBuilder(OrderState {
        header,
        lines: Vec::new(),
        shipping_rate: Decimal::new(13, 2),
        billing_address: address.clone(),
        shipping_address: address,
        payment: Payment { method: "on-account".into(), status: "pending".into(), ..Payment::default() },
        fields: Vec::new(),
        tags: Vec::new(),
        touched: Vec::new(),
        changes: Vec::new(),
    })
}

/// Builds a sample order. `product_type`, `tax_rate`, `line_discount` and `line_field` speak of the line added last.
#[must_use]
pub struct OrderBuilder(OrderState);

impl OrderBuilder {
    /// The customer's segment.
    pub fn segment(mut self, segment: &str) -> Self {
        self.0.header.segment = segment.into();
        self
    }

    /// The currency and its digits: `("JPY", 0)`. Call it before lines are added.
    pub fn currency(mut self, code: &str, digits: u8) -> Self {
        self.0.header.currency = code.into();
        self.0.header.currency_digits = digits;
        self
    }

    /// Changes any part of the header; sums are overwritten.
    pub fn header(mut self, change: impl FnOnce(&mut Header)) -> Self {
        change(&mut self.0.header);
        self
    }

    /// Country and region the invoice goes to: `("CA", "ON")`.
    pub fn bill_to(mut self, country: &str, region: &str) -> Self {
        (self.0.billing_address.country, self.0.billing_address.region) = (country.into(), region.into());
        self
    }

    /// Country and region the goods go to: `("US", "NY")`.
    pub fn ship_to(mut self, country: &str, region: &str) -> Self {
        (self.0.shipping_address.country, self.0.shipping_address.region) = (country.into(), region.into());
        self
    }

    /// How it is paid.
    pub fn payment(mut self, payment: Payment) -> Self {
        self.0.payment = payment;
        self
    }

    /// Price of shipping, taxed with 13 %.
    pub fn shipping(mut self, amount: impl TryInto<Decimal, Error: Debug>) -> Self {
        self.0.header.shipping = number(amount);
        self
    }

    /// Discount on the whole order.
    pub fn discount(mut self, amount: impl TryInto<Decimal, Error: Debug>) -> Self {
        self.0.header.discount = number(amount);
        self
    }

    /// A custom field.
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        memory::put(&mut self.0.fields, name, &value.into());
        self
    }

    /// A tag.
    pub fn tag(mut self, tag: &str) -> Self {
        self.0.tags.push(tag.into());
        self.0.tags.sort();
        self
    }

    /// Adds a line with 13 % tax; its name is its SKU.
    pub fn line(mut self, sku: &str, quantity: impl TryInto<Decimal, Error: Debug>, unit_price: impl TryInto<Decimal, Error: Debug>) -> Self {
        let id = format!("L{}", self.0.lines.len() + 1);
        let texts = [id, sku.to_owned(), sku.to_owned(), String::new()];
        let (quantity, unit_price) = (number(quantity), number(unit_price));
        self.0.lines.push(Line { texts, quantity, unit_price, tax_rate: Decimal::new(13, 2), ..Line::default() });
        self
    }

    /// Product type of the last line.
    pub fn product_type(mut self, product_type: &str) -> Self {
        self.last().texts[3] = product_type.into();
        self
    }

    /// Tax rate of the last line as a fraction: `"0.05"`.
    pub fn tax_rate(mut self, rate: impl TryInto<Decimal, Error: Debug>) -> Self {
        self.last().tax_rate = number(rate);
        self
    }

    /// Discount on the last line.
    pub fn line_discount(mut self, amount: impl TryInto<Decimal, Error: Debug>) -> Self {
        self.last().discount = number(amount);
        self
    }

    /// A custom field of the last line.
    pub fn line_field(mut self, name: &str, value: impl Into<Value>) -> Self {
        memory::put(&mut self.last().fields, name, &value.into());
        self
    }

    /// The order, with its taxes and sums; paid in full.
    pub fn build(mut self) -> Order {
        let digits = self.0.header.currency_digits;
        for line in &mut self.0.lines {
            line.tax = ((line.worth(digits) - line.discount) * line.tax_rate).round(digits);
        }
        self.0.sum();
        self.0.payment.amount = self.0.header.total;
        Order::new(memory::Order(RefCell::new(self.0)))
    }

    fn last(&mut self) -> &mut Line {
        assert!(!self.0.lines.is_empty(), "add a line first");
        let last = self.0.lines.len() - 1;
        &mut self.0.lines[last]
    }
}

/// Starts the candidates for an order: no warehouses yet.
pub fn candidates(order: &Order) -> CandidatesBuilder {
    CandidatesBuilder { skus: order.lines().map(|line| line.sku().to_owned()).collect(), found: memory::Candidates::default() }
}

/// Builds candidates. `carries` and `stock` speak of the warehouse added last.
#[must_use]
pub struct CandidatesBuilder {
    skus: Vec<String>,
    found: memory::Candidates,
}

impl CandidatesBuilder {
    /// Adds a warehouse that carries everything and has nothing in stock.
    pub fn warehouse(mut self, id: &str, country: &str, region: &str) -> Self {
        let warehouse = Warehouse { id: id.into(), country: country.into(), region: region.into(), product_types: Vec::new() };
        self.found.warehouses.push(warehouse);
        self.found.stock.resize(self.found.warehouses.len() * self.skus.len(), Decimal::ZERO);
        self
    }

    /// The product types that the last warehouse carries.
    pub fn carries(mut self, product_types: &[&str]) -> Self {
        if let Some(warehouse) = self.found.warehouses.last_mut() {
            warehouse.product_types = product_types.iter().map(|carried| carried.to_string()).collect();
        }
        self
    }

    /// What the last warehouse has of a SKU.
    pub fn stock(mut self, sku: &str, units: impl TryInto<Decimal, Error: Debug>) -> Self {
        let units = number(units);
        let rows = self.found.stock.iter_mut().rev().zip(self.skus.iter().rev());
        rows.filter(|(_, known)| *known == sku).for_each(|(row, _)| *row = units);
        self
    }

    /// The candidates.
    pub fn build(self) -> Candidates {
        Candidates::new(self.found)
    }
}

/// A document for the whole order from warehouse `TOR`, with fields as in the shipped template: `CustomerNo`, and locked
/// `PurchaseOrderNo` and `TotalAmount`, and per line `ItemCode`, `Quantity`, `UnitPrice` and `TaxAmount`.
pub fn document(order: &Order) -> Document {
    let header = order.header();
    let field = |name: &str, value: Value| Field { name: name.to_owned(), value };
    let fields = vec![
        field("PurchaseOrderNo", header.number.as_str().into()),
        field("CustomerNo", header.customer_id.as_str().into()),
        field("TotalAmount", header.total.into()),
    ];
    let line = |line: crate::Line<'_>| {
        vec![
            field("ItemCode", line.sku().into()),
            field("Quantity", line.quantity().into()),
            field("UnitPrice", line.unit_price().into()),
            field("TaxAmount", line.tax().into()),
        ]
    };
    let locked = ["PurchaseOrderNo", "TotalAmount", "ItemCode", "Quantity", "UnitPrice", "TaxAmount"];
    let state = DocumentState {
        key: header.number.clone(),
        warehouse: "TOR".into(),
        fields,
        lines: order.lines().map(line).collect(),
        locked: locked.map(str::to_owned).into(),
        changes: Vec::new(),
    };
    Document::new(memory::Document(RefCell::new(state)))
}

fn number(value: impl TryInto<Decimal, Error: Debug>) -> Decimal {
    match value.try_into() {
        Ok(number) => number,
        Err(wrong) => panic!("a sample value is no number: {wrong:?}"),
    }
}
