//! The paths of a product.

use super::{Datum, Schema};
use crate::{
    entity::{
        kit::Component,
        product::{Price, Product, WeightUnit},
    },
    mapping::List,
};

pub(super) static SCHEMA: Schema = Schema {
    entity: "product",
    lists: &[List { name: "prices", item: "price", has_fields: false }, List { name: "components", item: "component", has_fields: false }],
    paths: PATHS,
};

fn price<'p>(product: &'p Product, at: usize, read: impl Fn(&'p Price) -> Datum<'p>) -> Datum<'p> {
    product.prices.get(at).map_or(Datum::Empty, read)
}

fn component<'p>(product: &'p Product, at: usize, read: impl Fn(&'p Component) -> Datum<'p>) -> Datum<'p> {
    product.kit.as_ref().and_then(|kit| kit.components.get(at)).map_or(Datum::Empty, read)
}

super::paths! {
    Product:
    "sku" Text locks = |one, _| Datum::text(&one.sku);
    "name" Text = |one, _| Datum::text(&one.name);
    "description" Text = |one, _| Datum::text(&one.description);
    "product-type" Text = |one, _| Datum::text(&one.product_type);
    "is-sold" Flag = |one, _| Datum::Flag(one.is_sold);
    "tax-class" Text = |one, _| Datum::text(&one.tax_class);
    "weight.amount" Number = |one, _| one.weight.map_or(Datum::Empty, |weight| Datum::Number(weight.amount));
    "weight.unit" Text = |one, _| one.weight.map_or(Datum::Empty, |weight| Datum::text(match weight.unit {
        WeightUnit::Kg => "kg",
        WeightUnit::G => "g",
        WeightUnit::Lb => "lb",
        WeightUnit::Oz => "oz",
    }));
    "weight.grams" Number = |one, _| one.weight.map_or(Datum::Empty, |weight| Datum::Number(weight.grams()));
    "changed-at" Instant = |one, _| Datum::Instant(one.changed_at.at);
    "price.currency" Text locks = |one, at| price(one, at, |price| Datum::text(price.currency.code()));
    "price.list" Text = |one, at| price(one, at, |price| Datum::text(&price.list));
    "price.from" Number locks = |one, at| price(one, at, |price| Datum::Number(price.from));
    "price.amount" Number locks = |one, at| price(one, at, |price| Datum::Number(price.amount));
    "component.sku" Text locks = |one, at| component(one, at, |part| Datum::text(&part.sku));
    "component.name" Text = |one, at| component(one, at, |part| Datum::text(&part.name));
    "component.quantity" Number locks = |one, at| component(one, at, |part| Datum::Number(part.quantity));
    "component.worth" Number locks = |one, at| component(one, at, |part| part.worth.map_or(Datum::Empty, Datum::Number));
}
