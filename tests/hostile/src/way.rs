//! The ways in which a plugin is put to work again and again: called directly without a pause, loaded without a pause, or by
//! orders that come through the flow's own rules, as in the program.

use crate::{
    Case, Host, Inside, Phase, Source,
    inside::{call, hostile_context},
    paper::Orders,
};
use async_trait::async_trait;
use crossdock_flow::{
    Code, Document, Fault, Order,
    edit::{DocumentEditor, OrderEditor},
    hook::{Context, Hook, HookRun, Plugin, Ran, Route, Rules, Verdict},
    route::Candidates,
    rule::Rule,
    sample,
};
use crossdock_sandbox::{Limits, Loaded, Sandbox};
use std::sync::Arc;

/// Lines of the neighbour's order, and of the hostile one.
const LINES: usize = 10;
const HOSTILE_LINES: usize = 3;

/// How a plugin is put to work.
pub(crate) enum Way {
    /// Nothing but the call.
    Called { plugin: Loaded, context: Context, post_map: bool, lines: usize },
    /// Nothing but the load: for what is refused there.
    Loaded { sandbox: Sandbox, bytes: Vec<u8> },
    /// Orders that need it.
    Ordered { orders: Orders, plugin: Arc<dyn Plugin>, post_map: bool },
    /// Orders that need what cannot be loaded: its file is looked at first, as a start of the program would.
    Refused { orders: Orders, file: File },
}

/// What is looked at.
pub(crate) enum File {
    /// A component, loaded in this process.
    Bytes(Sandbox, Vec<u8>),
    /// What no component is, by the program itself: it is what reads files.
    Other(Host, Box<Case>),
}

impl Way {
    /// The neighbour, called.
    pub(crate) fn neighbour(inside: &Inside) -> Way {
        Way::Called { plugin: inside.neighbour.clone(), context: sample::context(), post_map: false, lines: LINES }
    }

    /// The neighbour, by its orders.
    pub(crate) fn neighbour_orders(inside: &Inside) -> Result<Way, String> {
        let plugin: Arc<dyn Plugin> = Arc::new(inside.neighbour.clone());
        Ok(Way::Ordered { orders: Orders::new(rules(&plugin, false), sample::context().event_id, LINES)?, plugin, post_map: false })
    }

    /// A case without anything that protects its neighbours but the sandbox: called or loaded, whichever it is stopped at.
    /// `None` for what is no component.
    pub(crate) fn bare(inside: &Inside, case: &Case) -> Result<Option<Way>, String> {
        if matches!(case.source, Source::File(_)) {
            return Ok(None);
        }
        let bytes = case.bytes(case.phase == Phase::Start)?;
        if case.phase != Phase::Run {
            return Ok(Some(Way::Loaded { sandbox: inside.sandbox.clone(), bytes }));
        }
        let plugin = inside.load(case, bytes)?;
        Ok(Some(Way::Called { plugin, context: hostile_context(), post_map: case.post_map, lines: HOSTILE_LINES }))
    }

    /// A case as the program meets it: by orders that need its rule.
    pub(crate) fn orders(inside: &Inside, host: &Host, case: &Case) -> Result<Way, String> {
        let orders = Orders::new(Rules::default(), hostile_context().event_id, HOSTILE_LINES)?;
        if matches!(case.source, Source::File(_)) {
            return Ok(Way::Refused { orders, file: File::Other(host.clone(), Box::new(case.clone())) });
        }
        let bytes = case.bytes(case.phase == Phase::Start)?;
        if case.phase != Phase::Run {
            return Ok(Way::Refused { orders, file: File::Bytes(inside.sandbox.clone(), bytes) });
        }
        let plugin: Arc<dyn Plugin> = Arc::new(inside.load(case, bytes)?);
        Ok(Way::Ordered { orders, plugin, post_map: case.post_map })
    }

    /// As if the program had just started: nothing is out of service yet.
    pub(crate) async fn begin(&mut self) {
        match self {
            Way::Called { .. } | Way::Loaded { .. } => {}
            Way::Ordered { orders, plugin, post_map } => orders.set(rules(plugin, *post_map)),
            Way::Refused { orders, file } => {
                let fault = file.look().await.err().unwrap_or_else(|| Fault::new(Code::Internal, "it was not refused"));
                orders.set(rules(&(Arc::new(Refused { name: "hostile".into(), fault }) as Arc<dyn Plugin>), false));
            }
        }
    }

    /// Once. What comes of it is judged elsewhere.
    pub(crate) async fn once(&self) {
        match self {
            Way::Called { plugin, context, post_map, lines } => drop(call(plugin, *post_map, context, *lines).await),
            Way::Loaded { sandbox, bytes } => drop(sandbox.load("hostile", bytes.clone(), Limits::default()).await),
            Way::Ordered { orders, .. } | Way::Refused { orders, .. } => drop(orders.one().await),
        }
    }
}

impl File {
    async fn look(&self) -> Result<(), Fault> {
        match self {
            File::Bytes(sandbox, bytes) => sandbox.load("hostile", bytes.clone(), Limits::default()).await.map(drop),
            File::Other(host, case) => {
                let (host, case) = (host.clone(), case.clone());
                let said = tokio::task::spawn_blocking(move || host.rehearse(&case)).await;
                let message = format!("{:?}", said.map(|said| said.map(|said| said.fault)));
                Err(Fault::new(Code::NotWasm, crossdock_flow::fault::shorten(&message)))
            }
        }
    }
}

/// One rule, with the failure policy and the breaker that it has when the operator says nothing.
fn rules(plugin: &Arc<dyn Plugin>, post_map: bool) -> Rules {
    let rule = vec![Rule::new(plugin.clone())];
    if post_map { Rules { post_map: rule, ..Rules::default() } } else { Rules { pre_map: rule, ..Rules::default() } }
}

/// A rule that could not be loaded: orders that need it meet its fault, as in the program.
struct Refused {
    name: Arc<str>,
    fault: Fault,
}

impl Refused {
    fn ran<S, A>(&self, subject: S, hook: Hook) -> Ran<S, A> {
        let run = HookRun { fault: Some(self.fault.clone()), ..HookRun::new(hook, self.name.clone(), self.name.clone()) };
        Ran { subject, answer: Err(self.fault.clone()), run }
    }
}

#[async_trait]
impl Plugin for Refused {
    fn name(&self) -> &Arc<str> {
        &self.name
    }
    fn version(&self) -> &Arc<str> {
        &self.name
    }
    fn answers(&self, _: Hook) -> bool {
        true
    }
    async fn pre_map(&self, _: &Context, order: Arc<Order>) -> Ran<OrderEditor, Verdict> {
        self.ran(OrderEditor::new(order), Hook::PreMap)
    }
    async fn route_order(&self, _: &Context, _: Arc<Order>, _: Arc<Candidates>) -> Ran<(), Route> {
        self.ran((), Hook::RouteOrder)
    }
    async fn post_map(&self, _: &Context, _: Arc<Order>, document: Document) -> Ran<DocumentEditor, Verdict> {
        self.ran(DocumentEditor::new(document), Hook::PostMap)
    }
}
