use super::{at, d, round, shipment::shipment};
use crossdock_flow::{
    Code, Decimal, Order,
    entity::{
        invoice::{Invoice, Policy, check, plan},
        shipment::{Quantity, Shipment},
    },
    order::Instant,
    sample,
};
use proptest::prelude::*;

/// Number of the order, three lines of one, two and three units, and a discount that does not go even.
fn order() -> Order {
    let mut order = sample::order(3);
    order.discount = d("10.01");
    order.total -= order.discount;
    order
}

fn numbered(invoices: Vec<Invoice>) -> Vec<Invoice> {
    (1..).zip(invoices).map(|(number, invoice)| Invoice { number: format!("I{number}"), invoiced_at: Some(Instant::utc(at(1))), ..invoice }).collect()
}

fn shipments() -> Vec<Shipment> {
    vec![shipment("S1", &[("L1", "1"), ("L3", "1")]), shipment("S2", &[("L2", "2"), ("L3", "1")]), shipment("S3", &[("L3", "1")])]
}

#[test]
fn one_per_shipment_adds_up_to_the_order() {
    let order = order();
    let invoices = numbered(plan(Policy::PerShipment, &order, &shipments()).unwrap());
    assert_eq!(invoices.len(), 3);
    assert_eq!(check(&order, &invoices).unwrap(), d("0"));
    assert_eq!(invoices.iter().map(|one| one.total).sum::<Decimal>(), order.total);
    assert_eq!(invoices.iter().map(|one| one.shipping).collect::<Vec<_>>(), [order.shipping.amount, d("0"), d("0")], "charged once");
    assert_eq!(invoices.iter().map(|one| one.discount).sum::<Decimal>(), order.discount);
    assert_eq!(invoices[1].shipments, ["S2"]);
    assert_eq!(check(&order, &invoices[..2]).unwrap(), invoices[2].total, "what is still to be invoiced");
    assert_eq!(invoices[2].to_string(), format!("invoice I3 of SAMPLE-3: {} CAD for S3", invoices[2].total));
    assert_ne!(invoices[0].content().hash(), invoices[1].content().hash());
    assert_eq!(invoices[0].content().get("line[L1].quantity").to_string(), "1");
    round(&invoices);
}

#[test]
fn one_per_order_comes_when_all_is_shipped() {
    let order = order();
    assert_eq!(plan(Policy::PerOrder, &order, &shipments()[..2]).unwrap(), []);
    let invoices = plan(Policy::PerOrder, &order, &shipments()).unwrap();
    assert_eq!((invoices.len(), invoices[0].total, invoices[0].shipments.len()), (1, order.total, 3));
    check(&order, &invoices).unwrap();
}

#[test]
fn a_shipment_that_is_listed_twice_is_invoiced_once() {
    let mut twice = shipments();
    twice.insert(1, twice[0].clone());
    assert_eq!(plan(Policy::PerShipment, &order(), &twice).unwrap().len(), 3);
    for wrong in [&[("L1", "2")][..], &[("L9", "1")], &[("L1", "0")], &[("L3", "1"), ("L3", "1")]] {
        assert_eq!(plan(Policy::PerShipment, &order(), &[shipment("S1", wrong)]).unwrap_err().code, Code::ShipmentRefused, "{wrong:?}");
    }
}

#[test]
fn invoices_that_do_not_add_up_are_named() {
    let order = order();
    let good = numbered(plan(Policy::PerShipment, &order, &shipments()).unwrap());
    let with = |change: fn(&mut Vec<Invoice>)| {
        let mut invoices = good.clone();
        change(&mut invoices);
        check(&order, &invoices).unwrap_err()
    };
    let fault = with(|invoices| invoices[1].total += Decimal::new(1, 2));
    assert!(fault.code == Code::SumsDiffer && fault.to_string().contains("invoice I2: ") && fault.message.contains("0.01"), "{fault}");
    // Each adds up, and all together do not: a cent less, and a cent more.
    let cent = |invoices: &mut Vec<Invoice>, cents: i64| {
        invoices[0].shipping += Decimal::new(cents, 2);
        invoices[0].total += Decimal::new(cents, 2);
    };
    for cents in [-1, 1] {
        let mut invoices = good.clone();
        cent(&mut invoices, cents);
        let fault = check(&order, &invoices).unwrap_err();
        assert_eq!((fault.code, fault.place.as_deref()), (Code::SumsDiffer, Some("invoices")));
    }
    // Too much is wrong before all is invoiced, too little is not.
    let mut first = good[..1].to_vec();
    cent(&mut first, 1_000_000);
    assert_eq!(check(&order, &first).unwrap_err().code, Code::SumsDiffer);
    assert_eq!(with(|invoices| invoices[0].currency = crossdock_flow::Currency::parse("USD").unwrap()).code, Code::InvalidField);
    assert_eq!(with(|invoices| invoices[0].order = crossdock_flow::OrderNumber::parse("X").unwrap()).code, Code::InvalidField);
    assert_eq!(with(|invoices| invoices.push(invoices[0].clone())).message, "it is listed twice");
    let fault = with(|invoices| invoices[0].lines[0].quantity += Decimal::ONE);
    assert_eq!((fault.code, fault.place.as_deref()), (Code::InvalidField, Some("L1")));
}

proptest! {
    /// However an order is shipped: no invoice that was made changes when more is shipped, and once all is, they add up to
    /// the order, to the cent.
    #[test]
    fn any_partial_shipments(lines in 1usize..5, cuts in prop::collection::vec((0usize..5, 1i64..4), 0..12), discount in 0i64..5000) {
        let mut order = sample::order(lines);
        order.discount = Decimal::new(discount, 2).min(order.subtotal());
        order.total -= order.discount;
        let mut left: Vec<Decimal> = order.lines.iter().map(|line| line.quantity).collect();
        let mut shipments: Vec<Shipment> = Vec::new();
        for (line, units) in cuts {
            let Some(left) = left.get_mut(line) else { continue };
            let units = Decimal::from(units).min(*left);
            if units > Decimal::ZERO {
                *left -= units;
                let number = format!("S{}", shipments.len());
                shipments.push(Shipment { lines: vec![Quantity::new(format!("L{}", line + 1), units)], ..shipment(&number, &[]) });
            }
        }
        let rest: Vec<Quantity> = (1..).zip(&left).filter(|(_, left)| !left.is_zero()).map(|(line, left)| Quantity::new(format!("L{line}"), *left)).collect();
        if !rest.is_empty() {
            shipments.push(Shipment { lines: rest, ..shipment("last", &[]) });
        }
        let all = plan(Policy::PerShipment, &order, &shipments).unwrap();
        prop_assert_eq!(check(&order, &all).unwrap(), Decimal::ZERO);
        for some in 0..shipments.len() {
            prop_assert_eq!(&plan(Policy::PerShipment, &order, &shipments[..some]).unwrap()[..], &all[..some]);
        }
        prop_assert!(all.iter().flat_map(|one| &one.lines).all(|line| line.total >= Decimal::ZERO && line.tax >= Decimal::ZERO));
        prop_assert!(all.iter().all(|one| one.total >= Decimal::ZERO && one.discount >= Decimal::ZERO));
    }
}
