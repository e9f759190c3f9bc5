//! What the operator lets a rule change, and by how much: checked by the host after every call, outside the plugin.
//! Pure. A breach is a fault that names the field, before, after and the rule that was broken; the edits are undone.

use crate::{
    Fault,
    edit::{Change, DocumentEditor, OrderEditor, Path},
    fault::Code,
    hook::{Ran, Verdict},
    mapping::Mapping,
    money::Decimal,
    sum,
    sync::{Subject, edit::SubjectEditor},
};
use std::fmt;

/// Limits on what one rule may do to one order or document. The default allows what the contract allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    /// What may be changed; `None` means all that the contract offers.
    pub may_change: Option<Vec<Pattern>>,
    /// By which part of what it was before, as a fraction, the order's total may change either way.
    pub max_total_change: Option<Decimal>,
    /// By which part of what it was before, as a fraction, a line's total may fall.
    pub max_line_discount: Option<Decimal>,
}

/// Which changes are meant, as written in the settings: `lines.*.unit-price`, `fields.*`, `lines.*.fields.GLCode`, `tags`,
/// `customer.price-list`, `product.price*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    written: String,
    part: Part,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    All,
    UnitPrice,
    Discount,
    Shipping,
    Tags,
    Field(Name),
    LineField(Name),
    Customer(Name),
    Product(Name),
}

/// A part that has a name.
type Named = fn(Name) -> Part;

/// A field's name, a beginning of it (`ShipToAddress.*`), or any.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Exactly(String),
    Beginning(String),
}

impl Name {
    fn parse(text: &str) -> Name {
        match text.strip_suffix('*') {
            Some(beginning) => Name::Beginning(beginning.to_owned()),
            None => Name::Exactly(text.to_owned()),
        }
    }

    fn means(&self, name: &str) -> bool {
        match self {
            Name::Exactly(exactly) => exactly == name,
            Name::Beginning(beginning) => name.starts_with(beginning.as_str()),
        }
    }
}

impl Pattern {
    /// Reads one pattern; `None` when it can never mean anything.
    pub fn parse(text: &str) -> Option<Pattern> {
        let part = match text {
            "*" => Part::All,
            "tags" => Part::Tags,
            "shipping.amount" | "shipping.*" => Part::Shipping,
            "lines.*.unit-price" => Part::UnitPrice,
            "lines.*.discount" => Part::Discount,
            _ => {
                let named: [(&str, Named); 4] =
                    [("fields.", Part::Field), ("lines.*.fields.", Part::LineField), ("customer.", Part::Customer), ("product.", Part::Product)];
                let part =
                    |(prefix, part): &(&str, Named)| text.strip_prefix(prefix).filter(|name| !name.is_empty()).map(|name| part(Name::parse(name)));
                named.iter().find_map(part)?
            }
        };
        Some(Pattern { written: text.to_owned(), part })
    }

    fn means(&self, path: &Path) -> bool {
        match (&self.part, path) {
            (Part::All, _)
            | (Part::UnitPrice, Path::UnitPrice(_))
            | (Part::Discount, Path::Discount(_))
            | (Part::Shipping, Path::Shipping)
            | (Part::Tags, Path::Tags) => true,
            (Part::Field(name), Path::Field(field))
            | (Part::LineField(name), Path::LineField(_, field))
            | (Part::Customer(name), Path::Customer(field))
            | (Part::Product(name), Path::Product(field)) => name.means(field),
            _ => false,
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl Guard {
    /// Checks what a rule did to an order, the sum rule included. A breach becomes the rule's answer.
    pub fn order(&self, mut ran: Ran<OrderEditor, Verdict>) -> Ran<OrderEditor, Verdict> {
        if matches!(ran.answer, Ok(Verdict::Proceed)) {
            let checked = self.may(ran.subject.changes()).and_then(|()| self.worth(&mut ran.subject)).and_then(|()| sum::check(ran.subject.order()));
            ran.blame(checked);
        }
        ran
    }

    /// Checks what a rule did to a document, the widths of the ERP's fields included.
    pub fn document(&self, mapping: &Mapping, mut ran: Ran<DocumentEditor, Verdict>) -> Ran<DocumentEditor, Verdict> {
        if matches!(ran.answer, Ok(Verdict::Proceed)) {
            let fits =
                |change: &Change| mapping.check_change(change).map_err(|fault| breach(change, &format!("the ERP's widths: {}", fault.message)));
            let checked = self.may(ran.subject.changes()).and_then(|()| ran.subject.changes().iter().try_for_each(fits));
            ran.blame(checked);
        }
        ran
    }

    /// Checks what a rule did to a customer or a product: a product's prices are still prices.
    pub fn subject(&self, mut ran: Ran<SubjectEditor, Verdict>) -> Ran<SubjectEditor, Verdict> {
        if matches!(ran.answer, Ok(Verdict::Proceed)) {
            let sound = |subject: &Subject| if let Subject::Product(product) = subject { product.check() } else { Ok(()) };
            let checked = self.may(ran.subject.changes()).and_then(|()| sound(ran.subject.subject()));
            ran.blame(checked);
        }
        ran
    }

    fn may(&self, changes: &[Change]) -> Result<(), Fault> {
        let Some(may) = &self.may_change else { return Ok(()) };
        match changes.iter().find(|change| !may.iter().any(|pattern| pattern.means(&change.path))) {
            None => Ok(()),
            Some(change) => {
                let listed: Vec<String> = may.iter().map(|pattern| format!("\"{pattern}\"")).collect();
                Err(breach(change, &format!("may-change = [{}]", listed.join(", "))))
            }
        }
    }

    fn worth(&self, editor: &mut OrderEditor) -> Result<(), Fault> {
        let over = |before: Decimal, change: Decimal, most: Decimal| change > before.abs() * most;
        if let Some(most) = self.max_line_discount {
            for (index, before) in editor.totals_before() {
                let after = editor.order().lines[index as usize].total;
                if over(before, before - after, most) {
                    let rule = format!("max-line-discount = \"{}%\"", (most * Decimal::ONE_HUNDRED).normalize());
                    return Err(told(&format!("lines[{index}].total"), &before.to_string(), &after.to_string(), &rule));
                }
            }
        }
        if let Some(most) = self.max_total_change {
            let (before, after) = (editor.total_before(), editor.order().total);
            if over(before, (after - before).abs(), most) {
                let rule = format!("max-total-change = \"{}%\"", (most * Decimal::ONE_HUNDRED).normalize());
                return Err(told("total", &before.to_string(), &after.to_string(), &rule));
            }
        }
        Ok(())
    }
}

fn breach(change: &Change, rule: &str) -> Fault {
    told(&change.path.to_string(), &change.before.to_string(), &change.after.to_string(), rule)
}

fn told(place: &str, before: &str, after: &str, rule: &str) -> Fault {
    let show = |text: &str| if text.is_empty() { "nothing".to_owned() } else { format!("`{}`", crate::fault::shorten(text)) };
    Fault::new(Code::PluginGuard, format!("{} → {} breaks {rule}", show(before), show(after))).at(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{hook::HookRun, mapping, order::Value, sample};
    use std::sync::Arc;

    fn ran<E>(subject: E) -> Ran<E, Verdict> {
        Ran { subject, answer: Ok(Verdict::Proceed), run: HookRun::new(crate::hook::Hook::PreMap, "rule".into(), "v".into()) }
    }

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn guard(may: &[&str]) -> Guard {
        Guard { may_change: Some(may.iter().map(|text| Pattern::parse(text).unwrap()).collect()), ..Guard::default() }
    }

    fn edited() -> OrderEditor {
        let mut editor = OrderEditor::new(Arc::new(sample::order(2)));
        editor.set_unit_prices(&[1], &[d("44.50")], "half").unwrap();
        editor.set_field("Buyer", Value::Text("x".into()), "seen").unwrap();
        editor.set_line_field(0, "bin", Value::Flag(true), "seen").unwrap();
        editor
    }

    #[test]
    fn only_what_is_listed_may_change() {
        assert!(guard(&["lines.*.unit-price", "fields.B*", "lines.*.fields.bin"]).order(ran(edited())).answer.is_ok());
        assert!(guard(&["*"]).order(ran(edited())).answer.is_ok());
        let refused = guard(&["fields.*", "lines.*.fields.*"]).order(ran(edited()));
        let fault = refused.answer.clone().unwrap_err();
        assert_eq!((fault.code, fault.place.as_deref()), (Code::PluginGuard, Some("lines[1].unit-price")));
        assert_eq!(fault.message, "`89.00` → `44.50` breaks may-change = [\"fields.*\", \"lines.*.fields.*\"]");
        assert_eq!(fault.detail.as_ref().unwrap().plugin, "rule");
        let settled = refused.settled();
        assert_eq!((&*settled.subject, settled.run.fault), (&sample::order(2), Some(fault)));
        assert!(settled.run.changes.is_empty(), "what was undone is no change");
    }

    #[test]
    fn amounts_may_change_only_so_far() {
        let half = |most: &str| Guard { max_line_discount: Some(d(most)), ..Guard::default() };
        assert!(half("0.5").order(ran(edited())).answer.is_ok());
        let fault = half("0.49").order(ran(edited())).answer.unwrap_err();
        assert_eq!(fault.to_string(), "E111 plugin `rule` in pre-map: lines[1].total: `178.00` → `89.00` breaks max-line-discount = \"49%\"");
        let total = |most: &str| Guard { max_total_change: Some(d(most)), ..Guard::default() };
        assert!(total("0.5").order(ran(edited())).answer.is_ok());
        let fault = total("0.3").order(ran(edited())).answer.unwrap_err();
        assert!(fault.message.ends_with("breaks max-total-change = \"30%\"") && fault.place.as_deref() == Some("total"), "{fault}");
        let mut dearer = OrderEditor::new(Arc::new(sample::order(2)));
        dearer.set_unit_prices(&[0], &[d("4995")], "a slip").unwrap();
        assert!(total("0.3").order(ran(dearer)).answer.is_err(), "upwards, too");
    }

    #[test]
    fn an_order_worth_less_than_nothing_is_the_rules_fault() {
        let mut order = sample::order(1);
        order.discount = d("5");
        order.shipping = Default::default();
        order.total = order.subtotal() - order.discount + order.tax();
        let mut editor = OrderEditor::new(Arc::new(order));
        editor.set_unit_prices(&[0], &[Decimal::ZERO], "free").unwrap();
        let fault = Guard::default().order(ran(editor)).answer.unwrap_err();
        assert_eq!((fault.code, fault.detail.unwrap().plugin.as_str()), (Code::InvalidField, "rule"));
    }

    #[test]
    fn a_text_wider_than_the_erps_field_names_the_rule() {
        let mapping = mapping::read(mapping::SHIPPED[0].0, mapping::SHIPPED[0].1).unwrap();
        let mut editor = DocumentEditor::new(sample::document(&sample::order(1)));
        editor.set_field("ShipToAddress.City", Value::Text("x".repeat(41)), "seen").unwrap();
        let fault = Guard::default().document(&mapping, ran(editor)).answer.unwrap_err();
        assert_eq!((fault.code, fault.place.as_deref()), (Code::PluginGuard, Some("fields.ShipToAddress.City")));
        assert!(fault.message.contains("the ERP's widths: 41 characters, but the field holds 20"), "{fault}");
    }

    #[test]
    fn patterns_that_mean_nothing_are_refused() {
        for text in ["", "lines.3.unit-price", "lines.*.quantity", "total", "fields.", "lines.*.fields.", "currency", "customer.", "price-list"] {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
    }
}
