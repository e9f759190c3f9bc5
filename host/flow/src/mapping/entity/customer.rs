//! The paths of a customer.

use super::{Datum, Schema};
use crate::{
    entity::customer::{Customer, Standing},
    mapping::List,
    order::Address,
};

pub(super) static SCHEMA: Schema =
    Schema { entity: "customer", lists: &[List { name: "ship-to", item: "address", has_fields: false }], paths: PATHS };

fn to(customer: &Customer, at: usize) -> Option<&Address> {
    customer.ship_to.get(at).map(|(_, address)| address)
}

super::paths! {
    Customer:
    "web-id" Text locks = |one, _| Datum::text(&one.web_id);
    "number" Text locks = |one, _| one.number.as_deref().map_or(Datum::Empty, Datum::text);
    "standing" Text = |one, _| Datum::text(match one.standing {
        Standing::Active => "active",
        Standing::OnHold => "on-hold",
        Standing::Closed => "closed",
    });
    "company" Text = |one, _| Datum::text(&one.company);
    "contact" Text = |one, _| Datum::text(&one.contact);
    "email" Text = |one, _| Datum::text(&one.email);
    "phone" Text = |one, _| Datum::text(&one.phone);
    "segment" Text = |one, _| Datum::text(&one.segment);
    "terms" Text = |one, _| Datum::text(&one.terms);
    "price-list" Text = |one, _| Datum::text(&one.price_list);
    "tax-code" Text = |one, _| Datum::text(&one.tax_code);
    "currency" Text locks = |one, _| Datum::text(one.currency.code());
    "credit-limit" Number locks = |one, _| one.credit_limit.map_or(Datum::Empty, Datum::Number);
    "changed-at" Instant = |one, _| Datum::Instant(one.changed_at.at);
    "billing.name" Text = |one, _| Datum::text(&one.billing.name);
    "billing.company" Text = |one, _| Datum::text(&one.billing.company);
    "billing.line1" Text = |one, _| Datum::text(&one.billing.line1);
    "billing.line2" Text = |one, _| Datum::text(&one.billing.line2);
    "billing.city" Text = |one, _| Datum::text(&one.billing.city);
    "billing.region" Text = |one, _| Datum::text(&one.billing.region);
    "billing.postal-code" Text = |one, _| Datum::text(&one.billing.postal_code);
    "billing.country" Text = |one, _| Datum::text(&one.billing.country);
    "billing.phone" Text = |one, _| Datum::text(&one.billing.phone);
    "billing.email" Text = |one, _| Datum::text(&one.billing.email);
    "address.code" Text locks = |one, at| one.ship_to.get(at).map_or(Datum::Empty, |(code, _)| Datum::text(code));
    "address.name" Text = |one, at| to(one, at).map_or(Datum::Empty, |to| Datum::text(&to.name));
    "address.company" Text = |one, at| to(one, at).map_or(Datum::Empty, |to| Datum::text(&to.company));
    "address.line1" Text = |one, at| to(one, at).map_or(Datum::Empty, |to| Datum::text(&to.line1));
    "address.line2" Text = |one, at| to(one, at).map_or(Datum::Empty, |to| Datum::text(&to.line2));
    "address.city" Text = |one, at| to(one, at).map_or(Datum::Empty, |to| Datum::text(&to.city));
    "address.region" Text = |one, at| to(one, at).map_or(Datum::Empty, |to| Datum::text(&to.region));
    "address.postal-code" Text = |one, at| to(one, at).map_or(Datum::Empty, |to| Datum::text(&to.postal_code));
    "address.country" Text = |one, at| to(one, at).map_or(Datum::Empty, |to| Datum::text(&to.country));
    "address.phone" Text = |one, at| to(one, at).map_or(Datum::Empty, |to| Datum::text(&to.phone));
    "address.email" Text = |one, at| to(one, at).map_or(Datum::Empty, |to| Datum::text(&to.email));
}
