//! Realistic orders of a made-up shop, the same for the same seed. Amounts obey the sum rule to the cent, taxes are
//! rounded per line, and what the ERP should book is told beside the JSON. No real people: everything is example.com.

use crate::{random::Random, sender::Hook};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use std::{borrow::Cow, sync::Arc};

/// An article of the shop.
#[derive(Clone, Copy, Debug)]
pub struct Article {
    /// Its code, at most 15 characters.
    pub sku: &'static str,
    /// Its name.
    pub name: &'static str,
    /// apparel, electronics, hazmat, housewares or furniture.
    pub product_type: &'static str,
    /// Price in units of 10^-`scale`.
    pub price: i64,
    /// Digits after the point of the price. In yen the price has none.
    pub scale: u32,
    /// Whether it is sold by the half unit.
    pub by_length: bool,
}

const fn article(sku: &'static str, name: &'static str, product_type: &'static str, price: i64) -> Article {
    Article { sku, name, product_type, price, scale: 2, by_length: false }
}

/// Everything that the shop sells.
pub const CATALOGUE: [Article; 20] = [
    article("SHIRT-OX-M", "Oxford shirt, medium", "apparel", 4995),
    article("SHIRT-OX-L", "Oxford shirt, large", "apparel", 4995),
    article("HAT-FELT", "Felt hat", "apparel", 3450),
    article("SOCK-WOOL", "Wool socks, pair", "apparel", 1299),
    article("COAT-RAIN-M", "Rain coat “Drizzle”, medium, with sealed seams and hood", "apparel", 12900),
    article("LAMP-DESK-01", "Desk lamp", "electronics", 8900),
    article("RADIO-FM-2", "Kitchen radio", "electronics", 6499),
    article("CHARGER-65W", "Charger, 65 W", "electronics", 3999),
    Article { sku: "CABLE-CAT6-M", name: "Network cable, by the metre", product_type: "electronics", price: 8750, scale: 4, by_length: true },
    article("BATTERY-LI-9", "Lithium battery", "hazmat", 5900),
    article("SOLVENT-1L", "Solvent, 1 litre", "hazmat", 1250),
    article("PAINT-WHITE-5L", "Wall paint, white, 5 litres", "hazmat", 4275),
    article("MUG-BLUE", "Mug, blue", "housewares", 799),
    article("MUG-RED", "Mug, red", "housewares", 799),
    article("POT-STEEL-5L", "Steel pot, 5 litres", "housewares", 5450),
    article("KNIFE-CHEF", "Chef’s knife — 20 cm", "housewares", 7999),
    Article { sku: "SCREW-M4-20", name: "Screw M4 × 20", product_type: "housewares", price: 425, scale: 4, by_length: false },
    article("CHAIR-OAK", "Oak chair", "furniture", 14900),
    article("TABLE-OAK-160", "Oak table, 160 cm", "furniture", 64900),
    article("SHELF-WALL-80", "Wall shelf, 80 cm", "furniture", 5900),
];

/// A place where customers live: country, currency with digits, UTC offset in hours, regions with tax in 1/10,000.
#[derive(Clone, Copy)]
struct Land {
    country: &'static str,
    currency: &'static str,
    digits: u32,
    offset: i8,
    places: &'static [(&'static str, &'static str, &'static str, i64)],
}

const LANDS: [Land; 5] = [
    Land {
        country: "CA",
        currency: "CAD",
        digits: 2,
        offset: -5,
        places: &[
            ("Toronto", "ON", "M5V 1A1", 1300),
            ("Vancouver", "BC", "V5K 0A1", 1200),
            ("Calgary", "AB", "T2P 1J9", 500),
            ("Halifax", "NS", "B3H 0A1", 1400),
        ],
    },
    Land {
        country: "US",
        currency: "USD",
        digits: 2,
        offset: -8,
        places: &[("Buffalo", "NY", "14201", 800), ("San José", "CA", "95112", 725), ("Austin", "TX", "78701", 625), ("Portland", "OR", "97201", 0)],
    },
    Land {
        country: "GB",
        currency: "EUR",
        digits: 2,
        offset: 0,
        places: &[("York", "England", "YO1 7HH", 2000), ("Cardiff", "Wales", "CF10 1EP", 2000)],
    },
    Land { country: "DE", currency: "EUR", digits: 2, offset: 1, places: &[("Köln", "NRW", "50667", 1900), ("München", "Bayern", "80331", 1900)] },
    Land {
        country: "JP",
        currency: "JPY",
        digits: 0,
        offset: 9,
        places: &[("東京", "Tokyo", "100-0001", 1000), ("Osaka", "Osaka", "530-0001", 1000)],
    },
];

const NAMES: [&str; 10] = [
    "Sam Sample",
    "Zoë Müller-Beispiel",
    "Renée d’Exemple",
    "Иван Пример",
    "見本 花子",
    "Ana María Ejemplo Ñandú",
    "Maximiliane Alexandra von und zu Beispielhausen-Musterberg",
    "O'Test, Pat",
    "Åse Prøve",
    "Lee \"Ex\" Ample 🙂",
];

const SEGMENTS: [&str; 3] = ["retail", "wholesale", "vip"];
const METHODS: [&str; 3] = ["card", "on-account", "bank-transfer"];
const COMPANIES: [&str; 5] =
    ["", "", "Sample Supplies", "Beispiel & Söhne GmbH", "The Exceedingly Long-Winded Example Trading Company of Nowhere Ltd."];

/// What should stand in the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The customer's number.
    pub customer: String,
    /// `retail`, `wholesale` or `vip`.
    pub segment: String,
    /// Country of the shipping address.
    pub country: String,
    /// Currency code.
    pub currency: String,
    /// What the customer owes.
    pub total: Decimal,
    /// The lines.
    pub lines: Vec<ExpectedLine>,
}

/// A line that should stand in the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedLine {
    /// The article's code.
    pub sku: String,
    /// Units.
    pub quantity: Decimal,
    /// Price of one.
    pub unit_price: Decimal,
    /// Discount on the line.
    pub discount: Decimal,
    /// Tax of the line.
    pub tax: Decimal,
    /// Worth without tax.
    pub total: Decimal,
}

/// An order and what should come of it.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The shop's number, at most 17 characters.
    pub number: String,
    /// The event: `order.created` with the whole order.
    pub body: String,
    /// The order alone, as the REST interface gives it.
    pub order: String,
    /// When it was placed, RFC 3339.
    pub date: String,
    /// What should stand in the books.
    pub expected: Expected,
}

impl Generated {
    /// The webhook of the event. Its id is the number with `evt_`.
    pub fn hook(&self) -> Hook {
        Hook { id: format!("evt_{}", self.number), number: self.number.clone(), body: Arc::from(&*self.body) }
    }

    /// The event without the order, so that it must be fetched.
    pub fn thin(&self) -> Hook {
        self.about("order.created", 1)
    }

    /// The event that cancels it.
    pub fn cancelled(&self) -> Hook {
        self.about("order.cancelled", 9)
    }

    /// The event that changes its status at this version.
    pub fn updated(&self, version: u32) -> Hook {
        let data = self.order.replacen(r#""version":1,"#, &format!(r#""version":{version},"#), 1).replacen(r#""placed""#, r#""paid""#, 1);
        Hook { id: format!("evt_{}_v{version}", self.number), number: self.number.clone(), body: event("order.updated", &self.date, &data).into() }
    }

    fn about(&self, kind: &str, version: u32) -> Hook {
        let data = json!({"orderId": self.number, "version": version}).to_string();
        Hook {
            id: format!("evt_{}_{}", self.number, kind.replace('.', "-")),
            number: self.number.clone(),
            body: event(kind, &self.date, &data).into(),
        }
    }
}

/// An event around its data.
pub fn event(kind: &str, timestamp: &str, data: &str) -> String {
    format!(r#"{{"type":"{kind}","timestamp":"{timestamp}","data":{data}}}"#)
}

/// Makes so many orders. Two seeds below a thousand never share a number.
pub fn generate(count: usize, seed: u64) -> Vec<Generated> {
    let mut random = Random::new(seed);
    (0..count).map(|index| Draft::new(format!("W{:03}-{index:07}", seed % 1000), index, &mut random).finish()).collect()
}

/// As [`generate`], but each order has so many lines.
pub fn sized(count: usize, lines: usize, seed: u64) -> Vec<Generated> {
    let mut random = Random::new(seed);
    let mut order = |index| {
        let mut draft = Draft::new(format!("W{:03}-{index:07}", seed % 1000), index, &mut random);
        draft.lines.truncate(lines);
        while draft.lines.len() < lines {
            draft.add_line(&mut random);
        }
        draft.finish()
    };
    (0..count).map(&mut order).collect()
}

/// An order of so many units of one article, without discounts. Whoever orders does so in the one way or other of `seed`.
pub fn single(number: &str, sku: &str, units: u32, seed: u64) -> Generated {
    let mut random = Random::new(seed);
    let mut draft = Draft::new(number.to_owned(), 0, &mut random);
    let line = DraftLine::new(draft.digits, draft.shipping_rate, &mut random);
    let name = sku.to_owned().into();
    draft.lines =
        vec![DraftLine { sku: sku.to_owned(), quantity: units.into(), name, discount: Decimal::ZERO, unit_price: Decimal::from(10), ..line }];
    draft.discount = Decimal::ZERO;
    draft.finish()
}

/// An order in the making: what can be wrong with it on purpose is changed here.
#[derive(Clone)]
pub(crate) struct Draft {
    pub number: String,
    /// The shop's version, from 1.
    pub version: u32,
    /// What the shop says of it.
    pub status: &'static str,
    pub currency: String,
    pub lines: Vec<DraftLine>,
    /// Added to the total after everything has been summed up.
    pub error: Decimal,
    /// Custom fields, as a JSON object.
    pub fields: String,
    digits: u32,
    country: &'static str,
    segment: &'static str,
    customer: String,
    date: String,
    /// As JSON.
    pub address: Value,
    method: &'static str,
    shipping: Decimal,
    shipping_rate: Decimal,
    discount: Decimal,
    /// Whether numbers are written as JSON strings.
    quoted: bool,
}

#[derive(Clone)]
pub(crate) struct DraftLine {
    pub sku: String,
    pub quantity: Decimal,
    pub name: Cow<'static, str>,
    product_type: &'static str,
    unit_price: Decimal,
    discount: Decimal,
    rate: Decimal,
    fields: &'static str,
}

impl Draft {
    pub(crate) fn new(number: String, index: usize, random: &mut Random) -> Draft {
        let land = random.pick(&LANDS);
        let (city, region, postal_code, rate) = random.pick(land.places);
        let rate = Decimal::new(rate, 4);
        let address = json!({
            "name": random.pick(&NAMES), "company": random.pick(&COMPANIES), "line1": format!("{} Example Street", 1 + random.below(999)),
            "line2": if random.chance(150) { "Unit 4, rear entrance" } else { "" }, "city": city, "region": region, "postalCode": postal_code,
            "country": land.country, "phone": "+1 416 555 0100", "email": format!("customer{}@example.com", random.below(100_000)),
        });
        let lines = (0..1 + random.below(12)).map(|_| DraftLine::new(land.digits, rate, random)).collect();
        let at = jiff::Timestamp::from_second(1_795_446_000 + index as i64).unwrap_or_default();
        let local = jiff::tz::Offset::constant(land.offset).to_datetime(at);
        Draft {
            number,
            version: 1,
            status: "placed",
            currency: land.currency.into(),
            lines,
            error: Decimal::ZERO,
            fields: if random.chance(300) { r#"{"po-reference":"PO-7781","giftWrap":true,"score":12.5}"#.into() } else { "{}".into() },
            digits: land.digits,
            country: land.country,
            segment: random.pick(&SEGMENTS),
            customer: format!("C{}", 10_000 + random.below(90_000)),
            date: format!("{local}{}{:02}:00", if land.offset < 0 { '-' } else { '+' }, land.offset.abs()),
            address,
            method: random.pick(&METHODS),
            shipping: if random.chance(700) { Decimal::new(500 + 250 * random.below(9) as i64, land.digits) } else { Decimal::ZERO },
            shipping_rate: rate,
            // Below the cheapest line there can be, so that no total is negative.
            discount: if random.chance(150) { Decimal::new(1 + random.below(4) as i64, land.digits) } else { Decimal::ZERO },
            quoted: random.chance(100),
        }
    }

    /// Puts another article into the order, taxed as the others are.
    pub(crate) fn add_line(&mut self, random: &mut Random) {
        self.lines.push(DraftLine::new(self.digits, self.shipping_rate, random));
    }

    /// Sums up and writes the JSON.
    pub(crate) fn finish(self) -> Generated {
        let round = |amount: Decimal| amount.round_dp_with_strategy(self.digits, RoundingStrategy::MidpointAwayFromZero);
        let show = |number: Decimal| if self.quoted { format!(r#""{number}""#) } else { number.to_string() };
        let text = |text: &str| json!(text).to_string();
        let shipping_tax = round(self.shipping * self.shipping_rate);
        let mut total = self.shipping + shipping_tax - self.discount + self.error;
        let (mut lines, mut expected) = (Vec::new(), Vec::new());
        for (index, line) in self.lines.iter().enumerate() {
            let worth = round(line.quantity * line.unit_price) - line.discount;
            let tax = round(worth * line.rate);
            total += worth + tax;
            lines.push(format!(
                r#"{{"lineId":"L{}","sku":{},"name":{},"productType":"{}","quantity":{},"unitPrice":{},"discountAmount":{},"taxRate":{},"taxAmount":{},"lineTotal":{},"customFields":{}}}"#,
                index + 1, text(&line.sku), text(&line.name), line.product_type, show(line.quantity), show(line.unit_price), show(line.discount),
                show(line.rate), show(tax), show(worth), line.fields
            ));
            expected.push(ExpectedLine {
                sku: line.sku.clone(),
                quantity: line.quantity,
                unit_price: line.unit_price,
                discount: line.discount,
                tax,
                total: worth,
            });
        }
        let order = format!(
            concat!(
                r#"{{"orderId":"{number}","version":{version},"status":"{status}","orderDate":"{date}","currency":"{currency}","customerId":"{customer}","#,
                r#""customer":{{"segment":"{segment}"}},"shippingAddress":{address},"billingAddress":{address},"lineItems":[{lines}],"#,
                r#""shipping":{{"method":"ground","amount":{shipping},"taxRate":{shipping_rate},"taxAmount":{shipping_tax}}},"discountAmount":{discount},"totalAmount":{total},"#,
                r#""paymentInfo":{{"method":"{method}","status":"authorized","transactionId":"txn_{number}","amount":{total}}},"customFields":{fields},"tags":["web"]}}"#
            ),
            number = self.number,
            version = self.version,
            status = self.status,
            date = self.date,
            currency = self.currency,
            customer = self.customer,
            segment = self.segment,
            address = self.address,
            lines = lines.join(","),
            shipping = show(self.shipping),
            shipping_rate = show(self.shipping_rate),
            shipping_tax = show(shipping_tax),
            discount = show(self.discount),
            total = show(total),
            method = self.method,
            fields = self.fields
        );
        Generated {
            body: event("order.created", &self.date, &order),
            order,
            expected: Expected {
                customer: self.customer,
                segment: self.segment.into(),
                country: self.country.into(),
                currency: self.currency,
                total,
                lines: expected,
            },
            number: self.number,
            date: self.date,
        }
    }
}

impl DraftLine {
    fn new(digits: u32, rate: Decimal, random: &mut Random) -> DraftLine {
        let article = random.pick(&CATALOGUE);
        let quantity = match article {
            Article { by_length: true, .. } => Decimal::new(20 + 5 * random.below(100) as i64, 1),
            Article { scale: 4, .. } => Decimal::from(100 * (1 + random.below(20))),
            _ => Decimal::from(1 + random.below(12)),
        };
        // In yen an article costs as many yen as it has cents elsewhere.
        let scale = if digits == 0 { article.scale - 2 } else { article.scale };
        DraftLine {
            sku: article.sku.into(),
            quantity,
            name: article.name.into(),
            product_type: article.product_type,
            unit_price: Decimal::new(article.price, scale),
            discount: if random.chance(200) { Decimal::new(1 + random.below(99) as i64, digits) } else { Decimal::ZERO },
            rate,
            fields: if random.chance(100) { r#"{"engraving":"Für Åsa ♥","bin":7}"# } else { "{}" },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_the_same_for_the_same_seed_and_differ_otherwise() {
        let bodies = |seed| generate(50, seed).into_iter().map(|order| order.body).collect::<Vec<_>>();
        assert_eq!(bodies(1), bodies(1));
        assert_ne!(bodies(1), bodies(2));
    }

    #[test]
    fn they_have_as_many_lines_as_was_asked_for() {
        for lines in [1, 10, 100] {
            assert!(sized(20, lines, 5).iter().all(|order| order.expected.lines.len() == lines));
        }
    }

    #[test]
    fn there_is_variety() {
        let orders = generate(500, 3);
        for country in ["CA", "US", "GB", "DE", "JP"] {
            assert!(orders.iter().any(|order| order.expected.country == country), "{country}");
        }
        for wanted in [r#""quantity":""#, "見本", "giftWrap", "hazmat", r#""segment":"vip""#] {
            assert!(orders.iter().any(|order| order.body.contains(wanted)), "{wanted}");
        }
        assert!(orders.iter().any(|order| order.expected.lines.iter().any(|line| !line.discount.is_zero())));
        assert!(orders.iter().all(|order| order.expected.total > Decimal::ZERO));
    }

    #[test]
    fn every_body_is_json() {
        for order in generate(200, 4) {
            let value: serde_json::Value = serde_json::from_str(&order.body).unwrap();
            assert_eq!(value["data"]["orderId"], order.number);
            let updated: serde_json::Value = serde_json::from_str(&order.updated(3).body).unwrap();
            assert_eq!((&updated["data"]["version"], &updated["data"]["status"]), (&json!(3), &json!("paid")));
        }
    }
}
