//! Customers and products for an author's native tests, and how their hooks are run.

use super::{context, number};
use crate::{
    Account, Address, Customer, Decimal, HookError, Item, PreMapCustomer, PreMapProduct, Price, Product, ShipTo, Side, Standing, Value, Verdict,
    memory::{self, CustomerState, ProductState},
};
use std::{cell::RefCell, fmt::Debug};

/// Runs a plugin's `pre_map_customer`.
pub fn pre_map_customer<P: PreMapCustomer>(customer: &mut Customer) -> Result<Verdict, HookError> {
    P::pre_map_customer(&context(), customer)
}

/// Runs a plugin's `pre_map_product`.
pub fn pre_map_product<P: PreMapProduct>(product: &mut Product) -> Result<Verdict, HookError> {
    P::pre_map_product(&context(), product)
}

/// Starts a sample customer of the shop: `W10042` of Toronto, without a segment.
pub fn customer() -> CustomerBuilder {
    let account = Account {
        web_id: "W10042".into(),
        number: String::new(),
        standing: Standing::Active,
        company: "Sample Supplies".into(),
        contact: "Sam Sample".into(),
        email: "sam@example.com".into(),
        phone: "+1 416 555 0100".into(),
        segment: String::new(),
        currency: "CAD".into(),
        credit_limit: None,
        terms: String::new(),
        price_list: String::new(),
        tax_code: String::new(),
        changed_at: context().now,
    };
    let address = super::address();
    let ship_to = vec![ShipTo { code: "HOME".into(), address: address.clone() }];
    CustomerBuilder(CustomerState { side: Side::Shop, account, billing: address, ship_to, fields: Vec::new(), changes: Vec::new() })
}

/// Builds a sample customer.
#[must_use]
pub struct CustomerBuilder(CustomerState);

impl CustomerBuilder {
    /// The side that it comes from.
    pub fn comes_from(mut self, side: Side) -> Self {
        self.0.side = side;
        self
    }

    /// The merchant's segment.
    pub fn segment(mut self, segment: &str) -> Self {
        self.0.account.segment = segment.into();
        self
    }

    /// Changes any part of the account.
    pub fn account(mut self, change: impl FnOnce(&mut Account)) -> Self {
        change(&mut self.0.account);
        self
    }

    /// Country and region that the invoice goes to: `("CA", "ON")`.
    pub fn bill_to(mut self, country: &str, region: &str) -> Self {
        (self.0.billing.country, self.0.billing.region) = (country.into(), region.into());
        self
    }

    /// An address that goods go to, by its code.
    pub fn ship_to(mut self, code: &str, address: Address) -> Self {
        self.0.ship_to.push(ShipTo { code: code.into(), address });
        self
    }

    /// A custom field.
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        memory::put(&mut self.0.fields, name, &value.into());
        self
    }

    /// The customer.
    pub fn build(self) -> Customer {
        Customer::new(memory::Customer(RefCell::new(self.0)))
    }
}

/// Starts a sample product of the ERP: sold, tax class `STD`, without prices; its name is its SKU.
pub fn product(sku: &str) -> ProductBuilder {
    let item = Item {
        sku: sku.into(),
        name: sku.into(),
        description: String::new(),
        product_type: String::new(),
        is_sold: true,
        tax_class: "STD".into(),
        changed_at: context().now,
    };
    ProductBuilder(ProductState { item, prices: Vec::new(), fields: Vec::new(), changes: Vec::new() })
}

/// Builds a sample product.
#[must_use]
pub struct ProductBuilder(ProductState);

impl ProductBuilder {
    /// Adds a price for everybody and any quantity.
    pub fn price(self, currency: &str, amount: impl TryInto<Decimal, Error: Debug>) -> Self {
        self.list_price(currency, "", 0, amount)
    }

    /// Adds a price of a list, from so many units on.
    pub fn list_price(
        mut self,
        currency: &str,
        price_list: &str,
        from_units: impl TryInto<Decimal, Error: Debug>,
        amount: impl TryInto<Decimal, Error: Debug>,
    ) -> Self {
        let (from_units, amount) = (number(from_units), number(amount));
        self.0.prices.push(Price { currency: currency.into(), price_list: price_list.into(), from_units, amount });
        self
    }

    /// Changes any part of it.
    pub fn item(mut self, change: impl FnOnce(&mut Item)) -> Self {
        change(&mut self.0.item);
        self
    }

    /// A custom field.
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        memory::put(&mut self.0.fields, name, &value.into());
        self
    }

    /// The product.
    pub fn build(self) -> Product {
        Product::new(memory::Product(RefCell::new(self.0)))
    }
}
