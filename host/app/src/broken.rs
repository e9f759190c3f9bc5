//! Stands in for a rule that the settings name but that cannot run: it answers every call with its fault, so that the
//! orders wait for a person instead of going out without the rule.

use async_trait::async_trait;
use crossdock_flow::{
    Document, Fault, Order,
    edit::{DocumentEditor, OrderEditor},
    entity::Side,
    hook::{Context, Hook, HookRun, Plugin, Ran, Route, Verdict},
    route::Candidates,
    sync::{Subject, edit::SubjectEditor},
};
use std::sync::Arc;

/// A rule that cannot run.
pub(crate) struct Broken {
    name: Arc<str>,
    version: Arc<str>,
    fault: Fault,
}

impl Broken {
    /// Stands in for the plugin of this name.
    pub(crate) fn new(name: &str, fault: Fault) -> Broken {
        let version = fault.detail.as_ref().map(|detail| detail.version.as_str()).unwrap_or_default();
        Broken { name: name.into(), version: version.into(), fault }
    }

    fn run(&self, hook: Hook) -> HookRun {
        HookRun { fault: Some(self.fault.clone()), ..HookRun::new(hook, self.name.clone(), self.version.clone()) }
    }
}

#[async_trait]
impl Plugin for Broken {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn version(&self) -> &Arc<str> {
        &self.version
    }

    fn answers(&self, _: Hook) -> bool {
        true
    }

    async fn pre_map(&self, _: &Context, order: Arc<Order>) -> Ran<OrderEditor, Verdict> {
        Ran { subject: OrderEditor::new(order), answer: Err(self.fault.clone()), run: self.run(Hook::PreMap) }
    }

    async fn route_order(&self, _: &Context, _: Arc<Order>, _: Arc<Candidates>) -> Ran<(), Route> {
        Ran { subject: (), answer: Err(self.fault.clone()), run: self.run(Hook::RouteOrder) }
    }

    async fn post_map(&self, _: &Context, _: Arc<Order>, document: Document) -> Ran<DocumentEditor, Verdict> {
        Ran { subject: DocumentEditor::new(document), answer: Err(self.fault.clone()), run: self.run(Hook::PostMap) }
    }

    async fn pre_map_subject(&self, _: &Context, _: Side, subject: Subject) -> Ran<SubjectEditor, Verdict> {
        let hook = Hook::of(subject.kind()).unwrap_or(Hook::PreMapCustomer);
        Ran { subject: SubjectEditor::new(subject), answer: Err(self.fault.clone()), run: self.run(hook) }
    }
}
