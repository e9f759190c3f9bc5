//! The engines, each as its documentation recommends: compiled once, then called with an instance that stays or with a new
//! one. None of them is metered: what limits cost is on our side of the comparison only.

mod extism;
mod luajit;
mod quickjs;
mod rhai;

use rust_decimal::Decimal;
use std::error::Error;

/// What an engine's call can fail with.
pub(crate) type Failed = Box<dyn Error>;

/// The lines that get another price, from 0, and that price: the answer of every engine.
pub(crate) type Prices = Vec<(u32, Decimal)>;

/// The order in the two forms that engines take: nobody pays for making them.
pub(crate) struct Order {
    /// As JSON, for engines that read it themselves.
    pub(crate) text: String,
    /// As a value of serde, for engines that make their own values of it.
    pub(crate) value: serde_json::Value,
}

/// An engine that has compiled the rule.
pub(crate) trait Engine {
    /// Its name in the table.
    fn name(&self) -> &'static str;
    /// A call of the instance that stays.
    fn reused(&mut self, order: &Order) -> Result<Prices, Failed>;
    /// A call of an instance of its own, which goes afterwards.
    fn fresh(&mut self, order: &Order) -> Result<Prices, Failed>;
}

/// All of them.
pub(crate) fn all() -> Result<Vec<Box<dyn Engine>>, Failed> {
    Ok(vec![Box::new(extism::Extism::new()?), Box::new(rhai::Rhai::new()?), Box::new(luajit::LuaJit::new()?), Box::new(quickjs::QuickJs::new()?)])
}

/// Prices of an engine that counts in ten-thousandths: line, price, line, price, …
fn pairs(flat: &[i64]) -> Result<Prices, Failed> {
    flat.chunks_exact(2).map(|pair| Ok((u32::try_from(pair[0])?, Decimal::new(pair[1], 4)))).collect()
}
