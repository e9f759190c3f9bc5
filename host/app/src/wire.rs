//! Puts the program together from checked settings: the only place that knows every room.

use crate::{
    crash,
    gate::{Gate, Turn},
    settings::{Checked, SandboxSettings, SourceSettings, TargetKind, TargetSettings},
};
use crossdock_connectors::{clarity::Clarity, folder::Folder, sagepro::SagePro, shopify::Shopify, woocommerce::WooCommerce};
use crossdock_flow::{Code, Fault, capability::World, clock::Clock, hook::Rules, run::Flow, source::Source, target::Target};
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
    Ok(match settings {
        SourceSettings::Clarity(settings) => Arc::new(Clarity::new(settings)?),
        SourceSettings::Shopify(settings) => Arc::new(Shopify::new(settings)?),
        SourceSettings::WooCommerce(settings) => Arc::new(WooCommerce::new(settings)?),
    })
}

/// The ERP's connection, behind its gate, and what the gate's circuit does.
pub(crate) fn target(settings: TargetSettings, clock: Arc<dyn Clock>) -> Result<(Gate, mpsc::UnboundedReceiver<Turn>), Fault> {
    let TargetSettings { name, kind, pace } = settings;
    let target: Arc<dyn Target> = match kind {
        TargetKind::SagePro { url, auth, timeout } => {
            Arc::new(SagePro::new(crossdock_connectors::sagepro::Settings { name, base_url: url, auth, timeout })?)
        }
        TargetKind::Folder(path) => Arc::new(Folder::new(name, path)?),
    };
    Ok(Gate::new(crash::target(target), pace, clock))
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
