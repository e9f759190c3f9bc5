//! The contract's `routing`: the candidates of one order, read-only.

use crate::{
    bindings::{TheCandidates, routing as wit, types},
    call::{Call, Subject, own},
    convert,
    meter::Stop,
};
use crossdock_flow::route::Candidates;
use std::sync::Arc;
use wasmtime::{Error, Result, component::Resource};

impl Call {
    fn candidates(&mut self, handle: &Resource<TheCandidates>) -> Result<Arc<Candidates>> {
        own(handle)?;
        match &self.subject {
            Subject::Candidates(_, candidates) => Ok(candidates.clone()),
            _ => Err(Error::new(Stop::Handle)),
        }
    }
}

impl wit::Host for Call {}

impl wit::HostCandidates for Call {
    fn warehouses(&mut self, this: Resource<TheCandidates>) -> Result<Vec<wit::Warehouse>> {
        let candidates = self.candidates(&this)?;
        let list: Vec<wit::Warehouse> = candidates
            .warehouses
            .iter()
            .map(|warehouse| wit::Warehouse {
                id: warehouse.id.clone(),
                country: warehouse.country.clone(),
                region: warehouse.region.clone(),
                product_types: warehouse.product_types.clone(),
            })
            .collect();
        let weight = |warehouse: &wit::Warehouse| {
            32 + warehouse.id.len() + warehouse.region.len() + warehouse.product_types.iter().map(|text| 8 + text.len()).sum::<usize>()
        };
        self.meter.charge(list.iter().map(weight).sum())?;
        Ok(list)
    }

    fn stock(&mut self, this: Resource<TheCandidates>) -> Result<types::Decimals> {
        let candidates = self.candidates(&this)?;
        self.meter.charge(candidates.stock.len() * 8)?;
        convert::decimals(candidates.stock.iter())
    }

    fn drop(&mut self, _: Resource<TheCandidates>) -> Result<()> {
        Ok(())
    }
}
