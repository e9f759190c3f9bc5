//! Puts the program together from checked settings: the only place that knows every room.

use crate::{
    crash,
    gate::{Gate, Turn},
    settings::{Checked, SandboxSettings, SourceSettings, TargetKind, TargetSettings},
};
use crossdock_connectors::{clarity::Clarity, folder::Folder, sagepro::SagePro, shopify::Shopify, woocommerce::WooCommerce};
use crossdock_flow::{Code, Fault, capability::World, clock::Clock, hook::Rules, run::Flow, source::Source, sync::peer::Peer, target::Target};
use crossdock_sandbox::Sandbox;
use std::sync::Arc;
use tokio::sync::mpsc;

/// The word with which this program is called to compile a plugin, and nothing else.
pub(crate) const COMPILE: &str = "__compile";

/// The sandbox, compiling in a process of its own: this very program, called with one word.
pub(crate) fn sandbox(settings: &SandboxSettings, world: Arc<dyn World>) -> Result<Sandbox, Fault> {
    let program = std::env::current_exe().map_err(|error| Fault::new(Code::Internal, format!("this program does not find its own file: {error}")))?;
    let size = crossdock_sandbox::Settings { compiler: Some((program, COMPILE.to_owned())), ..settings.size.clone() };
    Sandbox::with(size, world)
}

/// The shop's connection.
pub(crate) fn source(settings: SourceSettings) -> Result<Arc<dyn Source>, Fault> {
    shop(settings).map(|(source, _)| source)
}

/// The shop's connection: for orders, and where it can, for what else is kept alike.
pub(crate) fn shop(settings: SourceSettings) -> Result<(Arc<dyn Source>, Option<Arc<dyn Peer>>), Fault> {
    Ok(match settings {
        SourceSettings::Clarity(settings) => {
            let clarity = Arc::new(Clarity::new(settings)?);
            (clarity.clone(), Some(clarity))
        }
        SourceSettings::Shopify(settings) => (Arc::new(Shopify::new(settings)?), None),
        SourceSettings::WooCommerce(settings) => (Arc::new(WooCommerce::new(settings)?), None),
    })
}

/// The ERP's connection, behind its gate, and what the gate's circuit does.
pub(crate) fn target(settings: TargetSettings, clock: Arc<dyn Clock>) -> Result<(Gate, mpsc::UnboundedReceiver<Turn>), Fault> {
    erp(settings, clock).map(|(gate, turns, _)| (gate, turns))
}

/// As [`target`], and the ERP for what is kept alike, where it can do that. That one does not wait at the gate by itself.
pub(crate) fn erp(settings: TargetSettings, clock: Arc<dyn Clock>) -> Result<(Gate, mpsc::UnboundedReceiver<Turn>, Option<Arc<dyn Peer>>), Fault> {
    let TargetSettings { name, kind, pace } = settings;
    let (target, peer): (Arc<dyn Target>, Option<Arc<dyn Peer>>) = match kind {
        TargetKind::SagePro { url, auth, timeout } => {
            let sagepro = Arc::new(SagePro::new(crossdock_connectors::sagepro::Settings { name, base_url: url, auth, timeout })?);
            (sagepro.clone(), Some(sagepro))
        }
        TargetKind::Folder(path) => (Arc::new(Folder::new(name, path)?), None),
    };
    let (gate, turns) = Gate::new(crash::target(target), pace, clock);
    Ok((gate, turns, peer))
}

/// The flow of orders.
pub(crate) fn flow(settings: &mut Checked, rules: Rules) -> Flow {
    Flow {
        integration: settings.name.as_str().into(),
        rules,
        mapping: settings.mapping.clone(),
        zone: settings.zone.clone(),
        warehouses: std::mem::take(&mut settings.warehouses).into(),
        schedule: settings.schedule.clone(),
    }
}
