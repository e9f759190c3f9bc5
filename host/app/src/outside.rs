//! What rules may ask, answered from the running host: the stock as last heard, their own key-value places in the store,
//! the time, random bytes, and requests through the host's own client.

use arc_swap::ArcSwap;
use async_trait::async_trait;
use crossdock_connectors::outbound::Outbound;
use crossdock_flow::{
    Code, Fault,
    capability::{Allowed, Request, Response, Unanswered, World},
    clock::Clock,
    record::Store,
    target::Stock,
};
use jiff::Timestamp;
use std::sync::Arc;

/// The running host, as rules see it.
pub(crate) struct Answers {
    /// Where their places are.
    pub store: Arc<dyn Store>,
    /// What the warehouses have.
    pub stock: Arc<ArcSwap<Stock>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who sends their requests.
    pub outbound: Outbound,
}

#[async_trait]
impl World for Answers {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn random(&self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        match getrandom::fill(&mut bytes) {
            Ok(()) => bytes,
            Err(error) => {
                // A rule that gets fewer bytes than it asked for notices; one that gets zeros does not.
                tracing::error!(%error, "the system has no random bytes");
                Vec::new()
            }
        }
    }

    /// Stock and products come from what the ERP last said of its stock; customers are not known yet.
    async fn look_up(&self, what: &str, key: &str) -> Result<Option<Vec<(String, String)>>, Fault> {
        let stock = self.stock.load();
        let there = stock.units.iter().filter_map(|(warehouse, units)| Some((warehouse.clone(), *units.get(key)?)));
        let mut facts: Vec<(String, String)> = match what {
            "stock" => there.map(|(warehouse, units)| (warehouse, units.to_string())).collect(),
            "product" => {
                let units: Vec<_> = there.map(|(_, units)| units).collect();
                if units.is_empty() {
                    return Ok(None);
                }
                vec![("sku".into(), key.into()), ("in-stock".into(), units.iter().sum::<crossdock_flow::Decimal>().to_string())]
            }
            "customer" => return Ok(None),
            other => return Err(Fault::new(Code::Internal, format!("nobody knows a `{other}`"))),
        };
        facts.sort();
        Ok((!facts.is_empty()).then_some(facts))
    }

    async fn kv_get(&self, plugin: &str, key: &str) -> Result<Option<(Vec<u8>, i64)>, Fault> {
        self.store.kv_get(plugin, key).await
    }

    async fn kv_usage(&self, plugin: &str) -> Result<(u64, u64), Fault> {
        self.store.kv_usage(plugin).await
    }

    async fn fetch(&self, plugin: &str, list: &[Allowed], request: Request, cap: usize) -> Result<Response, Unanswered> {
        self.outbound.fetch(plugin, list, request, cap).await
    }
}
