use super::{at, d, round};
use crossdock_flow::{
    Code, Decimal, OrderNumber,
    entity::shipment::{Advance, Parcel, Progress, Quantity, Shipment, advance, count_up, new_parcels, ordered, progress},
    order::Instant,
    sample,
};
use proptest::prelude::*;

fn units(list: &[(&str, &str)]) -> Vec<Quantity> {
    list.iter().map(|(line, units)| Quantity::new(*line, d(units))).collect()
}

pub(super) fn shipment(number: &str, lines: &[(&str, &str)]) -> Shipment {
    Shipment {
        number: number.into(),
        order: OrderNumber::parse("SAMPLE-2").unwrap(),
        warehouse: "TOR".into(),
        shipped_at: Instant::utc(at(1)),
        lines: units(lines),
        parcels: Vec::new(),
        fields: Vec::new(),
    }
}

#[test]
fn pitfall_8_partial_shipments_only_go_up() {
    let ordered = units(&[("L1", "1"), ("L2", "3")]);
    let told = |shipped: &[(&str, &str)], incoming: &[(&str, &str)]| {
        let advance = advance(&units(shipped), &ordered, &units(incoming));
        if let Advance::Refused(fault) = &advance {
            assert_eq!(fault.code, Code::ShipmentRefused);
        }
        round(&advance);
        advance.to_string()
    };
    assert_eq!(told(&[], &[("L2", "2")]), "shipped now: 2 × L2");
    assert_eq!(told(&[("L2", "2")], &[("L2", "2")]), "nothing new is shipped");
    assert_eq!(told(&[("L2", "2")], &[("L1", "1"), ("L2", "3")]), "shipped now: 1 × L1, 1 × L2");
    assert_eq!(told(&[("L2", "2")], &[("L1", "0")]), "nothing new is shipped", "a line left out is as it was");
    assert_eq!(told(&[("L2", "2")], &[("L2", "1.5")]), "E225 L2: 1.5 are shipped, but 2 were before");
    assert_eq!(told(&[("L2", "2")], &[("L1", "1"), ("L2", "4")]), "E225 L2: 4 are shipped, but only 3 were ordered");
    assert_eq!(told(&[], &[("L9", "1")]), "E225 L9: the order has no such line");
    assert_eq!(told(&[], &[("L2", "1"), ("L2", "1")]), "E225 L2: the line is reported twice");
    assert!(told(&[], &[("L2", "-1")]).starts_with("E225"));
}

#[test]
fn a_shipment_counts_once() {
    let first = shipment("S1", &[("L1", "1"), ("L2", "1")]);
    let up = count_up(&[first.clone(), shipment("S2", &[("L2", "1")]), first]);
    assert_eq!(up, units(&[("L1", "1"), ("L2", "2")]));
    // The sample's lines are one unit and two.
    let ordered = ordered(&sample::order(2));
    assert_eq!(progress(&up, &ordered), Progress::Whole);
    assert_eq!(progress(&units(&[("L1", "1"), ("L2", "1")]), &ordered), Progress::Partly);
    assert_eq!(progress(&units(&[("L1", "0")]), &ordered), Progress::Open);
    assert_eq!(shipment("S2", &[("L2", "1")]).to_string(), "shipment S2 of SAMPLE-2 from TOR: 1 × L2");
    round(&shipment("S2", &[("L2", "1")]));
}

/// A parcel that becomes known is news for the shop; the order in which lines and parcels are listed is none.
#[test]
fn its_content_is_what_a_shop_is_told() {
    let parcel = |tracking: &str| Parcel { carrier: "UPS".into(), tracking: tracking.into(), link: String::new() };
    let mut one = Shipment { parcels: vec![parcel("1"), parcel("2")], ..shipment("S1", &[("L1", "1"), ("L2", "1.0")]) };
    let mut other = Shipment { parcels: vec![parcel("2"), parcel("1")], ..shipment("S1", &[("L2", "1"), ("L1", "1")]) };
    assert_eq!(one.content().hash(), other.content().hash());
    other.parcels.pop();
    assert_ne!(one.content().hash(), other.content().hash());
    other = one.clone();
    one.lines[0].units = d("2");
    assert_ne!(one.content().hash(), other.content().hash());
}

#[test]
fn parcels_are_told_once() {
    let parcel = |carrier: &str, tracking: &str| Parcel { carrier: carrier.into(), tracking: tracking.into(), link: String::new() };
    let known = [parcel("UPS", "1Z 999 AA1")];
    let incoming =
        [parcel("ups ", "1z999aa1"), parcel("UPS", "1Z999AA2"), parcel("FedEx", "1Z999AA1"), parcel("UPS", " "), parcel("UPS", "1Z999AA2")];
    assert_eq!(new_parcels(&known, &incoming), [incoming[1].clone(), incoming[2].clone()]);
    assert_eq!(new_parcels(&known, &[]), []);
}

proptest! {
    /// Whatever is reported, in any order and twice: what the shop was told never goes down, never above what was ordered,
    /// and is the highest report that was taken.
    #[test]
    fn pitfall_8_in_any_order(reports in prop::collection::vec(prop::collection::vec((0usize..4, -1i64..7), 0..4), 0..20)) {
        let ordered = units(&[("L0", "1"), ("L1", "5"), ("L2", "2.5")]);
        let mut told: Vec<Quantity> = Vec::new();
        for report in reports {
            let incoming: Vec<Quantity> = report.iter().map(|(line, units)| Quantity::new(format!("L{line}"), Decimal::from(*units))).collect();
            let before = told.clone();
            match advance(&told, &ordered, &incoming) {
                Advance::New { lines } => {
                    prop_assert!(!lines.is_empty());
                    for new in lines {
                        prop_assert!(new.units > Decimal::ZERO);
                        match told.iter_mut().find(|one| one.line == new.line) {
                            Some(one) => one.units += new.units,
                            None => told.push(new),
                        }
                    }
                    prop_assert!(incoming.iter().all(|one| one.units.is_zero() || told.contains(one)));
                }
                Advance::Nothing | Advance::Refused(_) => prop_assert_eq!(&told, &before),
            }
            for one in &told {
                prop_assert!(ordered.iter().any(|most| most.line == one.line && one.units <= most.units));
            }
        }
    }
}
