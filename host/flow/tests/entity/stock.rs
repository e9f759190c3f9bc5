use super::{d, round};
use crossdock_flow::{
    Code, Currency, Decimal,
    entity::{
        lag::{Policy, Rate, at_risk, buffer, worst},
        stock::{Set, Stock},
    },
};
use jiff::SignedDuration;
use proptest::prelude::*;
use std::collections::VecDeque;

fn stock(units: &str) -> Stock {
    Stock::new("LAMP", "TOR", d(units)).unwrap()
}

#[test]
fn what_is_promised_is_not_available() {
    let mut stock = stock("10");
    stock.buffer = d("2");
    stock.reserve("4711", d("3")).unwrap();
    assert_eq!((stock.promised(), stock.free(), stock.available()), (d("3"), d("7"), d("5")));
    // Again for the same order: not twice.
    stock.reserve("4711", d("3")).unwrap();
    assert_eq!(stock.available(), d("5"));
    // What is kept back is there for orders that came while a shop did not know.
    (0..2).for_each(|_| stock.reserve("4712", d("7")).unwrap());
    assert_eq!((stock.free(), stock.available()), (d("0"), d("0")));
    let fault = stock.reserve("4713", d("1")).unwrap_err();
    assert_eq!(fault.to_string(), "E224 LAMP in TOR: 1 asked for, 0 available");
    assert_eq!(stock.release("4712"), d("7"));
    assert_eq!(stock.release("4712"), d("0"));
    stock.reserve("4713", d("1")).unwrap();
    assert_eq!(stock.content().get("available").to_string(), "4");
    assert_eq!(stock.to_string(), "LAMP in TOR: 10 there, 4 promised, 2 kept back, 4 available");
    round(&stock);
}

#[test]
fn shipping_takes_the_promise_and_never_anothers() {
    let mut stock = stock("10");
    stock.reserve("4711", d("6")).unwrap();
    stock.reserve("4712", d("3")).unwrap();
    stock.ship("4711", d("4")).unwrap();
    assert_eq!((stock.on_hand, stock.promised(), stock.available(), stock.version), (d("6"), d("5"), d("1"), 1));
    // Two are its own, one is free, three are promised to another.
    assert_eq!(stock.ship("4711", d("4")).unwrap_err().code, Code::NotEnoughStock);
    stock.ship("4711", d("3")).unwrap();
    assert_eq!((stock.on_hand, stock.promised(), stock.available()), (d("3"), d("3"), d("0")));
    assert_eq!(stock.ship("4799", d("1")).unwrap_err().code, Code::NotEnoughStock);
}

#[test]
fn a_count_is_set_only_over_what_was_read() {
    let mut stock = stock("10");
    assert_eq!(stock.set_absolute(0, d("10"), d("8")).unwrap(), Set::Set { from: d("10"), to: d("8") });
    assert_eq!(stock.set_absolute(0, d("8"), d("9")).unwrap(), Set::Conflict { version: 1, on_hand: d("8") });
    assert_eq!(stock.set_absolute(1, d("10"), d("9")).unwrap(), Set::Conflict { version: 1, on_hand: d("8") });
    assert_eq!(stock.on_hand, d("8"));
    // Less than was promised: a count is a fact, and what is short is said.
    stock.reserve("4711", d("5")).unwrap();
    stock.set_absolute(1, d("8"), d("3")).unwrap();
    assert_eq!((stock.available(), stock.short()), (d("0"), d("2")));
    assert_eq!(stock.ship("4711", d("4")).unwrap_err().code, Code::NotEnoughStock, "what is not there cannot leave");
    for less_than_nothing in [stock.set_absolute(2, d("3"), d("-1")).unwrap_err(), stock.reserve("1", d("-1")).unwrap_err()] {
        assert_eq!(less_than_nothing.code, Code::InvalidField);
    }
    assert_eq!(Stock::new("LAMP", "TOR", d("-1")).unwrap_err().code, Code::InvalidField);
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

#[test]
fn the_buffer_is_what_sells_within_the_lag() {
    let rate = Rate { units: d("24"), within: minutes(60 * 24) };
    let units = |lag| buffer(rate, lag, Policy::default()).units;
    assert_eq!(
        [units(minutes(0)), units(minutes(1)), units(minutes(60)), units(minutes(61)), units(minutes(150))].map(|units| units.to_string()),
        ["0", "1", "1", "2", "3"]
    );
    let policy = Policy { factor: d("2"), least: d("1"), most: Some(d("4")) };
    let bounded = |lag| buffer(rate, lag, policy).units;
    assert_eq!((bounded(minutes(0)), bounded(minutes(90)), bounded(minutes(900))), (d("1"), d("3"), d("4")));
    assert_eq!(buffer(Rate { units: d("5"), within: minutes(0) }, minutes(5), Policy::default()).units, d("0"), "a rate over no time is none");
    assert_eq!(worst(&[minutes(1), minutes(7), minutes(-3)]), minutes(7));
    assert_eq!(worst(&[]), minutes(0));
    let risk = at_risk(rate, minutes(150), d("1"), d("19.99"), Currency::parse("CAD").unwrap());
    assert_eq!((risk.units, risk.to_string()), (d("2"), "2 units, 39.98 CAD".into()));
    assert!(buffer(rate, minutes(150), policy).to_string().starts_with("4 kept back: 24 sold in "));
    round(&buffer(rate, minutes(150), policy));
}

proptest! {
    #[test]
    fn the_buffer_widens_with_the_lag(units in 0i64..1000, within in 1i64..10_000, lag in 0i64..10_000, more in 0i64..10_000, factor in 0i64..30) {
        let rate = Rate { units: Decimal::from(units), within: minutes(within) };
        let policy = Policy { factor: Decimal::new(factor, 1), ..Policy::default() };
        let (short, long) = (buffer(rate, minutes(lag), policy).units, buffer(rate, minutes(lag + more), policy).units);
        prop_assert!(short <= long && short.fract().is_zero());
        prop_assert!(short * Decimal::from(within) * Decimal::TEN >= Decimal::from(units * lag * factor), "less than is sold meanwhile");
    }
}

/// What happens to one article while two shops sell it. A buyer first sees what the shop shows, which may be old by then,
/// and then orders.
#[derive(Clone, Debug)]
enum Step {
    /// The next buyer of a shop orders, if the shop shows that there is some.
    Buy { shop: usize },
    /// A shop hears what is available.
    Tell { shop: usize },
    /// The oldest order that is open leaves the warehouse.
    Ship,
    /// A customer thinks better of it.
    Cancel { order: usize },
    /// Somebody reads what is there, to set it …
    Read,
    /// … and sets it, when the world may be another.
    Write,
}

struct Run {
    stock: Stock,
    shown: [Decimal; 2],
    /// Left buyers of each shop.
    buyers: [u32; 2],
    open: VecDeque<String>,
    sold: u32,
    shipped: Decimal,
    read: Option<(u64, Decimal)>,
}

impl Run {
    fn begin(buyers: u32, units: Decimal) -> Run {
        let stock = Stock::new("LAMP", "TOR", units).unwrap();
        Run {
            shown: [units, units],
            stock,
            buyers: [buyers / 2, buyers - buyers / 2],
            open: VecDeque::new(),
            sold: 0,
            shipped: Decimal::ZERO,
            read: None,
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Buy { shop } if self.buyers[*shop] > 0 && self.shown[*shop] > Decimal::ZERO => {
                self.buyers[*shop] -= 1;
                let order = format!("{shop}-{}", self.buyers[*shop]);
                if self.stock.reserve(&order, Decimal::ONE).is_ok() {
                    self.sold += 1;
                    self.open.push_back(order);
                }
            }
            Step::Tell { shop } => self.shown[*shop] = self.stock.available(),
            Step::Ship => {
                if let Some(order) = self.open.pop_front() {
                    self.stock.ship(&order, Decimal::ONE).unwrap();
                    self.shipped += Decimal::ONE;
                }
            }
            Step::Cancel { order } if !self.open.is_empty() => {
                let order = self.open.remove(order % self.open.len()).unwrap();
                assert_eq!(self.stock.release(&order), Decimal::ONE);
                self.sold -= 1;
            }
            // A count that finds what was there when it was read.
            Step::Read => self.read = Some((self.stock.version, self.stock.on_hand)),
            Step::Write => {
                if let Some((version, on_hand)) = self.read {
                    self.stock.set_absolute(version, on_hand, on_hand).unwrap();
                }
            }
            Step::Buy { .. } | Step::Cancel { .. } => {}
        }
    }

    fn judge(&self, units: Decimal) -> Result<(), TestCaseError> {
        let stock = &self.stock;
        prop_assert_eq!(stock.on_hand + self.shipped, units, "units appear or vanish");
        prop_assert!(stock.on_hand >= Decimal::ZERO && stock.promised() <= stock.on_hand && stock.available() >= Decimal::ZERO);
        prop_assert_eq!(stock.promised() + self.shipped, Decimal::from(self.sold), "sold, and not promised");
        prop_assert!(Decimal::from(self.sold) <= units, "{} were sold", self.sold);
        Ok(())
    }
}

fn steps(with_cancel: bool) -> impl Strategy<Value = Vec<Step>> {
    let shop = || 0usize..2;
    let step = prop_oneof![
        8 => shop().prop_map(|shop| Step::Buy { shop }),
        2 => shop().prop_map(|shop| Step::Tell { shop }),
        2 => Just(Step::Ship),
        1 => (0usize..10).prop_map(move |order| if with_cancel { Step::Cancel { order } } else { Step::Ship }),
        1 => Just(Step::Read),
        1 => Just(Step::Write),
    ];
    prop::collection::vec(step, 0..150)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// 100 buyers, 10 units, two shops, in any order: exactly 10 are sold, and nothing is ever negative.
    #[test]
    fn pitfall_13_a_hundred_buyers_get_ten_units(steps in steps(false)) {
        let units = d("10");
        let mut run = Run::begin(100, units);
        for step in &steps {
            run.step(step);
            run.judge(units)?;
        }
        // Whoever has not tried yet tries now, whatever the shop shows.
        run.shown = [Decimal::ONE; 2];
        while run.buyers.iter().sum::<u32>() > 0 {
            (0..2).for_each(|shop| run.step(&Step::Buy { shop }));
            run.judge(units)?;
        }
        prop_assert_eq!(run.sold, 10);
        while !run.open.is_empty() {
            run.step(&Step::Ship);
            run.judge(units)?;
        }
        prop_assert_eq!(run.stock.on_hand, Decimal::ZERO);
    }

    #[test]
    fn pitfall_13_with_cancellations_too(steps in steps(true), buffer in 0i64..12) {
        let units = d("10");
        let mut run = Run::begin(100, units);
        run.stock.buffer = Decimal::from(buffer);
        for step in &steps {
            run.step(step);
            run.judge(units)?;
        }
    }
}
