//! Exact numbers as fields of the partners' JSON: read digit by digit, written digit by digit.

use crate::number;
use crossdock_flow::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use serde_json::value::RawValue;

/// A number that a canonical entity can hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amount(pub(crate) Decimal);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        match number::parse(json.get()) {
            Ok(Some(number)) => Ok(Amount(number)),
            Ok(None) => Err(D::Error::custom("a number with at most 4 decimals, below 100000000000")),
            Err(_) => Err(D::Error::custom("a number")),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = RawValue::from_string(self.0.to_string()).map_err(S::Error::custom)?;
        json.serialize(serializer)
    }
}

impl From<Decimal> for Amount {
    fn from(number: Decimal) -> Amount {
        Amount(number)
    }
}
