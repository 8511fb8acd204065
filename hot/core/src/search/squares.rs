//! Cycles of four swaps through a changed pool, for each search by itself: two-leg bounds say where to look.

use super::graph::{above, Graph, Link, Ranked};
use super::scan::{Done, Look};
use super::shelf::{Found, Shelf};
use super::web::Web;
use super::{Cycle, NONE};
use crate::candidate::{DropReason, Drops};

/// Offer the cycles of four swaps through a pool, which has these rates by direction of its pair.
pub(super) fn through(look: &mut Look<'_>, pair: usize, own: [Ranked; 2]) {
    let webs = look.webs.iter_mut().zip(look.shelves.iter_mut());
    for (web, shelf) in webs.filter(|(web, _)| web.graph() == look.number && web.wants(4)) {
        // Counted by a table, as if all pools were fresh; `square` takes back those it offers.
        look.drops.add(DropReason::NoProfit, web.squares(pair) as usize);
        let done = look.done.as_deref();
        let mut squares = Squares { graph: look.graph, shelf, drops: look.drops, done };
        for (direction, own) in own.into_iter().enumerate() {
            squares.look(web, own, 2 * pair as u32 + direction as u32);
        }
    }
}

/// A place in a cycle: the changed pool, or any pool of a side.
#[derive(Clone, Copy)]
enum Slot {
    Own(Ranked),
    Any(u32),
}

struct Squares<'a> {
    graph: &'a Graph,
    shelf: &'a mut Shelf,
    drops: &'a mut Drops,
    done: Option<&'a Done>,
}

impl Squares<'_> {
    /// By the place of the pool in the cycle.
    fn look(&mut self, web: &mut Web, own: Ranked, side: u32) {
        let (graph, [from, to]) = (self.graph, self.graph.ends(side));
        if from == web.base || to == web.base {
            let (first, other) = (from == web.base, if from == web.base { to } else { from });
            let base = web.base;
            for link in graph.links(other).iter().filter(|link| link.to != base) {
                let side = if first { link.side } else { link.side ^ 1 };
                let bound = own.rate + f64::from(graph.best(side)) + f64::from(web.two_legs(link.to, first));
                if bound > self.shelf.floor() {
                    self.two_legs(web, own, first, other, *link);
                }
            }
            return;
        }
        if let Some(out) = web.to_base(from) {
            for (link, home) in ends(web, graph, to, from) {
                self.square(&[Slot::Any(out ^ 1), Slot::Own(own), Slot::Any(link), Slot::Any(home)]);
            }
        }
        if let Some(home) = web.to_base(to) {
            for (link, out) in ends(web, graph, from, to) {
                self.square(&[Slot::Any(out ^ 1), Slot::Any(link ^ 1), Slot::Own(own), Slot::Any(home)]);
            }
        }
    }

    /// The pool, a pair, and every two legs home (or the mirror of it); leaves behind the exact two-leg bound.
    fn two_legs(&mut self, web: &mut Web, own: Ranked, first: bool, other: u32, link: Link) {
        let (graph, mut bound) = (self.graph, f32::NEG_INFINITY);
        for (leg, home) in ends(web, graph, link.to, NONE) {
            let flip = u32::from(!first);
            let sum = graph.best(leg ^ flip) + graph.best(home ^ flip);
            bound = bound.max(above(sum));
            if graph.ends(leg)[1] == other {
                continue;
            }
            if first {
                self.square(&[Slot::Own(own), Slot::Any(link.side), Slot::Any(leg), Slot::Any(home)]);
            } else {
                self.square(&[Slot::Any(home ^ 1), Slot::Any(leg ^ 1), Slot::Any(link.side ^ 1), Slot::Own(own)]);
            }
        }
        web.set_two_legs(link.to, first, bound);
    }

    fn square(&mut self, slots: &[Slot]) {
        if self.bound(slots) > self.shelf.floor() {
            let offered = self.expand(slots, &mut Cycle::default(), 0.0);
            self.drops.take(DropReason::NoProfit, offered);
        }
    }

    fn bound(&self, slots: &[Slot]) -> f64 {
        let each = slots.iter().map(|slot| match slot {
            Slot::Own(own) => own.rate,
            Slot::Any(side) => f64::from(self.graph.best(*side)),
        });
        each.sum()
    }

    /// Offer all cycles that begin with `path` and go on by these slots; how many.
    fn expand(&mut self, slots: &[Slot], path: &mut Cycle, sum: f64) -> u64 {
        let Some((slot, rest)) = slots.split_first() else {
            self.shelf.offer(Found { rate: sum, cycle: *path }, self.drops);
            return 1;
        };
        let after = self.bound(rest);
        let (graph, mut offered) = (self.graph, 0);
        let own;
        let (pools, is_own) = match slot {
            Slot::Own(ranked) => {
                own = [*ranked];
                (own.as_slice(), true)
            }
            Slot::Any(side) => (graph.order(*side), false),
        };
        for ranked in pools {
            let so_far = sum + ranked.rate;
            if so_far + after <= self.shelf.floor() {
                break;
            }
            if !is_own && self.done.is_some_and(|done| done.pools.has(ranked.edge.pool() as usize)) {
                continue;
            }
            path.push(ranked.edge);
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
