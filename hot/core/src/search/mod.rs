//! Which cycles go through which pool. Built once by `seal`, read on every update.

use std::collections::HashMap;

use crate::error::{wrong, WiringError};

/// Most swaps in a cycle.
pub const MAX_HOPS: usize = 4;
/// Most cycles an index holds; beyond it, wiring fails instead of eating the memory.
pub const MAX_CYCLES: usize = 4_000_000;

/// A directed use of a pool: `pool << 1`, plus one when asset 1 goes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
}

/// A closed path of a search from its base asset; no pool and no asset between is visited twice.
#[derive(Clone, Copy, Debug)]
pub struct Cycle {
    /// Search handle.
    pub search: u32,
    hops: u8,
    edges: [Edge; MAX_HOPS],
}

impl Cycle {
    /// Edges in order.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        self.edges.get(..usize::from(self.hops)).unwrap_or(&[])
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

/// All cycles, and for each pool the numbers of those through it.
#[derive(Debug, Default)]
pub struct Index {
    cycles: Vec<Cycle>,
    offsets: Vec<u32>,
    through: Vec<u32>,
}

impl Index {
    /// Enumerate the cycles of all searches; `assets[pool]` are the pool's two assets.
    pub fn build(assets: &[[u32; 2]], scopes: &[Scope<'_>]) -> Result<Self, WiringError> {
        let mut cycles = Vec::new();
        for (search, scope) in scopes.iter().enumerate() {
            let mut finder =
                Finder { scope, leaving: leaving(assets, scope.pools), search: search as u32, found: &mut cycles };
            finder.extend(&mut Vec::with_capacity(MAX_HOPS), &mut vec![scope.base])?;
        }
        let mut offsets = vec![0u32; assets.len() + 1];
        for edge in cycles.iter().flat_map(Cycle::edges) {
            offsets[edge.pool() as usize + 1] += 1;
        }
        for at in 1..offsets.len() {
            offsets[at] += offsets[at - 1];
        }
        let mut fill = offsets.clone();
        let mut through = vec![0u32; cycles.iter().map(|cycle| cycle.edges().len()).sum()];
        for (number, cycle) in cycles.iter().enumerate() {
            for edge in cycle.edges() {
                let slot = &mut fill[edge.pool() as usize];
                through[*slot as usize] = number as u32;
                *slot += 1;
            }
        }
        Ok(Self { cycles, offsets, through })
    }

    /// Number of cycles.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cycles.len()
    }

    /// Whether there is no cycle at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cycles.is_empty()
    }

    /// A cycle by number.
    #[must_use]
    pub fn cycle(&self, number: u32) -> Option<&Cycle> {
        self.cycles.get(number as usize)
    }

    /// Numbers of the cycles through a pool.
    #[must_use]
    pub fn through(&self, pool: u32) -> &[u32] {
        let at = pool as usize;
        match (self.offsets.get(at), self.offsets.get(at + 1)) {
            (Some(from), Some(to)) => self.through.get(*from as usize..*to as usize).unwrap_or(&[]),
            _ => &[],
        }
    }
}

/// Asset -> edges that take it in, with the asset they give.
type Leaving = HashMap<u32, Vec<(Edge, u32)>>;

fn leaving(assets: &[[u32; 2]], pools: &[u32]) -> Leaving {
    let mut found = Leaving::new();
    for &pool in pools {
        let [asset0, asset1] = assets[pool as usize];
        found.entry(asset0).or_default().push((Edge::new(pool, true), asset1));
        found.entry(asset1).or_default().push((Edge::new(pool, false), asset0));
    }
    found
}

struct Finder<'a> {
    scope: &'a Scope<'a>,
    leaving: Leaving,
    search: u32,
    found: &'a mut Vec<Cycle>,
}

impl Finder<'_> {
    fn extend(&mut self, path: &mut Vec<Edge>, visited: &mut Vec<u32>) -> Result<(), WiringError> {
        let here = visited.last().copied().unwrap_or(self.scope.base);
        let next = self.leaving.get(&here).cloned().unwrap_or_default();
        for (edge, asset) in next {
            if path.iter().any(|used| used.pool() == edge.pool()) {
                continue;
            }
            path.push(edge);
            if asset == self.scope.base {
                if path.len() >= self.scope.min_hops {
                    self.keep(path)?;
                }
            } else if path.len() < self.scope.max_hops && !visited.contains(&asset) {
                visited.push(asset);
                self.extend(path, visited)?;
                visited.pop();
            }
            path.pop();
        }
        Ok(())
    }

    fn keep(&mut self, path: &[Edge]) -> Result<(), WiringError> {
        if self.found.len() >= MAX_CYCLES {
            return wrong(format!("more than {MAX_CYCLES} cycles: use fewer pools or hops"));
        }
        let mut edges = [Edge::default(); MAX_HOPS];
        edges[..path.len()].copy_from_slice(path);
        self.found.push(Cycle { search: self.search, hops: path.len() as u8, edges });
        Ok(())
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
    fn finds_both_directions_of_every_cycle_once() {
        assert_eq!(index(2, 2).len(), 2);
        assert_eq!(index(2, 3).len(), 6);
        assert_eq!(index(3, 3).len(), 4);
    }

    #[test]
    fn lists_each_cycle_under_each_of_its_pools() {
        let index = index(2, 3);
        assert_eq!([0, 1, 2, 3, 4].map(|pool| index.through(pool).len()), [4, 4, 4, 4, 0]);
    }
}
