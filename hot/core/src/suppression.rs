//! Paths that are left out for a while, because they failed too often elsewhere.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::error::{wrong, WiringError};
use crate::market::Market;
use crate::pool::Status;
use crate::search::{Cycle, Edge, MAX_HOPS};

/// Most paths that are left out at a time; the one that was told first goes for another.
pub const MAX_SUPPRESSED: usize = 1024;

/// How long a path is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// For this many batches more.
    Batches(u64),
    /// Until [`Market::set_time`] is told this time or a later one.
    Time(u64),
}

/// A path that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suppressed {
    /// Search handle.
    pub search: u32,
    /// Where it goes, from the base asset.
    pub cycle: Cycle,
    /// For how much longer.
    pub until: Until,
}

/// The paths of a market that are left out.
#[derive(Debug, Default)]
pub(crate) struct Suppressions {
    held: HashMap<(u32, Cycle), Held, RandomState>,
    told: u64,
    batch: u64,
    /// First batch with which one ends.
    soonest: u64,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    told: u64,
    /// A time, or the number of a batch.
    until: Until,
}

impl Suppressions {
    /// Whether a path is left out now.
    #[inline]
    pub(crate) fn holds(&self, search: u32, cycle: &Cycle) -> bool {
        !self.held.is_empty() && self.held.contains_key(&(search, *cycle))
    }

    /// A batch begins.
    #[inline]
    pub(crate) fn next_batch(&mut self) {
        if !self.held.is_empty() {
            self.batch += 1;
            if self.batch >= self.soonest {
                let batch = self.batch;
                self.retain(|held| !matches!(held.until, Until::Batches(end) if end <= batch));
            }
        }
    }

    /// Let go of paths through other pools.
    pub(crate) fn retain_pools(&mut self, keep: impl Fn(u32) -> bool) {
        self.held.retain(|(_, cycle), _| cycle.edges().iter().all(|edge| keep(edge.pool())));
    }

    /// Keep these, and find out again which batch is the next that ends one.
    fn retain(&mut self, keep: impl Fn(&Held) -> bool) {
        self.held.retain(|_, held| keep(held));
        let ends = self.held.values().filter_map(|held| match held.until {
            Until::Batches(end) => Some(end),
            Until::Time(_) => None,
        });
        self.soonest = ends.min().unwrap_or(u64::MAX);
    }

    fn add(&mut self, search: u32, cycle: Cycle, until: Until) {
        let path = (search, cycle);
        if self.held.len() >= MAX_SUPPRESSED && !self.held.contains_key(&path) {
            if let Some(oldest) = self.held.iter().min_by_key(|(_, held)| held.told).map(|(path, _)| *path) {
                self.held.remove(&oldest);
            }
        }
        let until = match until {
            // The batch that begins next is the first of them.
            Until::Batches(count) => Until::Batches(self.batch.saturating_add(count).saturating_add(1)),
            Until::Time(_) => until,
        };
        self.told += 1;
        self.held.insert(path, Held { told: self.told, until });
        self.retain(|_| true);
    }
}

impl Market {
    /// Leave a path of a search out: its swaps in order, beginning anywhere. Told again, the new end counts.
    pub fn suppress(&mut self, search: u32, legs: &[(u32, bool)], until: Until) -> Result<(), WiringError> {
        let cycle = self.path(search, legs)?;
        if until == Until::Batches(0) {
            self.suppressed.held.remove(&(search, cycle));
        } else {
            self.suppressed.add(search, cycle, until);
        }
        Ok(())
    }

    /// Look at a path again; false when it was not left out.
    pub fn release(&mut self, search: u32, legs: &[(u32, bool)]) -> Result<bool, WiringError> {
        let cycle = self.path(search, legs)?;
        Ok(self.suppressed.held.remove(&(search, cycle)).is_some())
    }

    /// Tell the time, in any unit that only grows: paths whose time has come are looked at again.
    pub fn set_time(&mut self, now: u64) {
        self.suppressed.retain(|held| !matches!(held.until, Until::Time(end) if end <= now));
    }

    /// Paths that are left out, the one that was told first at the front.
    #[must_use]
    pub fn suppressed(&self) -> Vec<Suppressed> {
        let mut held: Vec<_> = self.suppressed.held.iter().collect();
        held.sort_unstable_by_key(|(_, held)| held.told);
        let left = |until: Until| match until {
            Until::Batches(end) => Until::Batches(end.saturating_sub(self.suppressed.batch + 1)),
            Until::Time(_) => until,
        };
        let told = |(path, held): (&(u32, Cycle), &Held)| Suppressed {
            search: path.0,
            cycle: path.1,
            until: left(held.until),
        };
        held.into_iter().map(told).filter(|path| path.until != Until::Batches(0)).collect()
    }

    /// The cycle of these swaps from the search's base asset; wrong when it is none of the search's.
    fn path(&self, search: u32, legs: &[(u32, bool)]) -> Result<Cycle, WiringError> {
        let Some(config) = self.searches.get(search as usize).map(|held| &held.config) else {
            return wrong("unknown search");
        };
        if legs.len() < config.min_hops || legs.len() > config.max_hops.min(MAX_HOPS) {
            return wrong("the search has no paths of so many swaps");
        }
        let mut ends = Vec::with_capacity(legs.len());
        for (at, (pool, zero_for_one)) in legs.iter().enumerate() {
            let held = self.pools.get(*pool as usize).filter(|held| held.status() != Status::Dropped);
            let Some(held) = held.filter(|_| config.pools.contains(pool)) else {
                return wrong("a pool of the path is none of the search's");
            };
            if legs[..at].iter().any(|used| used.0 == *pool) {
                return wrong("a path uses no pool twice");
            }
            let [zero, one] = held.assets;
            ends.push(if *zero_for_one { [zero, one] } else { [one, zero] });
        }
        let closed = ends.iter().zip(ends.iter().cycle().skip(1)).all(|(one, next)| one[1] == next[0]);
        let first = ends.iter().position(|end| end[0] == config.base);
        let repeated = ends.iter().enumerate().any(|(at, end)| ends[..at].iter().any(|used| used[0] == end[0]));
        match first {
            Some(first) if closed && !repeated => {
                let order = legs.iter().cycle().skip(first).take(legs.len());
                Ok(order.map(|(pool, zero_for_one)| Edge::new(*pool, *zero_for_one)).collect())
            }
            _ => wrong("the path is no cycle of the search's base asset"),
        }
    }
}
