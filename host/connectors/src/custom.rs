//! Custom fields of goods and people on the wire, whatever they are called: as an object of their own, or as further columns
//! beside those that the connector knows. Exact both ways; card and password fields are left where they are.

use crate::{
    amount::invalid,
    canonical,
    scalar::{Custom, Fields},
};
use crossdock_flow::{
    Fault,
    order::{Field, Value},
    schema::is_never_read,
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    ser::{Error, SerializeMap},
};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Custom fields of a row: as they came until they are taken, and as they go.
#[derive(Default)]
pub(crate) enum Customs {
    #[default]
    None,
    Came(Fields),
    Go(Vec<Field>),
}

impl Customs {
    /// Those of an entity, on their way out. One without a value is to be taken away there.
    pub(crate) fn of(fields: &[Field]) -> Customs {
        if fields.is_empty() { Customs::None } else { Customs::Go(fields.to_vec()) }
    }

    pub(crate) fn is_none(&self) -> bool {
        matches!(self, Customs::None)
    }

    /// Those that came. Fails with E202.
    pub(crate) fn take(self, at: &str) -> Result<Vec<Field>, Fault> {
        match self {
            Customs::None => Ok(Vec::new()),
            Customs::Came(Fields(sent)) => read(sent, at),
            Customs::Go(fields) => Ok(fields),
        }
    }
}

impl<'de> Deserialize<'de> for Customs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Customs, D::Error> {
        Ok(Option::<Fields>::deserialize(deserializer)?.map_or(Customs::None, Customs::Came))
    }
}

impl Serialize for Customs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Customs::Go(fields) => Columns(fields).serialize(serializer),
            Customs::None | Customs::Came(_) => serializer.serialize_map(Some(0))?.end(),
        }
    }
}

fn read(mut sent: Vec<(String, Custom)>, at: &str) -> Result<Vec<Field>, Fault> {
    sent.retain(|(name, _)| !is_never_read(name));
    canonical::fields(sent, &|| at.to_owned())
}

/// The columns of a row that are not known by name: custom fields. Texts lose the spaces that pad them; what is an object or a
/// list is none. Fails with E201 and E202.
pub(crate) fn columns(body: &[u8], known: &[&str]) -> Result<Vec<Field>, Fault> {
    let row: BTreeMap<String, &RawValue> = crate::rows::borrowed(body)?;
    let mut sent = Vec::new();
    for (name, json) in row.into_iter().filter(|(name, json)| !known.contains(&name.as_str()) && !json.get().starts_with(['{', '['])) {
        let value = serde_json::from_str(json.get()).map_err(|_| invalid("it is no text, number or boolean").at("a further column"))?;
        sent.push((name, if let Custom::Text(text) = value { trimmed(&text) } else { value }));
    }
    read(sent, "a further column")
}

fn trimmed(text: &str) -> Custom {
    match text.trim() {
        "" => Custom::Empty,
        text => Custom::Text(text.to_owned()),
    }
}

/// A row and, beside its own columns, those of custom fields.
#[derive(Serialize)]
pub(crate) struct Beside<'f, R: Serialize> {
    #[serde(flatten)]
    row: R,
    #[serde(flatten)]
    columns: Columns<'f>,
}

impl<'f, R: Serialize> Beside<'f, R> {
    /// Puts custom fields beside the columns of a row. Fails with E202 for one that has the name of a column.
    pub(crate) fn of(row: R, known: &[&str], fields: &'f [Field]) -> Result<Beside<'f, R>, Fault> {
        match fields.iter().find(|field| known.contains(&&*field.name)) {
            Some(field) => {
                Err(invalid("the ERP has a column of this name: name those that go in `custom-fields`").at(format!("fields.{}", field.name)))
            }
            None => Ok(Beside { row, columns: Columns(fields) }),
        }
    }
}

struct Columns<'f>(&'f [Field]);

impl Serialize for Columns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for Field { name, value } in self.0 {
            match value {
                Value::Text(text) => map.serialize_entry(&**name, text)?,
                Value::Flag(flag) => map.serialize_entry(&**name, flag)?,
                // A decimal's own text is a JSON number, digit by digit.
                Value::Number(number) => map.serialize_entry(&**name, &RawValue::from_string(number.to_string()).map_err(S::Error::custom)?)?,
                Value::Empty => map.serialize_entry(&**name, &())?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossdock_flow::Code;

    fn told(fields: &[Field]) -> Vec<String> {
        fields.iter().map(|field| format!("{}={}", field.name, field.value)).collect()
    }

    #[test]
    fn further_columns_are_read_and_nothing_that_is_never_read() {
        let row =
            br#"{"Known":"k","Rep":"BO  ","Stops":3.10,"On":true,"Empty":"   ","Null":null,"CardNo":"4111","Pwd":"x","List":[1],"Sub":{"a":1}}"#;
        let fields = columns(row, &["Known"]).unwrap();
        assert_eq!(told(&fields), ["On=true", "Rep=BO", "Stops=3.10"]);
        let written = serde_json::to_string(&Beside::of(serde_json::Map::new(), &["Known"], &fields).unwrap()).unwrap();
        assert_eq!(written, r#"{"On":true,"Rep":"BO","Stops":3.10}"#, "digit by digit");
        assert_eq!(columns(br#"{"Wide":1.23456}"#, &[]).unwrap_err().code, Code::InvalidField);
        let many: String = (0..257).map(|n| format!(r#""C{n}":{n},"#)).collect();
        assert_eq!(columns(format!("{{{}\"Last\":1}}", many).as_bytes(), &[]).unwrap_err().code, Code::InvalidField);
    }

    #[test]
    fn a_field_never_overwrites_a_column_and_an_empty_one_says_so() {
        let field = |name: &str, value| Field { name: name.into(), value };
        let clash = Beside::of(serde_json::Map::new(), &["Terms"], &[field("Terms", Value::Flag(true))]).err().unwrap();
        assert_eq!((clash.code, clash.place.as_deref()), (Code::InvalidField, Some("fields.Terms")));
        let gone = [field("Rep", Value::Empty)];
        assert_eq!(serde_json::to_string(&Customs::of(&gone)).unwrap(), r#"{"Rep":null}"#);
    }
}
