//! This plugin's own settings: the table `[plugins.NAME.settings]` of the operator's file. Nested tables are flattened
//! with dots (`breaks.10`), lists with their index (`countries.0`), and every value is text.

use crate::{Decimal, HookError, backing};
use std::str::FromStr;

/// One setting; `None` when it is not set.
pub fn get(key: &str) -> Option<String> {
    backing::setting(key)
}

/// One setting that must be set. Fails with [`HookError::Settings`], naming it.
pub fn required(key: &str) -> Result<String, HookError> {
    get(key).ok_or_else(|| HookError::Settings(format!("`{key}` is missing")))
}

/// One setting as a number; `None` when it is not set. Fails with [`HookError::Settings`], naming it.
///
/// ```
/// use crossdock_sdk::{dec, sample, settings};
/// sample::settings(&[("limit", "5000")]);
/// assert_eq!(settings::decimal("limit")?.unwrap_or(dec!(1000)), dec!(5000));
/// # Ok::<(), crossdock_sdk::HookError>(())
/// ```
pub fn decimal(key: &str) -> Result<Option<Decimal>, HookError> {
    parsed(key, "a number such as 19.99")
}

/// One setting as yes or no; `None` when it is not set. Fails with [`HookError::Settings`], naming it.
pub fn flag(key: &str) -> Result<Option<bool>, HookError> {
    parsed(key, "true or false")
}

/// All settings below a prefix, sorted by key, each key without the prefix: `with_prefix("terms.")`.
pub fn with_prefix(prefix: &str) -> Vec<(String, String)> {
    let all = backing::all_settings();
    let below = |(key, value): &(String, String)| key.strip_prefix(prefix).map(|rest| (rest.to_owned(), value.clone()));
    all.iter().filter_map(below).collect()
}

/// All settings below a prefix as numbers: `decimals("breaks.")`. Fails with [`HookError::Settings`], naming the first
/// that is none.
pub fn decimals(prefix: &str) -> Result<Vec<(String, Decimal)>, HookError> {
    let number = |(key, value): (String, String)| match value.parse() {
        Ok(number) => Ok((key, number)),
        Err(_) => Err(wrong(&format!("{prefix}{key}"), "a number such as 19.99")),
    };
    with_prefix(prefix).into_iter().map(number).collect()
}

/// The error for a setting that is wrong. It does not repeat the value: settings can be confidential.
pub fn wrong(key: &str, expected: &str) -> HookError {
    HookError::Settings(format!("`{key}` is wrong: expected {expected}"))
}

fn parsed<T: FromStr>(key: &str, expected: &str) -> Result<Option<T>, HookError> {
    get(key).map(|text| text.parse().map_err(|_| wrong(key, expected))).transpose()
}
