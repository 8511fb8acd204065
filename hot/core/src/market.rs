//! All pools of one chain and the cycles through them: the door in, the winners out.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::candidate::{Candidate, Drops};
use crate::decoders::Event;
use crate::error::{wrong, Refusal, WiringError};
use crate::fees::NetworkFee;
use crate::hunt::Hunt;
use crate::pool::{Pool, Taken};
use crate::search::{Edge, Index, Scope};
use crate::wiring::{Lender, PoolConfig, Search, SearchConfig};

/// One update as it came.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a> {
    /// Account key, or address and topic.
    pub key: &'a [u8],
    /// Ordering number.
    pub seq: u64,
    /// Undecoded bytes.
    pub data: &'a [u8],
}

/// What one batch did.
#[derive(Debug, Default)]
pub struct BatchResult {
    /// Best net first.
    pub candidates: Vec<Candidate>,
    /// Updates that changed a state or are kept for the next load.
    pub applied: usize,
    /// Updates nobody watches or not newer than what is held.
    pub ignored: usize,
    /// Position in the batch and why.
    pub refused: Vec<(usize, Refusal)>,
    /// Cycles looked at and not returned.
    pub dropped: Drops,
}

/// The hot module's whole state. Handles are dense `u32`, given in order of adding.
#[derive(Debug, Default)]
pub struct Market {
    pub(crate) pools: Vec<Pool>,
    pub(crate) searches: Vec<Search>,
    pub(crate) lenders: Vec<Lender>,
    pub(crate) network: Option<NetworkFee>,
    pub(crate) index: Index,
    /// Logarithm of the marginal rate of each directed edge; minus infinity when there is none.
    pub(crate) rates: Vec<f64>,
    /// Batch number in which a cycle was last looked at, so that no batch looks twice.
    pub(crate) seen: Vec<u64>,
    pub(crate) batch: u64,
    assets: Vec<String>,
    doors: HashMap<Box<[u8]>, (u32, Event), RandomState>,
    sealed: bool,
}

impl Market {
    /// A market without anything in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Add an asset.
    pub fn add_asset(&mut self, name: &str) -> Result<u32, WiringError> {
        if self.assets.iter().any(|held| held == name) {
            return wrong(format!("asset {name:?} is added twice"));
        }
        self.assets.push(name.to_owned());
        Ok(self.assets.len() as u32 - 1)
    }

    /// Add a pool with its doors; it is stale until loaded.
    pub fn add_pool(&mut self, config: &PoolConfig<'_>) -> Result<u32, WiringError> {
        self.open()?;
        let (pool, events) = config.check(self.assets.len())?;
        for (at, door) in config.doors.iter().enumerate() {
            if self.doors.contains_key(*door) || config.doors.iter().take(at).any(|other| other == door) {
                return wrong(format!("a door of pool {:?} is taken already", config.name));
            }
        }
        let handle = self.pools.len() as u32;
        for (door, event) in config.doors.iter().zip(events) {
            self.doors.insert(Box::from(*door), (handle, event));
        }
        self.pools.push(pool);
        self.rates.extend([f64::NEG_INFINITY; 2]);
        Ok(handle)
    }

    /// Add a lender.
    pub fn add_lender(&mut self, lender: Lender) -> u32 {
        self.lenders.push(lender);
        self.lenders.len() as u32 - 1
    }

    /// Set what a lender can lend of an asset; zero disables it.
    pub fn set_available(&mut self, lender: u32, asset: u32, amount: u128) -> Result<(), WiringError> {
        if asset as usize >= self.assets.len() {
            return wrong("unknown asset");
        }
        match self.lenders.get_mut(lender as usize) {
            Some(held) => held.set_available(asset, amount),
            None => return wrong("unknown lender"),
        }
        Ok(())
    }

    /// Set the network fee; without it nothing is a candidate.
    pub fn set_fees(&mut self, fees: NetworkFee) -> Result<(), WiringError> {
        if fees.price_den == 0 {
            return wrong("the price of a unit needs a denominator");
        }
        self.network = Some(fees);
        Ok(())
    }

    /// Add a search over pools added before.
    pub fn add_search(&mut self, config: SearchConfig) -> Result<u32, WiringError> {
        self.open()?;
        config.check(self.assets.len(), self.pools.len(), self.lenders.len())?;
        self.searches.push(Search { config, own_capital: 0 });
        Ok(self.searches.len() as u32 - 1)
    }

    /// Set the own funds a search may use.
    pub fn set_own_capital(&mut self, search: u32, amount: u128) -> Result<(), WiringError> {
        match self.searches.get_mut(search as usize) {
            Some(held) => held.own_capital = amount,
            None => return wrong("unknown search"),
        }
        Ok(())
    }

    /// Build the index; returns the number of pools, directed edges and cycles.
    pub fn seal(&mut self) -> Result<[usize; 3], WiringError> {
        self.open()?;
        let assets: Vec<[u32; 2]> = self.pools.iter().map(|pool| pool.assets).collect();
        let scopes: Vec<Scope<'_>> = self.searches.iter().map(|search| search.config.scope()).collect();
        self.index = Index::build(&assets, &scopes)?;
        self.seen = vec![0; self.index.len()];
        self.sealed = true;
        Ok([self.pools.len(), self.pools.len() * 2, self.index.len()])
    }

    /// Load a snapshot; the outer error is wrong use, the inner one bytes that do not decode.
    pub fn load(&mut self, pool: u32, seq: u64, snapshot: &[u8]) -> Result<Result<bool, Refusal>, WiringError> {
        let Some(held) = self.pools.get_mut(pool as usize) else {
            return wrong("unknown pool");
        };
        let loaded = held.load(seq, snapshot);
        self.refresh_rates(pool);
        Ok(loaded)
    }

    /// Stop trading on a pool until it is loaded again.
    pub fn mark_stale(&mut self, pool: u32) -> Result<(), WiringError> {
        match self.pools.get_mut(pool as usize) {
            Some(held) => held.mark_stale(),
            None => return wrong("unknown pool"),
        }
        Ok(())
    }

    /// A pool by handle.
    pub fn pool(&self, pool: u32) -> Result<&Pool, WiringError> {
        self.pools.get(pool as usize).map_or_else(|| wrong("unknown pool"), Ok)
    }

    /// Apply updates in order, then look at every cycle through a pool that changed.
    pub fn on_batch(&mut self, updates: &[Update<'_>]) -> Result<BatchResult, WiringError> {
        if !self.sealed {
            return wrong("the market is not sealed");
        }
        let mut result = BatchResult::default();
        let mut changed = Vec::new();
        for (position, update) in updates.iter().enumerate() {
            let Some(&(handle, event)) = self.doors.get(update.key) else {
                result.ignored += 1;
                continue;
            };
            let Some(pool) = self.pools.get_mut(handle as usize) else {
                continue;
            };
            let decoded = pool.decoder.decode(event, &pool.curve, update.data);
            match pool.take(update.seq, decoded) {
                Taken::Applied => {
                    result.applied += 1;
                    changed.push(handle);
                }
                Taken::Kept => result.applied += 1,
                Taken::Ignored => result.ignored += 1,
                Taken::Refused(refusal) => result.refused.push((position, refusal)),
            }
        }
        changed.sort_unstable();
        changed.dedup();
        for pool in &changed {
            self.refresh_rates(*pool);
        }
        self.batch += 1;
        Hunt::new(self).run(&changed, &mut result);
        Ok(result)
    }

    fn open(&self) -> Result<(), WiringError> {
        if self.sealed {
            return wrong("the market is sealed");
        }
        Ok(())
    }

    fn refresh_rates(&mut self, handle: u32) {
        let Some(pool) = self.pools.get(handle as usize) else {
            return;
        };
        for zero_for_one in [true, false] {
            let estimate = pool.usable().and_then(|state| pool.curve.estimate(state, zero_for_one));
            let rate = estimate.map_or(f64::NEG_INFINITY, |curve| (curve.a / curve.b).ln());
            if let Some(held) = self.rates.get_mut(Edge::new(handle, zero_for_one).index()) {
                *held = rate;
            }
        }
    }
}

impl SearchConfig {
    /// What the index needs to know.
    #[must_use]
    pub fn scope(&self) -> Scope<'_> {
        Scope { base: self.base, pools: &self.pools, min_hops: self.min_hops, max_hops: self.max_hops }
    }
}
