//! Loading a plugin: look at it, compile it, check its shape and needs, and rehearse every hook it answers, so that what
//! would fail at the first order fails here.

use crate::{
    compile::{self, Compiled, Kind},
    engine::Sandbox,
    meter::{ELEMENTS, MEMORIES, TABLES},
    pace::Pace,
    plugin::{Facts, Loaded},
    run::Rule,
    settings::{Grants, Limits, Terms},
    shape,
};
use crossdock_flow::{
    Code, Fault,
    capability::{Capability, Nowhere},
    entity::Side,
    fault::PluginDetail,
    hook::{Hook, HookRun},
    sample,
    sync::Subject,
};
use sha2::{Digest, Sha256};
use std::{sync::Arc, time::Instant};
use wasmtime::component::Component;

/// Size of a page of linear memory.
const PAGE: u64 = 64 << 10;
/// Lines of the sample order.
const LINES: usize = 3;

impl Sandbox {
    /// Loads a plugin from the bytes of its file; `settings` are its own, flattened. Fails with E121 to E127; the fault
    /// names the plugin. Compiling happens on a blocking thread and may take 20 s for a Python plugin.
    pub async fn load(&self, name: &str, bytes: Vec<u8>, terms: impl Into<Terms>) -> Result<Loaded, Fault> {
        let Terms { limits, grants, mut settings } = terms.into();
        let size = bytes.len() as u64;
        let sha256: Arc<str> = hex::encode(Sha256::digest(&bytes)).into();
        let named = |fault: Fault| match fault.detail {
            Some(_) => fault,
            None => fault.detail(PluginDetail::new(name, &sha256, None)),
        };
        let kind = compile::look(&bytes, &limits).map_err(named)?;
        let started = Instant::now();
        let Compiled { component, from_cache } = compile::compile(self.0.clone(), bytes, kind, sha256.clone(), &limits).await.map_err(named)?;
        let compile_time = started.elapsed();
        let fitting = shape::check(&self.0.engine, &self.0.linker, &component).map_err(named)?;
        granted(name, &fitting.imports, &grants).map_err(named)?;
        let least_memory = self.needs(&component, &limits).map_err(named)?;
        let hooks = fitting.hooks.clone();
        settings.sort();
        let imports = fitting.imports.clone();
        let mut rule = Rule {
            name: name.into(),
            version: sha256.clone(),
            limits,
            grants: grants.into(),
            settings: settings.into(),
            world: Arc::new(Nowhere),
            room: self.0.clone(),
            pace: Pace::new(started),
            fitting: fitting.into(),
        };
        let mut rehearsal = Vec::new();
        for &hook in &hooks {
            rehearsal.push(rehearse(&rule, hook).await?);
        }
        rule.world = self.0.world.clone();
        let componentized = kind == Kind::Module;
        let facts = Facts { size, sha256, imports, hooks, least_memory, compile_time, from_cache, rehearsal, componentized };
        Ok(Loaded { rule: Arc::new(rule), facts: Arc::new(facts) })
    }

    /// Compares what the component needs with what a sandbox has; returns its initial memory. Fails with E127.
    fn needs(&self, component: &Component, limits: &Limits) -> Result<u64, Fault> {
        let more = |what: &str, limit: &str, most: String, needed: String| {
            Err(Fault::new(Code::PluginNeeds, format!("it needs more {what} than a sandbox has")).limit(limit, most, Some(needed)))
        };
        let bytes = |bytes: u64| format!("{bytes} bytes");
        let most = self.0.settings.max_memory;
        if limits.memory > most {
            return Err(Fault::new(Code::PluginNeeds, "its `memory` is more than any sandbox has").limit(
                "max-memory",
                bytes(most),
                Some(bytes(limits.memory)),
            ));
        }
        let Some(needed) = component.resources_required() else {
            return Err(Fault::new(Code::PluginNeeds, "it imports core modules, so nobody can say what it needs"));
        };
        let memory = needed.max_initial_memory_size.unwrap_or(0).saturating_mul(PAGE);
        let elements = needed.max_initial_table_size.unwrap_or(0);
        if memory > limits.memory {
            return more("memory", "memory", bytes(limits.memory), bytes(memory));
        }
        if needed.num_memories > MEMORIES {
            return more("memories", "memories", MEMORIES.to_string(), needed.num_memories.to_string());
        }
        if needed.num_tables > TABLES {
            return more("tables", "tables", TABLES.to_string(), needed.num_tables.to_string());
        }
        if elements > ELEMENTS as u64 {
            return more("table elements", "table-elements", ELEMENTS.to_string(), elements.to_string());
        }
        Ok(memory)
    }
}

/// A component says by its imports what it asks for: that cannot lie, and cannot be forgotten. Fails with E128.
fn granted(name: &str, imports: &[String], grants: &Grants) -> Result<(), Fault> {
    let mut asked: Vec<Capability> = imports.iter().filter_map(|import| Capability::of_import(import)).collect();
    asked.sort();
    asked.dedup();
    let missing: Vec<&str> = asked.iter().filter(|one| !grants.capabilities.contains(one)).map(|one| one.name()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let all: Vec<String> = grants.capabilities.iter().chain(&asked).map(|one| format!("\"{one}\"")).collect();
    let mut unique: Vec<String> = Vec::new();
    all.into_iter().for_each(|one| {
        if !unique.contains(&one) {
            unique.push(one)
        }
    });
    Err(Fault::new(
        Code::NotGranted,
        format!("it asks for {}, which it was not granted; to allow it, write: [plugins.{name}] grant = [{}]", missing.join(", "), unique.join(", ")),
    ))
}

/// Calls one hook on sample input. A plugin may say that it does not support the sample, or that it failed on it: that
/// says nothing of real orders. What is wrong whatever the order refuses the plugin, with E126.
async fn rehearse(rule: &Rule, hook: Hook) -> Result<HookRun, Fault> {
    let context = sample::context();
    let order = Arc::new(sample::order(LINES));
    let (run, settings_wrong) = match hook {
        Hook::PreMap => {
            let (ran, told) = rule.pre_map(&context, order).await;
            (ran.settled().run, told)
        }
        Hook::RouteOrder => {
            let candidates = Arc::new(sample::candidates(&order));
            let (ran, told) = rule.route_order(&context, order, candidates).await;
            (ran.run, told)
        }
        Hook::PostMap => {
            let document = sample::document(&order);
            let (ran, told) = rule.post_map(&context, order, document).await;
            (ran.settled().run, told)
        }
        Hook::PreMapCustomer => {
            let (ran, told) = rule.pre_map_subject(&context, Side::Shop, Subject::Customer(Box::new(sample::customer()))).await;
            (ran.settled().run, told)
        }
        Hook::PreMapProduct => {
            let (ran, told) = rule.pre_map_subject(&context, Side::Erp, Subject::Product(Box::new(sample::product()))).await;
            (ran.settled().run, told)
        }
    };
    match &run.fault {
        None => Ok(run),
        Some(fault) if fault.code == Code::SandboxBusy => Err(fault.clone()),
        Some(fault) if fault.code == Code::PluginFailed && !settings_wrong => Ok(run),
        Some(fault) => {
            let sample = hook.name().strip_prefix("pre-map-").unwrap_or("order");
            let message = format!("it failed on the sample {sample}: {} {}", fault.code, fault.message);
            Err(Fault { code: Code::Rehearsal, message, ..fault.clone() })
        }
    }
}
