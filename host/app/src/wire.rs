//! Puts the program together from checked settings: the only place that knows every room.

use crate::{
    crash,
    gate::{Gate, Turn},
    settings::{Checked, SandboxSettings, TargetKind, TargetSettings},
};
use crossdock_connectors::{folder::Folder, sagepro::SagePro};
use crossdock_flow::{Code, Fault, capability::World, clock::Clock, hook::Rules, run::Flow, sync::peer::Peer, target::Target};
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

/// The ERP.
pub(crate) struct Erp {
    /// Where orders go.
    pub gate: Gate,
    /// What the gate's circuit does.
    pub turns: mpsc::UnboundedReceiver<Turn>,
    /// As a side that is kept alike, where it can be. It does not wait at the gate by itself.
    pub peer: Option<Arc<dyn Peer>>,
}

/// The ERP's connection, behind its gate, and what the gate's circuit does.
pub(crate) fn target(settings: TargetSettings, clock: Arc<dyn Clock>) -> Result<(Gate, mpsc::UnboundedReceiver<Turn>), Fault> {
    erp(settings, clock).map(|erp| (erp.gate, erp.turns))
}

/// As [`target`], and the ERP for what is kept alike.
pub(crate) fn erp(settings: TargetSettings, clock: Arc<dyn Clock>) -> Result<Erp, Fault> {
    let TargetSettings { name, kind, pace } = settings;
    let (target, peer): (Arc<dyn Target>, Option<Arc<dyn Peer>>) = match kind {
        TargetKind::SagePro { url, auth, timeout } => {
            let sagepro = Arc::new(SagePro::new(crossdock_connectors::sagepro::Settings { name, base_url: url, auth, timeout })?);
            (sagepro.clone(), Some(sagepro))
        }
        TargetKind::Folder(path) => (Arc::new(Folder::new(name, path)?), None),
    };
    let (gate, turns) = Gate::new(crash::target(target), pace, clock);
    Ok(Erp { gate, turns, peer })
}

/// The flow of orders of a shop that has no template of its own.
pub(crate) fn flow(settings: &mut Checked, rules: Rules) -> Flow {
    Flow {
        integration: settings.name.as_str().into(),
        rules,
        mapping: settings.mapping.clone(),
        zone: settings.zone.clone(),
        warehouses: std::mem::take(&mut settings.warehouses).into(),
        schedule: settings.schedule.clone(),
        counts: settings.promises.map(|promises| promises.counts),
        addresses: settings.addresses.clone(),
        kits: settings.kits.clone().into(),
        checks_articles: settings.checks_articles,
    }
}
