//! Goods and people: customers, products and kits, stock, shipments, invoices and addresses as both sides mean them, and
//! the deciders over them. Pure, like the order's: what is read goes in, what is to be done comes out. Who reads and
//! writes is the connectors' business.
//!
//! Every entity carries its custom fields by name, its instants with the offset they were written in, and amounts with
//! their currency. [`content::Content`] is what all of them look like to comparing, merging and recognising an echo.

pub mod address;
pub mod content;
pub mod customer;
pub mod day;
pub mod echo;
pub mod invoice;
pub mod kit;
pub mod lag;
pub mod merge;
pub mod missing;
pub mod product;
pub mod shipment;
pub mod stock;

/// One of the two sides that are kept alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The shop.
    Shop,
    /// The ERP.
    Erp,
}

impl Side {
    /// The other one.
    pub fn other(self) -> Side {
        match self {
            Side::Shop => Side::Erp,
            Side::Erp => Side::Shop,
        }
    }
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Side::Shop => "shop",
            Side::Erp => "ERP",
        })
    }
}
