//! Which cycles go through a pool, found anew on every update. Pool-level cycles are counted, never stored: a hundred
//! thousand pools have billions. What is stored are token pairs with their pools sorted by rate, and triangles of pairs.

mod bits;
pub mod counts;
pub mod graph;
mod scan;
mod shelf;
mod squares;
mod triangles;
pub mod web;

use crate::candidate::Drops;
use crate::error::WiringError;
use bits::Bits;
pub use counts::Standing;
use graph::Graph;
use scan::{Done, Look, Root};
pub use shelf::{Found, Shelf};
use triangles::Triangles;
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
    graphs: Vec<(Graph, Triangles)>,
    webs: Vec<Web>,
    done: Done,
    /// Changed pools by pair.
    groups: Vec<(u32, u32)>,
    members: Vec<u32>,
    roots: Vec<Root>,
}

impl Index {
    /// Build for all searches; `assets[pool]` are the pool's two assets.
    pub fn build(assets: &[[u32; 2]], scopes: &[Scope<'_>]) -> Result<Self, WiringError> {
        let mut sets: Vec<Vec<u32>> = Vec::new();
        let mut index = Self::default();
        let mut graphs = Vec::new();
        for scope in scopes {
            let mut pools = scope.pools.to_vec();
            pools.sort_unstable();
            let known = sets.iter().position(|set| *set == pools);
            let at = known.unwrap_or_else(|| {
                graphs.push(Graph::build(assets, &pools));
                sets.push(pools);
                sets.len() - 1
            });
            index.webs.push(Web::build(&graphs[at], at, scope));
        }
        for (number, graph) in graphs.into_iter().enumerate() {
            let webs: Vec<&Web> = index.webs.iter().filter(|web| web.graph() == number).collect();
            let triangles = Triangles::build(&graph, &webs);
            for web in index.webs.iter_mut().filter(|web| web.graph() == number) {
                web.count(&graph, &triangles);
            }
            index.graphs.push((graph, triangles));
        }
        let pairs = index.graphs.iter().map(|(graph, _)| graph.len()).max().unwrap_or(0);
        index.done = Done { pools: Bits::of(assets.len()), pairs: Bits::of(pairs) };
        Ok(index)
    }

    /// Number of cycles of all searches.
    #[must_use]
    pub fn cycles(&self) -> u64 {
        self.webs.iter().map(Web::cycles).fold(0, u64::saturating_add)
    }

    /// A pool has other rates (logarithms by direction, asset 0 in first) or another standing.
    pub fn update(&mut self, pool: u32, rates: [f64; 2], standing: Standing) {
        for (at, (graph, triangles)) in self.graphs.iter_mut().enumerate() {
            let Some(moved) = graph.update(pool, rates, standing) else { continue };
            if moved.counted {
                triangles.touch(moved.pair);
            }
            if triangles.has_squares() {
                self.webs.iter_mut().filter(|web| web.graph() == at).for_each(|web| web.raise(graph, moved.pair));
            }
        }
    }

    /// Read ahead what an update of a pool and the look after it will need: nearly all of it is far from the processor,
    /// and reads that do not wait for each other take the time of one.
    #[inline]
    pub fn warm(&self, pool: u32) {
        for (graph, triangles) in &self.graphs {
            if let Some(pair) = graph.warm(pool) {
                triangles.warm(pair);
            }
        }
    }

    /// Look at the cycles of all searches through pools: the best rates go to the search's shelf, all others to the
    /// reasons. `pools` are in order and different.
    pub fn look(&mut self, pools: &[u32], shelves: &mut [Shelf], drops: &mut Drops) {
        let Self { graphs, webs, done, groups, members, roots } = self;
        for (number, (graph, triangles)) in graphs.iter_mut().enumerate() {
            triangles.settle(graph);
            let several = (pools.len() > 1).then_some(&mut *done);
            let mut look = Look { graph, triangles, webs, number, shelves, drops, done: several, roots };
            if let [pool] = pools {
                if let Some(side) = look.graph.side_of(*pool) {
                    look.pair(side as usize / 2, &[*pool]);
                }
                continue;
            }
            groups.clear();
            groups.extend(pools.iter().filter_map(|pool| Some((look.graph.side_of(*pool)? / 2, *pool))));
            groups.sort_unstable();
            for group in groups.chunk_by(|one, other| one.0 == other.0) {
                let Some((pair, _)) = group.first() else { continue };
                members.clear();
                members.extend(group.iter().map(|held| held.1));
                look.pair(*pair as usize, members);
            }
            for (pair, pool) in &*groups {
                graph.hide(*pool, false);
                done.pools.clear(*pool as usize);
                done.pairs.clear(*pair as usize);
            }
        }
    }
}
