//! The paths of a shipment, in the shop's terms: its order and its lines.

use super::{Datum, Schema};
use crate::{entity::shipment::Shipment, mapping::List};

pub(super) static SCHEMA: Schema = Schema {
    entity: "shipment",
    lists: &[List { name: "lines", item: "line", has_fields: false }, List { name: "parcels", item: "parcel", has_fields: false }],
    paths: PATHS,
};

super::paths! {
    Shipment:
    "number" Text locks = |one, _| Datum::text(&one.number);
    "order" Text locks = |one, _| Datum::text(one.order.as_str());
    "warehouse" Text = |one, _| Datum::text(&one.warehouse);
    "shipped-at" Instant = |one, _| Datum::Instant(one.shipped_at.at);
    "line.id" Text locks = |one, at| one.lines.get(at).map_or(Datum::Empty, |line| Datum::text(&line.line));
    "line.units" Number locks = |one, at| one.lines.get(at).map_or(Datum::Empty, |line| Datum::Number(line.units));
    "parcel.carrier" Text = |one, at| one.parcels.get(at).map_or(Datum::Empty, |parcel| Datum::text(&parcel.carrier));
    "parcel.tracking" Text locks = |one, at| one.parcels.get(at).map_or(Datum::Empty, |parcel| Datum::text(&parcel.tracking));
    "parcel.link" Text = |one, at| one.parcels.get(at).map_or(Datum::Empty, |parcel| Datum::text(&parcel.link));
}
