//! Exact JSON numbers of the simulated ERP, independent of how the host reads them.

use rust_decimal::Decimal;
use serde_json::value::RawValue;

/// Reads a JSON number exactly. `None` when it is something else.
pub fn read(json: &RawValue) -> Option<Decimal> {
    let text = json.get();
    if text.contains(['e', 'E']) { Decimal::from_scientific(text).ok() } else { Decimal::from_str_exact(text).ok() }
}
