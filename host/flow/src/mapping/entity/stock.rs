//! The paths of a stock level.

use super::{Datum, Schema};
use crate::sync::Level;

pub(super) static SCHEMA: Schema = Schema { entity: "stock", lists: &[], paths: PATHS };

super::paths! {
    Level:
    "sku" Text locks = |one, _| Datum::text(&one.sku);
    "warehouse" Text locks = |one, _| Datum::text(&one.warehouse);
    "available" Number locks = |one, _| Datum::Number(one.available);
    "changed-at" Instant = |one, _| Datum::Instant(one.changed_at.at);
}
