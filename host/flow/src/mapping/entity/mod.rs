//! Goods and people as templates see them: the paths of each entity, and how they are read. A plain path is a function call.

mod customer;
mod invoice;
mod product;
mod shipment;
mod stock;

use super::{
    datum::Datum,
    schema::{Schema, Scope},
};
use crate::{
    entity::echo::Kind,
    order::{Field, find},
    sync::Subject,
};
use jiff::tz::TimeZone;

/// Reads a path of an entity; of a list's, that of so many an element.
type Read<E> = for<'s> fn(&'s E, usize) -> Datum<'s>;

/// Each row is the path's name, its type, whether it locks, and how it is read.
macro_rules! paths {
    (@kind list) => { crate::mapping::datum::Kind::List(&crate::mapping::datum::Kind::Text) };
    (@kind $kind:ident) => { crate::mapping::datum::Kind::$kind };
    ($entity:ty: $($name:literal $kind:ident $($lock:ident)? = $read:expr;)*) => {
        const PATHS: &[crate::mapping::Path] = &[$(crate::mapping::Path {
            name: $name,
            kind: super::paths!(@kind $kind),
            locks: !matches!(stringify!($($lock)?).as_bytes(), []),
        }),*];
        pub(super) const READ: &[super::Read<$entity>] = &[$($read),*];
    };
}
use paths;

/// What templates can name of a sort of entity; nothing for what no template writes.
pub fn schema(kind: Kind) -> Option<&'static Schema> {
    Some(match kind {
        Kind::Customer => &customer::SCHEMA,
        Kind::Product => &product::SCHEMA,
        Kind::Stock => &stock::SCHEMA,
        Kind::Shipment => &shipment::SCHEMA,
        Kind::Invoice => &invoice::SCHEMA,
        Kind::Order | Kind::Payment | Kind::Refund | Kind::Dispute | Kind::Payout | Kind::Entry => return None,
    })
}

/// An entity as templates see it; nothing for what no template writes.
pub(super) fn scope<'e>(subject: &'e Subject, zone: &'e TimeZone) -> Option<Box<dyn Scope + 'e>> {
    let fields = subject.custom();
    let scope: Box<dyn Scope + 'e> = match subject {
        Subject::Customer(entity) => Box::new(Of { entity: &**entity, read: customer::READ, fields, lists: [entity.ship_to.len(), 0], zone }),
        Subject::Product(entity) => {
            let lists = [entity.prices.len(), entity.kit.as_ref().map_or(0, |kit| kit.components.len())];
            Box::new(Of { entity: &**entity, read: product::READ, fields, lists, zone })
        }
        Subject::Stock(entity) => Box::new(Of { entity, read: stock::READ, fields, lists: [0, 0], zone }),
        Subject::Shipment(entity) => Box::new(Of { entity, read: shipment::READ, fields, lists: [entity.lines.len(), entity.parcels.len()], zone }),
        Subject::Invoice(entity) => Box::new(Of { entity: &**entity, read: invoice::READ, fields, lists: [entity.lines.len(), 0], zone }),
        Subject::Payment(_) | Subject::Refund(_) | Subject::Dispute(_) | Subject::Payout(_) | Subject::Entry(_) => return None,
    };
    Some(scope)
}

struct Of<'e, E: 'static> {
    entity: &'e E,
    read: &'static [Read<E>],
    fields: &'e [Field],
    /// How many elements each list has.
    lists: [usize; 2],
    zone: &'e TimeZone,
}

impl<E: 'static> Scope for Of<'_, E> {
    fn path(&self, path: usize, line: Option<usize>) -> Datum<'_> {
        // No list has so many: a path of an element that is not there gives nothing.
        self.read.get(path).map_or(Datum::Empty, |read| read(self.entity, line.unwrap_or(usize::MAX)))
    }

    fn field(&self, name: &str) -> Datum<'_> {
        find(self.fields, name).map_or(Datum::Empty, Datum::of)
    }

    fn line_field(&self, _: usize, _: &str) -> Datum<'_> {
        Datum::Empty
    }

    fn lines(&self, list: usize) -> usize {
        self.lists.get(list).copied().unwrap_or_default()
    }

    fn zone(&self) -> &TimeZone {
        self.zone
    }
}

#[cfg(test)]
mod tests;
