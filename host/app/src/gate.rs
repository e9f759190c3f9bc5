//! Lets only so many calls to an ERP run at the same time; the others wait their turn.

use async_trait::async_trait;
use crossdock_flow::{
    Document,
    target::{Answer, Busy, Found, Stock, Target},
};
use std::sync::Arc;
use tokio::sync::{Semaphore, SemaphorePermit};

/// A target behind a gate.
pub(crate) struct Gate {
    target: Arc<dyn Target>,
    permits: Semaphore,
}

impl Gate {
    /// Lets `concurrency` calls through at a time.
    pub(crate) fn new(target: Arc<dyn Target>, concurrency: usize) -> Gate {
        Gate { target, permits: Semaphore::new(concurrency) }
    }

    async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed, so a permit always comes.
        self.permits.acquire().await.ok()
    }
}

#[async_trait]
impl Target for Gate {
    fn name(&self) -> &str {
        self.target.name()
    }

    async fn create(&self, document: &Document) -> Answer {
        let _permit = self.enter().await;
        self.target.create(document).await
    }

    async fn find(&self, document: &Document) -> Found {
        let _permit = self.enter().await;
        self.target.find(document).await
    }

    async fn cancel(&self, number: &str) -> Answer {
        let _permit = self.enter().await;
        self.target.cancel(number).await
    }

    async fn stock(&self) -> Result<Stock, Busy> {
        let _permit = self.enter().await;
        self.target.stock().await
    }
}
