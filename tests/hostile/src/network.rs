//! The outside as the program has it for rules that ask it, as far as it is the network: requests go through the host's own
//! client.

use async_trait::async_trait;
use crossdock_connectors::outbound::Outbound;
use crossdock_flow::{
    Fault,
    capability::{Allowed, Nowhere, Request, Response, Unanswered, World},
};
use jiff::Timestamp;

/// Nothing but the network.
pub(crate) struct Network(Outbound);

impl Network {
    /// Without credentials.
    pub(crate) fn new() -> Result<Network, Fault> {
        Outbound::new(Vec::new()).map(Network)
    }
}

#[async_trait]
impl World for Network {
    fn now(&self) -> Timestamp {
        Nowhere.now()
    }
    fn random(&self, count: usize) -> Vec<u8> {
        Nowhere.random(count)
    }
    async fn look_up(&self, what: &str, key: &str) -> Result<Option<Vec<(String, String)>>, Fault> {
        Nowhere.look_up(what, key).await
    }
    async fn kv_get(&self, plugin: &str, key: &str) -> Result<Option<(Vec<u8>, i64)>, Fault> {
        Nowhere.kv_get(plugin, key).await
    }
    async fn kv_usage(&self, plugin: &str) -> Result<(u64, u64), Fault> {
        Nowhere.kv_usage(plugin).await
    }
    async fn fetch(&self, plugin: &str, list: &[Allowed], request: Request, cap: usize) -> Result<Response, Unanswered> {
        self.0.fetch(plugin, list, request, cap).await
    }
}
