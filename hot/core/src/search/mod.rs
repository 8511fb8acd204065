//! Which cycles go through a pool, found anew on every update. Pool-level cycles are counted, never stored: a hundred
//! thousand pools have billions. What is stored are token pairs with their pools sorted by rate, and triangles of pairs.

pub mod graph;
mod scan;
pub mod web;

use crate::error::WiringError;
use graph::Graph;
pub use scan::{Found, Sink};
use web::Web;

/// Most swaps in a cycle.
pub const MAX_HOPS: usize = 4;

/// No pair, no side.
const NONE: u32 = u32::MAX;

/// A directed use of a pool: `pool << 1`, plus one when asset 1 goes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge(u32);

impl Edge {
    /// The edge of a pool in a direction.
    #[must_use]
    pub const fn new(pool: u32, zero_for_one: bool) -> Self {
        Self(pool << 1 | !zero_for_one as u32)
    }

    /// Dense number of the edge.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// Pool handle.
    #[must_use]
    pub const fn pool(self) -> u32 {
        self.0 >> 1
    }

    /// Direction.
    #[must_use]
    pub const fn zero_for_one(self) -> bool {
        self.0 & 1 == 0
    }

    /// The same pool the other way.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self(self.0 ^ 1)
    }
}

/// A closed path from a base asset; no pool and no asset between is visited twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cycle {
    hops: u8,
    edges: [Edge; MAX_HOPS],
}

impl Cycle {
    /// Edges in order.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        self.edges.get(..usize::from(self.hops)).unwrap_or(&[])
    }

    fn push(&mut self, edge: Edge) {
        if let Some(slot) = self.edges.get_mut(usize::from(self.hops)) {
            *slot = edge;
            self.hops += 1;
        }
    }

    fn pop(&mut self) {
        self.hops = self.hops.saturating_sub(1);
    }
}

impl FromIterator<Edge> for Cycle {
    fn from_iter<I: IntoIterator<Item = Edge>>(edges: I) -> Self {
        let mut cycle = Self::default();
        edges.into_iter().for_each(|edge| cycle.push(edge));
        cycle
    }
}

/// Whether a pool may be used, for the counts of cycles that cannot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Fresh,
    /// It waits for a snapshot.
    #[default]
    Stale,
    /// Its bytes did not decode.
    Refused,
}

/// What the index must know of one search.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// Asset the cycles start from and end in.
    pub base: u32,
    /// Pools that may be used.
    pub pools: &'a [u32],
    /// Least number of swaps.
    pub min_hops: usize,
    /// Most swaps.
    pub max_hops: usize,
}

/// Pairs of every set of pools that searches use, and what each search needs besides.
#[derive(Debug, Default)]
pub struct Index {
    graphs: Vec<Graph>,
    webs: Vec<Web>,
    /// Logarithm of the marginal rate of each directed edge; minus infinity when there is none.
    rates: Vec<f64>,
    /// For each pool a bit for each of the first 64 searches that has cycles through it.
    searches: Vec<u64>,
}

impl Index {
    /// Build for all searches; `assets[pool]` are the pool's two assets.
    pub fn build(assets: &[[u32; 2]], scopes: &[Scope<'_>]) -> Result<Self, WiringError> {
        let mut sets: Vec<Vec<u32>> = Vec::new();
        let mut index = Self { rates: vec![f64::NEG_INFINITY; assets.len() * 2], ..Self::default() };
        for scope in scopes {
            let mut pools = scope.pools.to_vec();
            pools.sort_unstable();
            let known = sets.iter().position(|set| *set == pools);
            let at = known.unwrap_or_else(|| {
                index.graphs.push(Graph::build(assets, &pools));
                sets.push(pools);
                sets.len() - 1
            });
            index.webs.push(Web::build(&index.graphs[at], at, scope));
        }
        index.searches = (0..assets.len() as u32).map(|pool| index.searches_of(pool)).collect();
        Ok(index)
    }

    fn searches_of(&self, pool: u32) -> u64 {
        let through = |web: &Web| self.graphs.get(web.graph()).is_some_and(|graph| web.is_through(graph, pool));
        let bits = self.webs.iter().take(64).enumerate().filter(|(_, web)| through(web));
        bits.fold(0, |sum, (at, _)| sum | 1 << at)
    }

    /// Whether a search may have cycles through a pool.
    #[inline]
    #[must_use]
    pub fn concerns(&self, search: usize, pool: u32) -> bool {
        search >= 64 || self.searches.get(pool as usize).is_some_and(|bits| bits >> search & 1 == 1)
    }

    /// Number of cycles of all searches.
    #[must_use]
    pub fn cycles(&self) -> u64 {
        self.webs.iter().map(Web::cycles).fold(0, u64::saturating_add)
    }

    /// A pool has other rates (by direction, asset 0 in first) or another standing.
    pub fn update(&mut self, pool: u32, rates: [f64; 2], standing: Standing) {
        for (rate, zero_for_one) in rates.into_iter().zip([true, false]) {
            if let Some(held) = self.rates.get_mut(Edge::new(pool, zero_for_one).index()) {
                *held = rate;
            }
        }
        for (at, graph) in self.graphs.iter_mut().enumerate() {
            let Some(pair) = graph.update(pool, &self.rates, standing) else { continue };
            for web in self.webs.iter_mut().filter(|web| web.graph() == at) {
                web.raise(graph, pair);
            }
        }
    }

    /// Offer the cycles of a search through a pool to a sink, and count those that cannot be used.
    pub fn scan(&mut self, search: usize, pool: u32, sink: &mut Sink<'_>) {
        let Some(web) = self.webs.get_mut(search) else { return };
        if let Some(graph) = self.graphs.get(web.graph()) {
            scan::through(web, graph, &self.rates, pool, sink);
        }
    }

    /// Leave a pool out of all counts, because its cycles are dealt with, or take it in again.
    pub fn hide(&mut self, pool: u32, hidden: bool) {
        for graph in &mut self.graphs {
            graph.hide(pool, hidden);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(min_hops: usize, max_hops: usize) -> Index {
        // Two pools 0-1, one 1-2, one 2-0, one 3-1 that no cycle of asset 0 can use.
        let assets = [[0, 1], [0, 1], [1, 2], [2, 0], [3, 1]];
        Index::build(&assets, &[Scope { base: 0, pools: &[0, 1, 2, 3, 4], min_hops, max_hops }]).unwrap()
    }

    #[test]
    fn counts_both_directions_of_every_cycle_once() {
        assert_eq!(index(2, 2).cycles(), 2);
        assert_eq!(index(2, 3).cycles(), 6);
        assert_eq!(index(3, 3).cycles(), 4);
    }

    #[test]
    fn counts_the_cycles_of_a_square() {
        let assets = [[0, 1], [1, 2], [2, 3], [3, 0], [2, 3], [1, 3]];
        let scope = Scope { base: 0, pools: &[0, 1, 2, 3, 4, 5], min_hops: 4, max_hops: 4 };
        assert_eq!(Index::build(&assets, &[scope]).unwrap().cycles(), 4);
    }
}
