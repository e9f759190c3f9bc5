//! Expressions on a sample order.

use super::{Expression, FUNCTIONS};
use crate::{
    Decimal, Order,
    mapping::{Mocks, ORDER, Table, datum::Datum, order::Part},
    order::{Field, Value},
    route, sample, share,
};
use jiff::tz::TimeZone;
use std::sync::Arc;

fn terms() -> Vec<Arc<Table>> {
    Mocks::read("x.toml", "[tables.terms]\ncard = \"PREPAID\"\non-account = \"NET30\"\n").unwrap().tables
}

fn order() -> Order {
    let mut order = sample::order(3);
    let field = |name: &str, value| Field { name: name.into(), value };
    order.fields.push(field("gift", Value::Flag(true)));
    order.fields.push(field("weight", Value::Number(Decimal::new(125, 1))));
    order.fields.push(field("gate code", Value::Text("7b".into())));
    order.lines[1].fields.push(field("note", Value::Text("fragile".into())));
    order.tags = vec!["vip".into()];
    order.ordered_at.at = "2026-03-01T02:30:00Z".parse().unwrap();
    order
}

/// What an expression gives, or its fault, as text; of the line where one is named.
fn run(text: &str, line: Option<usize>) -> Result<String, String> {
    let tables = terms();
    let read = Expression::read(text, &ORDER, &tables, line.map(|_| 0));
    let expression =
        read.map_err(|flaws| flaws.iter().map(|flaw| format!("{} {} | {}", flaw.offset, flaw.message, flaw.cure)).collect::<Vec<_>>().join("\n"))?;
    let order = order();
    let shipments = route::whole(&order, &sample::candidates(&order));
    let shares = share::share(&order, &shipments);
    let zone = TimeZone::get("America/Toronto").unwrap();
    let scope = Part { order: &order, shipment: &shipments[0], share: &shares[0], key: "K-1", zone: &zone };
    let value = expression.value(&scope, &tables, line).map_err(|fault| fault.to_string())?;
    Ok(match value {
        Datum::Empty => "nothing".into(),
        other => other.to_text().into_owned(),
    })
}

#[test]
fn every_function_and_operator() {
    let mut wrong = Vec::new();
    for (text, expected) in [
        ("upper(customer.id + \"x\")", "C10042X"),
        ("customer.id.lower()", "c10042"),
        ("title(\"JOHN o'neil-SMITH\")", "John O'neil-Smith"),
        ("trim(\"  a   b \")", "a b"),
        ("digits(billing.phone)", "14165550100"),
        ("ascii(\"Zoë Müßig\")", "Zoe Mussig"),
        ("left(\"Ärger\", 2) + right(\"Ärger\", 2)", "Ärer"),
        ("cut(\"Oxford shirt, medium\", 14)", "Oxford shirt,"),
        ("pad_left(\"42\", 5, \"0\") + pad_right(\"a\", 3) + \"|\"", "00042a  |"),
        ("replace(\"a-b-c\", \"-\", \"\")", "abc"),
        ("before(\"a@b\", \"@\") + after(\"a@b\", \"@\") + before(\"ab\", \"@\")", "abab"),
        ("after(\"ab\", \"@\")", "nothing"),
        ("contains(\"abc\", \"b\") && \"abc\".startsWith(\"a\") && endsWith(\"abc\", \"c\")", "true"),
        ("join(split(\"a; b;;c\", \";\"), \"+\")", "a+b+c"),
        ("split(\"a b\", \" \")[1]", "b"),
        ("split(\"a b\", \" \")[7]", "nothing"),
        ("format(\"{} x {} = {}\", 2, dec(\"1.5\"), 2 * dec(\"1.5\"))", "2 x 1.5 = 3.0"),
        ("text(document.total)", "316.91"),
        ("number(\"12.50\") * 2", "25.00"),
        ("round(dec(\"2.345\"), 2) + round(dec(\"0.5\"))", "3.35"),
        ("floor(dec(\"1.9\")) + ceil(dec(\"1.1\")) + abs(-1)", "4"),
        ("fixed(dec(\"12.5\"), 2)", "12.50"),
        ("min(3, 1, 2) + max(3, 1, 2)", "4"),
        ("7 % 4 - 10 / 4", "0.5"),
        ("date(ordered_at)", "2026-02-28"),
        ("date(ordered_at, \"%d.%m.%Y\")", "28.02.2026"),
        ("time(ordered_at)", "21:30:00"),
        ("date(add_days(ordered_at, 2))", "2026-03-02"),
        ("days_between(instant(\"2026-01-01\"), ordered_at)", "58"),
        ("year(ordered_at) * 10000 + month(ordered_at) * 100 + day(ordered_at)", "20260228"),
        ("weekday(ordered_at)", "6"),
        ("size(lines) + size(\"Ärger\") + size(tags)", "9"),
        ("first(lines.map(l, l.fields.note)) + last(lines).sku", "fragileSOLVENT-1L"),
        ("sum(lines.map(l, l.quantity * l.unit_price))", "265.45"),
        ("sum([])", "0"),
        ("smallest(lines.map(l, l.quantity)) + largest(lines.map(l, l.quantity))", "4"),
        ("join(distinct([\"a\", \"b\", \"a\"]), \"\")", "ab"),
        ("default(shipping_to.line2, fields.nope, \"none\")", "none"),
        ("address_line(shipping_to)", "Sam Sample, Sample Supplies, 1 Example Street, Toronto, ON, M5V 1A1, CA"),
        ("house_number(\"221b Baker Street\") + street(\"221b Baker Street\")", "221bBaker Street"),
        ("house_number(\"Hauptstraße 12 a\") + \"/\" + street(\"Hauptstraße 12 a\")", "12 a/Hauptstraße"),
        ("default(house_number(\"Rua 25 de Março\"), \"-\")", "-"),
        ("first_name(\"Ana Maria Silva\") + \"/\" + last_name(\"Ana Maria Silva\") + \"/\" + last_name(\"Doe, Jo\")", "Ana Maria/Silva/Doe"),
        ("lookup(\"terms\", payment.method)", "NET30"),
        ("lookup(\"terms\", \"cash\", \"OTHER\")", "OTHER"),
        ("has(shipping_to.line2) || has(fields.nope)", "false"),
        ("fields.gift ? \"gift\" : \"\"", "gift"),
        ("fields[\"gate code\"] + fields.`gate code`", "7b7b"),
        ("fields.weight * 2", "25.0"),
        ("upper(fields.weight)", "12.5"),
        ("\"vip\" in tags", "true"),
        ("lines.filter(l, l.quantity > 1).all(l, l.quantity >= 2) && lines.exists(l, l.sku == \"SOLVENT-1L\")", "true"),
        ("lines.exists_one(l, has(l.fields[\"note\"]))", "true"),
        ("!(total < 100) && ordered_at > instant(\"2020-01-01\")", "true"),
        ("upper(fields.nope)", "nothing"),
        ("fields.nope * 2 == null", "true"),
        ("\"a\" + fields.nope + \"b\"", "ab"),
        ("-document.discount == 0", "true"),
    ] {
        let found = run(text, None);
        if found.as_deref() != Ok(expected) {
            wrong.push(format!("{text}: expected {expected}, found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(run("line.sku + \"/\" + text(line.quantity) + default(line.fields.note, \"\")", Some(1)).as_deref(), Ok("LAMP-DESK-01/2fragile"));
    assert_eq!(run("size(lines.filter(l, l.sku == line.sku))", Some(2)).as_deref(), Ok("1"));
}

#[test]
fn what_cannot_be_at_run_time_says_so() {
    for (text, expected) in [
        ("1 / (size(tags) - 1)", "E304 1 cannot be divided by zero"),
        ("number(customer.id)", "E304 `C10042` is no number"),
        ("number(\"1,234.50\")", "E304 `1,234.50` is no number"),
        ("lookup(\"terms\", \"cash\")", "E303 table `terms` has no entry for `cash` and no `*`"),
        ("fields[\"gate code\"] * 2", "E304 `*` cannot take text and number"),
        ("round(fields.gift)", "E304 round needs number, but was given flag"),
        ("instant(\"soon\")", "E304 `soon` is no point in time"),
        ("left(\"abc\", total)", "E304 left needs a whole number from 0 to 4000, but was given 316.91"),
    ] {
        assert_eq!(run(text, None).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn every_flaw_has_its_place_and_cure() {
    let mut wrong = Vec::new();
    for (text, expected) in [
        ("upper(customer.idd)", "6 `customer.idd` is no path of the order | did you mean `customer.id`?"),
        ("shipping-to.city", "0 `shipping-to.city` is a subtraction here | in an expression a `-` of a path is written `_`: shipping_to.city"),
        ("lines.map(l, l.unit-price)", "13 `l.unit-price` is a subtraction here | in an expression a `-` of a path is written `_`: l.unit_price"),
        ("uper(customer.id)", "0 there is no function `uper` | did you mean `upper`?"),
        ("total * 1.5", "8 `1.5` would be a float, and numbers here are exact | write dec(\"1.5\")"),
        ("\"total \" + total", "0 `+` cannot take text and number | write text(…) around what is no text"),
        ("upper(total)", "6 `upper` needs text here: this is number, not text | write text(…) around it"),
        ("round(customer.id, 2)", "6 `round` needs number here: this is text, not number | write number(…) around it"),
        ("trim()", "0 `trim` was given 0 arguments | trim(text) → text"),
        ("total ? 1 : 2", "0 this is number, not flag | compare it with something, or write has(…)"),
        ("customer.id == 5", "0 text and number are never alike | write text(…) or number(…) around one of them"),
        ("lookup(\"term\", \"x\")", "7 there is no table `term` | did you mean `terms`?"),
        ("line.sku", "0 `line` is there only for rows under [lines] | write lines.map(l, l.sku) or first(lines).sku"),
        ("lines.map(l, l.skuu)", "13 `skuu` is no path of a line | did you mean `sku`?"),
        ("lines", "0 gives list<line>, but a field holds text, a number or a flag | name a path of a line, for example first(lines).sku"),
        ("lines.sku", "0 `lines` is a list | write lines.map(l, l.sku) or first(lines).sku"),
        ("format(\"{} {}\", 1)", "7 has 2 `{}` for 1 values | write one `{}` for each value"),
        ("date(ordered_at, \"%!\")", "17 `%!` is no form of a date | write for example \"%d.%m.%Y\" or \"%Y%m%d\""),
        ("{\"a\": 1}", "0 maps and objects are no part of the language | write [tables.NAME] and lookup(\"NAME\", …)"),
        ("(total + ", "9 is no expression: mismatched input the end | see docs/mapping.md"),
        ("\"ä\" + nope + uper(1)", "7 `nope` is no path of the order | known"),
    ] {
        let found = run(text, None).unwrap_err();
        if !found.starts_with(expected) {
            wrong.push(format!("{text}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let two = run("nope + uper(customer.idd)", None).unwrap_err();
    assert_eq!(two.lines().count(), 3, "{two}");
}

#[test]
fn what_only_decides_is_not_carried() {
    let locks = |text: &str| Expression::read(text, &ORDER, &terms(), Some(0)).unwrap().locks;
    for text in [
        "line.sku",
        "total * 2",
        "text(line.quantity)",
        "has(total) ? total : 0",
        "first(lines).sku",
        "sum(lines.map(l, l.total))",
        "[total].map(t, t)[0]",
    ] {
        assert!(locks(text), "{text}");
    }
    for text in
        ["total > 1000 ? \"NET30\" : \"PREPAID\"", "size(line.sku)", "line.name", "join(lines.filter(l, l.quantity > 1).map(l, l.name), \",\")"]
    {
        assert!(!locks(text), "{text}");
    }
}

#[test]
fn the_page_lists_every_function() {
    let page = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/mapping.md")).unwrap();
    let section = page.split("<!-- functions -->").nth(1).unwrap_or_default();
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| `")).collect();
    let expected: Vec<String> = FUNCTIONS.iter().map(|function| format!("| `{}` | {} |", function.shape(), function.does)).collect();
    assert_eq!(rows, expected, "the table of functions in docs/mapping.md; it must be\n{}", expected.join("\n"));
}
