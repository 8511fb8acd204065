//! Pools made of accounts in the market: which account belongs to which pools, and when they are read again.
//!
//! The batch is the unit. Updates only put newer bytes in place; after the last one every touched pool is read once,
//! then searched. So updates of one slot that belong together must come in one batch: a pool whose accounts
//! contradict each other is refused until they agree again, and its neighbours do not notice.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::curves::{Mobius, State};
use crate::doors::Door;
use crate::error::{wrong, Refusal, WiringError};
use crate::history::block;
use crate::market::{BatchResult, Market, Update};
use crate::pool::{Moment, Pool, Status, Taken};
use crate::venues::accounts::Fields;
use crate::venues::book::Book;
use crate::venues::Clock;

type Key = [u8; 32];

/// Address of the clock sysvar.
pub const CLOCK: Key = [
    6, 167, 213, 23, 24, 199, 116, 201, 40, 86, 99, 152, 105, 29, 94, 182, 139, 94, 184, 163, 155, 75, 109, 92, 115,
    85, 91, 33, 0, 0, 0, 0,
];
/// Position of a pool that no update of the batch touched.
const NOWHERE: usize = usize::MAX;

/// One pool of a venue whose state is made of accounts.
#[derive(Clone, Debug)]
pub struct AccountPoolConfig<'a> {
    /// Name, for people.
    pub name: &'a str,
    /// Word for the venue.
    pub venue: &'a str,
    /// Handle of asset 0 (A, X, coin).
    pub asset0: u32,
    /// Handle of asset 1.
    pub asset1: u32,
    /// Compute units of one swap.
    pub units: u64,
    /// Accounts by role.
    pub roles: &'a [(&'a str, Key)],
    /// Ordered arrays a swap walks through: asset 0 in, asset 1 in.
    pub routes: [&'a [Key]; 2],
}

/// What the market knows of accounts.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Pools behind each watched account, and which of their accounts it is.
    members: Vec<Vec<(u32, u32)>>,
    /// A pool for each account that swaps write.
    writers: HashMap<Key, u32, RandomState>,
    pools: Vec<u32>,
    clock: Option<Clock>,
    clock_seq: u64,
    /// Whether the clock is another one since pools were read.
    moved: bool,
    /// Pools to read again, and the position of the update that touched them.
    touched: Vec<(u32, usize)>,
    /// Newest slot of any update.
    newest: u64,
    /// Slots that must have begun after one before all of it counts as told; `None` is one.
    lag: Option<u64>,
    /// Pools that wait for the rest of a slot, and the first slot that was not told when they were read.
    unsettled: Vec<u32>,
    told: u64,
}

impl Watch {
    /// Read a pool again with the next batch.
    pub(crate) fn touch(&mut self, handle: u32) {
        self.touched.push((handle, NOWHERE));
    }

    /// The clock of a block that was taken back counts until another one comes.
    pub(crate) fn roll_back(&mut self, last: u64) {
        self.clock_seq = self.clock_seq.min(last);
        self.newest = self.newest.min(block(last));
    }

    fn hear(&mut self, seq: u64) {
        self.newest = self.newest.max(block(seq));
    }

    fn moment(&self) -> Option<Moment> {
        let told = match self.lag.unwrap_or(1) {
            0 => u64::MAX,
            lag => self.newest.saturating_sub(lag - 1),
        };
        self.clock.map(|clock| Moment { clock, told })
    }

    /// Other pools are gone.
    pub(crate) fn retain(&mut self, keep: impl Fn(u32) -> bool) {
        self.pools.retain(|pool| keep(*pool));
        self.touched.retain(|touched| keep(touched.0));
        self.unsettled.retain(|pool| keep(*pool));
        self.writers.retain(|_, pool| keep(*pool));
        for list in &mut self.members {
            list.retain(|member| keep(member.0));
        }
    }

    /// Whether an account still belongs to a pool.
    pub(crate) fn is_watched(&self, list: u32) -> bool {
        self.members.get(list as usize).is_some_and(|list| !list.is_empty())
    }
}

impl Market {
    /// Add a pool made of accounts, which are its doors; it is stale until loaded, and needs the clock.
    ///
    /// Pools may share accounts. Pools that write one account count as one pool on chain: no cycle uses two of them.
    pub fn add_account_pool(&mut self, config: &AccountPoolConfig<'_>) -> Result<u32, WiringError> {
        self.open()?;
        let known = self.assets();
        if config.asset0 as usize >= known || config.asset1 as usize >= known || config.asset0 == config.asset1 {
            return wrong("a pool needs two different known assets");
        }
        let roles = config.roles.iter().map(|(role, key)| ((*role).to_owned(), *key)).collect();
        let book = Book::new(config.venue, roles, config.routes.map(<[Key]>::to_vec))?;
        if book.keys().any(|key| matches!(self.doors.get(key.as_slice()), Some(Door::Site(..)))) {
            return wrong(format!("a door of pool {:?} is taken already", config.name));
        }
        let handle = self.join_alone();
        self.doors.insert(&CLOCK, Door::Clock);
        for (number, key) in book.keys().enumerate().filter(|(_, key)| **key != CLOCK) {
            let members = &mut self.watch.members;
            let list = match self.doors.get(key) {
                Some(Door::Account(list)) => list as usize,
                _ => {
                    self.doors.insert(key, Door::Account(members.len() as u32));
                    members.push(Vec::new());
                    members.len() - 1
                }
            };
            members[list].push((handle, number as u32));
        }
        for key in book.written() {
            if let Some(other) = self.watch.writers.insert(*key, handle) {
                self.merge(other, handle);
            }
        }
        self.watch.pools.push(handle);
        let assets = [config.asset0, config.asset1];
        self.pools.push(Pool::of_accounts(config.name.to_owned(), book, assets, config.units));
        Ok(handle)
    }

    /// Set the chain's clock. Every pool made of accounts is read again; the next batch searches those that changed.
    pub fn set_clock(&mut self, clock: Clock) {
        self.tell(clock);
        self.settle(&mut BatchResult::default());
        for at in 0..self.changed.len() {
            self.refresh(self.changed[at]);
        }
    }

    /// How many slots must have begun after one (by the updates of accounts) before a pool that heard of only a part of
    /// it may be traded on: one unless set; with zero no pool waits for the rest of a slot.
    pub fn set_barrier(&mut self, slots: u64) {
        self.watch.lag = Some(slots);
    }

    pub(crate) fn load_accounts(
        &mut self,
        handle: u32,
        seq: u64,
        snapshot: &[u8],
    ) -> Result<Result<bool, Refusal>, WiringError> {
        let Some(moment) = self.watch.moment() else {
            return wrong("pools made of accounts need the clock first");
        };
        let Some(pool) = self.pools.get_mut(handle as usize) else { return wrong("unknown pool") };
        let loaded = pool.load_accounts(seq, snapshot, &moment);
        if pool.status() == Status::Unsettled {
            self.watch.unsettled.push(handle);
        }
        Ok(loaded)
    }

    /// Put an account's bytes into every pool that has it; the worst of what happened.
    pub(crate) fn take_account(&mut self, list: u32, position: usize, update: &Update<'_>) -> Taken {
        let mut worst = Taken::Ignored;
        self.watch.hear(update.seq);
        for (handle, number) in self.watch.members.get(list as usize).into_iter().flatten() {
            let Some(pool) = self.pools.get_mut(*handle as usize) else { continue };
            let taken = pool.take_account(*number, update.seq, update.data);
            if taken != Taken::Ignored {
                self.watch.touched.push((*handle, position));
                worst = if matches!(worst, Taken::Refused(_)) { worst } else { taken };
            }
        }
        worst
    }

    /// Take the clock sysvar's owner and bytes.
    pub(crate) fn take_clock(&mut self, update: &Update<'_>) -> Taken {
        if self.watch.clock.is_some() && update.seq <= self.watch.clock_seq {
            return Taken::Ignored;
        }
        match clock_of(update.data) {
            Ok(clock) => {
                self.watch.clock_seq = update.seq;
                self.watch.hear(update.seq);
                self.tell(clock);
                Taken::Applied
            }
            Err(refusal) => Taken::Refused(refusal),
        }
    }

    /// Read every touched pool once; those that may be traded on differently are changed.
    pub(crate) fn settle(&mut self, result: &mut BatchResult) {
        let Some(moment) = self.watch.moment() else {
            self.watch.touched.clear();
            return;
        };
        let Watch { touched, pools, moved, unsettled, told, .. } = &mut self.watch;
        if std::mem::take(moved) {
            touched.extend(pools.iter().map(|handle| (*handle, NOWHERE)));
        }
        if std::mem::replace(told, moment.told) != moment.told {
            touched.extend(unsettled.drain(..).map(|handle| (handle, NOWHERE)));
        }
        touched.sort_unstable();
        let mut touched = std::mem::take(touched);
        for group in touched.chunk_by(|one, other| one.0 == other.0) {
            let Some(&(handle, _)) = group.first() else { continue };
            let position = group.iter().map(|held| held.1).filter(|position| *position != NOWHERE).max();
            let Some(pool) = self.pools.get_mut(handle as usize) else { continue };
            let before = standing(pool);
            let refused = pool.read_accounts(&moment).err();
            let waits = pool.status() == Status::Unsettled;
            let same = position.is_none() && before == standing(pool);
            match (refused, position) {
                (None, _) if same || pool.status() != Status::Fresh => {}
                (None, _) => self.changed.push(handle),
                (Some(refusal), Some(position)) if result.refused.iter().all(|held| held.0 != position) => {
                    result.refused.push((position, refusal));
                }
                (Some(_), _) => {}
            }
            if waits && !self.watch.unsettled.contains(&handle) {
                self.watch.unsettled.push(handle);
            }
            if refused.is_some() || waits {
                self.refresh(handle);
            }
        }
        touched.clear();
        self.watch.touched = touched;
    }

    fn tell(&mut self, clock: Clock) {
        self.watch.moved |= self.watch.clock != Some(clock);
        self.watch.clock = Some(clock);
    }
}

/// What tells whether another clock makes another pool: status and estimates.
fn standing(pool: &Pool) -> (Status, [Option<[u64; 3]>; 2]) {
    let bits = |curve: Mobius| [curve.a, curve.b, curve.c].map(f64::to_bits);
    let estimates = match pool.held() {
        Some(State::Venue(held)) => [true, false].map(|side| held.estimate(side).map(bits)),
        _ => [None; 2],
    };
    (pool.status(), estimates)
}

/// The sysvar after its owner: slot, start of the epoch, epoch, next epoch with leaders, seconds since 1970.
fn clock_of(update: &[u8]) -> Result<Clock, Refusal> {
    Ok(Clock { slot: update.u64(32)?, epoch: update.u64(48)?, unix_timestamp: update.i64(64)? })
}
