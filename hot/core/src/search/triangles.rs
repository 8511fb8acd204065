//! Triangles of pairs that hold the base asset of some search, and how many cycles run through each pair.
//!
//! A look that finds nothing still tells how many cycles it refused. Counting them one triangle at a time would cost
//! more than looking, so the numbers are kept per pair and corrected when a pool changes its standing.

use std::hint::black_box;

use super::counts::{Counts, Ways};
use super::graph::Graph;
use super::web::Web;

/// Cycles of a triangle for each search with a base asset in it: there and around.
const DIRECTIONS: u64 = 2;

/// What there is of a pair; two to a cache line.
#[derive(Clone, Copy, Debug)]
struct Census {
    /// Cycles of three swaps through one of its pools, all searches together, by the worst standing of the others.
    through: Ways,
    /// First triangle, and the end.
    start: u32,
    end: u32,
}

/// The triangles of one graph.
#[derive(Debug, Default)]
pub(super) struct Triangles {
    pairs: Vec<Census>,
    /// Of the pair low-high: the sides from high to a third asset, and from there to low.
    sides: Vec<[u32; 2]>,
    /// Searches with a base asset in each triangle.
    weights: Vec<u32>,
    /// Searches for two swaps with a base asset in each pair.
    doubles: Vec<u32>,
    has_squares: bool,
    /// The counts of each pair that `through` rests on.
    settled: Vec<Counts>,
    /// Pairs whose counts may have changed since.
    pending: Vec<u32>,
    /// There are too many of them: count anew.
    anew: bool,
}

impl Triangles {
    /// Of all webs of a graph.
    pub(super) fn build(graph: &Graph, webs: &[&Web]) -> Self {
        let bases = |hops: usize| {
            let mut bases: Vec<u32> = vec![0; graph.assets()];
            for web in webs.iter().filter(|web| web.wants(hops)) {
                if let Some(count) = bases.get_mut(web.base as usize) {
                    *count += 1;
                }
            }
            move |asset: u32| bases.get(asset as usize).copied().unwrap_or(0)
        };
        let (twice, weight) = (bases(2), bases(3));
        let mut found = Self { anew: true, ..Self::default() };
        found.has_squares = webs.iter().any(|web| web.wants(4));
        // One search of each base asset knows the way home to it.
        let mut homes: Vec<&Web> = webs.iter().copied().filter(|web| web.wants(3)).collect();
        homes.sort_by_key(|web| web.base);
        homes.dedup_by_key(|web| web.base);
        for pair in 0..graph.len() {
            let [low, high] = graph.ends(2 * pair as u32);
            let start = found.sides.len();
            let home = |asset: u32| homes.binary_search_by_key(&asset, |web| web.base).ok().map(|at| homes[at]);
            match (home(low), home(high)) {
                (Some(web), None) => found.at_base(graph, web, high, false),
                (None, Some(web)) => found.at_base(graph, web, low, true),
                (Some(one), Some(_)) if graph.links(high).len() <= graph.links(low).len() => {
                    found.at_base(graph, one, high, false);
                }
                (Some(_), Some(other)) => found.at_base(graph, other, low, true),
                (None, None) => found.without_base(&homes, low, high),
            }
            for &[on, _] in &found.sides[start..] {
                found.weights.push(weight(low) + weight(high) + weight(graph.ends(on)[1]));
            }
            let (start, end) = (start as u32, found.sides.len() as u32);
            found.pairs.push(Census { through: Ways::default(), start, end });
            found.doubles.push(twice(low) + twice(high));
        }
        found.settled = (0..graph.len()).map(|pair| graph.counts(pair)).collect();
        found
    }

    /// The triangles of a pair of a base asset and another one.
    fn at_base(&mut self, graph: &Graph, web: &Web, other: u32, is_high: bool) {
        for link in graph.links(other) {
            // The base asset itself has no side to the base asset.
            let Some(home) = web.to_base(link.to) else { continue };
            self.sides.push(if is_high { [home ^ 1, link.side ^ 1] } else { [link.side, home] });
        }
    }

    /// The triangles of a pair without a base asset.
    fn without_base(&mut self, homes: &[&Web], low: u32, high: u32) {
        for web in homes {
            if let (Some(on), Some(back)) = (web.to_base(high), web.to_base(low)) {
                self.sides.push([on, back ^ 1]);
            }
        }
    }

    /// Triangles of a pair, going on from its second asset.
    #[inline]
    pub(super) fn of(&self, pair: usize) -> &[[u32; 2]] {
        self.sides.get(self.range(pair)).unwrap_or(&[])
    }

    /// Read ahead what a look at a pair will need.
    #[inline]
    pub(super) fn warm(&self, pair: usize) {
        if let Some(census) = self.pairs.get(pair) {
            black_box(self.sides.get(census.start as usize).copied());
        }
        black_box(self.doubles.get(pair).copied());
    }

    /// Searches for two swaps that have cycles in a pair.
    #[inline]
    pub(super) fn doubles(&self, pair: usize) -> u32 {
        self.doubles.get(pair).copied().unwrap_or(0)
    }

    /// Whether some search wants four swaps.
    #[inline]
    pub(super) const fn has_squares(&self) -> bool {
        self.has_squares
    }

    fn range(&self, pair: usize) -> std::ops::Range<usize> {
        self.pairs.get(pair).map_or(0..0, |pair| pair.start as usize..pair.end as usize)
    }

    /// Cycles of three swaps through one pool of a pair, by the worst standing of the others.
    #[inline]
    pub(super) fn through(&self, pair: usize) -> Ways {
        self.pairs.get(pair).map(|pair| pair.through).unwrap_or_default()
    }

    /// The same without the pools that are hidden at pairs told by `hides`.
    pub(super) fn through_rest(&self, graph: &Graph, pair: usize, hides: impl Fn(usize) -> bool) -> Ways {
        let mut ways = self.through(pair);
        for at in self.range(pair) {
            let (Some(sides), Some(weight)) = (self.sides.get(at), self.weights.get(at)) else { break };
            let [one, other] = sides.map(|side| side as usize / 2);
            if hides(one) || hides(other) {
                let left = graph.counts(one).times(graph.counts(other));
                let all = self.settled(one).times(self.settled(other));
                ways = ways.plus(left.minus(all), DIRECTIONS * u64::from(*weight));
            }
        }
        ways
    }

    fn settled(&self, pair: usize) -> Counts {
        self.settled.get(pair).copied().unwrap_or_default()
    }

    /// The counts of a pair changed.
    pub(super) fn touch(&mut self, pair: usize) {
        if self.anew || self.pending.len() * 8 >= self.pairs.len() {
            self.anew = true;
            self.pending.clear();
        } else {
            self.pending.push(pair as u32);
        }
    }

    /// Make the numbers those of the present counts.
    #[inline]
    pub(super) fn settle(&mut self, graph: &Graph) {
        if self.anew {
            self.count_anew(graph);
        }
        while let Some(pair) = self.pending.pop() {
            self.settle_pair(graph, pair as usize);
        }
    }

    fn count_anew(&mut self, graph: &Graph) {
        self.anew = false;
        for pair in 0..self.pairs.len() {
            self.settled[pair] = graph.counts(pair);
            let range = self.range(pair);
            let each = self.sides[range.clone()].iter().zip(&self.weights[range]);
            self.pairs[pair].through = each.fold(Ways::default(), |sum, (sides, weight)| {
                let [one, other] = sides.map(|side| graph.counts(side as usize / 2));
                sum.plus(one.times(other), DIRECTIONS * u64::from(*weight))
            });
        }
    }

    fn settle_pair(&mut self, graph: &Graph, pair: usize) {
        let (before, now) = (self.settled(pair), graph.counts(pair));
        if before == now {
            return;
        }
        for at in self.range(pair) {
            let [one, other] = self.sides[at].map(|side| side as usize / 2);
            let times = DIRECTIONS * u64::from(self.weights[at]);
            for (concerned, third) in [(one, other), (other, one)] {
                let third = self.settled[third];
                let more = now.times(third).minus(before.times(third));
                let through = &mut self.pairs[concerned].through;
                *through = through.plus(more, times);
            }
        }
        self.settled[pair] = now;
    }
}
