//! QuickJS through rquickjs: the module compiled once, to bytecode for fresh contexts; JSON in. A fresh context has the parts
//! of the language that the rule needs.

use super::{Engine, Failed, Order, Prices, pairs};
use rquickjs::{Context, Ctx, Function, Module, Persistent, Runtime, Value, WriteOptions, context::intrinsic};

const NAME: &str = "rule.js";

pub(super) struct QuickJs {
    // Before the context: it must go first.
    rule: Persistent<Function<'static>>,
    bytecode: Vec<u8>,
    context: Context,
}

impl QuickJs {
    pub(super) fn new() -> Result<QuickJs, Failed> {
        let context = Context::full(&Runtime::new()?)?;
        let (rule, bytecode) = context.with(|ctx| {
            let module = Module::declare(ctx.clone(), NAME, include_str!("../rule.js"))?;
            let bytecode = module.write(WriteOptions::default())?;
            rquickjs::Result::Ok((Persistent::save(&ctx, ready(module)?), bytecode))
        })?;
        Ok(QuickJs { rule, bytecode, context })
    }
}

/// The function of a module that has run.
fn ready(module: Module<'_>) -> rquickjs::Result<Function<'_>> {
    let (module, promise) = module.eval()?;
    promise.finish::<()>()?;
    module.get("prices")
}

fn call<'js>(ctx: &Ctx<'js>, rule: &Function<'js>, order: &Order) -> Result<Prices, Failed> {
    let order: Value = ctx.json_parse(order.text.as_str())?;
    pairs(&rule.call::<_, Vec<i64>>((order,))?)
}

impl Engine for QuickJs {
    fn name(&self) -> &'static str {
        "quickjs"
    }

    fn reused(&mut self, order: &Order) -> Result<Prices, Failed> {
        self.context.with(|ctx| call(&ctx, &self.rule.clone().restore(&ctx)?, order))
    }

    #[expect(unsafe_code, reason = "rquickjs reads bytecode by no other way, and this is its own")]
    fn fresh(&mut self, order: &Order) -> Result<Prices, Failed> {
        let context = Context::custom::<(intrinsic::Json, intrinsic::Promise)>(&Runtime::new()?)?;
        context.with(|ctx| {
            // SAFETY: written by the same program, by the same QuickJS.
            let module = unsafe { Module::load(ctx.clone(), &self.bytecode) }?;
            call(&ctx, &ready(module)?, order)
        })
    }
}
