//! What each shipment is worth: an order's amounts shared out over its shipments, so that the parts add up to the whole
//! to the cent.

use crate::{Decimal, Order, money::allocate, route::Shipment};

/// One line's part in one shipment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineShare {
    /// Index of the order's line.
    pub line: u32,
    /// Units in this shipment.
    pub quantity: Decimal,
    /// Its part of the line's discount.
    pub discount: Decimal,
    /// Its part of the line's total: what the ERP calls the extended price. This amount decides; quantity × unit price −
    /// discount may differ from it by a cent where a line is split.
    pub ext: Decimal,
    /// Its part of the line's tax.
    pub tax: Decimal,
}

/// One shipment's part of the order's amounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The lines.
    pub lines: Vec<LineShare>,
    /// Shipping: all of it goes with the first shipment, because it is charged once.
    pub shipping: Decimal,
    /// Tax on shipping, likewise.
    pub shipping_tax: Decimal,
    /// Its part of the order's discount, by the lines' worth.
    pub discount: Decimal,
    /// Σ ext − discount + shipping + Σ tax + shipping tax.
    pub total: Decimal,
}

/// Shares the order out. The shipments have passed [`crate::route::check`], so every unit is in exactly one of them.
pub fn share(order: &Order, shipments: &[Shipment]) -> Vec<Share> {
    let digits = order.currency.digits();
    let mut shares: Vec<Share> = shipments
        .iter()
        .map(|shipment| Share {
            lines: shipment
                .lines
                .iter()
                .map(|&(line, quantity)| {
                    let whole = &order.lines[line as usize];
                    LineShare { line, quantity, discount: whole.discount, ext: whole.total, tax: whole.tax }
                })
                .collect(),
            shipping: Decimal::ZERO,
            shipping_tax: Decimal::ZERO,
            discount: Decimal::ZERO,
            total: Decimal::ZERO,
        })
        .collect();
    if shares.len() > 1 {
        split_lines(order, &mut shares, digits);
    }
    let worth: Vec<Decimal> = shares.iter().map(|share| share.lines.iter().map(|line| line.ext).sum()).collect();
    for (share, discount) in shares.iter_mut().zip(allocate(order.discount, &worth, digits)) {
        share.discount = discount;
    }
    if let Some(first) = shares.first_mut() {
        first.shipping = order.shipping.amount;
        first.shipping_tax = order.shipping.tax;
    }
    for (share, worth) in shares.iter_mut().zip(worth) {
        let tax: Decimal = share.lines.iter().map(|line| line.tax).sum();
        share.total = worth - share.discount + share.shipping + tax + share.shipping_tax;
    }
    shares
}

fn split_lines(order: &Order, shares: &mut [Share], digits: u32) {
    let mut places: Vec<Vec<(usize, usize)>> = vec![Vec::new(); order.lines.len()];
    for (part, share) in shares.iter().enumerate() {
        for (place, line) in share.lines.iter().enumerate() {
            places[line.line as usize].push((part, place));
        }
    }
    for (line, places) in order.lines.iter().zip(places).filter(|(_, places)| places.len() > 1) {
        let weights: Vec<Decimal> = places.iter().map(|&(part, place)| shares[part].lines[place].quantity).collect();
        let (ext, tax, discount) =
            (allocate(line.total, &weights, digits), allocate(line.tax, &weights, digits), allocate(line.discount, &weights, digits));
        for (number, (part, place)) in places.into_iter().enumerate() {
            let part = &mut shares[part].lines[place];
            (part.ext, part.tax, part.discount) = (ext[number], tax[number], discount[number]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{route, sample};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole(lines in 1usize..8, cuts in prop::collection::vec((0u32..8, 1u32..12), 0..12), discount in 0i64..900) {
            let mut order = sample::order(lines);
            order.discount = Decimal::new(discount, 2);
            order.total -= order.discount;
            let candidates = sample::candidates(&order);
            let mut shipments = vec![Shipment { warehouse: "BUF".into(), lines: Vec::new(), backorder: false }];
            for (line, units) in cuts {
                let there = shipments[0].lines.iter().any(|(other, _)| *other == line);
                if let Some(whole) = order.lines.get(line as usize).filter(|_| !there) {
                    shipments[0].lines.push((line, Decimal::from(units).min(whole.quantity)));
                }
            }
            shipments.retain(|shipment| !shipment.lines.is_empty());
            let shipments = route::check(&order, &candidates, shipments).unwrap();
            let shares = share(&order, &shipments);
            prop_assert_eq!(shares.iter().map(|share| share.total).sum::<Decimal>(), order.total);
            for (index, line) in (0..).zip(&order.lines) {
                let parts = || shares.iter().flat_map(|share| &share.lines).filter(|part| part.line == index);
                prop_assert_eq!(parts().map(|part| part.quantity).sum::<Decimal>(), line.quantity);
                prop_assert_eq!(parts().map(|part| part.tax).sum::<Decimal>(), line.tax);
                prop_assert!(parts().all(|part| part.ext >= Decimal::ZERO && part.tax >= Decimal::ZERO));
            }
        }
    }
}
