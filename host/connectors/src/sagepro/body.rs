//! A document as Sage Pro's JSON: dots in field names make objects, numbers keep every digit, empty values are left out.

use crossdock_flow::{
    Code, Document, Fault,
    order::{Field, Value},
};
use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeMap},
};
use serde_json::value::RawValue;

/// Writes the body of a new order. Fails with E304 when a field name stands for a value and an object at once.
pub(crate) fn json(document: &Document) -> Result<Vec<u8>, Fault> {
    let mut header = tree(&document.fields)?;
    let lines = document.lines.iter().map(|line| tree(line)).collect::<Result<Vec<_>, _>>()?;
    if header.0.iter().any(|(name, _)| *name == "LineItems") {
        return Err(clash("LineItems"));
    }
    header.0.push(("LineItems", Node::Lines(lines)));
    serde_json::to_vec(&header).map_err(|error| Fault::new(Code::Internal, format!("the document cannot be written: {error}")))
}

/// Named nodes, in the order of the fields.
struct Object<'d>(Vec<(&'d str, Node<'d>)>);

enum Node<'d> {
    Value(&'d Value),
    Object(Object<'d>),
    Lines(Vec<Object<'d>>),
}

fn tree(fields: &[Field]) -> Result<Object<'_>, Fault> {
    let mut root = Object(Vec::with_capacity(fields.len()));
    for Field { name, value } in fields {
        match value {
            Value::Empty => {}
            Value::Text(text) if text.is_empty() => {}
            value => plant(&mut root, name, name, value)?,
        }
    }
    Ok(root)
}

fn plant<'d>(object: &mut Object<'d>, full: &str, name: &'d str, value: &'d Value) -> Result<(), Fault> {
    let (name, rest) = match name.split_once('.') {
        Some((name, rest)) => (name, Some(rest)),
        None => (name, None),
    };
    let place = object.0.iter().position(|(there, _)| *there == name);
    match (rest, place) {
        (None, None) => object.0.push((name, Node::Value(value))),
        (Some(rest), None) => {
            let mut child = Object(Vec::new());
            plant(&mut child, full, rest, value)?;
            object.0.push((name, Node::Object(child)));
        }
        (Some(rest), Some(place)) => match &mut object.0[place].1 {
            Node::Object(child) => plant(child, full, rest, value)?,
            _ => return Err(clash(full)),
        },
        (None, Some(_)) => return Err(clash(full)),
    }
    Ok(())
}

fn clash(name: &str) -> Fault {
    Fault::new(Code::MappingType, "the document has this field twice, or as a value and as an object").at(format!("fields.{name}"))
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, node) in &self.0 {
            map.serialize_entry(name, node)?;
        }
        map.end()
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Value(Value::Text(text)) => serializer.serialize_str(text),
            Node::Value(Value::Flag(flag)) => serializer.serialize_bool(*flag),
            // A decimal's own text is a JSON number, digit by digit.
            Node::Value(Value::Number(number)) => RawValue::from_string(number.to_string()).map_err(S::Error::custom)?.serialize(serializer),
            Node::Value(Value::Empty) => serializer.serialize_unit(),
            Node::Object(object) => object.serialize(serializer),
            Node::Lines(lines) => lines.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossdock_flow::sample;

    fn field(name: &str, value: Value) -> Field {
        Field { name: name.into(), value }
    }

    fn number(text: &str) -> Value {
        Value::Number(text.parse().unwrap())
    }

    #[test]
    fn dots_nest_numbers_stay_exact_and_empty_values_go() {
        let mut document = sample::document(&sample::order(1));
        document.fields = vec![
            field("PurchaseOrderNo", Value::Text("4711".into())),
            field("ShipToAddress.Name", Value::Text("Zoë \"Z\" Muster".into())),
            field("TotalAmount", number("90071992547.1299")),
            field("ShipToAddress.City", Value::Text("Köln".into())),
            field("ShipToAddress.Address2", Value::Text(String::new())),
            field("Freight", number("15.00")),
            field("Comment", Value::Empty),
            field("Backorder", Value::Flag(false)),
        ];
        document.lines = vec![vec![field("ItemCode", Value::Text("A".into())), field("UnitPrice", number("0.1250"))]];
        assert_eq!(
            String::from_utf8(json(&document).unwrap()).unwrap(),
            r#"{"PurchaseOrderNo":"4711","ShipToAddress":{"Name":"Zoë \"Z\" Muster","City":"Köln"},"TotalAmount":90071992547.1299,"Freight":15.00,"Backorder":false,"LineItems":[{"ItemCode":"A","UnitPrice":0.1250}]}"#
        );
    }

    #[test]
    fn a_name_for_two_things_is_refused() {
        let mut document = sample::document(&sample::order(1));
        for names in [["A", "A.B"], ["A.B", "A"], ["A", "A"], ["LineItems", "X"]] {
            document.fields = names.iter().map(|name| field(name, Value::Flag(true))).collect();
            assert_eq!(json(&document).unwrap_err().code, Code::MappingType, "{names:?}");
        }
    }
}
