//! Token pairs and their pools, best rate first in each direction.

use std::hint::black_box;

use super::counts::{Counts, Standing};
use super::{Edge, NONE};

/// A pool among those of its pair.
#[derive(Clone, Copy, Debug)]
pub struct Ranked {
    /// Logarithm of the marginal rate.
    pub rate: f64,
    /// The pool in this direction.
    pub edge: Edge,
}

/// Where a pool stands; four to a cache line.
#[derive(Clone, Copy, Debug)]
struct Seat {
    /// Side with asset 0 in; `NONE` when the pool is not of this set.
    side: u32,
    /// Places in the orders of the pair, by direction of the pair.
    places: [u32; 2],
    standing: Standing,
}

/// One pair; two to a cache line.
#[derive(Clone, Copy, Debug)]
struct Pair {
    /// Lower number first.
    assets: [u32; 2],
    /// First place of its pools in `order`: all of one direction, then all of the other.
    start: u32,
    pools: u32,
    /// Pools that are in the counts.
    counts: Counts,
}

/// The pairs of one set of pools. A side of a pair is numbered `2 * pair`, plus one when the asset with the higher
/// number goes in.
#[derive(Debug, Default)]
pub struct Graph {
    seats: Vec<Seat>,
    pairs: Vec<Pair>,
    /// Pools of each side, best rate first.
    order: Vec<Ranked>,
    /// Not below the best rate of each side: all that a look without result reads of other pairs.
    best: Vec<f32>,
    /// First link of each asset, and the end.
    link_starts: Vec<u32>,
    links: Vec<Link>,
}

/// A pair seen from one of its assets.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// The other asset.
    pub to: u32,
    /// The side that leads there.
    pub side: u32,
}

/// What a new rate or standing of a pool did to its pair.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moved {
    pub pair: usize,
    /// Whether the standing changed.
    pub counted: bool,
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
        let empty = Seat { side: NONE, places: [0; 2], standing: Standing::Stale };
        let mut graph = Self { seats: vec![empty; assets.len()], ..Self::default() };
        for group in sorted.chunk_by(|one, other| one.0 == other.0) {
            let Some(&(pair, _)) = group.first() else { continue };
            let (number, start) = (graph.pairs.len() as u32, graph.order.len() as u32);
            let mut counts = Counts::default();
            counts.add(Standing::Stale, group.len() as u32);
            graph.pairs.push(Pair { assets: pair, start, pools: group.len() as u32, counts });
            graph.best.extend([f32::NEG_INFINITY; 2]);
            for (direction, zero_for_one) in [(0, true), (1, false)] {
                for (at, (_, pool)) in (0..).zip(group) {
                    let ascending = assets[*pool as usize][0] == pair[0];
                    let seat = &mut graph.seats[*pool as usize];
                    seat.side = 2 * number + u32::from(!ascending);
                    seat.places[direction] = at;
                    let edge = Edge::new(*pool, ascending == zero_for_one);
                    graph.order.push(Ranked { rate: f64::NEG_INFINITY, edge });
                }
            }
        }
        graph.link();
        graph
    }

    fn link(&mut self) {
        let assets = self.pairs.iter().map(|pair| pair.assets[1] as usize + 1).max().unwrap_or(0);
        let mut starts = vec![0u32; assets + 1];
        for asset in self.pairs.iter().flat_map(|pair| &pair.assets) {
            starts[*asset as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut fill = starts.clone();
        self.links = vec![Link { to: NONE, side: NONE }; self.pairs.len() * 2];
        for (number, Pair { assets: [low, high], .. }) in self.pairs.iter().enumerate() {
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

    /// Pairs of an asset, by the number of the other asset.
    #[must_use]
    pub fn links(&self, asset: u32) -> &[Link] {
        match (self.link_starts.get(asset as usize), self.link_starts.get(asset as usize + 1)) {
            (Some(from), Some(to)) => self.links.get(*from as usize..*to as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// The side of a pool with asset 0 in; `None` when the pool is not of this set.
    #[inline]
    #[must_use]
    pub fn side_of(&self, pool: u32) -> Option<u32> {
        self.seats.get(pool as usize).map(|seat| seat.side).filter(|side| *side != NONE)
    }

    /// Asset that goes in and asset that comes out.
    #[inline]
    #[must_use]
    pub fn ends(&self, side: u32) -> [u32; 2] {
        let Some(Pair { assets: [low, high], .. }) = self.pairs.get(side as usize / 2) else { return [NONE; 2] };
        if side & 1 == 0 {
            [*low, *high]
        } else {
            [*high, *low]
        }
    }

    /// Not below the best rate of a side.
    #[inline]
    #[must_use]
    pub fn best(&self, side: u32) -> f32 {
        self.best.get(side as usize).copied().unwrap_or(f32::NEG_INFINITY)
    }

    /// Pools of a pair that are in the counts, by standing.
    #[inline]
    #[must_use]
    pub fn counts(&self, pair: usize) -> Counts {
        self.pairs.get(pair).map(|pair| pair.counts).unwrap_or_default()
    }

    /// Number of pools of a pair.
    #[must_use]
    pub fn pools(&self, pair: usize) -> u64 {
        self.pairs.get(pair).map_or(0, |pair| u64::from(pair.pools))
    }

    /// Pools of a side, best rate first.
    #[inline]
    #[must_use]
    pub fn order(&self, side: u32) -> &[Ranked] {
        self.pairs.get(side as usize / 2).and_then(|pair| self.order.get(pair.range(side))).unwrap_or(&[])
    }

    /// A pool in both directions of its pair, lower asset in first.
    #[inline]
    pub(super) fn ranked(&self, pool: u32) -> [Ranked; 2] {
        let nothing = Ranked { rate: f64::NEG_INFINITY, edge: Edge::new(pool, true) };
        let Some(seat) = self.seats.get(pool as usize).filter(|seat| seat.side != NONE) else { return [nothing; 2] };
        let at = |direction: u32| {
            let place = seat.places[direction as usize & 1] as usize;
            self.order(seat.side & !1 | direction).get(place).copied().unwrap_or(nothing)
        };
        [at(0), at(1)]
    }

    /// Read ahead what an update of a pool will need, so that the reads do not wait for each other. Its pair.
    #[inline]
    pub(super) fn warm(&self, pool: u32) -> Option<usize> {
        let side = self.side_of(pool)?;
        let pair = self.pairs.get(side as usize / 2)?;
        black_box(self.best.get(side as usize).copied());
        black_box(self.order.get(pair.start as usize).map(|ranked| ranked.edge));
        Some(side as usize / 2)
    }

    /// Standing of a pool.
    #[inline]
    #[must_use]
    pub fn standing(&self, pool: u32) -> Standing {
        self.seats.get(pool as usize).map(|seat| seat.standing).unwrap_or_default()
    }

    /// Sort a pool in by its new rates (asset 0 in first); its pair when it is of this set.
    pub(super) fn update(&mut self, pool: u32, rates: [f64; 2], standing: Standing) -> Option<Moved> {
        let seat = self.seats.get(pool as usize).copied().filter(|seat| seat.side != NONE)?;
        let pair = seat.side as usize / 2;
        let ascending = seat.side & 1 == 0;
        for direction in [0, 1] {
            let zero_for_one = ascending == (direction == 0);
            let ranked = Ranked { rate: rates[usize::from(!zero_for_one)], edge: Edge::new(pool, zero_for_one) };
            self.sort_in(seat.side & !1 | direction, seat.places[direction as usize & 1] as usize, ranked);
        }
        let before = seat.standing;
        let counted = before != standing;
        if counted {
            if let (Some(seat), Some(pair)) = (self.seats.get_mut(pool as usize), self.pairs.get_mut(pair)) {
                seat.standing = standing;
                pair.counts.take(before, 1);
                pair.counts.add(standing, 1);
            }
        }
        Some(Moved { pair, counted })
    }

    /// Leave a pool out of the counts, or take it in again.
    pub(super) fn hide(&mut self, pool: u32, hidden: bool) {
        let Some(seat) = self.seats.get(pool as usize).filter(|seat| seat.side != NONE) else { return };
        if let Some(pair) = self.pairs.get_mut(seat.side as usize / 2) {
            if hidden {
                pair.counts.take(seat.standing, 1);
            } else {
                pair.counts.add(seat.standing, 1);
            }
        }
    }

    /// Move a pool of a side from its place to where its rate belongs.
    fn sort_in(&mut self, side: u32, place: usize, own: Ranked) {
        let Some(range) = self.pairs.get(side as usize / 2).map(|pair| pair.range(side)) else { return };
        let (Some(order), seats) = (self.order.get_mut(range), &mut self.seats) else { return };
        let mut put = |at: usize, ranked: Ranked, order: &mut [Ranked]| {
            order[at] = ranked;
            seats[ranked.edge.pool() as usize].places[side as usize & 1] = at as u32;
        };
        let mut at = place;
        while at > 0 && order[at - 1].rate < own.rate {
            put(at, order[at - 1], order);
            at -= 1;
        }
        while at + 1 < order.len() && order[at + 1].rate > own.rate {
            put(at, order[at + 1], order);
            at += 1;
        }
        if at == place {
            order[at] = own;
        } else {
            put(at, own, order);
        }
        self.best[side as usize] = above(order[0].rate as f32);
    }
}

impl Pair {
    /// Places of the pools of a side.
    #[inline]
    const fn range(&self, side: u32) -> std::ops::Range<usize> {
        let (start, pools) = (self.start as usize, self.pools as usize);
        if side & 1 == 0 {
            start..start + pools
        } else {
            start + pools..start + 2 * pools
        }
    }
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
