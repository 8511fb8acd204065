//! Token pairs and their pools, best rate first in each direction.

use super::{Edge, Standing, NONE};

/// One direction of a pair. A side is numbered `2 * pair`, plus one when the asset with the higher number goes in.
#[derive(Clone, Copy, Debug)]
pub struct Side {
    /// Not below the best rate of the pair's pools in this direction.
    pub best: f32,
    /// Pools by standing; the same on both sides.
    pub standings: [u32; 3],
}

/// The pairs of one set of pools.
#[derive(Debug, Default)]
pub struct Graph {
    /// Side of a pool with asset 0 in; `NONE` when the pool is not of this set.
    side_of: Vec<u32>,
    standing: Vec<Standing>,
    /// Both assets of each pair, lower number first.
    pairs: Vec<[u32; 2]>,
    /// First place of each pair's pools in `order`, and the end.
    starts: Vec<u32>,
    /// Pools of each pair, best rate first, by direction.
    order: [Vec<Edge>; 2],
    /// Place of each edge in `order`.
    place: Vec<u32>,
    sides: Vec<Side>,
    /// First link of each asset, and the end.
    link_starts: Vec<u32>,
    links: Vec<Link>,
    /// Pools in the counts that are not fresh.
    impaired: usize,
}

/// A pair seen from one of its assets.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// The other asset.
    pub to: u32,
    /// The side that leads there.
    pub side: u32,
}

impl Graph {
    /// The pairs of `pools`, all of them stale.
    #[must_use]
    pub fn build(assets: &[[u32; 2]], pools: &[u32]) -> Self {
        let pair_of = |pool: u32| {
            let [one, other] = assets[pool as usize];
            [one.min(other), one.max(other)]
        };
        let mut sorted: Vec<([u32; 2], u32)> = pools.iter().map(|pool| (pair_of(*pool), *pool)).collect();
        sorted.sort_unstable();
        let mut graph = Self {
            side_of: vec![NONE; assets.len()],
            standing: vec![Standing::Stale; assets.len()],
            place: vec![0; assets.len() * 2],
            impaired: pools.len(),
            ..Self::default()
        };
        for (at, (pair, pool)) in sorted.iter().enumerate() {
            if graph.pairs.last() != Some(pair) {
                graph.pairs.push(*pair);
                graph.starts.push(at as u32);
                graph.sides.extend([Side { best: f32::NEG_INFINITY, standings: [0; 3] }; 2]);
            }
            let number = graph.pairs.len() as u32 - 1;
            let ascending = assets[*pool as usize][0] == pair[0];
            graph.side_of[*pool as usize] = 2 * number + u32::from(!ascending);
            for (direction, order) in graph.order.iter_mut().enumerate() {
                let edge = Edge::new(*pool, ascending == (direction == 0));
                graph.place[edge.index()] = at as u32;
                order.push(edge);
                graph.sides[2 * number as usize + direction].standings[Standing::Stale as usize] += 1;
            }
        }
        graph.starts.push(sorted.len() as u32);
        graph.link();
        graph
    }

    fn link(&mut self) {
        let assets = self.pairs.iter().map(|pair| pair[1] as usize + 1).max().unwrap_or(0);
        let mut starts = vec![0u32; assets + 1];
        for asset in self.pairs.iter().flatten() {
            starts[*asset as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut fill = starts.clone();
        self.links = vec![Link { to: NONE, side: NONE }; self.pairs.len() * 2];
        for (number, [low, high]) in self.pairs.iter().enumerate() {
            let side = 2 * number as u32;
            for (from, link) in [(low, Link { to: *high, side }), (high, Link { to: *low, side: side + 1 })] {
                let slot = &mut fill[*from as usize];
                self.links[*slot as usize] = link;
                *slot += 1;
            }
        }
        self.link_starts = starts;
    }

    /// Number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there is no pair at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Number of assets, counted up to the highest in use.
    #[must_use]
    pub fn assets(&self) -> usize {
        self.link_starts.len().saturating_sub(1)
    }

    /// Pairs of an asset.
    #[must_use]
    pub fn links(&self, asset: u32) -> &[Link] {
        match (self.link_starts.get(asset as usize), self.link_starts.get(asset as usize + 1)) {
            (Some(from), Some(to)) => self.links.get(*from as usize..*to as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// The side of a pool with asset 0 in; `None` when the pool is not of this set.
    #[must_use]
    pub fn side_of(&self, pool: u32) -> Option<u32> {
        self.side_of.get(pool as usize).copied().filter(|side| *side != NONE)
    }

    /// Asset that goes in and asset that comes out.
    #[must_use]
    pub fn ends(&self, side: u32) -> [u32; 2] {
        let [low, high] = self.pairs.get(side as usize / 2).copied().unwrap_or([NONE; 2]);
        if side & 1 == 0 {
            [low, high]
        } else {
            [high, low]
        }
    }

    /// Best rate and counts of a side.
    #[inline]
    #[must_use]
    pub fn side(&self, side: u32) -> Side {
        self.sides.get(side as usize).copied().unwrap_or(Side { best: f32::NEG_INFINITY, standings: [0; 3] })
    }

    /// Number of pools of a pair.
    #[must_use]
    pub fn pools(&self, pair: usize) -> u64 {
        match (self.starts.get(pair), self.starts.get(pair + 1)) {
            (Some(from), Some(to)) => u64::from(to - from),
            _ => 0,
        }
    }

    /// Pools of a side, best rate first.
    #[inline]
    #[must_use]
    pub fn order(&self, side: u32) -> &[Edge] {
        let pair = side as usize / 2;
        match (self.starts.get(pair), self.starts.get(pair + 1)) {
            (Some(from), Some(to)) => self.order[side as usize & 1].get(*from as usize..*to as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// Whether some pool in the counts cannot be used.
    #[must_use]
    pub const fn is_impaired(&self) -> bool {
        self.impaired > 0
    }

    /// Standing of a pool.
    #[must_use]
    pub fn standing(&self, pool: u32) -> Standing {
        self.standing.get(pool as usize).copied().unwrap_or_default()
    }

    /// Sort a pool in by its new rates; its pair when it is of this set.
    pub(super) fn update(&mut self, pool: u32, rates: &[f64], standing: Standing) -> Option<usize> {
        let first = self.side_of(pool)?;
        for (side, zero_for_one) in [(first, true), (first ^ 1, false)] {
            self.sort_in(side, Edge::new(pool, zero_for_one), rates);
        }
        let held = self.standing.get_mut(pool as usize)?;
        let before = std::mem::replace(held, standing);
        if before != standing {
            self.count(first, before, false);
            self.count(first, standing, true);
        }
        Some(first as usize / 2)
    }

    pub(super) fn hide(&mut self, pool: u32, hidden: bool) {
        if let Some(side) = self.side_of(pool) {
            self.count(side, self.standing(pool), !hidden);
        }
    }

    fn count(&mut self, side: u32, standing: Standing, more: bool) {
        for side in [side, side ^ 1] {
            if let Some(held) = self.sides.get_mut(side as usize) {
                let count = &mut held.standings[standing as usize];
                *count = if more { *count + 1 } else { count.saturating_sub(1) };
            }
        }
        if standing != Standing::Fresh {
            self.impaired = if more { self.impaired + 1 } else { self.impaired.saturating_sub(1) };
        }
    }

    fn sort_in(&mut self, side: u32, edge: Edge, rates: &[f64]) {
        let pair = side as usize / 2;
        let (Some(&from), Some(&to)) = (self.starts.get(pair), self.starts.get(pair + 1)) else { return };
        let order = &mut self.order[side as usize & 1];
        let rate = |edge: Edge| rates.get(edge.index()).copied().unwrap_or(f64::NEG_INFINITY);
        let own = rate(edge);
        let mut at = self.place[edge.index()] as usize;
        while at > from as usize && rate(order[at - 1]) < own {
            order[at] = order[at - 1];
            self.place[order[at].index()] = at as u32;
            at -= 1;
        }
        while at + 1 < to as usize && rate(order[at + 1]) > own {
            order[at] = order[at + 1];
            self.place[order[at].index()] = at as u32;
            at += 1;
        }
        order[at] = edge;
        self.place[edge.index()] = at as u32;
        self.sides[side as usize].best = rounded_up(rate(order[from as usize]));
    }
}

/// An `f32` that is not below.
fn rounded_up(rate: f64) -> f32 {
    above(rate as f32)
}

/// A little more than this, so that a rounded sum is still a bound; infinities stay.
#[inline]
pub(super) fn above(near: f32) -> f32 {
    if near.is_finite() {
        near + near.abs() * f32::EPSILON + f32::MIN_POSITIVE
    } else {
        near
    }
}
