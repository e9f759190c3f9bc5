//! The hooks, and the seam through which the flow calls rules. The sandbox stands behind it; so can a test.

use crate::{
    Document, Fault, Order,
    capability::{HostCall, Kept},
    edit::{Change, DocumentEditor, Editor, OrderEditor},
    entity::{Side, echo::Kind},
    fault::{Code, PluginDetail},
    order::Instant,
    route::{Candidates, Shipment},
    rule::Rule,
    sync::{Subject, edit::SubjectEditor},
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc, time::Duration};

/// A place in the flow where customer-specific rules run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hook {
    /// The canonical order, before mapping.
    PreMap,
    /// Which warehouse ships what.
    RouteOrder,
    /// The ERP document, after mapping.
    PostMap,
    /// A customer, on its way from one side to the other.
    PreMapCustomer,
    /// A product, on its way from one side to the other.
    PreMapProduct,
}

impl Hook {
    /// All hooks: first those of orders, in the order in which they run.
    pub const ALL: [Hook; 5] = [Hook::PreMap, Hook::RouteOrder, Hook::PostMap, Hook::PreMapCustomer, Hook::PreMapProduct];
    /// Those that an order passes.
    pub const ORDERS: [Hook; 3] = [Hook::PreMap, Hook::RouteOrder, Hook::PostMap];

    /// The hook that an entity passes which is kept alike on both sides; not every kind has one.
    pub fn of(kind: Kind) -> Option<Hook> {
        match kind {
            Kind::Customer => Some(Hook::PreMapCustomer),
            Kind::Product => Some(Hook::PreMapProduct),
            _ => None,
        }
    }

    /// The name, as in the WIT.
    pub fn name(self) -> &'static str {
        match self {
            Hook::PreMap => "pre-map",
            Hook::RouteOrder => "route-order",
            Hook::PostMap => "post-map",
            Hook::PreMapCustomer => "pre-map-customer",
            Hook::PreMapProduct => "pre-map-product",
        }
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Hook {
    type Err = ();
    fn from_str(name: &str) -> Result<Hook, ()> {
        Hook::ALL.into_iter().find(|hook| hook.name() == name).ok_or(())
    }
}

/// What the host tells a plugin about the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Name of the integration.
    pub integration: Arc<str>,
    /// The shop's id of the event.
    pub event_id: String,
    /// The attempt, from 1.
    pub attempt: u32,
    /// When the run began.
    pub now: Instant,
    /// What the rules before wrote in their key-value places, on the way of this order.
    #[serde(skip)]
    pub kept: Arc<Kept>,
}

/// What a rule decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Go on.
    Proceed,
    /// Wait, until a time or for a person.
    Hold {
        /// Why, for the merchant's staff.
        reason: String,
        /// When to try again by itself.
        until: Option<jiff::Timestamp>,
    },
    /// Do not deliver.
    Reject {
        /// Why, for the merchant.
        reason: String,
    },
}

/// What a routing rule decided. Not yet checked: see [`crate::route::check`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// Ship like this; the rest is backordered.
    Ship(Vec<Shipment>),
    /// Wait, or do not deliver.
    Stop(Verdict),
}

/// One line that a plugin logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// `debug`, `info`, `warn`, `error`, `stdout` or `stderr`.
    pub level: String,
    /// The text, capped.
    pub text: String,
}

/// Everything that is known of one run of one plugin at one hook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookRun {
    /// The hook.
    pub hook: Hook,
    /// The plugin's name.
    pub plugin: Arc<str>,
    /// sha256 of the component, hex.
    pub version: Arc<str>,
    /// Fuel used.
    pub fuel: u64,
    /// Fuel it was given.
    pub fuel_limit: u64,
    /// Time of the whole call.
    pub micros: u64,
    /// Of it, until the sandbox was ready and the guest was entered.
    #[serde(default)]
    pub enter: u64,
    /// Of it, from the answer until the sandbox was gone.
    #[serde(default)]
    pub leave: u64,
    /// Most memory it held, in bytes.
    pub memory: u64,
    /// What it decided; none when it failed.
    pub verdict: Option<Verdict>,
    /// What it changed, in order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub changes: Vec<Change>,
    /// What it asked of the outside, in order, with the answers.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub calls: Vec<HostCall>,
    /// What it logged.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub logs: Vec<LogLine>,
    /// How it failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fault: Option<Fault>,
    /// Which document it worked on, for `post-map`, from 0.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub part: Option<u32>,
    /// What the operator's policy made of it, when it was not simply called and believed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mark: Option<Mark>,
}

/// What the failure policy made of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// It failed, and the order went on unchanged.
    Skipped,
    /// It stood in for a newer version that failed.
    Previous,
}

impl HookRun {
    /// A run that has not begun.
    pub fn new(hook: Hook, plugin: Arc<str>, version: Arc<str>) -> HookRun {
        HookRun {
            hook,
            plugin,
            version,
            fuel: 0,
            fuel_limit: 0,
            micros: 0,
            enter: 0,
            leave: 0,
            memory: 0,
            verdict: None,
            changes: Vec::new(),
            calls: Vec::new(),
            logs: Vec::new(),
            fault: None,
            part: None,
            mark: None,
        }
    }
}

/// What comes back from a rule: the subject as the rule left it, its answer, and the record of the run.
#[derive(Clone, Debug)]
pub struct Ran<Subject, Answer> {
    /// The order or document.
    pub subject: Subject,
    /// The answer, or how it failed.
    pub answer: Result<Answer, Fault>,
    /// The record of the run. Its `fault` and `verdict` repeat the answer; its `changes` are filled by [`Ran::settled`].
    pub run: HookRun,
}

impl<Subject, Answer> Ran<Subject, Answer> {
    /// A check of the host found what the rule did wrong: that becomes its answer, and the fault names it.
    pub fn blame(&mut self, checked: Result<(), Fault>) {
        let Err(fault) = checked else { return };
        let fault = fault.detail(PluginDetail::new(&self.run.plugin, &self.run.version, Some(self.run.hook)));
        self.run.fault = Some(fault.clone());
        self.run.verdict = None;
        self.answer = Err(fault);
    }
}

impl<E: Editor> Ran<E, Verdict> {
    /// Takes the edits of a rule that lets the order go on. On hold, reject and fault the subject is as it was before the
    /// call.
    pub fn settled(self) -> Ran<E::Subject, Verdict> {
        let Ran { subject, answer, mut run } = self;
        let subject = if let Ok(Verdict::Proceed) = answer {
            let (subject, changes) = subject.finish();
            run.changes = changes;
            subject
        } else {
            subject.revert()
        };
        Ran { subject, answer, run }
    }
}

/// A customer-specific rule that answers one or more hooks. Called only for hooks that it answers.
#[async_trait]
pub trait Plugin: Send + Sync {
    /// Its name: the file's name without ending.
    fn name(&self) -> &Arc<str>;
    /// sha256 of the component, hex.
    fn version(&self) -> &Arc<str>;
    /// Whether it answers this hook.
    fn answers(&self, hook: Hook) -> bool;
    /// Runs the rule on the canonical order. Whoever calls decides whether the edits are taken.
    async fn pre_map(&self, context: &Context, order: Arc<Order>) -> Ran<OrderEditor, Verdict>;
    /// Runs the rule that chooses warehouses.
    async fn route_order(&self, context: &Context, order: Arc<Order>, candidates: Arc<Candidates>) -> Ran<(), Route>;
    /// Runs the rule on a document. Whoever calls decides whether the edits are taken.
    async fn post_map(&self, context: &Context, order: Arc<Order>, document: Document) -> Ran<DocumentEditor, Verdict>;
    /// Runs the rule on a customer or a product that comes from a side, at the hook of its kind. Whoever calls decides whether the edits are taken.
    /// A rule that knows orders only need not say anything here.
    async fn pre_map_subject(&self, _: &Context, _: Side, subject: Subject) -> Ran<SubjectEditor, Verdict> {
        let hook = Hook::of(subject.kind()).unwrap_or(Hook::PreMapCustomer);
        let fault = Fault::new(Code::Internal, format!("`{}` does not answer {hook}", self.name()));
        let run = HookRun { fault: Some(fault.clone()), ..HookRun::new(hook, self.name().clone(), self.version().clone()) };
        Ran { subject: SubjectEditor::new(subject), answer: Err(fault), run }
    }
}

/// The rules of one integration, in the order in which they run at each hook.
#[derive(Clone, Default)]
pub struct Rules {
    /// At `pre-map`, each sees what the one before left.
    pub pre_map: Vec<Rule>,
    /// At `route-order`, at most one.
    pub route_order: Option<Rule>,
    /// At `post-map`, each sees what the one before left.
    pub post_map: Vec<Rule>,
    /// At `pre-map-customer`, each sees what the one before left.
    pub pre_map_customer: Vec<Rule>,
    /// At `pre-map-product`, likewise.
    pub pre_map_product: Vec<Rule>,
}

impl Rules {
    /// The rules at the hook of a kind of entity, in order; orders do not come here.
    pub fn at(&self, hook: Hook) -> &[Rule] {
        match hook {
            Hook::PreMapCustomer => &self.pre_map_customer,
            Hook::PreMapProduct => &self.pre_map_product,
            Hook::PreMap | Hook::RouteOrder | Hook::PostMap => &[],
        }
    }
}

/// A duration in whole microseconds.
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
