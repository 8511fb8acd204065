//! All pools of one chain and the cycles through them: the door in, the winners out.

use std::collections::HashSet;
use std::hint::black_box;

use foldhash::fast::RandomState;

use crate::account_pools::Watch;
use crate::candidate::{Candidate, Drops};
use crate::decoders::Event;
use crate::doors::{Door, Doors};
use crate::error::{wrong, Refusal, WiringError};
use crate::estimate::Bend;
use crate::fees::NetworkFee;
use crate::hunt::{Hunt, Scratch};
use crate::money::Purse;
use crate::pool::{Pool, Status, Taken};
use crate::search::{Index, Scope, Standing};
use crate::suppression::Suppressions;
use crate::wiring::{Lender, PoolConfig, Search, SearchConfig};

/// Updates whose doors are opened together.
const AHEAD: usize = 16;

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
    /// Money of each search, as counted last, and whether it still is so.
    pub(crate) purses: Vec<Purse>,
    pub(crate) counted: bool,
    pub(crate) index: Index,
    /// For each pool the first one behind the same doors: pairs of one pool of several coins share its state on chain.
    sites: Vec<u32>,
    /// The next pool behind the same doors.
    pub(crate) twins: Vec<Option<u32>>,
    /// What each pool is in the estimates, asset 0 in first.
    pub(crate) bends: Vec<[Bend; 2]>,
    assets: HashSet<String, RandomState>,
    pub(crate) doors: Doors,
    pub(crate) watch: Watch,
    pub(crate) suppressed: Suppressions,
    pub(crate) sealed: bool,
    pub(crate) changed: Vec<u32>,
    scratch: Scratch,
}

impl Market {
    /// A market without anything in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Add an asset.
    pub fn add_asset(&mut self, name: &str) -> Result<u32, WiringError> {
        if !self.assets.insert(name.to_owned()) {
            return wrong(format!("asset {name:?} is added twice"));
        }
        Ok(self.assets.len() as u32 - 1)
    }

    /// Add a pool with its doors; it is stale until loaded.
    ///
    /// Pools may share their doors, all of them or none: they are pairs of one pool on chain, and no cycle uses two.
    pub fn add_pool(&mut self, config: &PoolConfig<'_>) -> Result<u32, WiringError> {
        self.open()?;
        let (pool, events) = config.check(self.assets.len())?;
        let handle = self.pools.len() as u32;
        let site = self.shared(config, &pool)?.unwrap_or(handle);
        if site == handle {
            for (door, event) in config.doors.iter().zip(events) {
                self.doors.insert(door, Door::Site(handle, event));
            }
        }
        self.join(site, handle);
        self.pools.push(pool);
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
        self.counted = false;
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
        self.counted = false;
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
        self.counted = false;
        match self.searches.get_mut(search as usize) {
            Some(held) => held.own_capital = amount,
            None => return wrong("unknown search"),
        }
        Ok(())
    }

    /// Build the index; returns the number of pools, directed edges and cycles.
    pub fn seal(&mut self) -> Result<[usize; 3], WiringError> {
        self.open()?;
        self.build()
    }

    pub(crate) fn build(&mut self) -> Result<[usize; 3], WiringError> {
        let assets: Vec<[u32; 2]> = self.pools.iter().map(|pool| pool.assets).collect();
        let scopes: Vec<Scope<'_>> = self.searches.iter().map(|search| search.config.scope()).collect();
        self.index = Index::build(&assets, &scopes)?;
        self.sealed = true;
        self.pools.shrink_to_fit();
        self.bends.shrink_to_fit();
        for pool in 0..self.pools.len() as u32 {
            self.refresh(pool);
        }
        let cycles = usize::try_from(self.index.cycles()).unwrap_or(usize::MAX);
        let pools = self.pools.iter().filter(|pool| pool.status() != Status::Dropped).count();
        Ok([pools, pools * 2, cycles])
    }

    /// Load a snapshot; the outer error is wrong use, the inner one bytes that do not decode.
    pub fn load(&mut self, pool: u32, seq: u64, snapshot: &[u8]) -> Result<Result<bool, Refusal>, WiringError> {
        let held = self.pool_mut(pool)?;
        let loaded = match held.book() {
            Some(_) => self.load_accounts(pool, seq, snapshot)?,
            None => held.load(seq, snapshot),
        };
        self.refresh(pool);
        Ok(loaded)
    }

    /// Stop trading on a pool until it is loaded again.
    pub fn mark_stale(&mut self, pool: u32) -> Result<(), WiringError> {
        self.pool_mut(pool)?.mark_stale();
        self.refresh(pool);
        Ok(())
    }

    /// A pool by handle.
    pub fn pool(&self, pool: u32) -> Result<&Pool, WiringError> {
        match self.pools.get(pool as usize) {
            Some(held) if held.status() != Status::Dropped => Ok(held),
            Some(_) => wrong("the pool was dropped"),
            None => wrong("unknown pool"),
        }
    }

    fn pool_mut(&mut self, pool: u32) -> Result<&mut Pool, WiringError> {
        self.pool(pool)?;
        self.pools.get_mut(pool as usize).map_or_else(|| wrong("unknown pool"), Ok)
    }

    /// Apply updates in order, then look at every cycle through a pool that changed.
    pub fn on_batch(&mut self, updates: &[Update<'_>]) -> Result<BatchResult, WiringError> {
        let mut result = BatchResult::default();
        self.on_batch_into(updates, &mut result)?;
        Ok(result)
    }

    /// The same, into an answer that is used again: nothing is allocated once its lists have grown.
    pub fn on_batch_into(&mut self, updates: &[Update<'_>], result: &mut BatchResult) -> Result<(), WiringError> {
        if !self.sealed {
            return wrong("the market is not sealed");
        }
        result.clear();
        self.suppressed.next_batch();
        for (number, group) in updates.chunks(AHEAD).enumerate() {
            let mut doors = [None; AHEAD];
            for (door, update) in doors.iter_mut().zip(group) {
                *door = self.doors.get(update.key);
                self.warm(*door);
            }
            for (at, (door, update)) in doors.into_iter().zip(group).enumerate() {
                self.take(number * AHEAD + at, door, update, result);
            }
        }
        self.settle(result);
        if self.changed.len() > 1 {
            self.changed.sort_unstable();
            self.changed.dedup();
        }
        let mut changed = std::mem::take(&mut self.changed);
        for pool in &changed {
            self.refresh(*pool);
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        Hunt::new(self, &mut scratch).run(&changed, result);
        changed.clear();
        (self.scratch, self.changed) = (scratch, changed);
        Ok(())
    }

    /// Read ahead what an update behind a door will need.
    #[inline]
    fn warm(&self, door: Option<Door>) {
        let Some(Door::Site(site, _)) = door else { return };
        self.index.warm(site);
        black_box(self.bends.get(site as usize).map(|bends| bends[0].rate));
        if let Some(pool) = self.pools.get(site as usize) {
            pool.warm();
        }
    }

    fn take(&mut self, position: usize, door: Option<Door>, update: &Update<'_>, result: &mut BatchResult) {
        let taken = match door {
            Some(Door::Site(site, event)) => self.deliver(site, event, update),
            Some(Door::Account(list)) => self.take_account(list, position, update),
            Some(Door::Clock) => self.take_clock(update),
            None => Taken::Ignored,
        };
        match taken {
            Taken::Applied | Taken::Kept => result.applied += 1,
            Taken::Ignored => result.ignored += 1,
            Taken::Refused(refusal) => result.refused.push((position, refusal)),
        }
    }

    /// Give an update to every pool behind its door; the worst of what happened.
    fn deliver(&mut self, site: u32, event: Event, update: &Update<'_>) -> Taken {
        let (mut worst, mut at) = (Taken::Ignored, Some(site));
        while let Some(handle) = at {
            let Some(pool) = self.pools.get_mut(handle as usize) else { break };
            let decoded = pool.decoder.decode(event, &pool.curve, update.data);
            let taken = pool.take(update.seq, decoded);
            match taken {
                Taken::Applied => self.changed.push(handle),
                Taken::Refused(_) => self.refresh(handle),
                Taken::Kept | Taken::Ignored => {}
            }
            if !matches!(worst, Taken::Refused(_)) && taken != Taken::Ignored {
                worst = taken;
            }
            at = self.twins.get(handle as usize).copied().flatten();
        }
        worst
    }

    /// The first of the pools that a pool shares its state on chain with.
    pub(crate) fn site(&self, pool: u32) -> u32 {
        self.sites.get(pool as usize).copied().unwrap_or(pool)
    }

    /// The first pool behind the doors of a new one; wrong when it would share some of its doors, or other bytes.
    fn shared(&self, config: &PoolConfig<'_>, pool: &Pool) -> Result<Option<u32>, WiringError> {
        let taken = || wrong(format!("a door of pool {:?} is taken already", config.name));
        let held = |door: &&[u8]| match self.doors.get(door) {
            Some(Door::Site(site, _)) => Some(site),
            _ => None,
        };
        let of_account = |door: &&[u8]| matches!(self.doors.get(door), Some(Door::Account(_) | Door::Clock));
        let first = config.doors.first().and_then(held);
        let repeated = (1..config.doors.len()).any(|at| config.doors[..at].contains(&config.doors[at]));
        if repeated || config.doors.iter().any(of_account) || config.doors.iter().any(|door| held(door) != first) {
            return taken();
        }
        let Some(site) = first else { return Ok(None) };
        let doors = self.doors.values().filter(|held| matches!(held, Door::Site(at, _) if *at == site)).count();
        let mut others = self.pools.iter().zip(&self.sites).filter(|(_, at)| **at == site).map(|(other, _)| other);
        let fits = |other: &Pool| other.decoder == pool.decoder && other.assets != pool.assets;
        if doors != config.doors.len() || !pool.decoder.is_of_coins() || !others.all(fits) {
            return taken();
        }
        Ok(Some(site))
    }

    fn join(&mut self, site: u32, handle: u32) {
        self.sites.push(site);
        let behind = self.twins.get_mut(site as usize).and_then(|first| first.replace(handle));
        self.twins.push(behind);
        self.bends.push([Bend::NONE; 2]);
    }

    /// A new pool that shares no door; its handle.
    pub(crate) fn join_alone(&mut self) -> u32 {
        let handle = self.pools.len() as u32;
        self.join(handle, handle);
        handle
    }

    /// Two pools share state on chain, and so do all that share with one of them.
    pub(crate) fn merge(&mut self, one: u32, other: u32) {
        let (from, to) = (self.site(one), self.site(other));
        for site in self.sites.iter_mut().filter(|site| **site == from) {
            *site = to;
        }
    }

    /// Number of assets.
    pub(crate) fn assets(&self) -> usize {
        self.assets.len()
    }

    pub(crate) fn open(&self) -> Result<(), WiringError> {
        if self.sealed {
            return wrong("the market is sealed");
        }
        Ok(())
    }

    pub(crate) fn refresh(&mut self, handle: u32) {
        let Some(pool) = self.pools.get(handle as usize) else {
            return;
        };
        let estimates = pool.usable().map_or([None; 2], |state| pool.curve.estimates(state));
        let bends = estimates.map(|estimate| estimate.map_or(Bend::NONE, Bend::of));
        let rates = bends.map(|bend| if bend.rate > 0.0 { bend.rate.ln() } else { f64::NEG_INFINITY });
        if let Some(held) = self.bends.get_mut(handle as usize) {
            *held = if pool.curve.is_smooth() { bends } else { [Bend::NONE; 2] };
        }
        let standing = match pool.status() {
            Status::Fresh => Standing::Fresh,
            Status::Stale | Status::Unsettled | Status::Dropped => Standing::Stale,
            Status::Refused(_) => Standing::Refused,
        };
        self.index.update(handle, rates, standing);
    }
}

impl BatchResult {
    fn clear(&mut self) {
        self.candidates.clear();
        self.refused.clear();
        (self.applied, self.ignored, self.dropped) = (0, 0, Drops::default());
    }
}

impl SearchConfig {
    /// What the index needs to know.
    #[must_use]
    pub fn scope(&self) -> Scope<'_> {
        Scope { base: self.base, pools: &self.pools, min_hops: self.min_hops, max_hops: self.max_hops }
    }
}
