//! A loaded plugin behind flow's seam: what is known of it, and the hooks.

use crate::{
    call::Subject,
    pace::Pace,
    run::{Outcome, Rule},
    settings::Limits,
};
use async_trait::async_trait;
use crossdock_flow::{
    Document, Order,
    edit::{DocumentEditor, OrderEditor},
    entity::Side,
    hook::{Context, Hook, HookRun, Plugin, Ran, Route, Verdict},
    route::Candidates,
    sync::{self, edit::SubjectEditor},
};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

/// What is known of a plugin once it is loaded.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Size of the file in bytes.
    pub size: u64,
    /// sha256 of the file, hex.
    pub sha256: Arc<str>,
    /// What it imports, by interface name with version.
    pub imports: Vec<String>,
    /// The hooks that it answers.
    pub hooks: Vec<Hook>,
    /// The memory that it starts with, in bytes; of the largest one when it has several.
    pub least_memory: u64,
    /// How long compiling took, or reading from the cache.
    pub compile_time: Duration,
    /// Whether the compiled code came from the cache.
    pub from_cache: bool,
    /// One run of each hook on sample input.
    pub rehearsal: Vec<HookRun>,
    /// Whether it was a core module that was made a component at load.
    pub componentized: bool,
}

/// A plugin ready to run. Cheap to clone; every call gets a sandbox of its own.
#[derive(Clone)]
pub struct Loaded {
    pub(crate) rule: Arc<Rule>,
    pub(crate) facts: Arc<Facts>,
}

impl Loaded {
    /// The hooks that it answers, in the order in which they run.
    pub fn hooks(&self) -> Vec<Hook> {
        self.facts.hooks.clone()
    }

    /// What is known of it.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What each of its calls may use.
    pub fn limits(&self) -> &Limits {
        &self.rule.limits
    }

    /// The same component with other settings of its own, flattened: for trying it.
    pub fn with_settings(&self, mut settings: Vec<(String, String)>) -> Loaded {
        settings.sort();
        self.with(|rule| rule.settings = settings.into())
    }

    /// The same component with other limits for its calls: for measuring it. Those of loading have had their say.
    pub fn with_limits(&self, limits: Limits) -> Loaded {
        self.with(|rule| rule.limits = limits)
    }

    fn with(&self, change: impl FnOnce(&mut Rule)) -> Loaded {
        let mut rule = self.rule.again();
        change(&mut rule);
        Loaded { rule: Arc::new(rule), facts: self.facts.clone() }
    }
}

/// Settings may hold secrets and are not shown.
impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded").field("name", &self.rule.name).field("facts", &self.facts).finish_non_exhaustive()
    }
}

#[async_trait]
impl Plugin for Loaded {
    fn name(&self) -> &Arc<str> {
        &self.rule.name
    }

    fn version(&self) -> &Arc<str> {
        &self.rule.version
    }

    fn answers(&self, hook: Hook) -> bool {
        self.facts.hooks.contains(&hook)
    }

    async fn pre_map(&self, context: &Context, order: Arc<Order>) -> Ran<OrderEditor, Verdict> {
        self.rule.pre_map(context, order).await.0
    }

    async fn route_order(&self, context: &Context, order: Arc<Order>, candidates: Arc<Candidates>) -> Ran<(), Route> {
        self.rule.route_order(context, order, candidates).await.0
    }

    async fn post_map(&self, context: &Context, order: Arc<Order>, document: Document) -> Ran<DocumentEditor, Verdict> {
        self.rule.post_map(context, order, document).await.0
    }

    async fn pre_map_subject(&self, context: &Context, from: Side, subject: sync::Subject) -> Ran<SubjectEditor, Verdict> {
        self.rule.pre_map_subject(context, from, subject).await.0
    }
}

/// Whether the plugin named a wrong setting, beside what came of the call.
type Told<T> = (T, bool);

impl Rule {
    /// The same rule, with a pace of its own.
    fn again(&self) -> Rule {
        Rule {
            name: self.name.clone(),
            version: self.version.clone(),
            limits: self.limits.clone(),
            grants: self.grants.clone(),
            settings: self.settings.clone(),
            world: self.world.clone(),
            room: self.room.clone(),
            pace: Pace::new(Instant::now()),
            fitting: self.fitting.clone(),
        }
    }

    pub(crate) async fn pre_map(&self, context: &Context, order: Arc<Order>) -> Told<Ran<OrderEditor, Verdict>> {
        let lines = order.lines.len();
        let subject = Subject::Order(Box::new(OrderEditor::new(order)));
        let Outcome { answer, subject, run, settings_wrong } = self.call(Hook::PreMap, context, lines, subject).await;
        let Subject::Order(editor) = subject else { unreachable!("a call gives back the subject it was given") };
        (Ran { subject: *editor, answer: answer.map(verdict), run }, settings_wrong)
    }

    pub(crate) async fn route_order(&self, context: &Context, order: Arc<Order>, candidates: Arc<Candidates>) -> Told<Ran<(), Route>> {
        let lines = order.lines.len();
        let Outcome { answer, run, settings_wrong, .. } = self.call(Hook::RouteOrder, context, lines, Subject::Candidates(order, candidates)).await;
        (Ran { subject: (), answer, run }, settings_wrong)
    }

    pub(crate) async fn post_map(&self, context: &Context, order: Arc<Order>, document: Document) -> Told<Ran<DocumentEditor, Verdict>> {
        let (lines, part) = (order.lines.len(), document.part);
        let subject = Subject::Document(order, Box::new(DocumentEditor::new(document)));
        let Outcome { answer, subject, mut run, settings_wrong } = self.call(Hook::PostMap, context, lines, subject).await;
        run.part = Some(part);
        let Subject::Document(_, editor) = subject else { unreachable!("a call gives back the subject it was given") };
        (Ran { subject: *editor, answer: answer.map(verdict), run }, settings_wrong)
    }

    /// On a customer or a product, at the hook of its kind; what it has many of counts as lines do.
    pub(crate) async fn pre_map_subject(&self, context: &Context, from: Side, subject: sync::Subject) -> Told<Ran<SubjectEditor, Verdict>> {
        let (hook, lines) = match &subject {
            sync::Subject::Product(product) => (Hook::PreMapProduct, product.prices.len()),
            sync::Subject::Customer(customer) => (Hook::PreMapCustomer, customer.ship_to.len()),
            // Neither hook is asked about anything else; a plugin could not read it.
            _ => (Hook::PreMapCustomer, 0),
        };
        let subject = Subject::Entity(from, Box::new(SubjectEditor::new(subject)));
        let Outcome { answer, subject, run, settings_wrong } = self.call(hook, context, lines.max(1), subject).await;
        let Subject::Entity(_, editor) = subject else { unreachable!("a call gives back the subject it was given") };
        (Ran { subject: *editor, answer: answer.map(verdict), run }, settings_wrong)
    }
}

/// The verdict in an answer; only `route-order` can answer shipments.
fn verdict(answer: Route) -> Verdict {
    match answer {
        Route::Stop(verdict) => verdict,
        Route::Ship(_) => Verdict::Proceed,
    }
}
