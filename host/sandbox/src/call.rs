//! The data of one call: the record it works on, what it has used, what it logged. Dropped with the sandbox afterwards.

use crate::{
    bindings::{log as wit_log, settings as wit_settings, types},
    log::Log,
    meter::{Meter, Stop},
    run::Rule,
    settings::Grants,
    wasi::Wasi,
};
use crossdock_flow::{
    Order,
    capability::{HostCall, Kept, World},
    edit::{DocumentEditor, OrderEditor},
    entity::Side,
    hook::Context,
    route::Candidates,
    sync::edit::SubjectEditor,
};
use std::sync::Arc;
use wasmtime::{Error, Result, component::Resource};

/// The number behind every handle that the host gives out.
const REP: u32 = 1;

/// A handle for the guest, valid for the call.
pub(crate) fn lend<T: 'static>() -> Resource<T> {
    Resource::new_borrow(REP)
}

/// Refuses a handle that the host did not give out.
pub(crate) fn own<T: 'static>(handle: &Resource<T>) -> Result<()> {
    if handle.rep() == REP { Ok(()) } else { Err(Error::new(Stop::Handle)) }
}

/// What the call works on.
pub(crate) enum Subject {
    /// `pre-map`: the order can be edited.
    Order(Box<OrderEditor>),
    /// `route-order`.
    Candidates(Arc<Order>, Arc<Candidates>),
    /// `post-map`: the document can be edited.
    Document(Arc<Order>, Box<DocumentEditor>),
    /// `pre-map-customer` and `pre-map-product`: the customer or product can be edited, on its way from this side.
    Entity(Side, Box<SubjectEditor>),
}

impl Subject {
    /// The order with the edits so far, in the hooks of orders.
    pub(crate) fn order(&mut self) -> Option<&Order> {
        match self {
            Subject::Order(editor) => Some(editor.order()),
            Subject::Candidates(order, _) | Subject::Document(order, _) => Some(order),
            Subject::Entity(..) => None,
        }
    }
}

/// The store's data.
pub(crate) struct Call {
    pub(crate) subject: Subject,
    pub(crate) meter: Meter,
    pub(crate) log: Log,
    pub(crate) settings: Arc<[(String, String)]>,
    pub(crate) now: jiff::Timestamp,
    pub(crate) plugin: Arc<str>,
    pub(crate) grants: Arc<Grants>,
    pub(crate) world: Arc<dyn World>,
    /// What earlier rules of the same order wrote in the plugins' places.
    pub(crate) kept: Arc<Kept>,
    /// What was asked of the outside, with the answers.
    pub(crate) calls: Vec<HostCall>,
    /// Made when the guest first asks WASI for something: most calls never do.
    pub(crate) wasi: Option<Box<Wasi>>,
    /// When the sandbox was ready and the guest was entered.
    pub(crate) entered: Option<std::time::Instant>,
}

impl Call {
    pub(crate) fn new(rule: &Rule, context: &Context, subject: Subject, lines: usize) -> Call {
        Call {
            subject,
            meter: Meter::new(&rule.limits, lines),
            log: Log::new(&rule.limits),
            settings: rule.settings.clone(),
            now: context.now.at,
            plugin: rule.name.clone(),
            grants: rule.grants.clone(),
            world: rule.world.clone(),
            kept: context.kept.clone(),
            calls: Vec::new(),
            wasi: None,
            entered: None,
        }
    }
}

impl types::Host for Call {}

impl wit_log::Host for Call {
    fn write(&mut self, level: wit_log::Level, message: String) -> Result<()> {
        self.meter.charge(message.len())?;
        let level = match level {
            wit_log::Level::Debug => "debug",
            wit_log::Level::Info => "info",
            wit_log::Level::Warn => "warn",
            wit_log::Level::Error => "error",
        };
        self.log.write(level, &message);
        Ok(())
    }
}

impl wit_settings::Host for Call {
    fn get(&mut self, key: String) -> Result<Option<String>> {
        let found = self.settings.binary_search_by(|(name, _)| name.as_str().cmp(&key)).ok().map(|place| self.settings[place].1.clone());
        self.meter.charge(key.len() + found.as_ref().map_or(0, String::len))?;
        Ok(found)
    }

    fn all(&mut self) -> Result<Vec<(String, String)>> {
        self.meter.charge(self.settings.iter().map(|(key, value)| key.len() + value.len()).sum())?;
        Ok(self.settings.to_vec())
    }
}
