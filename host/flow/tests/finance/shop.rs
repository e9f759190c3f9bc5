//! A shop that sells at random, and always the same: orders with discounts, tips and gift cards, cut into shipments, paid by
//! several tenders and refunded. It knows what it did without asking the ledger.

use crate::{currency, d};
use crossdock_flow::{
    Currency, Decimal, Order,
    finance::{
        Exchange, Payment, Refund,
        invoice::Sells,
        payment::{PaymentStatus, Tender, TenderKind},
        refund::{RefundLine, RefundTransaction, Settling, Swap, SwapBilled},
    },
    money::allocate,
    order::{Instant, Line, Shipping},
    route::{self, Shipment},
    sample, sum,
};
use jiff::{SignedDuration, Timestamp};

/// Random numbers that are the same in every run (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// From 0 up to, but not, `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (bits ^ (bits >> 31)) % sides
    }

    pub(crate) fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    /// An amount of up to so many units of the currency.
    pub(crate) fn amount(&mut self, currency: Currency, units: u64) -> Decimal {
        Decimal::new(i64::try_from(self.roll(units + 1)).unwrap(), currency.digits())
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.roll(of.len() as u64)).unwrap()]
    }
}

/// Minutes after the first of July 2026, a quarter past midnight in Toronto.
pub(crate) fn minute(minutes: i64) -> Instant {
    let start: Timestamp = "2026-07-01T04:15:00Z".parse().unwrap();
    Instant::utc(start + SignedDuration::from_mins(minutes))
}

/// What one order was, on every paper.
pub(crate) struct Sale {
    pub(crate) order: Order,
    pub(crate) exchange: Exchange,
    /// The currency of the books it goes into: the shop's, or the customer's where the shop chose so.
    pub(crate) books: Currency,
    pub(crate) shipments: Vec<Shipment>,
    pub(crate) payments: Vec<Payment>,
    /// In the order's currency.
    pub(crate) refunds: Vec<Refund>,
    pub(crate) placed: i64,
    /// Whether it was cancelled before it was billed, and the deposit paid back.
    pub(crate) cancelled: bool,
}

/// The order with this index.
pub(crate) fn sell(index: usize, dice: &mut Dice) -> Sale {
    let codes = ["JPY", "CAD", "KWD"];
    let order = order(index, currency(dice.pick(&codes)), dice);
    let placed = i64::try_from(dice.roll(60 * 24 * 60)).unwrap();
    let on = "2026-06-30".parse().unwrap();
    let shop = currency(dice.pick(&codes));
    let exchange = match shop == order.currency {
        true => Exchange::none(shop, on),
        false => {
            let near = match (order.currency.code(), shop.code()) {
                ("JPY", "CAD") => 9_398_000,
                ("JPY", _) => 2_052_000,
                ("CAD", "JPY") => 106_410_000_000,
                ("CAD", _) => 218_300_000,
                (_, "JPY") => 487_300_000_000,
                _ => 4_580_600_000,
            };
            let rate = Decimal::new(near + i64::try_from(dice.roll(99_999)).unwrap(), 9);
            Exchange::new(order.currency, shop, rate, on).unwrap()
        }
    };
    let books = if dice.one_in(6) { order.currency } else { shop };
    let shipments = shipments(&order, dice);
    let cancelled = dice.one_in(40);
    let payments = payments(&order, &exchange, placed, dice);
    let refunds = if cancelled { repay(&order, &payments, placed) } else { refunds(&order, placed, dice) };
    Sale { order, exchange, books, shipments, payments, refunds, placed, cancelled }
}

fn order(index: usize, currency: Currency, dice: &mut Dice) -> Order {
    let dollar = 10_u64.pow(currency.digits()) * if currency.digits() == 0 { 100 } else { 1 };
    let mut order = sample::order(1);
    order.number = crate::number(&format!("W{index}"));
    order.currency = currency;
    order.lines = (0..=dice.roll(6)).map(|line| self::line(line, currency, dollar, dice)).collect();
    let rate = d(dice.pick(&["0", "0.13", "0.14975"]));
    let amount = if dice.one_in(3) { Decimal::ZERO } else { dice.amount(currency, dollar * 30) };
    order.shipping = Shipping { amount, tax_rate: rate, tax: currency.round(amount * rate), method: "ground".into() };
    if dice.one_in(3) {
        order.discount = dice.amount(currency, dollar * 20).min(order.subtotal());
    }
    order.total = order.subtotal() - order.discount + order.shipping.amount + order.tax();
    sum::check(&order).unwrap();
    order
}

fn line(index: u64, currency: Currency, dollar: u64, dice: &mut Dice) -> Line {
    let kind = dice.pick(&["apparel", "apparel", "apparel", "apparel", "gift-card", "tip"]);
    let quantity = if dice.one_in(8) { Decimal::new(i64::try_from(1 + dice.roll(40)).unwrap(), 1) } else { Decimal::from(1 + dice.roll(12)) };
    // Every eighth price is finer than the currency counts.
    let finer = if dice.one_in(8) { dice.roll(10_000) } else { 0 };
    let unit_price = dice.amount(currency, dollar * 150) + Decimal::new(i64::try_from(finer).unwrap(), 4);
    let worth = currency.round(quantity * unit_price);
    let discount = if dice.one_in(4) { dice.amount(currency, dollar * 9).min(worth) } else { Decimal::ZERO };
    let tax_rate = if kind == "apparel" { d(dice.pick(&["0", "0.05", "0.1075", "0.13", "0.14975"])) } else { Decimal::ZERO };
    Line {
        id: format!("L{index}"),
        product_type: kind.into(),
        quantity,
        unit_price,
        discount,
        tax_rate,
        tax: currency.round((worth - discount) * tax_rate),
        total: worth - discount,
        ..sample::order(1).lines.remove(0)
    }
}

/// From one warehouse, or cut over two, with what is left as a backorder.
fn shipments(order: &Order, dice: &mut Dice) -> Vec<Shipment> {
    let candidates = sample::candidates(order);
    if dice.one_in(3) {
        return route::whole(order, &candidates);
    }
    let mut shipments = Vec::new();
    let mut left: Vec<Decimal> = order.lines.iter().map(|line| line.quantity).collect();
    for warehouse in ["TOR", "BUF"] {
        let mut lines = Vec::new();
        for (index, left) in (0_u32..).zip(&mut left) {
            let part = (*left * Decimal::new(i64::try_from(dice.roll(5)).unwrap() * 25, 2)).round_dp(1);
            if part > Decimal::ZERO && part <= *left {
                lines.push((index, part));
                *left -= part;
            }
        }
        if !lines.is_empty() {
            shipments.push(Shipment { warehouse: warehouse.into(), lines, backorder: false });
        }
    }
    route::check(order, &candidates, shipments).unwrap()
}

fn payments(order: &Order, exchange: &Exchange, placed: i64, dice: &mut Dice) -> Vec<Payment> {
    let kinds = [
        TenderKind::Card,
        TenderKind::Card,
        TenderKind::GiftCard,
        TenderKind::StoreCredit,
        TenderKind::BankTransfer,
        TenderKind::OnAccount,
        TenderKind::Other("wallet".into()),
    ];
    let weights: Vec<Decimal> = (0..=dice.roll(3)).map(|_| Decimal::from(1 + dice.roll(9))).collect();
    let mut parts = allocate(order.total, &weights, order.currency.digits());
    parts.retain(|part| !part.is_zero());
    // A shop converts each payment by itself, or all of them as one: then nothing is left to round off.
    let apart = dice.one_in(4);
    let together = exchange.stamp(&parts).unwrap();
    let mut payments: Vec<Payment> = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let amount = if apart { exchange.stamp(&[*part]).unwrap()[0] } else { together[index] };
        let kind = kinds[usize::try_from(dice.roll(7)).unwrap()].clone();
        let tender = Tender { kind, amount, transaction_id: format!("tx-{}-{index}", order.number) };
        match payments.last_mut() {
            Some(payment) if dice.one_in(2) => payment.tenders.push(tender),
            _ => payments.push(Payment {
                id: tender.transaction_id.clone(),
                order: order.number.clone(),
                tenders: vec![tender],
                status: PaymentStatus::Captured,
                at: minute(placed + 2),
                exchange: exchange.clone(),
            }),
        }
    }
    payments
}

fn money(order: &Order, number: usize, tender: TenderKind, amount: Decimal) -> RefundTransaction {
    RefundTransaction { id: format!("re-{}-{number}", order.number), tender, amount, status: Settling::Settled }
}

fn given_back(order: &Order, number: usize, placed: i64) -> Refund {
    Refund {
        id: format!("{}-R{number}", order.number),
        order: order.number.clone(),
        at: minute(placed + 4000 + i64::try_from(number).unwrap()),
        currency: order.currency,
        lines: Vec::new(),
        shipping: Decimal::ZERO,
        tax: Decimal::ZERO,
        adjustment: Decimal::ZERO,
        swap: None,
        amount: Decimal::ZERO,
        transactions: Vec::new(),
    }
}

/// A cancelled order: every tender goes back to where it came from.
fn repay(order: &Order, payments: &[Payment], placed: i64) -> Vec<Refund> {
    let tenders = payments.iter().flat_map(|payment| &payment.tenders).filter(|tender| tender.kind != TenderKind::OnAccount);
    let mut refund = given_back(order, 0, placed);
    refund.transactions = tenders.enumerate().map(|(number, tender)| money(order, number, tender.kind.clone(), tender.amount.presentment)).collect();
    refund.amount = refund.settled();
    vec![refund]
}

/// A part of some lines, an amount alone, goods in exchange, or a credit on account.
fn refunds(order: &Order, placed: i64, dice: &mut Dice) -> Vec<Refund> {
    let mut refund = given_back(order, 0, placed);
    match dice.roll(8) {
        0 => refund.amount = order.currency.round(order.total * d("0.1")),
        kind @ 1..=3 => {
            for line in &order.lines {
                if dice.one_in(3) {
                    continue;
                }
                let (half, whole) = (line.quantity / Decimal::TWO, dice.one_in(2));
                let weights = if whole { [line.quantity, Decimal::ZERO] } else { [half, line.quantity - half] };
                let part = |amount| allocate(amount, &weights, order.currency.digits())[0];
                refund.lines.push(RefundLine {
                    line: line.id.clone(),
                    sells: Sells::read(&line.product_type),
                    quantity: weights[0],
                    amount: part(line.total),
                    tax: part(line.tax),
                });
            }
            if kind == 2 {
                (refund.shipping, refund.tax) = (order.shipping.amount, order.shipping.tax);
            }
            if kind == 3 {
                let billed = if dice.one_in(2) { SwapBilled::WithOrder } else { SwapBilled::WithRefund };
                // What the order's own invoice bills is one of its lines; anything else may be worth more than what came back.
                let worth = if billed == SwapBilled::WithOrder { refund.returned() / Decimal::TWO } else { order.lines[0].total };
                refund.swap = Some(Swap { amount: order.currency.round(worth), tax: Decimal::ZERO, billed });
            }
            refund.amount = (refund.returned() - refund.swapped()).max(Decimal::ZERO);
            if refund.is_amount_only() {
                return Vec::new();
            }
        }
        _ => return Vec::new(),
    }
    let kept = dice.one_in(5) || refund.amount.is_zero();
    let parts = allocate(refund.amount, &[d("2"), d("1")], order.currency.digits());
    let tenders = [TenderKind::Card, TenderKind::StoreCredit].into_iter().zip(parts).enumerate();
    let tenders = tenders.filter(|(_, (_, part))| !kept && !part.is_zero());
    refund.transactions = tenders.map(|(number, (kind, part))| money(order, number, kind, part)).collect();
    vec![refund]
}
