//! What one search knows of a graph: which assets meet its base asset, two-leg tables, numbers of cycles.

use super::graph::{above, Graph};
use super::triangles::Triangles;
use super::{Scope, NONE};

/// The tables of one search.
#[derive(Debug)]
pub struct Web {
    graph: usize,
    /// Base asset.
    pub(super) base: u32,
    /// Whether cycles of 2, 3 and 4 swaps are wanted.
    wanted: [bool; 3],
    /// Side from each asset to the base asset, or `NONE`.
    to_base: Vec<u32>,
    /// Not below the best rate of two swaps from each asset to the base asset, and from it to each asset.
    two_legs: [Vec<f32>; 2],
    /// Cycles of four swaps through one pool of each pair.
    squares: Vec<u64>,
    cycles: u64,
}

impl Web {
    /// Tables of a search over a graph.
    #[must_use]
    pub fn build(graph: &Graph, number: usize, scope: &Scope<'_>) -> Self {
        let wanted = [2, 3, 4].map(|hops| scope.min_hops <= hops && hops <= scope.max_hops);
        let mut web = Self {
            graph: number,
            base: scope.base,
            wanted,
            to_base: vec![NONE; graph.assets()],
            two_legs: [Vec::new(), Vec::new()],
            squares: Vec::new(),
            cycles: 0,
        };
        for link in graph.links(scope.base) {
            web.to_base[link.to as usize] = link.side ^ 1;
        }
        if wanted[2] {
            web.two_legs = [vec![f32::NEG_INFINITY; graph.assets()], vec![f32::NEG_INFINITY; graph.assets()]];
            web.count_squares(graph);
        }
        web
    }

    /// Number of the graph it belongs to.
    #[must_use]
    pub const fn graph(&self) -> usize {
        self.graph
    }

    /// Number of cycles.
    #[must_use]
    pub const fn cycles(&self) -> u64 {
        self.cycles
    }

    /// Whether cycles of so many swaps are wanted.
    #[must_use]
    pub fn wants(&self, hops: usize) -> bool {
        hops.checked_sub(2).and_then(|at| self.wanted.get(at)).copied().unwrap_or(false)
    }

    /// The side from an asset to the base asset.
    #[inline]
    #[must_use]
    pub fn to_base(&self, asset: u32) -> Option<u32> {
        self.to_base.get(asset as usize).copied().filter(|side| *side != NONE)
    }

    /// Cycles of four swaps through one pool of a pair.
    #[must_use]
    pub fn squares(&self, pair: usize) -> u64 {
        self.squares.get(pair).copied().unwrap_or(0)
    }

    /// No two swaps from the asset to the base asset (or back, when not `outwards`) have a better rate.
    #[must_use]
    pub fn two_legs(&self, asset: u32, to_base: bool) -> f32 {
        self.two_legs[usize::from(!to_base)].get(asset as usize).copied().unwrap_or(f32::NEG_INFINITY)
    }

    /// Replace a two-leg bound by what a full look found.
    pub(super) fn set_two_legs(&mut self, asset: u32, to_base: bool, bound: f32) {
        if let Some(held) = self.two_legs[usize::from(!to_base)].get_mut(asset as usize) {
            *held = bound;
        }
    }

    /// Lift the two-leg bounds after the rates of a pair changed. They sink only when somebody looks.
    pub(super) fn raise(&mut self, graph: &Graph, pair: usize) {
        if !self.wanted[2] {
            return;
        }
        let side = 2 * pair as u32;
        for side in [side, side ^ 1] {
            let [from, to] = graph.ends(side);
            if to == self.base {
                for link in graph.links(from).iter().filter(|link| link.to != to) {
                    self.lift(graph, link.to, link.side ^ 1, side);
                }
            } else if let (Some(home), true) = (self.to_base(to), from != self.base) {
                self.lift(graph, from, side, home);
            }
        }
    }

    /// Two swaps from `asset`, over `side` and `home`, and the same way back.
    fn lift(&mut self, graph: &Graph, asset: u32, side: u32, home: u32) {
        for (bounds, flip) in self.two_legs.iter_mut().zip([0, 1]) {
            let sum = graph.best(side ^ flip) + graph.best(home ^ flip);
            if let Some(held) = bounds.get_mut(asset as usize) {
                *held = held.max(above(sum));
            }
        }
    }

    /// With `n` pools between two assets and `T(y) = Σ n(y, z) n(z, base)`: a pool of the pair x-y is second of
    /// `n(base, x) (T(y) - n(y, x) n(x, base))` cycles, and as often third; a pool of base-x is first of
    /// `Σ n(x, y) (T(y) - n(y, x) n(x, base))`, and as often last.
    fn count_squares(&mut self, graph: &Graph) {
        let home = |asset: u32| self.to_base(asset).map_or(0, |side| graph.pools(side as usize / 2));
        let others = |asset: u32| graph.links(asset).iter().filter(|link| link.to != self.base);
        let pools = |side: u32| graph.pools(side as usize / 2);
        let assets = 0..graph.assets() as u32;
        let two: Vec<u64> =
            assets.map(|asset| others(asset).map(|link| pools(link.side) * home(link.to)).sum()).collect();
        let after = |from: u32, to: u32, count: u64| two[to as usize] - count * home(from);
        let squares = (0..graph.len()).map(|pair| {
            let [low, high] = graph.ends(2 * pair as u32);
            let count = graph.pools(pair);
            if low == self.base || high == self.base {
                let other = if low == self.base { high } else { low };
                let each = others(other).map(|link| pools(link.side) * after(other, link.to, pools(link.side)));
                2 * each.sum::<u64>()
            } else {
                2 * (home(low) * after(low, high, count) + home(high) * after(high, low, count))
            }
        });
        self.squares = squares.collect();
    }

    /// Count the cycles: each holds two pools of the base asset.
    pub(super) fn count(&mut self, graph: &Graph, triangles: &Triangles) {
        let mut cycles = 0;
        for link in graph.links(self.base) {
            let pair = link.side as usize / 2;
            let count = graph.pools(pair);
            if self.wants(2) {
                cycles += count * (count - 1);
            }
            if self.wants(3) {
                let closed = |[x, y]: &[u32; 2]| graph.pools(*x as usize / 2) * graph.pools(*y as usize / 2);
                cycles += count * triangles.of(pair).iter().map(closed).sum::<u64>();
            }
            if self.wants(4) {
                cycles += count * self.squares(pair) / 2;
            }
        }
        self.cycles = cycles;
    }
}
