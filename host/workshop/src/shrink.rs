//! From an order that shows a failure to a smaller one that still does: what is left is what matters.

use crate::{case::Case, orders};
use crossdock_flow::{Decimal, Order, order::Address};

/// Steps that are tried at most: a shrunken order is a convenience, not a proof.
const MOST_TRIES: usize = 400;

/// Makes the case smaller as long as `fails` says that it still fails; gives the smallest that does.
pub async fn shrink(mut case: Case, mut fails: impl AsyncFnMut(&Case) -> bool) -> Case {
    let mut tries = 0;
    loop {
        let mut smaller = None;
        for candidate in candidates(&case.order) {
            if tries == MOST_TRIES {
                return case;
            }
            tries += 1;
            let candidate = orders::with(&case, candidate);
            if fails(&candidate).await {
                smaller = Some(candidate);
                break;
            }
        }
        match smaller {
            Some(smaller) => case = smaller,
            None => return case,
        }
    }
}

/// Smaller orders, the boldest first. Each is really another order, so that shrinking ends.
fn candidates(order: &Order) -> Vec<Order> {
    let mut found: Vec<Order> = Vec::new();
    let lines = order.lines.len();
    let mut size = lines / 2;
    while size > 0 {
        for start in (0..lines).step_by(size) {
            let mut smaller = order.clone();
            smaller.lines.drain(start..(start + size).min(lines));
            if !smaller.lines.is_empty() {
                found.push(smaller);
            }
        }
        size /= 2;
    }
    let mut change = |step: &dyn Fn(&mut Order)| {
        let mut smaller = order.clone();
        step(&mut smaller);
        if smaller != *order {
            found.push(smaller);
        }
    };
    change(&|order| order.fields.clear());
    change(&|order| order.tags.clear());
    change(&|order| order.discount = Decimal::ZERO);
    change(&|order| order.shipping = Default::default());
    change(&|order| order.billing = Address::default());
    change(&|order| order.shipping_to = Address::default());
    change(&|order| {
        order.shipping_to = Address { country: order.shipping_to.country.clone(), region: order.shipping_to.region.clone(), ..Address::default() }
    });
    change(&|order| order.customer.segment.clear());
    for line in 0..lines.min(20) {
        change(&|order| order.lines[line].fields.clear());
        change(&|order| order.lines[line].discount = Decimal::ZERO);
        change(&|order| order.lines[line].tax_rate = Decimal::ZERO);
        change(&|order| order.lines[line].quantity = Decimal::ONE);
        change(&|order| order.lines[line].quantity = order.lines[line].quantity.trunc().max(Decimal::ONE));
        change(&|order| order.lines[line].unit_price = Decimal::ONE);
        change(&|order| order.lines[line].unit_price = order.lines[line].unit_price.trunc());
        change(&|order| order.lines[line].sku = "A".to_owned());
        change(&|order| order.lines[line].name.clear());
        change(&|order| order.lines[line].product_type.clear());
    }
    // Whether a step made something larger (a price of 0 to 1) does not matter: it happens once.
    found.retain(|smaller| weight(smaller) < weight(order));
    found
}

/// How much there is in an order; every step of shrinking makes it less.
fn weight(order: &Order) -> usize {
    let address = |address: &Address| {
        let Address { name, company, line1, line2, city, region, postal_code, country, phone, email } = address;
        [name, company, line1, line2, city, region, postal_code, country, phone, email].map(|text| text.len()).iter().sum::<usize>()
    };
    let number = |number: Decimal| number.normalize().to_string().trim_start_matches('0').len();
    let line = |line: &crossdock_flow::order::Line| {
        let plain = usize::from(line.unit_price != Decimal::ONE) + usize::from(line.quantity != Decimal::ONE) + usize::from(line.sku != "A");
        let texts = line.sku.len() + line.name.len() + line.product_type.len() + line.fields.len() * 10;
        10 + plain + texts + [line.quantity, line.unit_price, line.discount, line.tax_rate].map(number).iter().sum::<usize>()
    };
    let of_order = order.fields.len() * 10 + order.tags.len() * 10 + order.customer.segment.len() + number(order.discount);
    of_order
        + number(order.shipping.amount)
        + order.shipping.method.len()
        + address(&order.billing)
        + address(&order.shipping_to)
        + order.lines.iter().map(line).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossdock_flow::sample;

    #[tokio::test]
    async fn what_is_left_is_what_matters() {
        let case = Case::of("c", sample::order(40));
        // Fails where two lines of hazardous goods come together.
        let hazardous = |case: &Case| case.order.lines.iter().filter(|line| line.product_type == "hazmat").count() >= 2;
        let small = shrink(case, async |case| hazardous(case)).await;
        assert_eq!(small.order.lines.len(), 2);
        assert!(hazardous(&small) && small.order.fields.is_empty() && small.order.billing == Address::default());
        assert_eq!(small.candidates.stock.len(), small.candidates.warehouses.len() * 2);
        crossdock_flow::sum::check(&small.order).unwrap();
    }

    #[tokio::test]
    async fn shrinking_ends_also_where_everything_fails() {
        let small = shrink(Case::of("c", sample::order(1_000)), async |_| true).await;
        assert_eq!(small.order.lines.len(), 1);
    }
}
