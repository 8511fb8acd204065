//! Taking back: blocks out of all pools, and pools out of a market.

use crate::doors::Door;
use crate::error::{wrong, WiringError};
use crate::history::{last_of, Back};
use crate::market::{BatchResult, Market};
use crate::pool::Status;

/// What taking blocks back did.
#[derive(Debug, Default)]
pub struct RolledBack {
    /// Pools that stand as they stood at the end of the block, and may be traded on.
    pub restored: Vec<u32>,
    /// Pools that wait for a snapshot now, because what is kept of them does not reach back.
    pub stale: Vec<u32>,
    /// The search through the restored ones.
    pub batch: BatchResult,
}

impl Market {
    /// Take everything after a block (or slot) out of all pools, then look at every cycle through what changed.
    ///
    /// Ordering numbers are `block << 20 | place`. Updates of the branch that replaces the blocks come after this call,
    /// and so does every read of a snapshot that is loaded later: one read before may be of the old branch.
    pub fn roll_back(&mut self, to: u64) -> Result<RolledBack, WiringError> {
        if !self.sealed {
            return wrong("the market is not sealed");
        }
        let mut found = RolledBack::default();
        for handle in 0..self.pools.len() as u32 {
            let Some(pool) = self.pools.get_mut(handle as usize) else { continue };
            match pool.roll_back(to) {
                Back::Untouched => {}
                Back::Restored => {
                    found.restored.push(handle);
                    if pool.book().is_some() {
                        self.watch.touch(handle);
                    } else {
                        self.changed.push(handle);
                    }
                }
                Back::Stale => {
                    found.stale.push(handle);
                    self.refresh(handle);
                }
            }
        }
        self.watch.roll_back(last_of(to));
        self.on_batch_into(&[], &mut found.batch)?;
        let usable = |handle: &u32| self.pools.get(*handle as usize).is_some_and(|pool| pool.status() == Status::Fresh);
        found.restored.retain(usable);
        Ok(found)
    }

    /// A pool's state as bytes that [`Market::load`] takes with the pool's own number; `None` while it is not fresh.
    pub fn snapshot(&self, pool: u32) -> Result<Option<Vec<u8>>, WiringError> {
        self.pool(pool).map(crate::pool::Pool::snapshot)
    }

    /// Take pools out for good: their doors, states and cycles. Handles of the others stay, theirs are never given
    /// again. Returns what is left: pools, directed edges and cycles. The index is built anew: drop many at once.
    pub fn drop_pools(&mut self, pools: &[u32]) -> Result<[usize; 3], WiringError> {
        if !self.sealed {
            return wrong("the market is not sealed");
        }
        for handle in pools {
            self.pool(*handle)?;
        }
        for handle in pools {
            if let Some(pool) = self.pools.get_mut(*handle as usize) {
                pool.drop_for_good();
            }
        }
        self.forget_dropped();
        self.build()
    }

    fn forget_dropped(&mut self) {
        let Self { pools, twins, doors, watch, .. } = self;
        let is_gone = |handle: u32| pools.get(handle as usize).is_none_or(|pool| pool.status() == Status::Dropped);
        let behind = |twins: &[Option<u32>], handle: u32| twins.get(handle as usize).copied().flatten();
        let next = |twins: &[Option<u32>], mut handle: Option<u32>| {
            while let Some(gone) = handle.filter(|handle| is_gone(*handle)) {
                handle = behind(twins, gone);
            }
            handle
        };
        watch.retain(|handle| !is_gone(handle));
        doors.retain(|door| match door {
            Door::Site(site, _) => next(twins, Some(*site)).map(|left| *site = left).is_some(),
            Door::Account(list) => watch.is_watched(*list),
            Door::Clock => true,
        });
        for at in 0..twins.len() {
            twins[at] = next(twins, twins[at]);
        }
        self.changed.retain(|handle| !is_gone(*handle));
        self.suppressed.retain_pools(|pool| !is_gone(pool));
        for search in &mut self.searches {
            search.config.pools.retain(|pool| !is_gone(*pool));
        }
    }
}
