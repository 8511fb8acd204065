//! One look at the cycles through a changed pool: pairs by their best rates first, pools only where a pair may gain.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::graph::{above, Graph, Link};
use super::web::Web;
use super::{Cycle, Edge, Standing};
use crate::candidate::{DropReason, Drops};

/// A rate sum of `f64` logarithms is off by less than this (four terms below 2^8, each off by a few 2^-44 at most,
/// see `Curve::estimate`), and an exact cycle never beats its marginal rate: below it a cycle cannot gain.
const RATE_ERROR: f64 = 1e-11;

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

/// Keeps the best cycles up to a limit and counts the others.
#[derive(Debug)]
pub struct Sink<'a> {
    /// Cycles to size, worst on top.
    pub kept: &'a mut BinaryHeap<Reverse<Found>>,
    /// Most of them.
    pub limit: usize,
    /// Why not.
    pub drops: &'a mut Drops,
    /// Number of the batch in which each pool's cycles were dealt with last.
    pub done: &'a [u64],
    /// Number of this batch.
    pub batch: u64,
}

impl Sink<'_> {
    /// A cycle must beat this.
    fn floor(&self) -> f64 {
        match self.kept.peek() {
            Some(Reverse(worst)) if self.kept.len() >= self.limit => worst.rate,
            _ => -RATE_ERROR,
        }
    }

    fn is_done(&self, pool: u32) -> bool {
        self.done.get(pool as usize) == Some(&self.batch)
    }

    fn offer(&mut self, found: Found) {
        if self.kept.len() < self.limit {
            self.kept.push(Reverse(found));
        } else if let Some(mut worst) = self.kept.peek_mut() {
            *worst = Reverse(found);
            self.drops.add(DropReason::Budget, 1);
        }
    }

    /// Count what a pattern held beyond the cycles offered.
    fn rest(&mut self, bound: f64, count: u64, offered: u64) {
        let beaten = bound > -RATE_ERROR && self.kept.len() >= self.limit;
        let reason = if beaten { DropReason::Budget } else { DropReason::NoProfit };
        self.drops.add(reason, count.saturating_sub(offered) as usize);
    }
}

/// Offer every cycle of a search through a pool that may gain.
pub(super) fn through(web: &mut Web, graph: &Graph, rates: &[f64], pool: u32, sink: &mut Sink<'_>) {
    let Some(side) = graph.side_of(pool) else { return };
    let mut look = Look { graph, rates, sink, own: graph.standing(pool) };
    // Four swaps are counted by a table, as if all pools were fresh; `square` takes back those it offers.
    look.sink.rest(f64::NEG_INFINITY, web.squares(side as usize / 2), 0);
    for (side, zero_for_one) in [(side, true), (side ^ 1, false)] {
        let (edge, [from, to]) = (Edge::new(pool, zero_for_one), graph.ends(side));
        let first = from == web.base;
        if first && web.wants(2) {
            look.pair(edge, side);
        }
        if first && web.wants(3) {
            look.triangles(web, edge, side);
        }
        if let (Some(out), Some(home), true) = (web.to_base(from), web.to_base(to), web.wants(3)) {
            look.pattern(&[Slot::Any(out ^ 1), Slot::Own(edge), Slot::Any(home)]);
        }
        if web.wants(4) {
            look.squares(web, edge, from, to);
        }
    }
}

/// A place in a cycle: the changed pool, or any pool of a side.
#[derive(Clone, Copy)]
enum Slot {
    Own(Edge),
    Any(u32),
}

struct Look<'a, 'b> {
    graph: &'a Graph,
    rates: &'a [f64],
    sink: &'a mut Sink<'b>,
    own: Standing,
}

impl Look<'_, '_> {
    fn rate(&self, edge: Edge) -> f64 {
        self.rates.get(edge.index()).copied().unwrap_or(f64::NEG_INFINITY)
    }

    /// Two swaps: out by the pool and back by another of its pair, and the other way round.
    fn pair(&mut self, edge: Edge, side: u32) {
        self.pattern(&[Slot::Own(edge), Slot::Any(side ^ 1)]);
        self.pattern(&[Slot::Any(side), Slot::Own(edge.reversed())]);
    }

    /// Three swaps with the pool first or last; `edge` leaves the base asset.
    fn triangles(&mut self, web: &Web, edge: Edge, side: u32) {
        let (out, back) = (self.rate(edge), self.rate(edge.reversed()));
        let plain = !self.graph.is_impaired();
        let (mut flat, mut floor) = (0, self.sink.floor());
        for &[x, y] in web.triangles(side as usize / 2) {
            let (one, other) = (self.graph.side(x), self.graph.side(y));
            let forth = out + f64::from(one.best) + f64::from(other.best);
            let around = back + f64::from(self.graph.side(x ^ 1).best) + f64::from(self.graph.side(y ^ 1).best);
            let hopeless = forth <= -RATE_ERROR && around <= -RATE_ERROR;
            if plain && hopeless {
                flat += 2 * u64::from(one.standings[0]) * u64::from(other.standings[0]);
            } else if hopeless || forth > floor || around > floor || !plain {
                self.pattern(&[Slot::Own(edge), Slot::Any(x), Slot::Any(y)]);
                self.pattern(&[Slot::Any(y ^ 1), Slot::Any(x ^ 1), Slot::Own(edge.reversed())]);
                floor = self.sink.floor();
            } else {
                let count = u64::from(one.standings[0]) * u64::from(other.standings[0]);
                self.sink.rest(forth, count, 0);
                self.sink.rest(around, count, 0);
            }
        }
        self.sink.drops.add(DropReason::NoProfit, flat as usize);
    }

    /// Four swaps, by the place of the pool in the cycle. Counted by the search's own table, see `through`.
    fn squares(&mut self, web: &mut Web, edge: Edge, from: u32, to: u32) {
        let graph = self.graph;
        let own = self.rate(edge);
        if from == web.base || to == web.base {
            let (first, other) = (from == web.base, if from == web.base { to } else { from });
            let base = web.base;
            for link in graph.links(other).iter().filter(|link| link.to != base) {
                let side = if first { link.side } else { link.side ^ 1 };
                let bound = own + f64::from(graph.side(side).best) + f64::from(web.two_legs(link.to, first));
                if bound > self.sink.floor() {
                    self.two_legs(web, edge, first, other, *link);
                }
            }
            return;
        }
        if let Some(out) = web.to_base(from) {
            for (link, home) in ends(web, graph, to, from) {
                self.square(&[Slot::Any(out ^ 1), Slot::Own(edge), Slot::Any(link), Slot::Any(home)]);
            }
        }
        if let Some(home) = web.to_base(to) {
            for (link, out) in ends(web, graph, from, to) {
                self.square(&[Slot::Any(out ^ 1), Slot::Any(link ^ 1), Slot::Own(edge), Slot::Any(home)]);
            }
        }
    }

    /// The pool, a pair, and every two legs home (or the mirror of it); leaves behind the exact two-leg bound.
    fn two_legs(&mut self, web: &mut Web, edge: Edge, first: bool, other: u32, link: Link) {
        let (graph, mut bound) = (self.graph, f32::NEG_INFINITY);
        for (leg, home) in ends(web, graph, link.to, super::NONE) {
            let flip = u32::from(!first);
            let sum = graph.side(leg ^ flip).best + graph.side(home ^ flip).best;
            bound = bound.max(above(sum));
            if graph.ends(leg)[1] == other {
                continue;
            }
            if first {
                self.square(&[Slot::Own(edge), Slot::Any(link.side), Slot::Any(leg), Slot::Any(home)]);
            } else {
                let slots = [Slot::Any(home ^ 1), Slot::Any(leg ^ 1), Slot::Any(link.side ^ 1), Slot::Own(edge)];
                self.square(&slots);
            }
        }
        web.set_two_legs(link.to, first, bound);
    }

    fn square(&mut self, slots: &[Slot]) {
        if self.bound(slots) > self.sink.floor() {
            let offered = self.expand(slots, &mut Cycle::default(), 0.0);
            // The table counts them all as fruitless.
            self.sink.drops.take(DropReason::NoProfit, offered);
        }
    }

    fn bound(&self, slots: &[Slot]) -> f64 {
        let each = slots.iter().map(|slot| match slot {
            Slot::Own(edge) => self.rate(*edge),
            Slot::Any(side) => f64::from(self.graph.side(*side).best),
        });
        each.sum()
    }

    /// Offer the cycles of a pattern and count all of it.
    fn pattern(&mut self, slots: &[Slot]) {
        let bound = self.bound(slots);
        let offered = if bound > self.sink.floor() { self.expand(slots, &mut Cycle::default(), 0.0) } else { 0 };
        let [fresh, stale, refused] = self.count(slots);
        self.sink.rest(bound, fresh, offered);
        self.sink.drops.add(DropReason::Stale, stale as usize);
        self.sink.drops.add(DropReason::Refused, refused as usize);
    }

    /// Cycles of a pattern by the worst standing of their pools.
    fn count(&self, slots: &[Slot]) -> [u64; 3] {
        let two = slots.len() == 2;
        let (mut fresh, mut sound, mut all) = (1, 1, 1);
        for slot in slots {
            let mut counts = match slot {
                Slot::Own(_) => [0; 3],
                Slot::Any(side) => self.graph.side(*side).standings.map(u64::from),
            };
            match slot {
                Slot::Own(_) => counts[self.own as usize] = 1,
                // The pool itself is of this pair and cannot be used twice.
                Slot::Any(_) if two => counts[self.own as usize] = counts[self.own as usize].saturating_sub(1),
                Slot::Any(_) => {}
            }
            fresh *= counts[0];
            sound *= counts[0] + counts[1];
            all *= counts[0] + counts[1] + counts[2];
        }
        [fresh, sound - fresh, all - sound]
    }

    /// Offer all cycles that begin with `path` and go on by these slots; how many.
    fn expand(&mut self, slots: &[Slot], path: &mut Cycle, sum: f64) -> u64 {
        let Some((slot, rest)) = slots.split_first() else {
            self.sink.offer(Found { rate: sum, cycle: *path });
            return 1;
        };
        let after = self.bound(rest);
        let (graph, mut offered) = (self.graph, 0);
        let own;
        let edges = match slot {
            Slot::Own(edge) => {
                own = [*edge];
                own.as_slice()
            }
            Slot::Any(side) => graph.order(*side),
        };
        for &edge in edges {
            let so_far = sum + self.rate(edge);
            if so_far + after <= self.sink.floor() {
                break;
            }
            let is_own = matches!(slot, Slot::Own(_));
            let again = path.edges().iter().any(|used| used.pool() == edge.pool())
                || rest.iter().any(|slot| matches!(slot, Slot::Own(own) if own.pool() == edge.pool()));
            if !is_own && (again || self.sink.is_done(edge.pool())) {
                continue;
            }
            path.push(edge);
            offered += self.expand(rest, path, so_far);
            path.pop();
        }
        offered
    }
}

/// Two legs from an asset to the base asset that avoid another asset.
fn ends<'a>(web: &'a Web, graph: &'a Graph, asset: u32, avoided: u32) -> impl Iterator<Item = (u32, u32)> + use<'a> {
    let links = graph.links(asset).iter().filter(move |link| link.to != web.base && link.to != avoided);
    links.filter_map(|link| Some((link.side, web.to_base(link.to)?)))
}
