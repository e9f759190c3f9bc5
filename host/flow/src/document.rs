//! The ERP document: header fields and lines of fields, named as the ERP names them. Made by the mapping, one per shipment.

use crate::{money::Decimal, order::Field};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What goes to the ERP for one shipment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Document {
    /// Which part of the order, from 0.
    pub part: u32,
    /// The natural key: the web order number, with `-2`, `-3` … for further parts. Travels as purchase-order number.
    pub key: String,
    /// The ERP's number of the customer: second half of the natural key.
    pub customer: String,
    /// The document's worth, to the cent: third half of the natural key.
    pub total: Decimal,
    /// The warehouse that ships it.
    pub warehouse: String,
    /// Whether it holds what no warehouse can ship yet.
    pub backorder: bool,
    /// Header fields, in the template's order. A dot in a name makes an object: `ShipToAddress.City`.
    pub fields: Vec<Field>,
    /// Fields of each line.
    pub lines: Vec<Vec<Field>>,
    /// Fields that carry money, quantity or identity: rules may not change them.
    pub locked: Arc<[Arc<str>]>,
}
