//! Products as the ERP keeps them and the shop shows them: prices by currency, list and break, tax class, weight, and what
//! a kit consists of.

use super::{content::Content, kit::Kit};
use crate::{
    Currency, Decimal, Fault,
    fault::Code,
    money,
    order::{Field, Instant, Value},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// A price of one unit, without tax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Price {
    /// Its currency.
    pub currency: Currency,
    /// The price list; empty for everybody.
    #[serde(default)]
    pub list: String,
    /// From so many units on; zero for any.
    #[serde(default)]
    pub from: Decimal,
    /// The price.
    pub amount: Decimal,
}

/// A unit of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeightUnit {
    /// Kilogram.
    Kg,
    /// Gram.
    G,
    /// Pound.
    Lb,
    /// Ounce.
    Oz,
}

/// What one unit weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Weight {
    /// How much.
    pub amount: Decimal,
    /// Of what.
    pub unit: WeightUnit,
}

impl Weight {
    /// In grams, exactly: a pound is 453.59237 g.
    pub fn grams(self) -> Decimal {
        self.amount
            * match self.unit {
                WeightUnit::Kg => Decimal::from(1000),
                WeightUnit::G => Decimal::ONE,
                WeightUnit::Lb => Decimal::new(45_359_237, 5),
                WeightUnit::Oz => Decimal::new(28_349_523_125, 9),
            }
    }
}

/// A product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Product {
    /// Stock keeping unit: the key on both sides.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// What the shop says of it; may be empty.
    #[serde(default)]
    pub description: String,
    /// For example `apparel`; may be empty.
    #[serde(default)]
    pub product_type: String,
    /// Whether it is sold.
    pub is_sold: bool,
    /// The ERP's tax class; may be empty.
    #[serde(default)]
    pub tax_class: String,
    /// What one unit weighs.
    #[serde(default)]
    pub weight: Option<Weight>,
    /// Its prices.
    #[serde(default)]
    pub prices: Vec<Price>,
    /// What it consists of, if it is a kit.
    #[serde(default)]
    pub kit: Option<Kit>,
    /// When it was last changed, on the side it comes from.
    pub changed_at: Instant,
    /// Custom fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

impl Product {
    /// The price for so many units: of the list, or everybody's where the list has none; the highest break that is reached.
    /// Nothing when there is none in this currency: a price is never converted.
    pub fn price(&self, currency: Currency, list: &str, units: Decimal) -> Option<&Price> {
        let best = |list: &str| {
            let reached = self.prices.iter().filter(|price| price.currency == currency && price.list == list && price.from <= units);
            reached.max_by_key(|price| price.from)
        };
        best(list).or_else(|| best(""))
    }

    /// Checks what a side says of it. Fails with E202, naming the field.
    pub fn check(&self) -> Result<(), Fault> {
        let wrong = |place: String, what: String| Err(Fault::new(Code::InvalidField, what).at(place));
        if self.sku.trim().is_empty() {
            return wrong("sku".into(), "a product has a code".into());
        }
        let mut breaks = BTreeSet::new();
        for (index, price) in self.prices.iter().enumerate() {
            let place = format!("prices[{index}]");
            if [price.amount, price.from].into_iter().any(|number| number < Decimal::ZERO || money::fit(number).is_none()) {
                return wrong(place, format!("{price}: zero or more, at most {} decimals", money::MAX_SCALE));
            }
            if !breaks.insert((price.currency.code(), &price.list, price.from.normalize())) {
                return wrong(place, format!("{price}: there is another price for the same list, currency and quantity"));
            }
        }
        match &self.kit {
            Some(kit) => kit.check(&self.sku),
            None => Ok(()),
        }
    }

    /// What merging and recognising an echo see of it: all but the key and the time.
    pub fn content(&self) -> Content {
        let mut content = Content::new();
        let texts = [("name", &self.name), ("description", &self.description), ("product-type", &self.product_type), ("tax-class", &self.tax_class)];
        texts.into_iter().for_each(|(name, text)| content.text(name, text));
        content.put("is-sold", Value::Flag(self.is_sold));
        content.put("weight-g", self.weight.map_or(Value::Empty, |weight| Value::Number(weight.grams())));
        for price in &self.prices {
            content.number(format!("price[{}/{}/{}]", price.currency, price.list, price.from.normalize()), price.amount);
        }
        for component in self.kit.iter().flat_map(|kit| &kit.components) {
            content.number(format!("component[{}]", component.sku), component.quantity);
            content.put(format!("component[{}].worth", component.sku), component.worth.map_or(Value::Empty, Value::Number));
        }
        content.fields(&self.fields);
        content
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)?;
        if !self.list.is_empty() {
            write!(f, " ({})", self.list)?;
        }
        if !self.from.is_zero() {
            write!(f, " from {}", self.from)?;
        }
        Ok(())
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.sku, self.name)
    }
}
