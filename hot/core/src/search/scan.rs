//! One look at the cycles through changed pools: pairs by their best rates first, pools only where a pair may gain.
//!
//! All searches of a set of pools share the look. A cycle of two or three swaps is found once, as a ring that begins
//! with the changed pool, and belongs to each search whose base asset is on the ring.

use super::bits::Bits;
use super::counts::Ways;
use super::graph::{Graph, Ranked};
use super::shelf::{Found, Shelf, RATE_ERROR};
use super::squares;
use super::triangles::Triangles;
use super::web::Web;
use super::NONE;
use crate::candidate::{DropReason, Drops};

/// What the looks of a batch go by.
pub(super) struct Look<'a> {
    pub graph: &'a mut Graph,
    pub triangles: &'a Triangles,
    pub webs: &'a mut [Web],
    /// Number of the graph: its webs have it too.
    pub number: usize,
    /// One for each web.
    pub shelves: &'a mut [Shelf],
    pub drops: &'a mut Drops,
    /// What was dealt with in this batch; `None` when there is only one pool to look at.
    pub done: Option<&'a mut Done>,
    pub roots: &'a mut Vec<Root>,
}

/// Pools whose cycles were dealt with in a batch, and their pairs.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub pools: Bits,
    pub pairs: Bits,
}

/// A search that a ring belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Root {
    web: usize,
    /// Swaps of the ring before the base asset.
    turn: usize,
    offered: u64,
}

/// A changed pool and the sides that close the ring.
struct Ring {
    own: Ranked,
    sides: [u32; 2],
    /// How many of the sides.
    others: usize,
    /// Assets that go into the swaps.
    assets: [u32; 3],
    /// Fresh cycles of it, and the best rate they may have.
    fresh: u64,
    bound: f64,
}

impl Look<'_> {
    /// Look at the cycles through pools of one pair.
    pub(super) fn pair(&mut self, pair: usize, pools: &[u32]) {
        let ways = match &self.done {
            Some(done) => self.triangles.through_rest(self.graph, pair, |other| done.pairs.has(other)),
            None => self.triangles.through(pair),
        };
        let mut best = [f64::NEG_INFINITY; 2];
        for &pool in pools {
            self.count(ways.through(self.graph.standing(pool)));
            let own = self.graph.ranked(pool);
            self.two(pair, pool, own);
            if self.triangles.has_squares() {
                squares::through(self, pair, own);
            }
            best = [best[0].max(own[0].rate), best[1].max(own[1].rate)];
            if let Some(done) = &mut self.done {
                done.pools.set(pool as usize);
                self.graph.hide(pool, true);
            }
        }
        self.three(pair, pools, best);
        if let Some(done) = &mut self.done {
            done.pairs.set(pair);
        }
    }

    /// Count cycles as fruitless until one of them is offered, and those that cannot be used.
    fn count(&mut self, Ways([fresh, stale, refused]): Ways) {
        self.drops.add(DropReason::NoProfit, fresh as usize);
        self.drops.add(DropReason::Stale, stale as usize);
        self.drops.add(DropReason::Refused, refused as usize);
    }

    /// By the pool and by another of its pair, both ways.
    fn two(&mut self, pair: usize, pool: u32, own: [Ranked; 2]) {
        let searches = self.triangles.doubles(pair);
        if searches == 0 {
            return;
        }
        let (mut others, standing) = (self.graph.counts(pair), self.graph.standing(pool));
        others.take(standing, 1);
        self.count(Ways::default().plus(Ways::from(others).through(standing), 2 * u64::from(searches)));
        let side = 2 * pair as u32;
        for (direction, own) in own.into_iter().enumerate() {
            let there = side + direction as u32;
            let bound = own.rate + f64::from(self.graph.best(there ^ 1));
            if bound > -RATE_ERROR {
                let [from, to] = self.graph.ends(there);
                let (sides, assets) = ([there ^ 1; 2], [from, to, NONE]);
                self.ring(&Ring { own, sides, others: 1, assets, fresh: others.fresh(), bound });
            }
        }
    }

    /// The pair's triangles; `best` are the best rates of the changed pools.
    fn three(&mut self, pair: usize, pools: &[u32], best: [f64; 2]) {
        let triangles = self.triangles;
        let [there, around] = best.map(|rate| below(-RATE_ERROR - rate));
        for &[on, home] in triangles.of(pair) {
            if self.graph.best(on) + self.graph.best(home) > there
                || self.graph.best(on ^ 1) + self.graph.best(home ^ 1) > around
            {
                let rest = |flip: u32| f64::from(self.graph.best(on ^ flip)) + f64::from(self.graph.best(home ^ flip));
                self.triangle(pools, [on, home], [rest(0), rest(1)]);
            }
        }
    }

    /// One triangle, there and around; `rests` are the best rates of its other pairs.
    #[cold]
    fn triangle(&mut self, pools: &[u32], [on, home]: [u32; 2], rests: [f64; 2]) {
        let [one, other] = [on, home].map(|side| self.graph.counts(side as usize / 2));
        let fresh = one.fresh() * other.fresh();
        let [high, third] = self.graph.ends(on);
        let low = self.graph.ends(home)[1];
        for &pool in pools {
            for ((direction, own), rest) in self.graph.ranked(pool).into_iter().enumerate().zip(rests) {
                let bound = own.rate + rest;
                if bound > -RATE_ERROR {
                    let there = direction == 0;
                    let sides = if there { [on, home] } else { [home ^ 1, on ^ 1] };
                    let assets = if there { [low, high, third] } else { [high, low, third] };
                    self.ring(&Ring { own, sides, others: 2, assets, fresh, bound });
                }
            }
        }
    }

    /// Offer the cycles of a ring to the searches it belongs to, and count all of them.
    fn ring(&mut self, ring: &Ring) {
        let mut floor = f64::INFINITY;
        self.roots.clear();
        for (number, web) in self.webs.iter().enumerate() {
            if web.graph() != self.number || !web.wants(ring.others + 1) {
                continue;
            }
            let Some(turn) = ring.assets.iter().position(|asset| *asset == web.base) else { continue };
            let beaten = self.shelves[number].floor() >= ring.bound;
            if beaten {
                self.drops.add(DropReason::Budget, ring.fresh as usize);
                self.drops.take(DropReason::NoProfit, ring.fresh);
            } else {
                floor = floor.min(self.shelves[number].floor());
                self.roots.push(Root { web: number, turn, offered: 0 });
            }
        }
        if self.roots.is_empty() {
            return;
        }
        self.expand(ring, floor);
        for root in &*self.roots {
            // What was not offered because better cycles took the room would have been worth a look.
            let full = self.shelves[root.web].is_full();
            let counted = if full { ring.fresh } else { root.offered };
            self.drops.add(DropReason::Budget, (counted - root.offered) as usize);
            self.drops.take(DropReason::NoProfit, counted);
        }
    }

    /// Offer every cycle of a ring that beats the floor of some search.
    fn expand(&mut self, ring: &Ring, mut floor: f64) {
        let Self { graph, shelves, drops, done, roots, .. } = self;
        let is_done = |pool: u32| done.as_ref().is_some_and(|done| done.pools.has(pool as usize));
        let [first, second] = ring.sides;
        let last = if ring.others == 1 { 0.0 } else { f64::from(graph.best(second)) };
        for one in graph.order(first) {
            let so_far = ring.own.rate + one.rate;
            if so_far + last <= floor {
                break;
            }
            if one.edge.pool() == ring.own.edge.pool() || is_done(one.edge.pool()) {
                continue;
            }
            if ring.others == 1 {
                floor = offer(roots, shelves, drops, &[ring.own, *one], so_far);
                continue;
            }
            for other in graph.order(second) {
                let rate = so_far + other.rate;
                if rate <= floor {
                    break;
                }
                if !is_done(other.edge.pool()) {
                    floor = offer(roots, shelves, drops, &[ring.own, *one, *other], rate);
                }
            }
        }
    }
}

/// A rounded sum of two that is not above this is not above the limit, whatever was rounded away; infinities stay.
fn below(limit: f64) -> f32 {
    if limit.is_finite() {
        (limit - limit.abs() * (4.0 * f64::from(f32::EPSILON)) - f64::from(f32::MIN_POSITIVE)) as f32
    } else {
        limit as f32
    }
}

/// Offer a ring to the searches it belongs to; what the next one must beat to interest one of them.
fn offer(roots: &mut [Root], shelves: &mut [Shelf], drops: &mut Drops, ring: &[Ranked], rate: f64) -> f64 {
    let mut floor = f64::INFINITY;
    for root in roots {
        let Some(shelf) = shelves.get_mut(root.web) else { continue };
        if rate > shelf.floor() {
            let (before, after) = ring.split_at(root.turn.min(ring.len()));
            let turned = after.iter().chain(before).map(|ranked| ranked.edge);
            shelf.offer(Found { rate, cycle: turned.collect() }, drops);
            root.offered += 1;
        }
        floor = floor.min(shelf.floor());
    }
    floor
}
