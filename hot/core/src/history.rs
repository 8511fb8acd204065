//! Earlier states of a pool, so that blocks which were taken back can be taken out of its state again.
//!
//! An ordering number is `block << 20 | place in the block` (or slot and place). What is kept is how the pool stood at
//! the end of each of the last [`DEPTH`] blocks that changed it, so a block with a thousand swaps costs one entry.

use std::collections::VecDeque;

use ruint::aliases::U256;

use crate::curves::coins::{Each, MAX_COINS};
use crate::curves::concentrated::Ticks;
use crate::curves::{Changing, Curve, Reserves, State};
use crate::decoders::Change;

/// Most blocks that can be taken out of a pool's state; older ones make it stale.
pub const DEPTH: usize = 8;
/// Most positions of concentrated pools that are kept for them.
pub const MAX_POSITIONS: usize = 256;
/// Places in a block.
pub const PLACES: u64 = 1 << 20;

/// The block or slot of an ordering number.
#[inline]
#[must_use]
pub const fn block(seq: u64) -> u64 {
    seq / PLACES
}

/// The highest ordering number of a block.
#[must_use]
pub const fn last_of(block: u64) -> u64 {
    block.saturating_mul(PLACES).saturating_add(PLACES - 1)
}

/// What taking blocks back did to a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Back {
    /// Nothing of these blocks was in it.
    Untouched,
    /// It stands as it stood then.
    Restored,
    /// What is kept does not reach back: it waits for a snapshot.
    Stale,
}

/// How a pool stood at the end of earlier blocks. Empty until a second block changes it.
#[derive(Debug, Default)]
pub(crate) struct History(Option<Box<Past>>);

#[derive(Debug)]
enum Past {
    Pairs(VecDeque<Pair>),
    Ticks(VecDeque<Step>),
    Coins(VecDeque<(u64, Each)>),
}

#[derive(Debug)]
struct Pair {
    reserves: Reserves,
    seq: u64,
    fees: [u32; 2],
}

/// Positions are differences: they are taken back one by one, newest first, down to the place at the block's start.
#[derive(Debug)]
enum Step {
    Place { seq: u64, sqrt_price: U256, tick: i32, liquidity: u128, fees: [u32; 2] },
    Position { lower: i32, upper: i32, delta: i128 },
}

impl History {
    /// Call before a change with number `to` goes into a state of number `from`.
    #[inline]
    pub(crate) fn remember(&mut self, from: u64, to: u64, state: &mut State, change: &Change) {
        let next = block(from) != block(to);
        if next || matches!(change, Change::Position { .. }) {
            self.note(next.then_some(from), state, change);
        }
    }

    /// Forget everything: the state was replaced.
    pub(crate) fn clear(&mut self) {
        self.0 = None;
    }

    /// Take everything after a block out of a state of number `seq`; its number then, or `None` when that is not kept
    /// (the state is lost).
    pub(crate) fn back(&mut self, to: u64, mut seq: u64, state: &mut State, curve: &Curve) -> Option<u64> {
        let past = self.0.as_mut()?;
        while block(seq) > to {
            if let Some(before) = past.undo(state, curve)? {
                seq = before;
            }
        }
        reindexed(state, curve)?;
        Some(seq)
    }

    #[inline(never)]
    fn note(&mut self, from: Option<u64>, state: &mut State, change: &Change) {
        let Some(seq) = from else {
            // Within a block whose start is not known nothing can be taken back.
            if let (Some(Past::Ticks(steps)), Change::Position { lower, upper, delta }) =
                (self.0.as_deref_mut(), change)
            {
                if !steps.is_empty() {
                    steps.push_back(Step::Position { lower: *lower, upper: *upper, delta: *delta });
                    shorten(steps);
                }
            }
            return;
        };
        match state.changing() {
            Changing::Reserves(reserves, fees) => {
                self.pair(Pair { reserves: *reserves, seq, fees: fees.map_or([0; 2], |fees| *fees) });
            }
            Changing::Ticks(ticks, fees) => self.steps(seq, ticks, fees.map_or([0; 2], |fees| *fees), change),
            Changing::Balances(held) => {
                let mut balances = [U256::ZERO; MAX_COINS];
                balances.iter_mut().zip(held).for_each(|(to, balance)| *to = *balance);
                self.coins(seq, balances);
            }
            Changing::Accounts => {}
        }
    }

    fn pair(&mut self, pair: Pair) {
        // All at once: growing would leave holes, and there are many pairs.
        let empty = || Box::new(Past::Pairs(VecDeque::with_capacity(DEPTH)));
        if let Past::Pairs(held) = self.0.get_or_insert_with(empty).as_mut() {
            push(held, pair);
        }
    }

    fn coins(&mut self, seq: u64, balances: Each) {
        if let Past::Coins(held) = self.0.get_or_insert_with(|| Box::new(Past::Coins(VecDeque::new()))).as_mut() {
            push(held, (seq, balances));
        }
    }

    fn steps(&mut self, seq: u64, ticks: &Ticks, fees: [u32; 2], change: &Change) {
        if let Past::Ticks(held) = self.0.get_or_insert_with(|| Box::new(Past::Ticks(VecDeque::new()))).as_mut() {
            let Ticks { sqrt_price, tick, liquidity, .. } = *ticks;
            held.push_back(Step::Place { seq, sqrt_price, tick, liquidity, fees });
            if let Change::Position { lower, upper, delta } = *change {
                held.push_back(Step::Position { lower, upper, delta });
            }
            shorten(held);
        }
    }
}

impl Past {
    /// Undo the newest entry: the number of the state it leads to, or nothing when it is only a part of a block.
    fn undo(&mut self, state: &mut State, curve: &Curve) -> Option<Option<u64>> {
        match (self, state.changing()) {
            (Self::Pairs(held), Changing::Reserves(reserves, fees)) => {
                let before = held.pop_back()?;
                *reserves = before.reserves;
                fees.into_iter().for_each(|fees| *fees = before.fees);
                Some(Some(before.seq))
            }
            (Self::Coins(held), Changing::Balances(balances)) => {
                let (seq, before) = held.pop_back()?;
                balances.iter_mut().zip(before).for_each(|(to, balance)| *to = balance);
                Some(Some(seq))
            }
            (Self::Ticks(held), Changing::Ticks(ticks, fees)) => {
                step(held.pop_back()?, ticks, fees.unwrap_or(&mut [0; 2]), curve)
            }
            _ => None,
        }
    }
}

fn step(step: Step, ticks: &mut Ticks, held: &mut [u32; 2], curve: &Curve) -> Option<Option<u64>> {
    match step {
        Step::Place { seq, sqrt_price, tick, liquidity, fees } => {
            (ticks.sqrt_price, ticks.tick, ticks.liquidity, *held) = (sqrt_price, tick, liquidity, fees);
            Some(Some(seq))
        }
        Step::Position { lower, upper, delta } => {
            let (fee, spacing) = curve.tick_rule(held[0])?;
            ticks.change_position(lower, upper, delta.checked_neg()?, spacing).ok()?;
            ticks.reindex_from(lower, upper, fee, spacing);
            Some(None)
        }
    }
}

/// Ticks get their index again, after the contract's own invariant was found to hold.
fn reindexed(state: &mut State, curve: &Curve) -> Option<()> {
    let Changing::Ticks(ticks, fees) = state.changing() else { return Some(()) };
    let held = fees.map_or(0, |fees| fees[0]);
    let (fee, spacing) = curve.tick_rule(held)?;
    ticks.check().ok()?;
    ticks.reindex(fee, spacing);
    Some(())
}

fn push<T>(held: &mut VecDeque<T>, entry: T) {
    if held.len() >= DEPTH {
        held.pop_front();
    }
    held.push_back(entry);
}

/// Whole blocks leave at the front until what is kept is within its bounds.
fn shorten(steps: &mut VecDeque<Step>) {
    let places = |steps: &VecDeque<Step>| steps.iter().filter(|step| matches!(step, Step::Place { .. })).count();
    while steps.len() > MAX_POSITIONS || (steps.len() > DEPTH && places(steps) > DEPTH) {
        steps.pop_front();
        while matches!(steps.front(), Some(Step::Position { .. })) {
            steps.pop_front();
        }
    }
}
