//! One mapping of one order: a template of 30 rows, five of them expressions, beside the same template with plain paths in
//! the place of the expressions. One template is read, many documents are made. Interleaved, so that both see the same noise.

use crate::table;
use crossdock_flow::{
    mapping::{self, Mapping},
    route, sample,
};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::{hint::black_box, time::Instant};

/// How often.
#[derive(clap::Args)]
pub(crate) struct Documents {
    /// Documents per size and contender.
    #[arg(long, default_value_t = 20_000)]
    documents: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row {
    contender: &'static str,
    rows: usize,
    expressions: usize,
    lines: usize,
    us_p50: f64,
    us_p99: f64,
}

/// 20 rows in the header and 10 per line.
const TEMPLATE: &str = r#"
name = "bench"
key = "PurchaseOrderNo"
customer = "CustomerNo"
total = "TotalAmount"

[header]
PurchaseOrderNo = { from = "document.key", width = 20 }
CustomerNo = { EXPR = "upper(trim(customer.id))", PLAIN = "customer.id", width = 6 }
OrderDate = { from = "ordered-at", type = "date" }
Currency = "currency"
Name = { from = "shipping-to.name", width = 35, overflow = "cut" }
Company = { from = "shipping-to.company", width = 35, overflow = "cut", default = "" }
Address1 = { from = "shipping-to.line1", width = 35, overflow = { spill = "Address2" } }
Address2 = { from = "shipping-to.line2", width = 35, default = "" }
City = { from = "shipping-to.city", width = 20 }
State = { from = "shipping-to.region", width = 10, default = "" }
ZipCode = { from = "shipping-to.postal-code", functions = ["upper"], width = 10, default = "" }
Country = { from = "shipping-to.country", width = 15 }
PaymentTerms = { from = "payment.method", table = "terms", width = 20 }
Comment = { EXPR = "format(\"{} lines, {} units\", size(lines), sum(lines.map(l, l.quantity)))", PLAIN = "shipping.method", width = 60 }
ShipVia = { from = "shipping.method", width = 15, overflow = "cut", default = "" }
Priority = { EXPR = "total > 500 && customer.segment == \"wholesale\" ? \"A\" : \"B\"", PLAIN = "customer.segment", width = 10 }
Warehouse = { from = "document.warehouse", width = 3 }
Freight = { from = "document.shipping", type = "number" }
OrderDiscount = { from = "document.discount", type = "number" }
TotalAmount = { from = "document.total", type = "number" }

[lines]
ItemCode = { from = "line.sku", functions = ["trim"], width = 15 }
Description = { EXPR = "default(line.fields.label, cut(line.name, 35))", PLAIN = "line.name", width = 35 }
Quantity = { from = "line.quantity", type = "number" }
UnitPrice = { from = "line.unit-price", type = "number" }
Discount = { from = "line.discount", type = "number" }
ExtPrice = { from = "line.total", type = "number" }
TaxRate = { from = "line.tax-rate", type = "number" }
TaxAmount = { EXPR = "round(line.total * line.tax_rate, 2)", PLAIN = "line.tax", type = "number" }
Warehouse = { from = "document.warehouse", width = 3 }
GLCode = { constant = "", width = 24, default = "" }

[tables.terms]
card = "PREPAID"
on-account = "NET30"
"*" = "NET30"
"#;

/// The template with one of the two sources that some of its rows have.
fn template(keep: &str, drop: &str) -> Mapping {
    let line = |line: &str| match (line.find(&format!("{drop} = ")), line.find(&format!("{keep} = "))) {
        (Some(start), Some(kept)) if start < kept => format!("{}{}", &line[..start], &line[kept..]),
        (Some(start), Some(_)) => {
            let end = start + line[start..].find("\", ").map_or(0, |end| end + 3);
            format!("{}{}", &line[..start], &line[end..])
        }
        _ => line.to_owned(),
    };
    let text: String = TEMPLATE.lines().map(|text| line(text) + "\n").collect();
    let text = text.replace("EXPR = ", "expr = ").replace("PLAIN = ", "from = ");
    mapping::read("bench.toml", &text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

impl Documents {
    pub(crate) fn run(self) {
        let contenders = [("expressions", template("EXPR", "PLAIN")), ("plain-paths", template("PLAIN", "EXPR"))];
        let zone = TimeZone::get("America/Toronto").unwrap_or_else(|error| panic!("{error}"));
        let mut rows = Vec::new();
        for lines in [1, 10, 100] {
            let order = sample::order(lines);
            let shipments = route::whole(&order, &sample::candidates(&order));
            let mut samples = [Vec::with_capacity(self.documents), Vec::with_capacity(self.documents)];
            for round in 0..self.documents + self.documents / 10 {
                for ((_, mapping), samples) in contenders.iter().zip(&mut samples) {
                    let start = Instant::now();
                    let made = mapping.apply(black_box(&order), &shipments, &zone);
                    let took = start.elapsed();
                    assert!(black_box(made).is_ok(), "the template does not fit the sample");
                    // The first tenth warms up.
                    if round >= self.documents / 10 {
                        samples.push(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
                    }
                }
            }
            for ((contender, mapping), samples) in contenders.iter().zip(&mut samples) {
                let micros = |nanos: u64| (nanos as f64 / 10.0).round() / 100.0;
                let facts = mapping.facts();
                let (us_p50, us_p99) = (micros(table::quantile(samples, 500)), micros(table::quantile(samples, 990)));
                let expressions = facts.iter().filter(|fact| fact.expression).count();
                rows.push(Row { contender, rows: facts.len(), expressions, lines, us_p50, us_p99 });
            }
        }
        if !self.json {
            println!("one document of one order by a template; {} interleaved documents per size\n", self.documents);
        }
        table::print(&rows, self.json);
    }
}
