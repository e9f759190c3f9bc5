//! Rhai: the script optimised and compiled once to an AST, a scope per call. A fresh engine shares the package of functions
//! that all engines use, as the book says for programs that make many.

use super::{Engine, Failed, Order, Prices};
use ::rhai::{
    AST, Array, Engine as Interpreter, OptimizationLevel, Scope,
    packages::{Package, StandardPackage},
    serde::to_dynamic,
};

pub(super) struct Rhai {
    package: StandardPackage,
    engine: Interpreter,
    script: AST,
}

impl Rhai {
    pub(super) fn new() -> Result<Rhai, Failed> {
        let mut engine = Interpreter::new();
        engine.set_optimization_level(OptimizationLevel::Full);
        let script = engine.compile(include_str!("../rule.rhai"))?;
        Ok(Rhai { package: StandardPackage::new(), engine, script })
    }
}

fn call(engine: &Interpreter, script: &AST, order: &Order) -> Result<Prices, Failed> {
    let order = to_dynamic(&order.value)?;
    let prices: Array = engine.call_fn(&mut Scope::new(), script, "prices", (order,))?;
    let price = |pair: ::rhai::Dynamic| {
        let pair = pair.into_array()?;
        Ok((u32::try_from(pair[0].as_int()?)?, pair[1].as_decimal()?))
    };
    prices.into_iter().map(price).collect()
}

impl Engine for Rhai {
    fn name(&self) -> &'static str {
        "rhai"
    }

    fn reused(&mut self, order: &Order) -> Result<Prices, Failed> {
        call(&self.engine, &self.script, order)
    }

    fn fresh(&mut self, order: &Order) -> Result<Prices, Failed> {
        let mut engine = Interpreter::new_raw();
        engine.register_global_module(self.package.as_shared_module());
        call(&engine, &self.script, order)
    }
}
