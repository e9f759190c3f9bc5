//! Kits: one line of the shop's that is several articles in the warehouse. By policy per SKU it goes as it is, is taken
//! apart so that the parts add up to it, or is left to the ERP's own bill of materials.

use crate::{
    Currency, Decimal, Fault, Order,
    fault::Code,
    money::{self, HALF_UP, allocate},
    order::{Line, Value, put},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// The custom field of a component's line that names the kit it belongs to.
pub const KIT: &str = "kit";

/// What a kit consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Kit {
    /// The articles.
    pub components: Vec<Component>,
}

/// An article of a kit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Component {
    /// Its code.
    pub sku: String,
    /// Its name; may be empty.
    #[serde(default)]
    pub name: String,
    /// Units in one kit, more than zero.
    pub quantity: Decimal,
    /// What one unit is worth by itself: how the kit's price is shared. All components have one, or none has and units count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worth: Option<Decimal>,
}

/// What is done with a kit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// It goes as the shop sent it: the kit is an article of its own, with its own stock.
    #[default]
    Pass,
    /// It goes as its components, which share its price, discount and tax.
    Explode,
    /// It goes as one line, and the ERP takes it apart by its own bill of materials.
    Erp,
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Policy::Pass => "pass",
            Policy::Explode => "explode",
            Policy::Erp => "erp",
        })
    }
}

impl Kit {
    /// Checks a kit. Fails with E202.
    pub fn check(&self, sku: &str) -> Result<(), Fault> {
        let wrong = |index: usize, what: String| Err(Fault::new(Code::InvalidField, what).at(format!("kit.components[{index}]")));
        for (index, component) in self.components.iter().enumerate() {
            let name = &component.sku;
            if name == sku {
                return wrong(index, format!("{sku} is a component of itself"));
            }
            if self.components[..index].iter().any(|other| other.sku == *name) {
                return wrong(index, format!("`{name}` stands in {sku} twice"));
            }
            if component.quantity <= Decimal::ZERO || money::fit(component.quantity).is_none() {
                return wrong(index, format!("{} of `{name}`: more than zero, at most {} decimals", component.quantity, money::MAX_SCALE));
            }
            if component.worth.is_some_and(|worth| worth < Decimal::ZERO || money::fit(worth).is_none()) {
                return wrong(index, format!("`{name}` is worth less than nothing, or has too many decimals"));
            }
        }
        Ok(())
    }

    /// How a kit's price is shared over its components.
    fn weights(&self, sku: &str) -> Result<Vec<Decimal>, Fault> {
        let worth = |component: &Component| component.worth.map(|worth| worth * component.quantity);
        if self.components.iter().all(|component| component.worth.is_none_or(|worth| worth.is_zero())) {
            return Ok(self.components.iter().map(|component| component.quantity).collect());
        }
        let missing = |component: &Component| {
            let what = format!("component `{}` has no worth, and others have: how the price is shared would be a guess", component.sku);
            unclear(sku, what)
        };
        self.components.iter().map(|component| worth(component).ok_or_else(|| missing(component))).collect()
    }
}

/// Takes a line of the shop's to what goes to the ERP. What comes of [`Policy::Explode`] adds up to the line exactly: total,
/// discount and tax, by largest remainder; each line by itself obeys quantity × unit price − discount = total. Fails with
/// E223 when that cannot be, and with E202 for a kit that is none.
pub fn explode(line: &Line, kit: &Kit, policy: Policy, currency: Currency) -> Result<Vec<Line>, Fault> {
    if policy != Policy::Explode {
        return Ok(vec![line.clone()]);
    }
    kit.check(&line.sku)?;
    if kit.components.is_empty() {
        return Err(unclear(&line.sku, "it has no components".into()));
    }
    let (weights, digits) = (kit.weights(&line.sku)?, currency.digits());
    let gross = allocate(line.total + line.discount, &weights, digits);
    let discounts = allocate(line.discount, &gross, digits);
    let totals: Vec<Decimal> = gross.iter().zip(&discounts).map(|(gross, discount)| gross - discount).collect();
    let mut taxes = allocate(line.tax, &totals, digits).into_iter();
    let mut lines = Vec::new();
    for (index, component) in kit.components.iter().enumerate() {
        let quantity = money::fit(line.quantity * component.quantity)
            .ok_or_else(|| unclear(&line.sku, format!("{} × {} of `{}` has too many digits", line.quantity, component.quantity, component.sku)))?;
        let parts = price(quantity, gross[index], digits)
            .ok_or_else(|| unclear(&line.sku, format!("{quantity} of `{}` have no price that makes {}", component.sku, gross[index])))?;
        let worth: Vec<Decimal> = parts.iter().map(|(units, price)| currency.round(units * price)).collect();
        let discount = allocate(discounts[index], &worth, digits);
        let total: Vec<Decimal> = worth.iter().zip(&discount).map(|(worth, discount)| worth - discount).collect();
        let tax = allocate(taxes.next().unwrap_or_default(), &total, digits);
        for (part, (quantity, unit_price)) in parts.into_iter().enumerate() {
            let mut made = Line {
                id: format!("{}/{}", line.id, lines.len() + 1),
                sku: component.sku.clone(),
                name: if component.name.is_empty() { component.sku.clone() } else { component.name.clone() },
                quantity,
                unit_price,
                discount: discount[part],
                tax: tax[part],
                total: total[part],
                ..line.clone()
            };
            put(&mut made.fields, KIT, Value::Text(line.sku.clone()));
            lines.push(made);
        }
    }
    Ok(lines)
}

/// Takes every kit of an order to what goes to the ERP. The order's sums stay as they are. `kit` knows the kits by SKU.
pub fn apply<'k>(order: &Order, kit: impl Fn(&str) -> Option<(&'k Kit, Policy)>) -> Result<Order, Fault> {
    let mut lines = Vec::with_capacity(order.lines.len());
    for (index, line) in order.lines.iter().enumerate() {
        match kit(&line.sku) {
            Some((kit, policy)) => {
                let parts = explode(line, kit, policy, order.currency).map_err(|fault| match fault.code {
                    Code::KitUnclear => fault.at(format!("lines[{index}].sku")),
                    _ => fault,
                })?;
                lines.extend(parts);
            }
            None => lines.push(line.clone()),
        }
    }
    Ok(Order { lines, ..order.clone() })
}

/// The kits of a shop, by SKU.
pub type Kits = BTreeMap<String, (Kit, Policy)>;

/// Which line of the shop's a line that goes to the ERP came from: what the ERP says of it later is told of that one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Came {
    /// The line of the shop's order, from 0.
    pub line: usize,
    /// Article and units of the whole line as it went, where it is a part of a kit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<(String, Decimal)>,
}

/// An order whose kits are taken apart, and which line came from which. Nothing where no kit is to be. Fails as [`explode`].
pub fn unpack(order: &Order, kits: &Kits) -> Result<Option<(Order, Vec<Came>)>, Fault> {
    let explodes = |line: &Line| kits.get(&line.sku).filter(|(_, policy)| *policy == Policy::Explode);
    if order.lines.iter().all(|line| explodes(line).is_none()) {
        return Ok(None);
    }
    let (mut lines, mut came) = (Vec::new(), Vec::new());
    for (index, line) in order.lines.iter().enumerate() {
        let parts = match explodes(line) {
            None => vec![line.clone()],
            Some((kit, policy)) => explode(line, kit, *policy, order.currency).map_err(|fault| match fault.code {
                Code::KitUnclear => fault.at(format!("lines[{index}].sku")),
                _ => fault,
            })?,
        };
        let is_kit = explodes(line).is_some();
        came.extend(parts.iter().map(|part| Came { line: index, part: is_kit.then(|| (part.sku.clone(), part.quantity)) }));
        lines.extend(parts);
    }
    Ok(Some((Order { lines, ..order.clone() }, came)))
}

/// What a line takes from stock: code and units. The components, unless the kit is an article of its own.
pub fn takes(line: &Line, kit: &Kit, policy: Policy) -> Vec<(String, Decimal)> {
    match policy {
        Policy::Pass => vec![(line.sku.clone(), line.quantity)],
        Policy::Explode | Policy::Erp => kit.components.iter().map(|component| (component.sku.clone(), line.quantity * component.quantity)).collect(),
    }
}

/// Units and prices of one unit that make exactly this amount: one where four decimals are fine enough, otherwise two whose
/// prices are a cent apart, for whole units.
fn price(quantity: Decimal, amount: Decimal, digits: u32) -> Option<Vec<(Decimal, Decimal)>> {
    let single = (amount / quantity).round_dp_with_strategy(money::MAX_SCALE, HALF_UP);
    if (quantity * single).round_dp_with_strategy(digits, HALF_UP) == amount {
        return Some(vec![(quantity, single)]);
    }
    if !quantity.fract().is_zero() {
        return None;
    }
    let cent = Decimal::new(1, digits);
    let low = (amount / quantity).round_dp_with_strategy(digits, rust_decimal::RoundingStrategy::ToZero);
    let more = (amount - quantity * low) / cent;
    Some(vec![(more, low + cent), (quantity - more, low)])
}

fn unclear(sku: &str, what: String) -> Fault {
    Fault::new(Code::KitUnclear, format!("{sku}: {what}"))
}
