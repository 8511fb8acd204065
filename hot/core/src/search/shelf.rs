//! The cycles a search keeps for sizing: the best rates of one look, up to a limit.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::Cycle;
use crate::candidate::{DropReason, Drops};

/// A rate sum of `f64` logarithms is off by less than this (four terms below 2^8, each off by a few 2^-44 at most,
/// see `Curve::estimate`), and an exact cycle never beats its marginal rate: below it a cycle cannot gain.
pub(super) const RATE_ERROR: f64 = 1e-11;

/// A cycle that may gain, with the logarithm of its marginal rate.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Sum of the logarithms.
    pub rate: f64,
    /// Where it goes.
    pub cycle: Cycle,
}

impl Ord for Found {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rate.total_cmp(&other.rate).then_with(|| other.cycle.cmp(&self.cycle))
    }
}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Found {}

/// Cycles of one search: a list that becomes a heap with the worst on top when it is full.
#[derive(Debug)]
pub struct Shelf {
    list: Vec<Reverse<Found>>,
    heap: BinaryHeap<Reverse<Found>>,
    limit: usize,
    floor: f64,
}

impl Default for Shelf {
    fn default() -> Self {
        Self { list: Vec::new(), heap: BinaryHeap::new(), limit: 1, floor: -RATE_ERROR }
    }
}

impl Shelf {
    /// Room for so many, at least one.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit.max(1);
    }

    /// Whether nothing is kept.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty() && self.heap.is_empty()
    }

    /// Take all cycles, in no order.
    pub fn drain(&mut self) -> impl Iterator<Item = Found> + '_ {
        self.floor = -RATE_ERROR;
        if self.is_full() {
            self.list = std::mem::take(&mut self.heap).into_vec();
        }
        self.list.drain(..).map(|Reverse(found)| found)
    }

    /// A cycle must beat this.
    #[inline]
    pub(super) const fn floor(&self) -> f64 {
        self.floor
    }

    #[inline]
    pub(super) fn is_full(&self) -> bool {
        !self.heap.is_empty()
    }

    /// Keep a cycle that beats the floor.
    #[inline]
    pub(super) fn offer(&mut self, found: Found, drops: &mut Drops) {
        if self.is_full() {
            self.replace(found);
            drops.add(DropReason::Budget, 1);
            return;
        }
        self.list.push(Reverse(found));
        if self.list.len() >= self.limit {
            self.heap = BinaryHeap::from(std::mem::take(&mut self.list));
            self.replace_floor();
        }
    }

    #[inline(never)]
    fn replace(&mut self, found: Found) {
        if let Some(mut worst) = self.heap.peek_mut() {
            *worst = Reverse(found);
        }
        self.replace_floor();
    }

    fn replace_floor(&mut self) {
        if let Some(Reverse(worst)) = self.heap.peek() {
            self.floor = worst.rate;
        }
    }
}
