//! LuaJIT through mlua: the function loaded once; the order as Lua's tables by serde (`to_value`). A fresh state loads the
//! source and the one library that the rule needs: all of them, with the compiler of traces, take half as long again.

use super::{Engine, Failed, Order, Prices, pairs};
use mlua::{Function, Lua, LuaOptions, LuaSerdeExt, StdLib};

const RULE: &str = include_str!("../rule.lua");

pub(super) struct LuaJit {
    lua: Lua,
    rule: Function,
}

impl LuaJit {
    pub(super) fn new() -> Result<LuaJit, Failed> {
        let lua = Lua::new();
        let rule = lua.load(RULE).eval()?;
        Ok(LuaJit { lua, rule })
    }
}

fn call(lua: &Lua, rule: &Function, order: &Order) -> Result<Prices, Failed> {
    pairs(&rule.call::<Vec<i64>>(lua.to_value(&order.value)?)?)
}

impl Engine for LuaJit {
    fn name(&self) -> &'static str {
        "luajit"
    }

    fn reused(&mut self, order: &Order) -> Result<Prices, Failed> {
        call(&self.lua, &self.rule, order)
    }

    fn fresh(&mut self, order: &Order) -> Result<Prices, Failed> {
        let lua = Lua::new_with(StdLib::MATH, LuaOptions::default())?;
        let rule = lua.load(RULE).eval()?;
        call(&lua, &rule, order)
    }
}
