//! What Sage Pro takes from a template of goods and people: customers. Its own key, the web id, the currency of the account and
//! the time of the change are not among the fields: they go as they are.

use super::goods::CUSTOMER;
use crossdock_flow::{
    entity::echo::Kind,
    mapping::{Custom, Lines, Spot, Target},
};

/// What it takes of an entity; nothing of what it takes from no template.
pub fn takes(kind: Kind) -> Option<&'static Target> {
    (kind == Kind::Customer).then_some(&TARGET)
}

static TARGET: Target =
    Target { fields: FIELDS, lists: &[Lines { from: "ship-to", name: "ShipTo", fields: SHIP_TO }], custom: Custom::Beside(&CUSTOMER) };

const FIELDS: &[Spot] = &[
    Spot::text("Status").needed(),
    Spot::text("Company"),
    Spot::text("Contact"),
    Spot::text("Email"),
    Spot::text("Phone"),
    Spot::text("Segment"),
    Spot::text("Terms"),
    Spot::text("PriceList"),
    Spot::text("TaxCode"),
    Spot::number("CreditLimit"),
    Spot::text("BillTo.Name"),
    Spot::text("BillTo.Company"),
    Spot::text("BillTo.Address1"),
    Spot::text("BillTo.Address2"),
    Spot::text("BillTo.City"),
    Spot::text("BillTo.State"),
    Spot::text("BillTo.Zip"),
    Spot::text("BillTo.Country"),
    Spot::text("BillTo.Phone"),
    Spot::text("BillTo.Email"),
];

const SHIP_TO: &[Spot] = &[
    Spot::text("Code"),
    Spot::text("Address.Name"),
    Spot::text("Address.Company"),
    Spot::text("Address.Address1"),
    Spot::text("Address.Address2"),
    Spot::text("Address.City"),
    Spot::text("Address.State"),
    Spot::text("Address.Zip"),
    Spot::text("Address.Country"),
    Spot::text("Address.Phone"),
    Spot::text("Address.Email"),
];

#[cfg(test)]
mod tests {
    use super::{super::goods, *};
    use crate::random;
    use crossdock_flow::{
        entity::Side,
        mapping::{self, Purpose},
    };
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_shipped_template_makes_what_the_connector_writes(subject in random::customer()) {
            let purpose = Purpose { schema: mapping::of(Kind::Customer).unwrap(), to: Side::Erp, target: &TARGET };
            let (name, text) = mapping::shipped("clarity-sagepro-customer").unwrap();
            let form = mapping::form(purpose, name, text, &|_, _| Err("none".into())).unwrap();
            let own = goods::write(&subject).unwrap();
            let shaped = goods::read(Kind::Customer, &form.lay(&subject, &TimeZone::UTC, &own).unwrap()).unwrap();
            prop_assert_eq!(String::from_utf8(goods::write(&shaped).unwrap()).unwrap(), String::from_utf8(own).unwrap());
        }
    }
}
