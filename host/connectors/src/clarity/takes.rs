//! What Clarity takes from a template of goods and people. Ids, the currency of an account, times, and what must add up (lines and
//! amounts of shipments and invoices) are not among the fields: they go as they are.

use crossdock_flow::{
    entity::echo::Kind,
    mapping::{Custom, Lines, Spot, Target},
};

/// What it takes of an entity; nothing of what it takes from no template.
pub fn takes(kind: Kind) -> Option<&'static Target> {
    Some(match kind {
        Kind::Customer => &CUSTOMER,
        Kind::Product => &PRODUCT,
        Kind::Stock => &STOCK,
        Kind::Shipment => &SHIPMENT,
        Kind::Invoice => &INVOICE,
        Kind::Order | Kind::Payment | Kind::Refund | Kind::Dispute | Kind::Payout | Kind::Entry => return None,
    })
}

const UNDER: Custom = Custom::Under("customFields");

static CUSTOMER: Target = Target { fields: ACCOUNT, lists: &[Lines { from: "ship-to", name: "shippingAddresses", fields: SHIP_TO }], custom: UNDER };
static PRODUCT: Target = Target {
    fields: ARTICLE,
    lists: &[Lines { from: "prices", name: "prices", fields: PRICE }, Lines { from: "components", name: "components", fields: COMPONENT }],
    custom: UNDER,
};
static STOCK: Target = Target { fields: &[Spot::number("available").needed()], lists: &[], custom: Custom::None };
static SHIPMENT: Target =
    Target { fields: &[Spot::text("warehouse")], lists: &[Lines { from: "parcels", name: "parcels", fields: PARCEL }], custom: UNDER };
static INVOICE: Target = Target { fields: &[], lists: &[], custom: UNDER };

const ACCOUNT: &[Spot] = &[
    Spot::text("status").needed(),
    Spot::text("company"),
    Spot::text("name"),
    Spot::text("email"),
    Spot::text("phone"),
    Spot::text("segment"),
    Spot::text("billingAddress.name"),
    Spot::text("billingAddress.company"),
    Spot::text("billingAddress.line1"),
    Spot::text("billingAddress.line2"),
    Spot::text("billingAddress.city"),
    Spot::text("billingAddress.region"),
    Spot::text("billingAddress.postalCode"),
    Spot::text("billingAddress.country"),
    Spot::text("billingAddress.phone"),
    Spot::text("billingAddress.email"),
];

const SHIP_TO: &[Spot] = &[
    Spot::text("code"),
    Spot::text("address.name"),
    Spot::text("address.company"),
    Spot::text("address.line1"),
    Spot::text("address.line2"),
    Spot::text("address.city"),
    Spot::text("address.region"),
    Spot::text("address.postalCode"),
    Spot::text("address.country"),
    Spot::text("address.phone"),
    Spot::text("address.email"),
];

const ARTICLE: &[Spot] = &[
    Spot::text("name"),
    Spot::text("description"),
    Spot::text("productType"),
    Spot::flag("active").needed(),
    Spot::text("taxClass"),
    Spot::number("weight.amount"),
    Spot::text("weight.unit"),
];

const PRICE: &[Spot] = &[Spot::text("currency").needed(), Spot::text("list"), Spot::number("from"), Spot::number("amount").needed()];

const COMPONENT: &[Spot] = &[Spot::text("sku").needed(), Spot::text("name"), Spot::number("quantity").needed(), Spot::number("worth")];

const PARCEL: &[Spot] = &[Spot::text("carrier"), Spot::text("trackingNumber"), Spot::text("url")];

#[cfg(test)]
mod tests {
    use super::{super::goods, *};
    use crate::random;
    use crossdock_flow::{
        Decimal, Fault, OrderNumber,
        entity::{
            Side,
            shipment::{Parcel, Quantity, Shipment},
        },
        mapping::{self, Form, Purpose},
        order::Instant,
        sync::{Level, Subject},
    };
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    fn shipped(kind: Kind) -> Form {
        let purpose = Purpose { schema: mapping::of(kind).unwrap(), to: Side::Shop, target: takes(kind).unwrap() };
        let (name, text) = mapping::shipped(&format!("sagepro-clarity-{kind}")).unwrap();
        mapping::form(purpose, name, text, &|_, _| Err("none".into())).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
    }

    /// The row that a template extending the shipped one makes, as the shop would have it.
    fn by(kind: Kind, rows: &str, subject: &Subject) -> Result<serde_json::Value, Fault> {
        let purpose = Purpose { schema: mapping::of(kind).unwrap(), to: Side::Shop, target: takes(kind).unwrap() };
        let text = format!("name = \"t\"\nentity = \"{kind}\"\nto = \"shop\"\nextends = \"sagepro-clarity-{kind}\"\n{rows}");
        let form = mapping::form(purpose, "t.toml", &text, &|_, _| Err("none".into())).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
        let row = form.lay(subject, &TimeZone::UTC, &goods::write(subject)?)?;
        Ok(serde_json::from_slice(&goods::write(&goods::read(kind, &row)?)?).unwrap())
    }

    #[test]
    fn parcels_get_links_and_what_adds_up_goes_as_it_is() {
        let at = Instant::utc("2026-03-02T09:30:00Z".parse().unwrap());
        let parcel = |carrier: &str, tracking: &str| Parcel { carrier: carrier.into(), tracking: tracking.into(), link: String::new() };
        let shipment = Subject::Shipment(Shipment {
            number: "S1".into(),
            order: OrderNumber::parse("4711").unwrap(),
            warehouse: "TOR".into(),
            shipped_at: at,
            lines: vec![Quantity::new("L1", Decimal::TWO), Quantity::new("L2", Decimal::ONE)],
            parcels: vec![parcel("UPSG", "1Z 7"), parcel("Canpar", "9")],
            fields: Vec::new(),
        });
        let rows = "[header]\n\"customFields.units\" = { expr = \"sum(lines.map(l, l.units))\" }\n\
                    \"customFields.label\" = { expr = \"first(parcels).tracking + text(size(parcels))\" }\n\
                    [parcels]\ncarrier = { from = \"parcel.carrier\", table = \"carriers\" }\n\
                    url = { expr = \"format(\\\"https://track.example/{}\\\", replace(parcel.tracking, \\\" \\\", \\\"\\\"))\" }\n\
                    [tables.carriers]\nUPSG = \"ups\"\n";
        assert_eq!(
            by(Kind::Shipment, rows, &shipment).unwrap_err().to_string(),
            "E303 parcels[1].carrier: table `carriers` has no entry for `Canpar` and no `*`"
        );
        let row = by(Kind::Shipment, &format!("{rows}\"*\" = \"other\"\n"), &shipment).unwrap();
        assert_eq!(row["customFields"], serde_json::json!({ "units": 3, "label": "1Z 72" }));
        assert_eq!(row["parcels"][0], serde_json::json!({ "carrier": "ups", "trackingNumber": "1Z 7", "url": "https://track.example/1Z7" }));
        assert_eq!((&row["lines"][0]["quantity"], &row["orderId"]), (&2.into(), &"4711".into()));
    }

    #[test]
    fn stock_is_computed_exactly_and_what_the_shop_needs_is_there() {
        let at = Instant::utc("2026-03-02T09:30:00Z".parse().unwrap());
        let level = Subject::Stock(Level { sku: "A".into(), warehouse: "TOR".into(), available: Decimal::new(75, 1), changed_at: at });
        let rows = |expr: &str| format!("[header]\navailable = {{ expr = \"{expr}\", default = \"\" }}\n");
        assert_eq!(by(Kind::Stock, &rows("max(floor(available) - 2, 0)"), &level).unwrap()["available"], 5);
        assert_eq!(
            by(Kind::Stock, &rows("null"), &level).unwrap_err().to_string(),
            "E301 available: nothing is there, and the field is always needed"
        );
    }

    proptest! {
        #[test]
        fn the_shipped_templates_make_what_the_connector_writes(
            subject in prop_oneof![random::customer(), random::product(), random::level(), random::shipment(), random::invoice()],
        ) {
            let own = goods::write(&subject).unwrap();
            let row = shipped(subject.kind()).lay(&subject, &TimeZone::UTC, &own).unwrap();
            let shaped: Subject = goods::read(subject.kind(), &row).unwrap();
            prop_assert_eq!(String::from_utf8(goods::write(&shaped).unwrap()).unwrap(), String::from_utf8(own).unwrap());
        }
    }
}
